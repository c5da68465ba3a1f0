import { checkNow, checkText, readOptions } from "../bytes/arguments.js";
import { equalBytes, toHex } from "../bytes/codecs.js";
import { deepFreeze, isoText } from "../policy/json.js";
import { checkAlgorithm, type ResultAlgorithm } from "./algorithms.js";
import { confirmed } from "./confirmation.js";
import { sha384By } from "./digest.js";
import { oneLine, refusal, shown } from "./fail.js";
import type { KeySource } from "./key-source.js";
import { lookupOf } from "./key-source.js";
import { type KeyLookup, ownKeys, unknownKey, type VerificationKey } from "./keys.js";
import { checkName } from "./names.js";
import { checkNonce, nonceText } from "./nonce.js";
import type { Payload } from "./payload.js";
import { checkProfile, type ResultProfile } from "./profile.js";
import { readPayload } from "./read-payload.js";
import { checkSignature, readObject, type SplitToken, splitToken, wrongAlgorithm } from "./token.js";
import { keepResult, type ResultRecord, type VerifiedResult } from "./verified-result.js";

/** What a token must be. Everything is said; an unknown name is a TypeError. */
export interface VerifyResultOptions {
  /** The issuer's keys, or what `createKeySource` made. A token never says where its key is. */
  keys: readonly VerificationKey[] | KeySource;
  algorithms: readonly ResultAlgorithm[];
  issuer: string;
  audience: string;
  /** SHA-384 of the policy that the verifier must have gone by, lower-case hex: `digest` of a policy. */
  policyDigest: string;
  /** The greatest time since the appraisal. */
  maxAgeMs: number;
  profile: ResultProfile;
  now: Date;
  /** The nonce of this request, or the word for a token that may answer any. */
  nonce: Uint8Array | "any";
}

const NAMES = [
  ...["keys", "algorithms", "issuer", "audience", "policyDigest", "maxAgeMs", "profile", "now", "nonce"],
] as const;

/** The options, each read once. */
interface Demand {
  readonly keys: KeyLookup;
  readonly algorithms: readonly ResultAlgorithm[];
  readonly issuer: string;
  readonly audience: string;
  readonly policyDigest: string;
  readonly maxAgeMs: number;
  readonly profile: ResultProfile;
  readonly now: number;
  /** Null for "any". */
  readonly nonce: Uint8Array | null;
}

function readAlgorithms(value: unknown): readonly ResultAlgorithm[] {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError("options.algorithms must be a list of some");
  return Array.from(value, (name: unknown, index) => checkAlgorithm(name, `options.algorithms[${index}]`));
}

function readDigest(value: unknown): string {
  const digest = checkText(value, "options.policyDigest");
  if (/^[0-9a-f]{96}$/.test(digest)) return digest;
  throw new TypeError("options.policyDigest must be SHA-384 as lower-case hex: the digest of a policy");
}

function readMaxAge(value: unknown): number {
  if (typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new TypeError("options.maxAgeMs must be a number of milliseconds above zero");
}

function readDemand(options: unknown): Demand {
  const given = readOptions(options, "options", NAMES);
  return {
    keys: Array.isArray(given.keys) ? ownKeys(given.keys, "options.keys") : lookupOf(given.keys, "options.keys"),
    algorithms: readAlgorithms(given.algorithms),
    issuer: checkName(given.issuer, "options.issuer"),
    audience: checkName(given.audience, "options.audience"),
    policyDigest: readDigest(given.policyDigest),
    maxAgeMs: readMaxAge(given.maxAgeMs),
    profile: checkProfile(given.profile, "options.profile"),
    now: checkNow(given.now, "options.now"),
    nonce: given.nonce === "any" ? null : checkNonce(given.nonce, 'options.nonce (which can be "any")'),
  };
}

async function checkSigner(token: SplitToken, { keys, algorithms, now }: Demand): Promise<void> {
  const { algorithm, keyId } = token;
  if (!algorithms.includes(algorithm)) throw wrongAlgorithm(algorithm, algorithms);
  const key = await keys.find(keyId, now);
  if (key === undefined) throw unknownKey(keyId);
  // The key says what it is for; the token only gets to agree.
  if (key.algorithm !== algorithm) throw wrongAlgorithm(algorithm, [key.algorithm]);
  await checkSignature(token, await key.open());
}

function checkParties({ issuer, audience, claims }: Payload, demand: Demand): void {
  if (issuer !== demand.issuer) {
    const message = `expected a token of the issuer ${demand.issuer}, found ${shown(issuer)}; refuse the token`;
    throw refusal("ERR_RESULT_ISSUER", message, { expected: demand.issuer, actual: issuer });
  }
  if (audience !== demand.audience) {
    const message = `expected a token for ${demand.audience}, found one for ${shown(audience)}; refuse the token`;
    throw refusal("ERR_RESULT_AUDIENCE", message, { expected: demand.audience, actual: audience });
  }
  const { digest } = claims.policy;
  if (digest === demand.policyDigest) return;
  const message = `expected a token by the policy ${demand.policyDigest}, found ${digest}; have it appraised by that one`;
  throw refusal("ERR_RESULT_POLICY", message, { expected: demand.policyDigest, actual: digest });
}

function checkTimes({ iat, exp }: Payload, { now, maxAgeMs }: Demand): void {
  const [issued, end] = [iat * 1000, exp * 1000];
  const at = isoText(now);
  const [issuedAt, expiresAt] = [isoText(issued), isoText(end)];
  // Each written so that NaN refuses.
  if (!(issued <= now)) {
    const message = `expected a token of the past, found one of ${issuedAt} at ${at}; compare the clocks`;
    throw refusal("ERR_RESULT_NOT_YET_VALID", message, { issuedAt, now: at });
  }
  if (!(now < end)) {
    const message = `expected a token that still counts, found that it ended at ${expiresAt}, now ${at}; attest again`;
    throw refusal("ERR_RESULT_EXPIRED", message, { expiresAt, now: at });
  }
  if (now - issued <= maxAgeMs) return;
  const message = `expected an appraisal at most ${maxAgeMs} ms ago, found one of ${issuedAt} at ${at}; attest again`;
  throw refusal("ERR_RESULT_TOO_OLD", message, { issuedAt, now: at, maxAgeMs });
}

async function checkAnswer({ nonce: actual }: Payload, { nonce }: Demand): Promise<void> {
  if (nonce === null) return;
  const expected = await nonceText(nonce, sha384By(undefined));
  const encoder = new TextEncoder();
  if (actual !== null && equalBytes(encoder.encode(actual), encoder.encode(expected))) return;
  const message = `expected a token that answers this request, found ${actual === null ? "no nonce" : "another nonce"}`;
  throw refusal("ERR_RESULT_NONCE", `${message}; attest again with this one`, { expected, actual });
}

function checkStatus({ status, claims: { failures } }: Payload): void {
  if (status === "affirming" && failures.length === 0) return;
  const why = failures.length === 0 ? "see its trust vector" : `refused by ${oneLine(failures.join(", "))}`;
  const message = `expected an affirming result, found ${status}: ${why}; release nothing`;
  throw refusal("ERR_RESULT_NOT_AFFIRMING", message, { status, failures });
}

function recordOf(payload: Payload, { nonce, maxAgeMs }: Demand): ResultRecord {
  const { issuer, audience, cnf, reportNonce, claims } = payload;
  const { policy, binding, reportDigest } = claims;
  const [issuedAt, expiresAt] = [payload.iat * 1000, payload.exp * 1000];
  const form = binding?.key ?? null;
  return {
    ...{ issuer, audience, reportDigest, issuedAt, expiresAt },
    // An age of just maxAgeMs is accepted, and times are whole milliseconds.
    reliableUntil: Math.min(expiresAt, issuedAt + Math.floor(maxAgeMs) + 1),
    policyId: policy.id,
    policyDigest: policy.digest,
    publicKey: binding === null || form === null ? null : { scheme: binding.scheme, bytes: confirmed(form, cnf) },
    fromEvidence: binding?.fromEvidence ?? [],
    nonce: reportNonce === null ? null : nonce,
  };
}

function show(payload: Payload, record: ResultRecord, keyId: string): VerifiedResult {
  const { profile, issuer, audience, verifier, vector, claims } = payload;
  const { publicKey: key, nonce } = record;
  const shownResult = deepFreeze({
    status: "affirming" as const,
    ...{ profile, issuer, audience, keyId, verifier, claims },
    issuedAt: isoText(record.issuedAt),
    expiresAt: isoText(record.expiresAt),
    trustVector: vector,
    nonceInReport: nonce !== null,
    publicKey: key === null ? null : { scheme: key.scheme, bytes: toHex(key.bytes) },
  });
  return keepResult(shownResult, record);
}

/**
 * A token, verified: signed by a key that the caller trusts for its algorithm, of the profile, issuer, audience and
 * policy that he names, in its time, the answer to his nonce, and affirming in its status and in that of its one
 * submodule.
 *
 * Not checked: that a nonce was not seen before (which `attestry/challenge` does), or that whoever brings the token
 * holds the key in `cnf`; what is sealed to that key is of use to its holder alone.
 *
 * @param token - the compact form; anything beyond 16,384 characters is refused unread
 * @throws ResultError `ERR_RESULT_*`: the first thing that does not hold, form before signature before content.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where WebCrypto cannot verify.
 * @throws TypeError for wrong options.
 */
export async function verifyResult(token: string, options: VerifyResultOptions): Promise<VerifiedResult> {
  const demand = readDemand(options);
  const split = splitToken(checkText(token, "token"));
  await checkSigner(split, demand);
  const payload = readPayload(readObject(split.payload, "payload"), demand.profile);
  checkParties(payload, demand);
  checkTimes(payload, demand);
  await checkAnswer(payload, demand);
  checkStatus(payload);
  return show(payload, recordOf(payload, demand), split.keyId);
}
