import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { checkEngine, digestWith } from "../../src/crypto/digest.js";
import type { CryptoEngine, DigestAlgorithm } from "../../src/crypto/engine.js";
import { UnsupportedError } from "../../src/errors.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { ENGINES } from "./engines.js";

const ABC = new TextEncoder().encode("abc");
/** FIPS 180-4 examples of NIST: the digest of "abc". */
const OF_ABC: readonly (readonly [DigestAlgorithm, string])[] = [
  ["SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["SHA-384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"],
  [
    "SHA-512",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  ],
];
const rows = ENGINES.flatMap((engine) => OF_ABC.map(([algorithm, digest]) => ({ engine, algorithm, digest })));

/** The noble engine with another digest. */
function withDigest(digest: CryptoEngine["digest"]): CryptoEngine {
  return { ...nobleEngine, name: "odd", digest };
}

describe("digests", () => {
  it.each(rows)("$engine.name knows $algorithm of abc", async ({ engine, algorithm, digest }) => {
    expect(toHex(await engine.digest(algorithm, ABC))).toBe(digest);
    expect(toHex(await digestWith(engine, algorithm, ABC))).toBe(digest);
  });

  it.each(ENGINES)("$name agrees with OpenSSL around the edges of a block", async (engine) => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 672, 1184]) {
      const data = Uint8Array.from({ length }, (_, index) => index & 0xff);
      const wanted = createHash("sha384").update(data).digest("hex");
      expect(toHex(await engine.digest("SHA-384", data)), `${length} bytes`).toBe(wanted);
    }
  });

  it.each(ENGINES)("$name reads a view of a larger buffer and leaves it as it is", async (engine) => {
    const large = new TextEncoder().encode("__abc__");
    const before = large.slice();
    expect(await engine.digest("SHA-384", large.subarray(2, 5))).toEqual(await engine.digest("SHA-384", ABC));
    expect(large).toEqual(before);
  });

  it.each(ENGINES)("$name answers a plain array of its own", async (engine) => {
    const digest = await engine.digest("SHA-256", ABC);
    expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype);
    expect(digest.buffer.byteLength).toBe(32);
  });
});

describe("digestWith", () => {
  it.each([
    ["a byte short", 47],
    ["a byte long", 49],
    ["of another algorithm", 32],
    ["empty", 0],
  ])("refuses a digest that is %s", async (_, length) => {
    const engine = withDigest(() => new Uint8Array(length));
    await expect(digestWith(engine, "SHA-384", ABC)).toFailWith("ERR_UNSUPPORTED_CRYPTO", {
      engine: "odd",
      operation: "digest",
    });
    await expect(
      digestWith(
        withDigest(() => new Uint8Array(48)),
        "SHA-384",
        ABC,
      ),
    ).resolves.toHaveLength(48);
  });

  it("refuses what is no array of bytes", async () => {
    // The cast stands for an engine without types.
    const engine = withDigest(() => "cb00753f" as unknown as Uint8Array);
    await expect(digestWith(engine, "SHA-384", ABC)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });

  it("keeps the cause of an engine that throws", async () => {
    const cause = new RangeError("out of memory");
    const throwing = [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ];
    for (const digest of throwing) {
      const failure = digestWith(withDigest(digest), "SHA-384", ABC);
      await expect(failure).rejects.toMatchObject({ code: "ERR_UNSUPPORTED_CRYPTO", cause });
    }
  });

  it("lets an error of ours through as it is", async () => {
    const detail = { engine: "inner", operation: "digest" };
    const inner = new UnsupportedError("ERR_UNSUPPORTED_CRYPTO", "no", detail);
    await expect(
      digestWith(
        withDigest(() => Promise.reject(inner)),
        "SHA-384",
        ABC,
      ),
    ).rejects.toBe(inner);
  });

  it("answers a copy, so that an engine cannot change it later", async () => {
    const kept = new Uint8Array(48);
    const digest = await digestWith(
      withDigest(() => kept),
      "SHA-384",
      ABC,
    );
    kept.fill(0xff);
    expect(digest).toEqual(new Uint8Array(48));
  });
});

describe("checkEngine", () => {
  it.each(ENGINES)("takes $name", (engine) => {
    expect(checkEngine(engine, "options.engine")).toBe(engine);
  });

  it("takes an engine whose verbs are inherited", () => {
    const engine = Object.create(nobleEngine) as unknown;
    expect(checkEngine(engine, "options.engine")).toBe(engine);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a name", "noble"],
    ["a function", () => true],
    ["an empty object", {}],
    ["no digest", { ...nobleEngine, digest: undefined }],
    ["no ECDSA", { ...nobleEngine, verifyEcdsaP384: true }],
    ["no RSA-PSS", { ...nobleEngine, verifyRsaPss: null }],
  ])("refuses %s", (_, value) => {
    expect(() => checkEngine(value, "options.engine")).toThrow(
      new TypeError("options.engine must be a CryptoEngine with digest, verifyEcdsaP384 and verifyRsaPss"),
    );
  });
});
