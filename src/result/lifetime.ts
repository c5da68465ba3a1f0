import type { Appraisal, AppraisalRecord } from "../policy/appraisal.js";
import type { Check } from "../policy/check.js";
import { isoText } from "../policy/json.js";
import { refusal } from "./fail.js";

/** When a token begins and ends, in whole seconds since 1970. */
export interface Lifetime {
  readonly iat: number;
  readonly exp: number;
}

/** The end that a passed check sets: the policy's own, or that of something which must not be older than so much. */
function endOf({ id, outcome, operator, expected, actual }: Check): readonly number[] {
  if (outcome !== "pass") return [];
  if (operator === "notAfter" && typeof expected === "string") return [Date.parse(expected)];
  const ages = id.endsWith(".maxAgeSeconds") && typeof expected === "number" && typeof actual === "string";
  return ages ? [Date.parse(actual) + expected * 1000] : [];
}

/** The last moments of everything that an accepting appraisal rests on, in milliseconds since 1970. */
function endsOf(appraisal: Appraisal, { evidence: { chain }, setAside }: AppraisalRecord): readonly number[] {
  const { usableUntil } = chain.revocation;
  const excused = [...appraisal.waived, ...appraisal.warnings];
  return [
    chain.leaf.notAfter,
    chain.intermediate.notAfter,
    chain.root.notAfter,
    ...(usableUntil === null ? [] : [usableUntil]),
    ...appraisal.checks.filter((_, place) => !setAside.has(place)).flatMap(endOf),
    ...excused.flatMap(({ waiver }) => (waiver === null ? [] : [Date.parse(waiver.until)])),
  ];
}

/**
 * The last moment of an accepting appraisal, in milliseconds since 1970: the first end among certificates, the CRL, the
 * policy, and the waivers and warnings that it rests on.
 */
export function endOfAppraisal(appraisal: Appraisal, record: AppraisalRecord): number {
  return Math.min(...endsOf(appraisal, record));
}

/** How long the issuer wants a token to live, and the present. */
export interface Clock {
  readonly ttlMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The lifetime of an appraisal's token: it begins when the evidence was appraised, however much later it is signed, and
 * ends with the time to live or with the first thing that the appraisal rests on. Of a refusal only the former counts.
 *
 * @throws TypeError for a `now` before the appraisal.
 * @throws ResultError `ERR_RESULT_OVER` where nothing is left of it.
 */
export function lifetimeOf(appraisal: Appraisal, record: AppraisalRecord, { ttlMs, now }: Clock): Lifetime {
  const begin = Date.parse(appraisal.appraisedAt);
  if (now < begin) {
    throw new TypeError(`options.now must not be before the appraisal at ${appraisal.appraisedAt}`);
  }
  const last = appraisal.verdict === "accept" ? endOfAppraisal(appraisal, record) : Number.POSITIVE_INFINITY;
  const end = Math.min(begin + ttlMs, last);
  const lifetime = { iat: Math.floor(begin / 1000), exp: Math.floor(end / 1000) };
  // Written so that NaN refuses.
  if (lifetime.exp * 1000 > now && lifetime.exp > lifetime.iat) return lifetime;
  const detail = { end: isoText(end), now: isoText(now) };
  const message = `expected something left of the appraisal, found that it counts until ${detail.end}; appraise again`;
  throw refusal("ERR_RESULT_OVER", message, detail);
}
