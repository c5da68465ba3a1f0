import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BindingParts, bindReportData } from "../../src/binding/bind.js";
import {
  assertExpectedReportData,
  BINDING_SCHEMES,
  type BindingSchemeName,
  EVIDENCE_PARTS,
  type ExpectedReportData,
} from "../../src/binding/expected.js";
import { toHex } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import { nobleEngine } from "../../src/noble/engine.js";

const NONCE = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
const KEY = Uint8Array.from({ length: 91 }, (_, index) => 0xff - index);
const CONTEXT = new TextEncoder().encode("payments");
const NONCE64 = Uint8Array.from({ length: 64 }, (_, index) => 0x80 + index);
const SPKI = Uint8Array.of(0x30, 0x81, 0x80, ...new Uint8Array(128).fill(7));
const JWK = '{ "kty": "EC", "crv": "P-256",\n "x": "\\u20ac", "key_ops": ["sign"], "ext": true, "n": 1e2 }';
const EXACT = Uint8Array.from({ length: 64 }, (_, index) => index);

/** attestry-v1 written a second time, straight from docs/policy.md. */
function attestryV1(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha512");
  for (const part of [Buffer.from("attestry report data v1", "ascii"), ...parts]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest("hex");
}

const NONE = new Uint8Array(0);
const utf8 = new TextEncoder();

function digest(algorithm: string, ...parts: readonly Uint8Array[]): string {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** The canonical form of the JWK above, written out by hand. */
const CANONICAL_JWK = '{"crv":"P-256","ext":true,"key_ops":["sign"],"kty":"EC","n":100,"x":"€"}';
const NONCE_BASE64 = Buffer.from(NONCE).toString("base64");
const TRUSTEE = digest("sha384", utf8.encode(`{"nonce":"${NONCE_BASE64}","tee-pubkey":${CANONICAL_JWK}}`));

/** Calls with arguments that the types forbid. */
function bindAnyhow(scheme: unknown, parts: unknown, options?: unknown): Promise<ExpectedReportData> {
  const call: (...given: readonly unknown[]) => Promise<ExpectedReportData> = bindReportData as never;
  return options === undefined ? call(scheme, parts) : call(scheme, parts, options);
}

describe("bindReportData", () => {
  const rows: [BindingSchemeName, BindingParts[BindingSchemeName], string][] = [
    ["exact", { reportData: EXACT }, toHex(EXACT)],
    ["nonce", { nonce: NONCE }, toHex(NONCE) + "00".repeat(32)],
    ["nonce", { nonce: NONCE.slice(0, 16) }, toHex(NONCE.slice(0, 16)) + "00".repeat(48)],
    ["nonce", { nonce: EXACT }, toHex(EXACT)],
    ["attestry-v1", { nonce: NONCE, publicKey: KEY, context: CONTEXT }, attestryV1(NONCE, KEY, CONTEXT)],
    ["attestry-v1", { nonce: NONCE, publicKey: KEY }, attestryV1(NONCE, KEY, NONE)],
    ["attestry-v1", { nonce: NONCE, context: CONTEXT }, attestryV1(NONCE, NONE, CONTEXT)],
    ["attestry-v1", { nonce: NONCE }, attestryV1(NONCE, NONE, NONE)],
    ["trustee", { nonce: NONCE, teePublicKey: utf8.encode(JWK) }, TRUSTEE + "00".repeat(16)],
    ["azure", { runtimeData: CONTEXT }, digest("sha256", CONTEXT) + "00".repeat(32)],
    ["svsm", { nonce: NONCE64, manifest: CONTEXT }, digest("sha512", NONCE64, CONTEXT)],
    ["tinfoil-v2", { tlsPublicKey: SPKI, hpkePublicKey: NONCE }, digest("sha256", SPKI) + toHex(NONCE)],
    ["atls", { publicKey: SPKI, nonce: NONCE }, digest("sha512", SPKI, NONCE)],
  ];
  it("knows every scheme", () => {
    expect(new Set(rows.map(([scheme]) => scheme))).toEqual(new Set(BINDING_SCHEMES));
  });

  it.each(rows)(
    "%s keeps the nonce of %o to itself, for whoever must know which challenge it answers",
    async (...row) => {
      const [scheme, parts] = row;
      const expected = await bindReportData(scheme, parts);
      const nonce = "nonce" in parts ? parts.nonce : null;
      expect(assertExpectedReportData(expected).nonce).toEqual(nonce);
      expect(assertExpectedReportData(expected).nonce).not.toBe(nonce ?? undefined);
      expect(Object.keys(expected)).not.toContain("nonce");
    },
  );

  it.each(rows)("%s makes the bytes of %o", async (scheme, parts, hex) => {
    const expected = await bindReportData(scheme, parts);
    expect(toHex(expected.bytes)).toBe(hex);
    expect(expected.scheme).toBe(scheme);
    expect(expected.fromEvidence).toEqual([]);
    const keys: Partial<Record<BindingSchemeName, Uint8Array>> = {
      trustee: utf8.encode(CANONICAL_JWK),
      "tinfoil-v2": NONCE,
      atls: SPKI,
    };
    expect(expected.publicKey).toEqual("publicKey" in parts && scheme === "attestry-v1" ? KEY : (keys[scheme] ?? null));
    expect(Object.isFrozen(expected)).toBe(true);
  });

  it("makes the same bytes by every engine", async () => {
    const expected = await bindReportData("attestry-v1", { nonce: NONCE, publicKey: KEY }, { engine: nobleEngine });
    expect(toHex(expected.bytes)).toBe(attestryV1(NONCE, KEY, NONE));
  });

  it("keeps key and context apart: the same bytes split elsewhere give another value", async () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    const cuts = [1, 2, 3].map((at) => ({ publicKey: whole.slice(0, at), context: whole.slice(at) }));
    const parts = [...cuts, { publicKey: whole }, { context: whole }];
    const values = await Promise.all(parts.map((part) => bindReportData("attestry-v1", { nonce: NONCE, ...part })));
    expect(new Set(values.map(({ bytes }) => toHex(bytes))).size).toBe(parts.length);
  });

  it("copies what it is given before it waits for anything", async () => {
    const parts = { nonce: NONCE.slice(), publicKey: KEY.slice() };
    const pending = bindReportData("attestry-v1", parts);
    parts.nonce.fill(0);
    parts.publicKey.fill(0);
    const expected = await pending;
    expect(toHex(expected.bytes)).toBe(attestryV1(NONCE, KEY, NONE));
    expect(expected.publicKey).toEqual(KEY);
  });

  it("hands out fresh copies", async () => {
    const expected = await bindReportData("attestry-v1", { nonce: NONCE, publicKey: KEY });
    expected.bytes.fill(0);
    expected.publicKey?.fill(0);
    expect(toHex(expected.bytes)).toBe(attestryV1(NONCE, KEY, NONE));
    expect(expected.publicKey).toEqual(KEY);
    expect(toHex(assertExpectedReportData(expected).bytes)).toBe(attestryV1(NONCE, KEY, NONE));
  });

  it("takes views into larger buffers, and Buffers", async () => {
    const buffer = new Uint8Array(100);
    buffer.set(NONCE, 7);
    for (const nonce of [buffer.subarray(7, 39), Buffer.from(NONCE)]) {
      expect(toHex((await bindReportData("nonce", { nonce })).bytes)).toBe(toHex(NONCE) + "00".repeat(32));
    }
  });
});

describe("a key of no known form", () => {
  const deep = `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
  const jwks: [string, string][] = [
    ["no JSON", "{ "],
    ["a list", "[]"],
    ["text", '"key"'],
    ["null", "null"],
    ["nothing in it", "{}"],
    ["an object inside", '{"a":{}}'],
    ["lists inside", deep],
    ["numbers in a list", '{"a":[1]}'],
  ];
  it.each(jwks)("trustee: %s", async (_, text) => {
    const parts = { nonce: NONCE, teePublicKey: utf8.encode(text) };
    await expect(bindReportData("trustee", parts)).toFailWith("ERR_MALFORMED_ENCODING", { what: "parts.teePublicKey" });
  });

  it("trustee: bytes that are no UTF-8", async () => {
    const teePublicKey = Uint8Array.of(0x22, 0xff, 0x22);
    await expect(bindReportData("trustee", { nonce: NONCE, teePublicKey })).toFailWith("ERR_MALFORMED_ENCODING");
  });

  it("trustee: a member that stands twice counts as it was hashed", async () => {
    const teePublicKey = utf8.encode('{"x":"evil","x":"good"}');
    const { publicKey } = await bindReportData("trustee", { nonce: NONCE, teePublicKey });
    expect(new TextDecoder().decode(publicKey ?? NONE)).toBe('{"x":"good"}');
  });

  it.each([
    ["of another tag", Uint8Array.of(0x31, ...SPKI.slice(1))],
    ["that is cut", SPKI.slice(0, -1)],
    ["with the first byte of the nonce", Uint8Array.of(...SPKI, 1)],
  ])("atls: a sequence %s", async (_, publicKey) => {
    await expect(bindReportData("atls", { publicKey, nonce: NONCE })).toFailWith("ERR_MALFORMED_DER");
  });
});

describe("parts from the evidence", () => {
  it("are named in what comes out", async () => {
    const azure = await bindReportData("azure", { runtimeData: CONTEXT }, { fromEvidence: ["runtimeData"] });
    expect(azure.fromEvidence).toEqual(["runtimeData"]);
    expect(assertExpectedReportData(azure).fromEvidence).toEqual(["runtimeData"]);
    expect(Object.isFrozen(azure.fromEvidence)).toBe(true);
  });

  it("are never a nonce or the bytes themselves", () => {
    for (const parts of Object.values(EVIDENCE_PARTS)) {
      expect(parts).not.toContain("nonce");
      expect(parts).not.toContain("reportData");
    }
  });

  const rows: [string, unknown, unknown, unknown, RegExp][] = [
    [
      "a nonce",
      "svsm",
      { nonce: NONCE64, manifest: KEY },
      ["nonce"],
      /of svsm manifest may come from evidence, found nonce/,
    ],
    ["a part of nothing", "nonce", { nonce: NONCE }, ["nonce"], /of nonce nothing may come from evidence/],
    ["another scheme's part", "azure", { runtimeData: KEY }, ["manifest"], /of azure runtimeData may/],
    ["a hole", "azure", { runtimeData: KEY }, new Array(1), /found undefined/],
    ["text", "azure", { runtimeData: KEY }, "runtimeData", /options.fromEvidence must be a list/],
    ["null", "azure", { runtimeData: KEY }, null, /options.fromEvidence must be a list/],
  ];
  it.each(rows)("%s is a TypeError", async (...[, scheme, parts, fromEvidence, message]) => {
    const failure = await bindAnyhow(scheme, parts, { fromEvidence }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(message);
  });
});

describe("a caller's mistake is a TypeError that names the argument", () => {
  const engine = { ...nobleEngine, digest: 1 };
  const rows: [string, unknown, unknown, unknown, RegExp][] = [
    [
      "an unknown scheme",
      "sha512",
      { nonce: NONCE },
      undefined,
      /scheme must be one of exact, nonce, attestry-v1, trustee, azure, svsm, tinfoil-v2, atls, found sha512/,
    ],
    ["a name of Object.prototype", "toString", { nonce: NONCE }, undefined, /scheme must be one of/],
    ["no scheme", undefined, { nonce: NONCE }, undefined, /scheme must be one of/],
    ["no parts", "nonce", undefined, undefined, /parts must be an object/],
    ["an unknown part", "nonce", { nonce: NONCE, key: KEY }, undefined, /parts has no option "key"/],
    ["a missing part", "nonce", {}, undefined, /parts\.nonce must be a Uint8Array/],
    ["a part as text", "nonce", { nonce: "00".repeat(16) }, undefined, /parts\.nonce must be a Uint8Array/],
    [
      "a nonce of 15 bytes",
      "nonce",
      { nonce: NONCE.slice(0, 15) },
      undefined,
      /parts\.nonce must have 16 to 64 bytes, found 15/,
    ],
    ["a nonce of 65 bytes", "nonce", { nonce: new Uint8Array(65) }, undefined, /16 to 64 bytes, found 65/],
    [
      "a hashed nonce of 15 bytes",
      "attestry-v1",
      { nonce: NONCE.slice(0, 15) },
      undefined,
      /16 to 1024 bytes, found 15/,
    ],
    [
      "an empty key",
      "attestry-v1",
      { nonce: NONCE, publicKey: NONE },
      undefined,
      /parts\.publicKey must have 1 to 65536 bytes/,
    ],
    ["an empty context", "attestry-v1", { nonce: NONCE, context: NONE }, undefined, /parts\.context must have 1 to/],
    [
      "a null key",
      "attestry-v1",
      { nonce: NONCE, publicKey: null },
      undefined,
      /parts\.publicKey must be a Uint8Array/,
    ],
    ["a huge context", "attestry-v1", { nonce: NONCE, context: new Uint8Array(65_537) }, undefined, /found 65537/],
    [
      "63 exact bytes",
      "exact",
      { reportData: EXACT.slice(1) },
      undefined,
      /parts\.reportData must have 64 bytes, found 63/,
    ],
    [
      "an SVSM nonce of 63 bytes",
      "svsm",
      { nonce: new Uint8Array(63), manifest: KEY },
      undefined,
      /nonce must have 64/,
    ],
    ["an aTLS nonce of 15", "atls", { publicKey: SPKI, nonce: NONCE.slice(17) }, undefined, /16 to 64 bytes, found 15/],
    ["a Trustee nonce of 15", "trustee", { nonce: NONCE.slice(17), teePublicKey: KEY }, undefined, /found 15/],
    ["an HPKE key of 31", "tinfoil-v2", { tlsPublicKey: SPKI, hpkePublicKey: KEY }, undefined, /must have 32 bytes/],
    ["an unknown option", "nonce", { nonce: NONCE }, { engines: 1 }, /options has no option "engines"/],
    ["no engine", "nonce", { nonce: NONCE }, { engine }, /options\.engine must be a CryptoEngine/],
  ];
  it.each(rows)("%s", async (...[, scheme, parts, options, message]) => {
    const failure = await bindAnyhow(scheme, parts, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(message);
  });

  it("an engine that fails is no TypeError", async () => {
    const broken = { ...nobleEngine, digest: () => new Uint8Array(63) };
    await expect(bindReportData("attestry-v1", { nonce: NONCE }, { engine: broken })).toFailWith(
      "ERR_UNSUPPORTED_CRYPTO",
    );
  });
});

describe("assertExpectedReportData", () => {
  it("refuses everything that bindReportData did not make", async () => {
    const genuine = await bindReportData("nonce", { nonce: NONCE });
    expect(assertExpectedReportData(genuine).scheme).toBe("nonce");
    for (const fake of [
      null,
      undefined,
      1,
      EXACT,
      { ...genuine },
      Object.create(genuine),
      structuredClone({ ...genuine }),
    ]) {
      expect(() => assertExpectedReportData(fake)).toThrow(/reportData must be what bindReportData returned/);
    }
  });
});

describe("properties", () => {
  it("nothing but a TypeError or an error of ours escapes, and what comes out has 64 bytes", async () => {
    const part = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.anything());
    const parts = fc.oneof(
      fc.record({ nonce: part, publicKey: part, context: part, reportData: part }, { requiredKeys: [] }),
      fc.anything(),
    );
    const scheme = fc.oneof(fc.constantFrom(...BINDING_SCHEMES), fc.anything());
    await fc.assert(
      fc.asyncProperty(scheme, parts, async (name, given) => {
        const outcome = await bindAnyhow(name, given).catch((error: unknown) => error);
        if (outcome instanceof TypeError || isAttestationError(outcome)) return;
        expect(assertExpectedReportData(outcome).bytes).toHaveLength(64);
      }),
      { numRuns: 300 },
    );
  });
});
