import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import type { VerifiedChallenge } from "../../src/challenge/index.js";
import type { Policy } from "../../src/policy/policy.js";
import { openSealed, type SealFormat, sealTo } from "../../src/release/index.js";
import { issueResult, type VerifiedResult, verifyResult } from "../../src/result/index.js";
import { VERIFIED_AT } from "../support/records.js";
import {
  type Attested,
  accepted,
  guestKeys,
  type KeyKind,
  NOW,
  POLICY,
  policyOf,
  publicJwk,
  SECRET,
  utf8,
} from "./support.js";

/** A token's life; shorter than the challenge's. */
const TOKEN_TTL = 60_000;
const NAMES = { issuer: "https://verifier.example", audience: "https://release.example" };
const KEY = { algorithm: "ES256", keyId: "verifier-1" } as const;
const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
const keys = [{ ...KEY, publicKey: (await exportJWK(publicKey)) as JsonWebKey }];

/** What another process would learn of an appraisal: a token, verified. */
async function carried({ appraisal }: Attested, nonce: Uint8Array | "any", policy: Policy = POLICY) {
  const token = await issueResult(appraisal, {
    ...NAMES,
    key: { ...KEY, privateKey },
    ttlMs: TOKEN_TTL,
    now: NOW,
    profile: "ear-03",
    verifier: { developer: NAMES.issuer, build: "1" },
    platformIdentity: "leave-out",
    advisories: "unassessed",
  });
  const expected = { ...NAMES, policyDigest: policy.digest, maxAgeMs: TOKEN_TTL, profile: "ear-03", now: NOW } as const;
  return { token, result: await verifyResult(token, { ...expected, keys, algorithms: ["ES256"], nonce }) };
}

function seal(result: VerifiedResult, challenge: VerifiedChallenge, more: { now?: Date; format?: SealFormat } = {}) {
  return sealTo(result, SECRET, { challenge, format: "hpke", now: NOW, ...more });
}

const guest = await guestKeys("P-384");

describe("a verified result as recipient", () => {
  const rows: [KeyKind, SealFormat][] = [
    ["X25519", "hpke"],
    ["P-384", "hpke"],
    ["P-384", "jwe"],
    ["P-256", "jwe"],
    ["RSA", "jwe"],
  ];
  it.each(rows)("releases to a guest with %s by %s what an appraisal would", async (kind, format) => {
    const { keyPair, spki } = await guestKeys(kind);
    const made = await accepted(spki);
    const { result } = await carried(made, made.challenge.nonce);
    const sealed = await seal(result, made.challenge, { format });
    const context = { challengeId: made.challenge.id, policyDigest: POLICY.digest, report: made.report };
    expect(await openSealed(sealed, { format, keyPair, ...context })).toEqual(SECRET);
  });

  it("says the digest of the report's signed bytes in its context", async () => {
    const made = await accepted(guest.spki);
    const { result } = await carried(made, made.challenge.nonce);
    const sealed = await sealTo(result, SECRET, { challenge: made.challenge, format: "hpke", now: NOW });
    const report = createHash("sha384").update(made.report.subarray(0, 0x2a0)).digest("hex");
    expect(sealed.context).toEqual({ challenge: made.challenge.id, policy: POLICY.digest, report });
  });

  it("releases to the JWK of a Trustee client", async () => {
    const policy = await policyOf({ scheme: "trustee" });
    const { keyPair, jwk } = await guestKeys("P-521");
    const made = await accepted(utf8(publicJwk(jwk, { alg: "ECDH-ES+A256KW" })), { policy, scheme: "trustee" });
    const { result } = await carried(made, made.challenge.nonce, policy);
    const sealed = await seal(result, made.challenge, { format: "jwe" });
    const context = { challengeId: made.challenge.id, policyDigest: "any", report: made.report };
    expect(await openSealed(sealed, { format: "jwe", keyPair, ...context })).toEqual(SECRET);
  });

  it("is the verified one: a token, its claims or a copy of it are a TypeError", async () => {
    const made = await accepted(guest.spki);
    const { token, result } = await carried(made, made.challenge.nonce);
    const call: (...given: readonly unknown[]) => Promise<unknown> = sealTo as never;
    const options = { challenge: made.challenge, format: "hpke", now: NOW };
    for (const other of [token, { ...result }, Object.create(result), result.claims, new Proxy(result, {})]) {
      await expect(call(other, SECRET, options)).rejects.toThrow(/^recipient must be an accepted appraisal/);
    }
    await expect(call(result, SECRET, options)).resolves.toBeDefined();
  });

  it("ends with its token, before the challenge does", async () => {
    const [in_, out] = [await accepted(guest.spki), await accepted(guest.spki)];
    const [good, late] = [await carried(in_, in_.challenge.nonce), await carried(out, out.challenge.nonce)];
    const last = { now: new Date(VERIFIED_AT + TOKEN_TTL - 1) };
    await expect(seal(good.result, in_.challenge, last)).resolves.toBeDefined();
    const end = new Date(VERIFIED_AT + TOKEN_TTL);
    const detail = { what: "result", expiresAt: end.toISOString(), now: end.toISOString() };
    await expect(seal(late.result, out.challenge, { now: end })).toFailWith("ERR_RELEASE_EXPIRED", detail);
  });

  it("must have been verified for a nonce, and for the challenge's", async () => {
    const [one, two] = [await accepted(guest.spki), await accepted(guest.spki)];
    const any = await carried(one, "any");
    await expect(seal(any.result, one.challenge)).toFailWith("ERR_RELEASE_NO_NONCE", { scheme: "attestry-v1" });
    const { result } = await carried(one, one.challenge.nonce);
    await expect(seal(result, two.challenge)).toFailWith("ERR_RELEASE_OTHER_NONCE");
    await expect(seal(result, one.challenge)).resolves.toBeDefined();
  });

  it("must be of the policy that the challenge is for", async () => {
    const challengePolicy = await policyOf({ scheme: "attestry-v1" }, "stricter");
    const made = await accepted(guest.spki, { challengePolicy });
    const { result } = await carried(made, made.challenge.nonce);
    const detail = { challenge: challengePolicy.digest, recipient: POLICY.digest };
    await expect(seal(result, made.challenge)).toFailWith("ERR_RELEASE_OTHER_POLICY", detail);
  });

  it("must confirm a key", async () => {
    const policy = await policyOf("any");
    const made = await accepted(guest.spki, { policy });
    const { result } = await carried(made, "any", policy);
    await expect(seal(result, made.challenge)).toFailWith("ERR_RELEASE_NO_KEY", { scheme: null });
  });

  it("shares its challenge with the appraisal that it came from: one of them releases, once", async () => {
    const made = await accepted(guest.spki);
    const { result } = await carried(made, made.challenge.nonce);
    const { appraisal, challenge } = made;
    await expect(sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW })).resolves.toBeDefined();
    await expect(seal(result, challenge)).toFailWith("ERR_RELEASE_USED");
  });

  it("needs a challenge that was spent", async () => {
    const made = await accepted(guest.spki, { spent: false });
    const { result } = await carried(made, made.challenge.nonce);
    await expect(seal(result, made.challenge)).toFailWith("ERR_RELEASE_UNSPENT");
  });
});
