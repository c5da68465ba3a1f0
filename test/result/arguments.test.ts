import { generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import type { Appraisal } from "../../src/policy/appraisal.js";
import { issueResult } from "../../src/result/issue.js";
import { assertVerifiedResult, isVerifiedResult } from "../../src/result/verified-result.js";
import { verifyResult } from "../../src/result/verify.js";
import "../support/expect.js";
import {
  appraisal,
  issue,
  issueOptions,
  issuerKey,
  keyPair,
  NONCE,
  verificationKey,
  verify,
  verifyOptions,
} from "./support.js";

const p384 = await keyPair("ES384", "issuer-1");
const ed = await keyPair("EdDSA", "issuer-1");
const rsa = await generateKeyPair("RS256", { extractable: true });
const { privateKey, publicKey, cryptoKeys } = issuerKey;
const key = { privateKey, algorithm: "ES256", keyId: "issuer-1" };
const own = verificationKey(issuerKey);

type Wrong = readonly [title: string, options: object];

const ISSUE: readonly Wrong[] = [
  ["an unknown option", { ttl: 5 }],
  ["no key", { key: undefined }],
  ["a key with an unknown member", { key: { ...key, secret: "x" } }],
  ["an algorithm that is symmetric", { key: { ...key, algorithm: "HS256" } }],
  ["no algorithm", { key: { privateKey, keyId: "x" } }],
  ["a public key", { key: { ...key, privateKey: publicKey } }],
  ["a public CryptoKey", { key: { ...key, privateKey: cryptoKeys.publicKey } }],
  ["a key of another curve", { key: { ...key, privateKey: p384.privateKey } }],
  ["a CryptoKey of another curve", { key: { ...key, privateKey: p384.cryptoKeys.privateKey } }],
  ["a CryptoKey of another algorithm", { key: { ...key, privateKey: rsa.privateKey } }],
  ["an Ed25519 key for ECDSA", { key: { ...key, privateKey: ed.cryptoKeys.privateKey } }],
  ["a JWK for another algorithm", { key: { ...key, privateKey: { ...privateKey, alg: "ES384" } } }],
  ["a JWK for encryption", { key: { ...key, privateKey: { ...privateKey, use: "enc" } } }],
  ["a JWK for key agreement", { key: { ...key, privateKey: { ...privateKey, key_ops: ["deriveBits"] } } }],
  ["a JWK for nothing", { key: { ...key, privateKey: { ...privateKey, key_ops: [] } } }],
  ["a JWK whose operations are no list", { key: { ...key, privateKey: { ...privateKey, key_ops: "sign" } } }],
  ["a JWK with a number cut short", { key: { ...key, privateKey: { ...privateKey, d: "AA" } } }],
  ["a JWK with an unknown member", { key: { ...key, privateKey: { ...privateKey, x5c: [] } } }],
  ["a JWK whose numbers are no key", { key: { ...key, privateKey: { ...privateKey, x: "A".repeat(43) } } }],
  ["an empty key id", { key: { ...key, keyId: "" } }],
  ["no issuer", { issuer: undefined }],
  ["an empty issuer", { issuer: "" }],
  ["an issuer without end", { issuer: "i".repeat(257) }],
  ["an audience that is a list", { audience: ["a"] }],
  ["a ttl of nothing", { ttlMs: 0 }],
  ["a ttl below a second", { ttlMs: 999 }],
  ["a ttl above seven days", { ttlMs: 7 * 86_400_000 + 1 }],
  ["a ttl that is NaN", { ttlMs: Number.NaN }],
  ["a ttl as text", { ttlMs: "300000" }],
  ["a now that is a number", { now: 1_780_272_000_000 }],
  ["an invalid now", { now: new Date(Number.NaN) }],
  ["a profile that nobody knows", { profile: "ear" }],
  ["no profile", { profile: undefined }],
  ["no verifier", { verifier: undefined }],
  ["a verifier without a build", { verifier: { developer: "x" } }],
  ["no word on the platform's identity", { platformIdentity: undefined }],
  ["true for the platform's identity", { platformIdentity: true }],
  ["no word on advisories", { advisories: undefined }],
  ["advisories that are JSON", { advisories: { digest: "ab" } }],
  ["a nonce of 15 bytes", { nonce: NONCE.slice(0, 15) }],
  ["a nonce of 1,025 bytes", { nonce: new Uint8Array(1025) }],
  ["a nonce as text", { nonce: "nonce" }],
  ["issueRefusal false", { issueRefusal: false }],
];

const VERIFY: readonly Wrong[] = [
  ["an unknown option", { clockTolerance: 5 }],
  ["no keys", { keys: undefined }],
  ["an empty list of keys", { keys: [] }],
  ["more keys than anybody has", { keys: Array.from({ length: 65 }, (_, index) => ({ ...own, keyId: `k${index}` })) }],
  ["two keys of one id", { keys: [own, own] }],
  ["a private key", { keys: [{ ...own, publicKey: privateKey }] }],
  ["a private CryptoKey", { keys: [{ ...own, publicKey: cryptoKeys.privateKey }] }],
  ["a symmetric key", { keys: [{ ...own, publicKey: { kty: "oct", k: "AAAA" } }] }],
  ["a key of another curve", { keys: [{ ...own, publicKey: p384.publicKey }] }],
  ["a key without an algorithm", { keys: [{ publicKey, keyId: "issuer-1" }] }],
  ["a key without an id", { keys: [{ publicKey, algorithm: "ES256" }] }],
  ["a key whose numbers are none", { keys: [{ ...own, publicKey: { ...publicKey, x: "A".repeat(43) } }] }],
  ["a JWK for encryption", { keys: [{ ...own, publicKey: { ...publicKey, use: "enc" } }] }],
  ["a JWK for key agreement", { keys: [{ ...own, publicKey: { ...publicKey, key_ops: ["deriveKey"] } }] }],
  ["a JWK for signing, which none public is", { keys: [{ ...own, publicKey: { ...publicKey, key_ops: ["sign"] } }] }],
  ["a JWKS as it is", { keys: { keys: [publicKey] } }],
  ["an address as it is", { keys: "https://verifier.example/jwks.json" }],
  ["no algorithms", { algorithms: undefined }],
  ["an empty list of algorithms", { algorithms: [] }],
  ["none as an algorithm", { algorithms: ["ES256", "none"] }],
  ["no issuer", { issuer: undefined }],
  ["no audience", { audience: undefined }],
  ["no policy", { policyDigest: undefined }],
  ["a policy digest in capitals", { policyDigest: "AB".repeat(48) }],
  ["a policy digest of SHA-256", { policyDigest: "ab".repeat(32) }],
  ["no greatest age", { maxAgeMs: undefined }],
  ["an age without end", { maxAgeMs: Number.POSITIVE_INFINITY }],
  ["an age of NaN", { maxAgeMs: Number.NaN }],
  ["an age of zero", { maxAgeMs: 0 }],
  ["no profile", { profile: undefined }],
  ["no now", { now: undefined }],
  ["no nonce", { nonce: undefined }],
  ["null for a nonce", { nonce: null }],
  ["a nonce of 15 bytes", { nonce: NONCE.slice(0, 15) }],
];

/** What the caller passes is the caller's mistake, so the types are left aside. */
function wrongly<Options>(options: Options, changes: object): Options {
  return { ...options, ...changes };
}

describe("issueResult", () => {
  it.each(ISSUE)("refuses %s", async (_, changes) => {
    await expect(issueResult(appraisal(), wrongly(issueOptions(), changes))).rejects.toThrow(TypeError);
  });

  it.each([
    ["nothing", undefined],
    ["a copy", { ...appraisal() }],
    ["a child of one", Object.create(appraisal())],
    ["a token", "a.b.c"],
  ])("refuses %s for an appraisal", async (_, value) => {
    await expect(issueResult(value as Appraisal, issueOptions())).rejects.toThrow(TypeError);
  });

  it("takes a whole JWK, and signs with its numbers", async () => {
    const whole = { ...privateKey, alg: "ES256", use: "sig", kid: "elsewhere", key_ops: ["sign"], ext: true };
    const token = await issue({ key: { privateKey: whole, algorithm: "ES256", keyId: "issuer-1" } });
    await expect(verify(token)).resolves.toMatchObject({ keyId: "issuer-1" });
  });
});

describe("verifyResult", () => {
  it("takes a whole JWK", async () => {
    const whole = { ...publicKey, alg: "ES256", use: "sig", kid: "elsewhere", key_ops: ["verify"], ext: true };
    const keys = [{ publicKey: whole, algorithm: "ES256", keyId: "issuer-1" } as const];
    await expect(verify(await issue(), { keys })).resolves.toMatchObject({ keyId: "issuer-1" });
  });

  it.each(VERIFY)("refuses %s", async (_, changes) => {
    await expect(verifyResult(await issue(), wrongly(verifyOptions(), changes))).rejects.toThrow(TypeError);
  });

  it.each([undefined, null, 7, new Uint8Array(9)])("refuses %s for a token", async (token) => {
    await expect(verifyResult(token as unknown as string, verifyOptions())).rejects.toThrow(TypeError);
  });

  it("refuses wrong options before it looks at the token", async () => {
    await expect(verifyResult("no token", wrongly(verifyOptions(), { nonce: undefined }))).rejects.toThrow(TypeError);
  });
});

describe("a verified result", () => {
  it("is frozen and JSON-safe, all the way down", async () => {
    const result = await verify(await issue());
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    const parts = [
      result,
      result.claims,
      result.claims.tcb,
      result.claims.tcb.current,
      result.trustVector,
      result.verifier,
    ];
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
  });

  it("is told from look-alikes", async () => {
    const result = await verify(await issue());
    expect(isVerifiedResult(result)).toBe(true);
    expect(assertVerifiedResult(result)).toMatchObject({ policyId: "test", nonce: NONCE });
    for (const value of [{ ...result }, Object.create(result), undefined, null, "token", structuredClone(result)]) {
      expect(isVerifiedResult(value)).toBe(false);
      expect(() => assertVerifiedResult(value)).toThrow(TypeError);
    }
  });

  it("tells who said what to whom, and until when", async () => {
    expect(await verify(await issue())).toMatchObject({
      status: "affirming",
      profile: "ear-03",
      issuer: "https://verifier.example",
      audience: "https://agent.example",
      issuedAt: "2026-06-01T00:00:00.000Z",
      expiresAt: "2026-06-01T00:05:00.000Z",
      keyId: "issuer-1",
      verifier: { developer: "https://verifier.example", build: "verifier 1.2.3" },
    });
  });
});
