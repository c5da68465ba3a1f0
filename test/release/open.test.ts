import { p256, p384 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { canonicalJson, type Json } from "../../src/bytes/canonical-json.js";
import { fromBase64Url, toBase64Url } from "../../src/bytes/codecs.js";
import { openSealed, type SealFormat, sealTo } from "../../src/release/index.js";
import { accepted, changed, type GuestKeys, guestKeys, type KeyKind, NOW, POLICY, SECRET, utf8 } from "./support.js";

const guests = new Map<KeyKind, Promise<GuestKeys>>();

/** One guest for each kind of key: making RSA keys takes long. */
function guestOf(kind: KeyKind): Promise<GuestKeys> {
  const guest = guests.get(kind) ?? guestKeys(kind);
  guests.set(kind, guest);
  return guest;
}

/** A secret on its way to a guest, and what the guest opens it with. */
async function sealed(kind: KeyKind, format: SealFormat) {
  const { keyPair, spki } = await guestOf(kind);
  const { appraisal, challenge, report } = await accepted(spki);
  const message = await sealTo(appraisal, SECRET, { challenge, format, now: NOW });
  const options = { format, keyPair, challengeId: challenge.id, policyDigest: POLICY.digest, report };
  const plain: Record<string, unknown> = JSON.parse(JSON.stringify(message));
  return { message: plain, options };
}

/** Calls with arguments that the types forbid. */
function openAnyhow(message: unknown, options: unknown): Promise<Uint8Array> {
  const call: (...given: readonly unknown[]) => Promise<Uint8Array> = openSealed as never;
  return call(message, options);
}

const ROWS: [KeyKind, SealFormat][] = [
  ["X25519", "hpke"],
  ["P-384", "hpke"],
  ["P-256", "jwe"],
  ["P-384", "jwe"],
  ["P-521", "jwe"],
  ["RSA", "jwe"],
];
const REFUSALS = ["ERR_RELEASE_NOT_OPENED", "ERR_RELEASE_MALFORMED", "ERR_RELEASE_CONTEXT"];

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
    throw error;
  }
  return "none: it opened";
}

/** Every member that is base64url, by where it stands. */
const BYTES = { hpke: ["enc", "ciphertext"], jwe: ["protected", "encrypted_key", "iv", "ciphertext", "tag"] };

describe.each(ROWS)("what was sealed to %s by %s", (kind, format) => {
  it.each(BYTES[format])("does not open with a bit of %s flipped, whichever it is", async (name) => {
    const { message, options } = await sealed(kind, format);
    const bytes = fromBase64Url(String(message[name]));
    const places = Array.from({ length: bytes.length }, (_, place) => place);
    for (const place of places) {
      const bit = 1 << (place % 8);
      const text = toBase64Url(changed(bytes, place, Number(bytes[place]) ^ bit));
      // X25519 ignores the top bit of a public key; HPKE's key schedule does not.
      const refusal = await refusalOf(openSealed({ ...message, [name]: text }, options));
      expect(REFUSALS, `byte ${place} of ${name}: ${refusal}`).toContain(refusal);
    }
    expect(await openSealed(message, options)).toEqual(SECRET);
  });

  it.each(BYTES[format])("does not open with %s cut, extended, empty, or no base64url", async (name) => {
    const { message, options } = await sealed(kind, format);
    const bytes = fromBase64Url(String(message[name]));
    const others = [bytes.subarray(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array(0)].map(toBase64Url);
    for (const text of [
      ...others,
      `${message[name]}=`,
      `${message[name]} `,
      "*",
      5,
      null,
      undefined,
      [message[name]],
    ]) {
      expect(REFUSALS, String(text)).toContain(await refusalOf(openSealed({ ...message, [name]: text }, options)));
    }
  });

  it("does not open for another challenge, policy or report of the same guest", async () => {
    const { message, options } = await sealed(kind, format);
    const other = await sealed(kind, format);
    const { challengeId, report } = other.options;
    const moved = [
      [{ challengeId }, { field: "challenge", expected: challengeId, actual: options.challengeId }],
      [{ policyDigest: "ab".repeat(48) }, { field: "policy", expected: "ab".repeat(48), actual: POLICY.digest }],
      [{ report }, { field: "report" }],
      [{ report: changed(options.report, 0x29f, Number(options.report[0x29f]) ^ 1) }, { field: "report" }],
    ] as const;
    for (const [differing, detail] of moved) {
      await expect(openSealed(message, { ...options, ...differing })).toFailWith("ERR_RELEASE_CONTEXT", detail);
    }
    expect(await openSealed(message, options)).toEqual(SECRET);
    expect(await openSealed(other.message, other.options)).toEqual(SECRET);
  });

  it("counts the signed bytes of the report alone", async () => {
    const { message, options } = await sealed(kind, format);
    const report = changed(options.report, 0x2a0, Number(options.report[0x2a0]) ^ 1);
    expect(await openSealed(message, { ...options, report })).toEqual(SECRET);
  });

  it("does not open for another guest", async () => {
    const { message, options } = await sealed(kind, format);
    const { keyPair } = await guestKeys(kind);
    await expect(openSealed(message, { ...options, keyPair })).toFailWith("ERR_RELEASE_NOT_OPENED", { format });
  });

  it("is not what another format has, and not another message", async () => {
    const { message, options } = await sealed(kind, format);
    const wrong = [null, undefined, "text", 5, [], {}, [message], { ...message, more: 1 }, SECRET];
    for (const other of wrong) await expect(openSealed(other, options)).toFailWith("ERR_RELEASE_MALFORMED");
    for (const name of Object.keys(message)) {
      const { [name]: _, ...others } = message;
      await expect(openSealed(others, options)).toFailWith("ERR_RELEASE_MALFORMED");
    }
  });

  it("is read at once: what is changed after the call does not count", async () => {
    const { message, options } = await sealed(kind, format);
    const { report } = options;
    const pending = openSealed(message, { ...options, report });
    for (const name of Object.keys(message)) message[name] = "";
    report.fill(0);
    expect(await pending).toEqual(SECRET);
  });

  it("is no verdict where WebCrypto fails", async () => {
    const { message, options } = await sealed(kind, format);
    const { subtle } = globalThis.crypto;
    for (const verb of ["digest", "importKey"] as const) {
      const failing = vi.spyOn(subtle, verb).mockRejectedValue(new Error("not today"));
      await expect(openSealed(message, options)).toFailWith("ERR_UNSUPPORTED_CRYPTO", { engine: "webcrypto" });
      failing.mockRestore();
    }
  });
});

describe("a context that was rewritten to please the guest", () => {
  it("does not open by HPKE", async () => {
    const { message, options } = await sealed("X25519", "hpke");
    const other = await sealed("X25519", "hpke");
    const context = { ...Object(message["context"]), challenge: other.options.challengeId };
    const rewritten = openSealed({ ...message, context }, { ...options, challengeId: other.options.challengeId });
    await expect(rewritten).toFailWith("ERR_RELEASE_NOT_OPENED");
    const policy = { ...message, context: { ...Object(message["context"]), policy: "ab".repeat(48) } };
    await expect(openSealed(policy, { ...options, policyDigest: "any" })).toFailWith("ERR_RELEASE_NOT_OPENED");
  });

  it("does not open as JWE", async () => {
    for (const kind of ["P-256", "RSA"] as const) {
      const { message, options } = await sealed(kind, "jwe");
      const header = Buffer.from(String(message["protected"]), "base64url").toString();
      const challengeId = "0".repeat(64);
      const text = header.replace(options.challengeId, challengeId);
      expect(text).not.toBe(header);
      const rewritten = { ...message, protected: toBase64Url(utf8(text)) };
      await expect(openSealed(rewritten, { ...options, challengeId })).toFailWith("ERR_RELEASE_NOT_OPENED");
    }
  });
});

describe("a context that is none", () => {
  const digest = "ab".repeat(48);
  const rows: [string, unknown][] = [
    ["missing", null],
    ["a list", []],
    ["with no challenge", { policy: digest, report: digest }],
    ["with more", { challenge: "0".repeat(64), policy: digest, report: digest, more: 1 }],
    ["with a challenge of another length", { challenge: "0".repeat(63), policy: digest, report: digest }],
    ["in upper case", { challenge: "0".repeat(64), policy: digest.toUpperCase(), report: digest }],
    ["with a line break", { challenge: "0".repeat(64), policy: digest, report: `${digest}\n` }],
    ["with the word any", { challenge: "0".repeat(64), policy: "any", report: digest }],
    ["with bytes for text", { challenge: "0".repeat(64), policy: digest, report: [digest] }],
  ];
  it.each(rows)("is malformed: %s", async (_, context) => {
    const { message, options } = await sealed("X25519", "hpke");
    const refusal = openSealed({ ...message, context }, { ...options, policyDigest: "any" });
    await expect(refusal).toFailWith("ERR_RELEASE_MALFORMED", { what: "sealed.context" });
  });
});

/** The message with its header's members changed, in whatever order. */
function withHeader(message: Record<string, unknown>, change: (header: Record<string, Json>) => Json) {
  const header: Record<string, Json> = JSON.parse(Buffer.from(String(message["protected"]), "base64url").toString());
  return { ...message, protected: toBase64Url(utf8(canonicalJson(change(header)))) };
}

describe("a header that is none", () => {
  const off = toBase64Url(changed(p256.Point.BASE.toBytes(false).subarray(33), 31, 0xf6));
  const x = toBase64Url(p256.Point.BASE.toBytes(false).subarray(1, 33));
  const point = p384.Point.BASE.toBytes(false);
  const of384 = { crv: "P-384", kty: "EC", x: toBase64Url(point.subarray(1, 49)), y: toBase64Url(point.subarray(49)) };
  const epk = (change: (epk: Record<string, Json>) => Json) => (header: Record<string, Json>) => ({
    ...header,
    epk: change(Object(header["epk"])),
  });
  const rows: [string, (header: Record<string, Json>) => Json, string][] = [
    ["no object", () => [], "sealed.protected"],
    ["another alg", (header) => ({ ...header, alg: "ECDH-ES" }), "sealed.protected"],
    ["the alg of the other kind of key", (header) => ({ ...header, alg: "RSA-OAEP-256" }), "sealed.protected"],
    ["another enc", (header) => ({ ...header, enc: "A128GCM" }), "sealed.protected"],
    ["compression", (header) => ({ ...header, zip: "DEF" }), "sealed.protected"],
    ["crit", (header) => ({ ...header, crit: ["attestry"] }), "sealed.protected"],
    ["apu", (header) => ({ ...header, apu: "AAAA" }), "sealed.protected"],
    ["no context", ({ attestry: _, ...header }) => header, "sealed.protected"],
    ["a context that is none", (header) => ({ ...header, attestry: {} }), "sealed.protected: attestry"],
    ["no epk", ({ epk: _, ...header }) => header, "sealed.protected"],
    ["an epk that is text", epk(() => "x"), "sealed.protected: epk"],
    ["an epk with a private half", epk((key) => ({ ...key, d: x })), "sealed.protected: epk"],
    ["an epk of another curve", epk(() => of384), "sealed.protected: epk"],
    ["an epk of another type", epk((key) => ({ ...key, kty: "OKP" })), "sealed.protected: epk"],
    ["an epk off the curve", epk((key) => ({ ...key, x, y: off })), "sealed.protected: epk"],
    ["an epk cut elsewhere", epk((key) => ({ ...key, x: `${x}`.slice(0, -4) })), "sealed.protected: epk"],
  ];
  it.each(rows)("is malformed: %s", async (_, change, what) => {
    const { message, options } = await sealed("P-256", "jwe");
    await expect(openSealed(withHeader(message, change), options)).toFailWith("ERR_RELEASE_MALFORMED", { what });
  });

  it("is malformed with a member twice, or as no JSON, or far too long", async () => {
    const { message, options } = await sealed("P-256", "jwe");
    const text = Buffer.from(String(message["protected"]), "base64url").toString();
    const twice = text.replace("{", '{"alg":"ECDH-ES+A256KW",');
    for (const other of [twice, "{", `${text}${" ".repeat(4096)}`]) {
      const changedMessage = { ...message, protected: toBase64Url(utf8(other)) };
      const detail = { what: "sealed.protected" };
      await expect(openSealed(changedMessage, options)).toFailWith("ERR_RELEASE_MALFORMED", detail);
    }
  });

  it("does not open with the same members in another order: the header is authenticated as it is spelled", async () => {
    const { message, options } = await sealed("P-256", "jwe");
    await expect(
      openSealed(
        withHeader(message, (header) => header),
        options,
      ),
    ).toFailWith("ERR_RELEASE_NOT_OPENED");
  });
});

describe("an encapsulated key that nobody made", () => {
  const rows: [KeyKind, string, Uint8Array][] = [
    ["X25519", "zero", new Uint8Array(32)],
    ["X25519", "one", changed(new Uint8Array(32), 0, 1)],
    ["X25519", "a point of P-384", p384.Point.BASE.toBytes(false)],
    ["P-384", "off the curve", changed(p384.Point.BASE.toBytes(false), 96, 0)],
    ["P-384", "compressed", p384.Point.BASE.toBytes(true)],
    ["P-384", "a key of X25519", changed(new Uint8Array(32), 0, 9)],
  ];
  it.each(rows)("%s: %s", async (kind, _, enc) => {
    const { message, options } = await sealed(kind, "hpke");
    const refusal = openSealed({ ...message, enc: toBase64Url(enc) }, options);
    await expect(refusal).toFailWith("ERR_RELEASE_MALFORMED", { what: "sealed.enc" });
  });
});

describe("the guest's arguments", () => {
  const keys = { hpke: guestOf("X25519"), ec: guestOf("P-256"), rsa: guestOf("RSA") };
  type Options = Awaited<ReturnType<typeof sealed>>["options"];
  const rows: [string, (good: Options) => unknown, RegExp][] = [
    ["nothing", () => undefined, /^options must be an object/],
    ["another option", (good) => ({ ...good, context: {} }), /^options has no option "context"/],
    ["no format", ({ format: _, ...good }) => good, /^options\.format must be/],
    ["no key pair", ({ keyPair: _, ...good }) => good, /^options\.keyPair must be an object/],
    ["halves exchanged", (good) => swapped(good), /^options\.keyPair\.privateKey must be a private CryptoKey/],
    ["no public half", (good) => ({ ...good, keyPair: { privateKey: good.keyPair.privateKey } }), /publicKey must be/],
    ["raw bytes for a key", (good) => ({ ...good, keyPair: { privateKey: SECRET, publicKey: SECRET } }), /CryptoKey/],
    ["no challenge", ({ challengeId: _, ...good }) => good, /^options\.challengeId must be/],
    [
      "a challenge in upper case",
      (good) => ({ ...good, challengeId: "AB".repeat(32) }),
      /^options\.challengeId must be/,
    ],
    ["any challenge", (good) => ({ ...good, challengeId: "any" }), /^options\.challengeId must be/],
    ["no policy", ({ policyDigest: _, ...good }) => good, /^options\.policyDigest must be/],
    [
      "a policy by another digest",
      (good) => ({ ...good, policyDigest: "ab".repeat(32) }),
      /^options\.policyDigest must/,
    ],
    ["no report", ({ report: _, ...good }) => good, /^options\.report must be a Uint8Array/],
    [
      "half a report",
      (good) => ({ ...good, report: good.report.subarray(0, 0x2a0) }),
      /^options\.report must have 1184/,
    ],
  ];
  it.each(rows)("%s: a TypeError, whatever the message is", async (_, change, reason) => {
    const { message, options } = await sealed("X25519", "hpke");
    for (const any of [message, null]) {
      await expect(openAnyhow(any, change(options))).rejects.toThrow(reason);
      await expect(openAnyhow(any, change(options))).rejects.toBeInstanceOf(TypeError);
    }
  });

  it.each([
    ["hpke", "ec", /^options\.keyPair must be of X25519 or ECDH on P-384/],
    ["hpke", "rsa", /^options\.keyPair must be of X25519 or ECDH on P-384/],
    ["jwe", "hpke", /^options\.keyPair must be of ECDH or RSA-OAEP/],
  ] as const)("keys that do not go with %s: those of %s", async (format, name, reason) => {
    const { message, options } = await sealed("P-384", format);
    const { keyPair } = await keys[name];
    await expect(openSealed(message, { ...options, keyPair })).rejects.toThrow(reason);
  });

  it("a message for another kind of key", async () => {
    const { message, options } = await sealed("P-384", "jwe");
    for (const { keyPair } of [await keys.rsa, await keys.ec]) {
      await expect(openSealed(message, { ...options, keyPair })).toFailWith("ERR_RELEASE_MALFORMED");
    }
  });

  it("a key of RSA with another hash", async () => {
    const { message, options } = await sealed("RSA", "jwe");
    const more = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
    const algorithm = { name: "RSA-OAEP", hash: "SHA-384", ...more };
    const keyPair = await globalThis.crypto.subtle.generateKey(algorithm, false, ["decrypt"]);
    await expect(openSealed(message, { ...options, keyPair })).rejects.toThrow(/RSA-OAEP with SHA-256/);
  });

  it("a private key for another purpose", async () => {
    const { message, options } = await sealed("P-384", "hpke");
    const algorithm = { name: "ECDH", namedCurve: "P-384" };
    const keyPair = await globalThis.crypto.subtle.generateKey(algorithm, false, ["deriveKey"]);
    await expect(openSealed(message, { ...options, keyPair })).rejects.toThrow(/privateKey must be for deriveBits/);
  });
});

function swapped<Options extends { readonly keyPair: CryptoKeyPair }>(good: Options) {
  const { privateKey, publicKey } = good.keyPair;
  return { ...good, keyPair: { privateKey: publicKey, publicKey: privateKey } };
}

describe("whatever arrives", () => {
  const texts = fc.oneof(fc.string(), fc.base64String(), fc.constantFrom("", "e30", "AAAA", "W10", "bnVsbA"));
  const values = fc.oneof(texts, fc.jsonValue());
  const kinds = fc.constantFrom(...ROWS);
  const names = ["protected", "encrypted_key", "iv", "ciphertext", "tag", "context", "enc"];
  const messages = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), values));

  it("is refused by an error of ours, and never opens", async () => {
    const known = new Map(await Promise.all(ROWS.map(async (row) => [row, (await sealed(...row)).options] as const)));
    await fc.assert(
      fc.asyncProperty(messages, kinds, async (message, row) => {
        const options = known.get(row);
        if (options === undefined) throw new Error("every row has its options");
        expect(REFUSALS).toContain(await refusalOf(openSealed(message, options)));
      }),
      { numRuns: 500 },
    );
  });

  it("is refused with any one member exchanged", async () => {
    for (const row of ROWS) {
      const { message, options } = await sealed(...row);
      const exchange = fc.constantFrom(...Object.keys(message));
      await fc.assert(
        fc.asyncProperty(exchange, values, async (name, value) => {
          const refusal = await refusalOf(openSealed({ ...message, [name]: value }, options));
          expect(REFUSALS, `${name}: ${JSON.stringify(value)}`).toContain(refusal);
        }),
        { numRuns: 100 },
      );
    }
  });
});
