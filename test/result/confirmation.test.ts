import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import type { ExpectedReportData } from "../../src/binding/expected.js";
import { confirm, confirmed } from "../../src/result/confirmation.js";
import { jwkToSpki, spkiToJwk } from "../../src/result/spki.js";
import { assertVerifiedResult } from "../../src/result/verified-result.js";
import { blockPolicy, judged } from "../policy/support.js";
import "../support/expect.js";
import { issue, MEASUREMENT, NONCE, type Part, partsOf, soundReport, verify } from "./support.js";

function spkiOf(key: ReturnType<typeof generateKeyPairSync>["publicKey"]): Uint8Array {
  return new Uint8Array(key.export({ type: "spki", format: "der" }));
}

const p384 = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey);
const p256 = spkiOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
const x25519 = spkiOf(generateKeyPairSync("x25519").publicKey);
const ed25519 = spkiOf(generateKeyPairSync("ed25519").publicKey);
const rsa2048 = spkiOf(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);
const rsa3072 = spkiOf(generateKeyPairSync("rsa", { modulusLength: 3072, publicExponent: 3 }).publicKey);
const pss = spkiOf(generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey);

/** The same with one byte changed. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe("keys as they stand in cnf", () => {
  it.each([
    ["P-384 as SPKI", p384, "spki"],
    ["X25519 as SPKI", x25519, "spki"],
    ["RSA-2048 as SPKI", rsa2048, "spki"],
    ["RSA-3072 with exponent 3 as SPKI", rsa3072, "spki"],
    ["X25519, raw", x25519.slice(12), "raw"],
    ["P-256, which is not for sealing", p256, "bytes"],
    ["Ed25519", ed25519, "bytes"],
    ["RSA for PSS alone", pss, "bytes"],
    ["P-384 with a byte more", Uint8Array.of(...p384, 0), "bytes"],
    ["P-384 off its curve", flipped(p384, 100), "bytes"],
    ["P-384 by another OID", flipped(p384, 20), "bytes"],
    ["P-384 as a bare point", p384.slice(-97), "bytes"],
    ["X25519 by another OID", flipped(x25519, 8), "bytes"],
    ["RSA with something after the exponent", Uint8Array.of(...rsa2048, 0), "bytes"],
    ["RSA by another OID", flipped(rsa2048, 16), "bytes"],
    ["text", new TextEncoder().encode("a key"), "bytes"],
    ["one byte", Uint8Array.of(0), "bytes"],
  ])("%s", (_, key, form) => {
    const made = confirm("attestry-v1", key);
    expect(made.form).toBe(form);
    // Through JSON, as a token carries it.
    expect(confirmed(made.form, JSON.parse(JSON.stringify(made.cnf)))).toEqual(key);
  });

  it("of an RSA key are the same whoever reads them", () => {
    for (const der of [rsa2048, rsa3072, p384, x25519]) {
      const jwk = spkiToJwk(der);
      const theirs = createPublicKey({ key: jwk as never, format: "jwk" });
      expect(spkiOf(theirs)).toEqual(der);
      expect(createPublicKey({ key: Buffer.from(der), type: "spki", format: "der" }).export({ format: "jwk" })).toEqual(
        jwk,
      );
    }
  });

  it("of a JWK that Trustee's clients send, canonical", async () => {
    const teePublicKey = new TextEncoder().encode('{"kty":"RSA", "alg":"RSA-OAEP-256","n":"AQAB","e":"AQAB"}');
    const { publicKey } = await bindReportData("trustee", { nonce: NONCE, teePublicKey });
    const made = confirm("trustee", publicKey ?? new Uint8Array());
    expect(made).toEqual({ form: "jwk", cnf: { jwk: { alg: "RSA-OAEP-256", e: "AQAB", kty: "RSA", n: "AQAB" } } });
    expect(confirmed("jwk", JSON.parse(JSON.stringify(made.cnf)))).toEqual(publicKey);
    expect(confirmed("jwk", { jwk: { n: "AQAB", kty: "RSA", e: "AQAB", alg: "RSA-OAEP-256" } })).toEqual(publicKey);
  });

  it.each(["d", "p", "q", "dp", "dq", "qi", "k", "priv"])("never hold the private member %s of a JWK", (member) => {
    const key = new TextEncoder().encode(JSON.stringify({ kty: "EC", [member]: "AA" }));
    expect(() => confirm("trustee", key)).toFailWith("ERR_RESULT_KEY", { scheme: "trustee" });
  });
});

describe("numbers that are no key", () => {
  const x = Buffer.alloc(32, 9).toString("base64url");
  it.each([
    ["an x of 31 bytes", { kty: "OKP", crv: "X25519", x: Buffer.alloc(31).toString("base64url") }],
    ["an x that is no base64url", { kty: "OKP", crv: "X25519", x: `${x.slice(1)}B` }],
    ["a point off the curve", { kty: "EC", crv: "P-384", x: "A".repeat(64), y: "A".repeat(64) }],
    ["a coordinate cut short", { kty: "EC", crv: "P-384", x: "A".repeat(63), y: "A".repeat(64) }],
    ["a modulus with a leading zero", { kty: "RSA", n: "AAEB", e: "AQAB" }],
    ["an empty modulus", { kty: "RSA", n: "", e: "AQAB" }],
    ["an exponent of nine bytes", { kty: "RSA", n: "AQAB", e: "AQAAAAAAAAAB" }],
    ["a modulus of 1,025 bytes", { kty: "RSA", n: Buffer.alloc(1025, 1).toString("base64url"), e: "AQAB" }],
  ] as const)("%s", (_, jwk) => {
    expect(jwkToSpki(jwk)).toBeNull();
    expect(() => confirmed("spki", { jwk })).toFailWith("ERR_RESULT_MALFORMED");
  });

  it.each([
    ["spki", null],
    ["spki", { jwk: "text" }],
    ["raw", { jwk: { kty: "EC" } }],
    ["jwk", { jwk: [] }],
    ["bytes", { "attestry.key": "A" }],
    ["bytes", { "attestry.key": "" }],
  ] as const)("as %s", (form, cnf) => expect(() => confirmed(form, cnf)).toFailWith("ERR_RESULT_MALFORMED"));
});

describe("the key behind a verified result", () => {
  async function resultOf(expected: ExpectedReportData) {
    const { scheme } = expected;
    const policy = await blockPolicy({ measurement: [MEASUREMENT], reportData: { scheme } });
    const of = judged(policy, { report: soundReport(expected) }, { reportData: expected });
    const token = await issue({}, of);
    const result = await verify(token, { policyDigest: policy.digest, nonce: "any" });
    return { result, record: assertVerifiedResult(result), cnf: partsOf(token).payload["cnf"] as Part | undefined };
  }

  const jwk = new TextEncoder().encode('{"crv":"P-256","kty":"EC","x":"AA","y":"AA"}');

  it.each([
    ["attestry-v1, P-384", () => bindReportData("attestry-v1", { nonce: NONCE, publicKey: p384 }), p384],
    ["attestry-v1, RSA", () => bindReportData("attestry-v1", { nonce: NONCE, publicKey: rsa3072 }), rsa3072],
    ["attestry-v1, bytes", () => bindReportData("attestry-v1", { nonce: NONCE, publicKey: p256 }), p256],
    ["atls", () => bindReportData("atls", { nonce: NONCE, publicKey: p384 }), p384],
    ["trustee", () => bindReportData("trustee", { nonce: NONCE, teePublicKey: jwk }), jwk],
    [
      "tinfoil-v2",
      () => bindReportData("tinfoil-v2", { tlsPublicKey: p256, hpkePublicKey: x25519.slice(12) }),
      x25519.slice(12),
    ],
  ] as const)("is byte by byte the one that REPORT_DATA binds: %s", async (_, bind, key) => {
    const expected = await bind();
    const { result, record } = await resultOf(expected);
    expect(record.publicKey).toEqual({ scheme: expected.scheme, bytes: Uint8Array.from(key) });
    expect(result.publicKey).toEqual({ scheme: expected.scheme, bytes: Buffer.from(key).toString("hex") });
  });

  it.each([
    ["attestry-v1 without a key", () => bindReportData("attestry-v1", { nonce: NONCE })],
    ["nonce", () => bindReportData("nonce", { nonce: NONCE })],
    ["azure", () => bindReportData("azure", { runtimeData: p256 })],
    ["exact", () => bindReportData("exact", { reportData: new Uint8Array(64) })],
  ] as const)("is none: %s", async (_, bind) => {
    const { result, record, cnf } = await resultOf(await bind());
    expect([record.publicKey, result.publicKey, cnf]).toEqual([null, null, undefined]);
  });

  it("is none where the policy takes any REPORT_DATA", async () => {
    const policy = await blockPolicy({ measurement: [MEASUREMENT] });
    const token = await issue({}, judged(policy, { report: soundReport() }));
    const result = await verify(token, { policyDigest: policy.digest, nonce: "any" });
    expect(assertVerifiedResult(result)).toMatchObject({ publicKey: null, nonce: null, fromEvidence: [] });
  });
});
