import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { bindReportData } from "../../src/binding/bind.js";
import type { ExpectedReportData } from "../../src/binding/expected.js";
import type { Appraisal } from "../../src/policy/appraisal.js";
import type { ResultAlgorithm } from "../../src/result/algorithms.js";
import { type IssueOptions, issueResult } from "../../src/result/issue.js";
import type { VerificationKey } from "../../src/result/keys.js";
import { type VerifyResultOptions, verifyResult } from "../../src/result/verify.js";
import { blockPolicy, judged, type When } from "../policy/support.js";
import type { RecordOptions } from "../support/records.js";
import { VERIFIED_AT } from "../support/records.js";

/** When everything here is issued. */
export const NOW = VERIFIED_AT;
export const MEASUREMENT = "5a".repeat(48);
export const NONCE = Uint8Array.from({ length: 32 }, (_, index) => index);

/** A key pair of an algorithm, as JWKs and under an id. */
export async function keyPair(algorithm: ResultAlgorithm, keyId: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    algorithm,
    keyId,
    privateKey: await exportJWK(privateKey),
    publicKey: await exportJWK(publicKey),
    cryptoKeys: { privateKey, publicKey },
  };
}

export type Pair = Awaited<ReturnType<typeof keyPair>>;

/** The issuer's key of these tests, and one of somebody else's under the same id. */
export const issuerKey = await keyPair("ES256", "issuer-1");
export const strangerKey = await keyPair("ES256", "issuer-1");

export function verificationKey({ algorithm, keyId, publicKey }: Pair): VerificationKey {
  return { algorithm, keyId, publicKey };
}

/** A raw X25519 key, and what REPORT_DATA is when it binds that. */
export const GUEST_KEY = new Uint8Array(32).fill(9);
export const bound = await bindReportData("attestry-v1", { nonce: NONCE, publicKey: GUEST_KEY });

/** A report that a strict policy accepts: an approved image, the key bound, SMT off. */
export function soundReport(reportData: ExpectedReportData = bound) {
  return {
    measurement: new Uint8Array(48).fill(0x5a),
    reportData: reportData.bytes,
    platformInfo: 0n,
    reportId: new Uint8Array(32).fill(0x1d),
  };
}

/** The policy that accepts it. */
export const policy = await blockPolicy({ measurement: [MEASUREMENT], reportData: { scheme: "attestry-v1" } });

/** An appraisal by that policy; `report` overrides fields. */
export function appraisal(report: RecordOptions["report"] = {}, when: When = {}): Appraisal {
  return judged(policy, { report: { ...soundReport(), ...report } }, { reportData: bound, ...when });
}

/** Sound options of `issueResult`. */
export function issueOptions(changes: Partial<IssueOptions> = {}): IssueOptions {
  const { privateKey, algorithm, keyId } = issuerKey;
  return {
    key: { privateKey, algorithm, keyId },
    issuer: "https://verifier.example",
    audience: "https://agent.example",
    ttlMs: 300_000,
    now: new Date(NOW),
    profile: "ear-03",
    verifier: { developer: "https://verifier.example", build: "verifier 1.2.3" },
    platformIdentity: "include",
    advisories: "unassessed",
    ...changes,
  };
}

/** Sound options of `verifyResult` for such a token. */
export function verifyOptions(changes: Partial<VerifyResultOptions> = {}): VerifyResultOptions {
  return {
    keys: [verificationKey(issuerKey)],
    algorithms: ["ES256"],
    issuer: "https://verifier.example",
    audience: "https://agent.example",
    policyDigest: policy.digest,
    maxAgeMs: 60_000,
    profile: "ear-03",
    now: new Date(NOW + 1000),
    nonce: NONCE,
    ...changes,
  };
}

export function issue(changes: Partial<IssueOptions> = {}, of: Appraisal = appraisal()): Promise<string> {
  return issueResult(of, issueOptions(changes));
}

export function verify(token: string, changes: Partial<VerifyResultOptions> = {}) {
  return verifyResult(token, verifyOptions(changes));
}

/** JSON of a part of a token, for tests that change it. */
export type Part = Record<string, unknown>;

/** What a token says, read without any of the code under test. */
export function partsOf(token: string): { header: Part; payload: Part } {
  const [header = "", payload = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
  return { header: JSON.parse(header), payload: JSON.parse(payload) };
}

/** The one submodule of a payload. */
export function snpOf(payload: Part): Part {
  return (payload["submods"] as Record<string, Part>)["snp"] as Part;
}

/** A token of any payload, signed as the issuer signs. */
export function signed(payload: string | Part, header: Part = {}, pair: Pair = issuerKey): Promise<string> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: pair.algorithm, kid: pair.keyId, typ: "eat+jwt", ...header })
    .sign(pair.cryptoKeys.privateKey);
}

/** Base64url of text or bytes, for tokens that jose would not make. */
export function encoded(value: string | Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}
