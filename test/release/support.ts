import { bindReportData } from "../../src/binding/bind.js";
import { canonicalJson, type Json } from "../../src/bytes/canonical-json.js";
import {
  type Challenger,
  createChallenger,
  memorySpentStore,
  type VerifiedChallenge,
} from "../../src/challenge/index.js";
import { type AcceptedAppraisal, type Appraisal, assertAccepted } from "../../src/policy/appraisal.js";
import { appraise } from "../../src/policy/appraise.js";
import { definePolicy } from "../../src/policy/define.js";
import type { Policy } from "../../src/policy/policy.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";

export const NOW = new Date(VERIFIED_AT);
export const TTL = 300_000;
export const AUDIENCE = "https://release.example";
export const SECRET = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);

/** Its clock stands still. */
export const challenger: Challenger = createChallenger({
  keys: [{ id: "k1", secret: new Uint8Array(32).fill(9) }],
  ttlMs: TTL,
  clock: () => NOW,
  spentStore: memorySpentStore({ singleProcess: true, max: 10_000 }),
});

/** The kinds of keys that guests make. */
export type KeyKind = "X25519" | "P-256" | "P-384" | "P-521" | "RSA";

export interface GuestKeys {
  readonly keyPair: CryptoKeyPair;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly jwk: JsonWebKey;
}

const RSA = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" };

function generate(kind: KeyKind, extractable: boolean): Promise<CryptoKeyPair> {
  const { subtle } = globalThis.crypto;
  if (kind === "RSA") return subtle.generateKey(RSA, extractable, ["decrypt"]);
  const algorithm = kind === "X25519" ? { name: "X25519" } : { name: "ECDH", namedCurve: kind };
  // The declarations know this overload by the name of the algorithm alone, which is not known here.
  return subtle.generateKey(algorithm, extractable, ["deriveBits"]) as Promise<CryptoKeyPair>;
}

export async function guestKeys(kind: KeyKind, extractable = false): Promise<GuestKeys> {
  const keyPair = await generate(kind, extractable);
  const { subtle } = globalThis.crypto;
  const spki = new Uint8Array(await subtle.exportKey("spki", keyPair.publicKey));
  return { keyPair, spki, jwk: await subtle.exportKey("jwk", keyPair.publicKey) };
}

/** The public members of a JWK, as Trustee's clients send them. */
export function publicJwk({ kty, crv, x, y, n, e }: JsonWebKey, more: { readonly [member: string]: Json } = {}) {
  const members: readonly (readonly [string, string | undefined])[] = Object.entries({ kty, crv, x, y, n, e });
  const present = members.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return canonicalJson({ ...Object.fromEntries(present), ...more });
}

/** What the policies of these tests ask for, and what their guests are. */
const ASKED = { measurement: ["5a".repeat(48)], minimumTcb: "any" } as const;
export const SOUND = { measurement: new Uint8Array(48).fill(0x5a), platformInfo: 0n };

export function policyOf(reportData: unknown, id = "release", more: object = {}, around: object = {}): Promise<Policy> {
  return definePolicy({ version: 1, id, snp: { ...ASKED, reportData, ...more }, ...around });
}

export const POLICY = await policyOf({ scheme: "attestry-v1" });

/** What differs from a guest that does everything right. */
export interface Differing {
  policy?: Policy;
  /** The nonce that the guest puts into REPORT_DATA. */
  nonce?: Uint8Array;
  scheme?: "attestry-v1" | "trustee" | "nonce";
  spent?: boolean;
  /** For which policy the challenge is. */
  challengePolicy?: Policy;
  /** Of the evidence beside the report. */
  evidence?: Omit<RecordOptions, "report">;
}

export interface Attested {
  readonly appraisal: Appraisal;
  readonly verified: VerifiedEvidence;
  readonly challenge: VerifiedChallenge;
  readonly report: Uint8Array;
}

function expectedOf(scheme: "attestry-v1" | "trustee" | "nonce", nonce: Uint8Array, publicKey: Uint8Array | null) {
  if (scheme === "nonce") return bindReportData("nonce", { nonce: nonce.slice(0, 64) });
  if (scheme === "trustee" && publicKey !== null) return bindReportData("trustee", { nonce, teePublicKey: publicKey });
  return bindReportData("attestry-v1", publicKey === null ? { nonce } : { nonce, publicKey });
}

/** A guest that answers a fresh challenge with its key in REPORT_DATA, appraised. */
export async function attested(publicKey: Uint8Array | null, differing: Differing = {}): Promise<Attested> {
  const { policy = POLICY, scheme = "attestry-v1", spent = true, challengePolicy = policy } = differing;
  const purpose = { audience: AUDIENCE, policyDigest: challengePolicy.digest };
  const issued = await challenger.issue(purpose);
  const reportData = await expectedOf(scheme, differing.nonce ?? issued.nonce, publicKey);
  const verified = makeVerified({ ...differing.evidence, report: { ...SOUND, reportData: reportData.bytes } });
  const appraisal = appraise(verified, policy, { now: NOW, reportData });
  const challenge = await challenger.verify(issued.nonce, purpose);
  if (spent) await challenger.spend(challenge);
  return { appraisal, verified, challenge, report: verified.reportBytes };
}

/** As `attested`, for a policy that accepts. */
export async function accepted(publicKey: Uint8Array | null, differing: Differing = {}) {
  const made = await attested(publicKey, differing);
  const { appraisal } = made;
  assertAccepted(appraisal);
  const genuine: AcceptedAppraisal = appraisal;
  return { ...made, appraisal: genuine };
}

/** The text as bytes. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A copy with one byte changed. */
export function changed(bytes: Uint8Array, place: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[place] = value;
  return copy;
}
