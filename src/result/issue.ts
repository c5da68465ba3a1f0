import { assertDataSet } from "../advisories/data-set.js";
import { checkNow, readOptions } from "../bytes/arguments.js";
import { equalBytes } from "../bytes/codecs.js";
import { checkEngine } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { type Appraisal, type AppraisalRecord, assertAppraisal } from "../policy/appraisal.js";
import { type Confirmation, confirm } from "./confirmation.js";
import { assess, describe } from "./describe.js";
import { type Sha384, sha384By } from "./digest.js";
import { refusal } from "./fail.js";
import { lifetimeOf } from "./lifetime.js";
import { checkName } from "./names.js";
import { checkNonce, nonceText } from "./nonce.js";
import { type Payload, writePayload } from "./payload.js";
import { checkProfile, MAX_TOKEN_LENGTH, type ResultProfile } from "./profile.js";
import { type CheckedIssuerKey, type IssuerKey, readIssuerKey, signToken } from "./sign.js";
import { type AdvisoryChoice, statusOf, trustVector } from "./trust-rules.js";

/** What `issueResult` needs beside the appraisal; an unknown name is a TypeError. */
export interface IssueOptions {
  key: IssuerKey;
  /** Who says it: `iss`. */
  issuer: string;
  /** Whom it is said to: `aud`. */
  audience: string;
  /** How long it counts from the appraisal on: 1 second to 7 days. */
  ttlMs: number;
  now: Date;
  profile: ResultProfile;
  /** The software that appraised: EAR's verifier id. */
  verifier: { readonly developer: string; readonly build: string };
  /** Whether the token names the chip, or the provider behind a VLEK. */
  platformIdentity: "include" | "leave-out";
  /** What the state of advisories is judged by, at the time of issue; the policy's own check of them counts besides. */
  advisories: AdvisoryChoice;
  /**
   * The request's nonce. Where REPORT_DATA was shown to bind one, it is that and need not be said; elsewhere it is an
   * echo, which shows that the token is fresh and nothing of the evidence.
   */
  nonce?: Uint8Array;
  /** Makes a token of a refused appraisal as well: it says contraindicated and confirms no key. */
  issueRefusal?: true;
  /** Whose SHA-384 is used; default: WebCrypto's. The signature is that of `key`: WebCrypto's, or the signer's. */
  engine?: CryptoEngine;
}

const NAMES = [
  ...["key", "issuer", "audience", "ttlMs", "now", "profile", "verifier", "platformIdentity", "advisories"],
  ...["nonce", "issueRefusal", "engine"],
] as const;

const LEAST_TTL = 1000;
const GREATEST_TTL = 7 * 86_400_000;

/** The options, each read once. */
interface Order {
  readonly key: CheckedIssuerKey;
  readonly issuer: string;
  readonly audience: string;
  readonly ttlMs: number;
  readonly now: number;
  readonly profile: ResultProfile;
  readonly verifier: { readonly developer: string; readonly build: string };
  readonly platformIdentity: boolean;
  readonly advisories: AdvisoryChoice;
  readonly nonce: Uint8Array | null;
  readonly issueRefusal: boolean;
  readonly sha384: Sha384;
}

function readVerifier(value: unknown): Order["verifier"] {
  const { developer, build } = readOptions(value, "options.verifier", ["developer", "build"]);
  return {
    developer: checkName(developer, "options.verifier.developer"),
    build: checkName(build, "options.verifier.build"),
  };
}

function readTtl(value: unknown): number {
  if (typeof value === "number" && value >= LEAST_TTL && value <= GREATEST_TTL) return value;
  throw new TypeError(`options.ttlMs must be a number of ${LEAST_TTL} to ${GREATEST_TTL} milliseconds`);
}

function readAdvisories(value: unknown): AdvisoryChoice {
  if (value === "unassessed") return value;
  assertDataSet(value);
  // assertDataSet has just found it to be what defineAdvisories made.
  return value as AdvisoryChoice;
}

function readOrder(options: unknown): Order {
  const given = readOptions(options, "options", NAMES);
  const { platformIdentity, issueRefusal } = given;
  if (platformIdentity !== "include" && platformIdentity !== "leave-out") {
    throw new TypeError('options.platformIdentity must be "include" or "leave-out"');
  }
  if (issueRefusal !== undefined && issueRefusal !== true) {
    throw new TypeError("options.issueRefusal must be true or left out");
  }
  return {
    key: readIssuerKey(given.key, "options.key"),
    issuer: checkName(given.issuer, "options.issuer"),
    audience: checkName(given.audience, "options.audience"),
    ttlMs: readTtl(given.ttlMs),
    now: checkNow(given.now, "options.now"),
    profile: checkProfile(given.profile, "options.profile"),
    verifier: readVerifier(given.verifier),
    platformIdentity: platformIdentity === "include",
    advisories: readAdvisories(given.advisories),
    nonce: given.nonce === undefined ? null : checkNonce(given.nonce, "options.nonce"),
    issueRefusal: issueRefusal === true,
    sha384: sha384By(given.engine === undefined ? undefined : checkEngine(given.engine, "options.engine")),
  };
}

/** The nonce that the token says, and whether REPORT_DATA binds it. */
function nonceOf({ bound }: AppraisalRecord, given: Uint8Array | null) {
  const proved = bound?.nonce ?? null;
  if (proved === null) return { nonce: given, inReport: false };
  if (given === null || equalBytes(given, proved)) return { nonce: proved, inReport: true };
  throw new TypeError("options.nonce must be the nonce that the appraisal found bound by REPORT_DATA, or left out");
}

function checkVerdict({ verdict, policyId, failures }: Appraisal, { issueRefusal }: Order): void {
  if (verdict === "accept" || issueRefusal) return;
  const ids = failures.map(({ id }) => id);
  const message = `policy ${JSON.stringify(policyId)} refuses (${ids.join(", ")}), and nothing asks for a token of that`;
  throw refusal("ERR_RESULT_REFUSED", `${message}; answer with the appraisal, or write issueRefusal: true`, {
    policyId,
    failures: ids,
  });
}

async function compose(appraisal: Appraisal, record: AppraisalRecord, order: Order): Promise<Payload> {
  const lifetime = lifetimeOf(appraisal, record, order);
  const { nonce, inReport } = nonceOf(record, order.nonce);
  const advisories = assess(order.advisories, record.evidence);
  const advisoryOpen = advisories !== null && advisories.vulnerable.length > 0;
  const counted = appraisal.checks.filter((_, index) => !record.setAside.has(index));
  const vector = trustVector({ appraisal, record, advisoryOpen, counted });
  const status = statusOf(appraisal, vector);
  const key = status === "contraindicated" ? null : (record.bound?.publicKey ?? null);
  const confirmation: Confirmation | null =
    record.bound === null || key === null ? null : confirm(record.bound.scheme, key);
  const { platformIdentity, issuer, audience, verifier, profile, sha384 } = order;
  const form = confirmation?.form ?? null;
  const claims = await describe(appraisal, record, { advisories, platformIdentity, key: form, sha384 });
  const text = nonce === null ? null : await nonceText(nonce, sha384);
  return {
    ...{ profile, issuer, audience, ...lifetime, verifier, status, vector, claims },
    nonce: text,
    reportNonce: inReport ? text : null,
    debug: record.evidence.report.policy.debug,
    cnf: confirmation?.cnf ?? null,
  };
}

/**
 * A signed attestation result (EAR as JWT) of an appraisal: what a guest can carry to whoever trusts the issuer's key.
 *
 * `iat` is the time of the appraisal. `exp` is the end of `ttlMs`, or earlier: no token outlives a certificate, the
 * CRL, the policy, or a waiver that it rests on. The trust vector follows from the checks by the rules of
 * docs/result.md. Not checked: who asks, and whether a nonce was fresh.
 *
 * @throws ResultError `ERR_RESULT_REFUSED` for a refused appraisal without `issueRefusal`; `ERR_RESULT_OVER`;
 * `ERR_RESULT_KEY`; `ERR_RESULT_TOO_LARGE`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where WebCrypto cannot sign, or the signer fails.
 * @throws TypeError for wrong options, and for anything that `appraise` did not make.
 */
export async function issueResult(appraisal: Appraisal, options: IssueOptions): Promise<string> {
  const record = assertAppraisal(appraisal);
  const order = readOrder(options);
  checkVerdict(appraisal, order);
  const payload = new TextEncoder().encode(writePayload(await compose(appraisal, record, order)));
  const token = await signToken(payload, order.key);
  if (token.length <= MAX_TOKEN_LENGTH) return token;
  const detail = { length: token.length, limit: MAX_TOKEN_LENGTH };
  throw refusal(
    "ERR_RESULT_TOO_LARGE",
    `expected a token of at most ${detail.limit} characters, found one of \
${detail.length}; use a smaller key or a shorter data set of advisories`,
    detail,
  );
}
