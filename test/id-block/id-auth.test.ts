import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, webcrypto } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes/codecs.js";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { p384Spki } from "../../src/crypto/p384.js";
import type { P384Signer } from "../../src/crypto/signer.js";
import { isAttestationError } from "../../src/errors.js";
import {
  buildIdAuth,
  type IdAuthInputs,
  keyDigest,
  keyFromSpki,
  keyToAmd,
  parseIdAuth,
  verifyIdAuth,
  webCryptoSigner,
} from "../../src/id-block/index.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { nodeEngine } from "../../src/node/engine.js";
import { nodeSigner } from "../../src/node/signer.js";
import { twinSignature } from "../../src/testing/index.js";
import { AUTHOR_SIGNER, BLOCK, flipped, ID_SIGNER, OTHER_SIGNER, pairOf, patched } from "./support.js";

const BLOCK_SIGNATURE = 0x40;
const ID_KEY = 0x240;
const KEY_SIGNATURE = 0x680;
const AUTHOR_KEY = 0x880;

const { auth: WITH } = await pairOf();
const { auth: WITHOUT } = await pairOf({ author: false });

describe("parseIdAuth", () => {
  it("reads keys and signatures, with and without author key", () => {
    const auth = parseIdAuth(WITH);
    expect(auth.idKey).toEqual(ID_SIGNER.publicKey);
    expect(auth.author?.key).toEqual(AUTHOR_SIGNER.publicKey);
    expect(auth.signature.r).toEqual(WITH.slice(0x40, 0x70).reverse());
    expect(auth.signature.s).toEqual(WITH.slice(0x88, 0xb8).reverse());
    expect(auth.author?.signature.r).toEqual(WITH.slice(0x680, 0x6b0).reverse());
    expect(auth.author?.signature.s).toEqual(WITH.slice(0x6c8, 0x6f8).reverse());
    expect(parseIdAuth(WITHOUT)).toEqual({ idKey: auth.idKey, signature: auth.signature, author: null });
  });

  it("hands out nothing of the caller's bytes, and leaves them alone", () => {
    const bytes = WITH.slice();
    const auth = parseIdAuth(bytes);
    expect(bytes).toEqual(WITH);
    bytes.fill(0xee);
    expect(auth.idKey).toEqual(ID_SIGNER.publicKey);
  });

  it.each([0, 0xfff, 0x1001])("refuses %i bytes", (length) => {
    expect(() => parseIdAuth(new Uint8Array(length))).toFailWith("ERR_MALFORMED_LENGTH", { what: "ID_AUTH" });
  });

  it.each([
    [0x008, "ID_AUTH", 0x008],
    [0x03f, "ID_AUTH", 0x03f],
    [0x644, "ID_AUTH", 0x644],
    [0x67f, "ID_AUTH", 0x67f],
    [0xc84, "ID_AUTH", 0xc84],
    [0xfff, "ID_AUTH", 0xfff],
    [BLOCK_SIGNATURE + 0x30, "ID_BLOCK_SIG", 0x30],
    [BLOCK_SIGNATURE + 0x8f, "ID_BLOCK_SIG", 0x8f],
    [BLOCK_SIGNATURE + 0x90, "ID_BLOCK_SIG", 0x90],
    [BLOCK_SIGNATURE + 0x1ff, "ID_BLOCK_SIG", 0x1ff],
    [ID_KEY + 0x34, "ID_KEY", 0x34],
    [ID_KEY + 0x403, "ID_KEY", 0x403],
    [KEY_SIGNATURE + 0x47, "ID_KEY_SIG", 0x47],
    [KEY_SIGNATURE + 0x1ff, "ID_KEY_SIG", 0x1ff],
    [AUTHOR_KEY + 0x93, "AUTHOR_KEY", 0x93],
    [AUTHOR_KEY + 0x94, "AUTHOR_KEY", 0x94],
  ])("refuses a reserved byte at %i", (at, what, offset) => {
    expect(() => parseIdAuth(patched(WITH, at, 1))).toFailWith("ERR_MALFORMED_RESERVED", { what, offset });
  });

  it.each([
    ["ID_AUTH", "ID_KEY_ALGO", 0x000, 0],
    ["ID_AUTH", "ID_KEY_ALGO", 0x000, 2],
    ["ID_AUTH", "AUTH_KEY_ALGO", 0x004, 2],
    ["ID_KEY", "CURVE", ID_KEY, 1],
    ["ID_KEY", "CURVE", ID_KEY, 0],
    ["AUTHOR_KEY", "CURVE", AUTHOR_KEY, 1],
    ["AUTHOR_KEY", "CURVE", AUTHOR_KEY, 3],
  ])("does not support %s with %s other than its own", (what, field, offset, found) => {
    expect(() => parseIdAuth(patched(WITH, offset, found))).toFailWith("ERR_UNSUPPORTED_ID_BLOCK", {
      what,
      field,
      found,
    });
  });

  it.each([
    ["ID_KEY", ID_KEY + 4],
    ["AUTHOR_KEY", AUTHOR_KEY + 4],
  ])("refuses an %s that is off the curve", (what, offset) => {
    expect(() => parseIdAuth(flipped(WITH, 8 * offset))).toFailWith("ERR_MALFORMED_PUBLIC_KEY", { what });
  });

  it("refuses an author key, or its signature, that AUTH_KEY_ALGO denies", () => {
    expect(() => parseIdAuth(patched(WITH, 4, 0))).toFailWith("ERR_MALFORMED_ID_BLOCK", { field: "AUTHOR_KEY" });
    const signature = patched(WITHOUT, KEY_SIGNATURE, 1);
    expect(() => parseIdAuth(signature)).toFailWith("ERR_MALFORMED_ID_BLOCK", { field: "ID_KEY_SIG" });
    expect(() => parseIdAuth(patched(WITHOUT, AUTHOR_KEY + 0x403, 1))).toFailWith("ERR_MALFORMED_ID_BLOCK");
  });

  it("refuses AUTH_KEY_ALGO without an author key", () => {
    expect(() => parseIdAuth(patched(WITHOUT, 4, 1))).toFailWith("ERR_UNSUPPORTED_ID_BLOCK", { what: "AUTHOR_KEY" });
  });

  it("answers bytes that were changed with keys or an error of ours", () => {
    fc.assert(
      fc.property(fc.nat(0xfff), fc.uint8Array({ minLength: 1, maxLength: 80 }), (offset, content) => {
        const bytes = patched(WITH, Math.min(offset, 0x1000 - content.length), ...content);
        try {
          return parseIdAuth(bytes).idKey.point.length === 97;
        } catch (error) {
          return isAttestationError(error);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("verifyIdAuth", () => {
  it.each<[string, CryptoEngine | undefined]>([
    ["WebCrypto", undefined],
    ["noble", nobleEngine],
    ["node", nodeEngine],
  ])("accepts what was built, by %s", async (_, engine) => {
    const more = engine === undefined ? {} : { engine };
    const signed = await verifyIdAuth({ block: BLOCK, auth: WITH, ...more });
    expect(signed.idKeyDigest).toEqual(await keyDigest(ID_SIGNER.publicKey));
    expect(signed.authorKeyDigest).toEqual(await keyDigest(AUTHOR_SIGNER.publicKey));
    expect(signed.block.guestSvn).toBe(7);
    expect(Object.keys(signed).sort()).toEqual(["auth", "authorKeyDigest", "block", "idKeyDigest"]);
    const alone = await verifyIdAuth({ block: BLOCK, auth: WITHOUT, ...more });
    expect(alone.authorKeyDigest).toBeNull();
  });

  const own = { signature: "ID_BLOCK_SIG", signer: "ID key" };
  const authors = { signature: "ID_KEY_SIG", signer: "author key" };
  it.each<[string, () => { block?: Uint8Array; auth?: Uint8Array }, object]>([
    ["another measurement", () => ({ block: flipped(BLOCK, 0) }), own],
    ["another GUEST_SVN", () => ({ block: flipped(BLOCK, 8 * 0x54) }), own],
    ["another POLICY", () => ({ block: flipped(BLOCK, 8 * 0x58 + 19) }), own],
    ["r of the block's signature", () => ({ auth: flipped(WITH, 8 * BLOCK_SIGNATURE) }), own],
    ["s of the block's signature", () => ({ auth: flipped(WITH, 8 * (BLOCK_SIGNATURE + 0x48)) }), own],
    ["a block's signature of zeros", () => ({ auth: patched(WITH, BLOCK_SIGNATURE, ...new Uint8Array(0x90)) }), own],
    ["another ID key", () => ({ auth: patched(WITH, ID_KEY, ...keyToAmd(OTHER_SIGNER.publicKey)) }), own],
    ["r of the author's signature", () => ({ auth: flipped(WITH, 8 * KEY_SIGNATURE) }), authors],
    ["s of the author's signature", () => ({ auth: flipped(WITH, 8 * (KEY_SIGNATURE + 0x48)) }), authors],
    [
      "an author's signature of zeros",
      () => ({ auth: patched(WITH, KEY_SIGNATURE, ...new Uint8Array(0x90)) }),
      authors,
    ],
    ["another author", () => ({ auth: patched(WITH, AUTHOR_KEY, ...keyToAmd(OTHER_SIGNER.publicKey)) }), authors],
    [
      "the block's signature for the author's",
      () => ({ auth: patched(WITH, 0x680, ...WITH.slice(0x40, 0x240)) }),
      authors,
    ],
  ])("refuses %s", async (_, change, detail) => {
    const pair = { block: BLOCK, auth: WITH, ...change() };
    await expect(verifyIdAuth(pair)).toFailWith("ERR_UNTRUSTED_ID_BLOCK_SIGNATURE", detail);
  });

  it("signs the whole key for the author: not the SPKI, not the point", async () => {
    const spki = p384Spki(ID_SIGNER.publicKey);
    for (const message of [spki, ID_SIGNER.publicKey.point, keyToAmd(ID_SIGNER.publicKey).slice(0, 0x94)]) {
      const signature = await AUTHOR_SIGNER.sign(message);
      const auth = patched(WITH, 0x680, ...signature.slice(0, 48).reverse());
      const both = patched(auth, 0x6c8, ...signature.slice(48).reverse());
      await expect(verifyIdAuth({ block: BLOCK, auth: both })).toFailWith("ERR_UNTRUSTED_ID_BLOCK_SIGNATURE", authors);
    }
  });

  it("takes the other s of both signatures", async () => {
    let auth = WITH;
    for (const offset of [BLOCK_SIGNATURE, KEY_SIGNATURE]) {
      const [r, s] = [auth.slice(offset, offset + 48), auth.slice(offset + 0x48, offset + 0x78)];
      const twin = twinSignature(concatBytes(r.reverse(), s.reverse()));
      auth = patched(auth, offset + 0x48, ...twin.slice(48).reverse());
    }
    expect(toHex(auth)).not.toBe(toHex(WITH));
    await expect(verifyIdAuth({ block: BLOCK, auth })).resolves.toBeDefined();
  });

  it("refuses what the parsers refuse, and wrong arguments", async () => {
    await expect(verifyIdAuth({ block: BLOCK.slice(1), auth: WITH })).toFailWith("ERR_MALFORMED_LENGTH");
    await expect(verifyIdAuth({ block: BLOCK, auth: WITH.slice(1) })).toFailWith("ERR_MALFORMED_LENGTH");
    for (const wrong of [
      null,
      {},
      { block: BLOCK },
      { block: toHex(BLOCK), auth: WITH },
      { block: BLOCK, auth: WITH, engine: {} },
      { block: BLOCK, auth: WITH, extra: 1 },
    ]) {
      await expect(verifyIdAuth(wrong as never)).rejects.toBeInstanceOf(TypeError);
    }
  });

  it("takes no engine's failure for a verdict, and nothing but true for a yes", async () => {
    const engine = (answer: () => unknown): CryptoEngine => ({
      ...nobleEngine,
      verifyEcdsaP384: () => answer() as boolean,
    });
    const fails = engine(() => {
      throw new Error("no luck");
    });
    await expect(verifyIdAuth({ block: BLOCK, auth: WITH, engine: fails })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    for (const answer of [false, 1, "true", undefined, {}]) {
      const pair = { block: BLOCK, auth: WITH, engine: engine(() => answer) };
      await expect(verifyIdAuth(pair)).toFailWith("ERR_UNTRUSTED_ID_BLOCK_SIGNATURE");
    }
  });

  it("is not changed by what happens to the bytes meanwhile", async () => {
    const [block, auth] = [BLOCK.slice(), WITH.slice()];
    const verdict = verifyIdAuth({ block, auth });
    block.fill(0);
    auth.fill(0);
    expect((await verdict).block.guestSvn).toBe(7);
  });

  it("lets no flipped bit through", async () => {
    const bits = Array.from({ length: 150 }, (_, index) => (index * 8191) % (8 * (0x60 + 0x1000)));
    for (const bit of bits) {
      const inBlock = bit < 8 * 0x60;
      const pair = inBlock
        ? { block: flipped(BLOCK, bit), auth: WITH }
        : { block: BLOCK, auth: flipped(WITH, bit - 8 * 0x60) };
      const error = await verifyIdAuth({ ...pair, engine: nodeEngine }).catch((thrown: unknown) => thrown);
      expect(isAttestationError(error), `bit ${bit}`).toBe(true);
    }
  });
});

describe("buildIdAuth", () => {
  it("is the same bytes for deterministic signers", async () => {
    expect((await pairOf()).auth).toEqual(WITH);
    expect((await pairOf({ author: false })).auth).toEqual(WITHOUT);
  });

  it("signs as node:crypto verifies", () => {
    const { idKey, signature, author } = parseIdAuth(WITH);
    const holds = (key: typeof idKey, message: Uint8Array, { r, s }: typeof signature) => {
      const publicKey = createPublicKey({ key: Buffer.from(p384Spki(key)), format: "der", type: "spki" });
      return verify("sha384", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, concatBytes(r, s));
    };
    expect(holds(idKey, BLOCK, signature)).toBe(true);
    expect(author !== null && holds(author.key, WITH.slice(ID_KEY, ID_KEY + 0x404), author.signature)).toBe(true);
    expect(author !== null && holds(author.key, BLOCK, author.signature)).toBe(false);
  });

  it("is verified when node:crypto signed", async () => {
    const [id, author] = [1, 2].map(() => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey);
    if (id === undefined || author === undefined) throw new Error("no keys");
    const auth = await buildIdAuth({ block: BLOCK, idKey: nodeSigner(id), authorKey: nodeSigner(author) });
    const { idKeyDigest } = await verifyIdAuth({ block: BLOCK, auth });
    const spki = createPublicKey(id).export({ format: "der", type: "spki" });
    expect(idKeyDigest).toEqual(await keyDigest(keyFromSpki(spki)));
  });

  it("is verified when WebCrypto signed with a key that cannot be exported", async () => {
    const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, false, ["sign", "verify"]);
    const auth = await buildIdAuth({ block: BLOCK, idKey: await webCryptoSigner(pair), authorKey: AUTHOR_SIGNER });
    await expect(verifyIdAuth({ block: BLOCK, auth })).resolves.toBeDefined();
  });

  it("refuses a block that is none, before it asks a signer", async () => {
    const signer: P384Signer = { publicKey: ID_SIGNER.publicKey, sign: () => expect.fail("it was asked") };
    await expect(buildIdAuth({ block: BLOCK.slice(1), idKey: signer })).toFailWith("ERR_MALFORMED_LENGTH");
    const version = patched(BLOCK, 0x50, 2);
    await expect(buildIdAuth({ block: version, idKey: signer })).toFailWith("ERR_UNSUPPORTED_ID_BLOCK");
  });

  const other = OTHER_SIGNER.publicKey;
  it.each<[string, object, RegExp]>([
    ["no signer", { idKey: undefined }, /inputs\.idKey must be a P384Signer/],
    ["a signer without sign", { idKey: { publicKey: other } }, /inputs\.idKey must be a P384Signer/],
    ["a signer whose sign is no function", { idKey: { publicKey: other, sign: 1 } }, /sign must be a function/],
    ["a signer without a key", { idKey: { publicKey: null, sign: () => BLOCK } }, /publicKey must be a P384PublicKey/],
    ["a signer of another key", { idKey: { publicKey: other, sign: ID_SIGNER.sign } }, /must sign for inputs\.idKey/],
    ["an author of another key", { authorKey: { publicKey: other, sign: ID_SIGNER.sign } }, /for inputs\.authorKey/],
    ["an author that is null", { authorKey: null }, /inputs\.authorKey must be a P384Signer/],
    [
      "a signature of 95 bytes",
      { idKey: { publicKey: other, sign: () => new Uint8Array(95) } },
      /must return 96 bytes/,
    ],
    ["a signature of zeros", { idKey: { publicKey: other, sign: () => new Uint8Array(96) } }, /not in 1\.\.n-1/],
    ["a signature that is text", { idKey: { publicKey: other, sign: () => "x" } }, /must be a Uint8Array/],
    ["an engine that is none", { engine: {} }, /inputs\.engine must be a CryptoEngine/],
    ["an unknown option", { surprise: 1 }, /has no option/],
  ])("refuses %s with a TypeError", async (_, change, message) => {
    const inputs = { block: BLOCK, idKey: ID_SIGNER, ...change } as IdAuthInputs;
    const error = await buildIdAuth(inputs).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
  });

  it("says that a signer failed, with its reason as the cause alone", async () => {
    const cause = new Error("the device is locked");
    const idKey: P384Signer = { publicKey: ID_SIGNER.publicKey, sign: () => Promise.reject(cause) };
    const error: unknown = await buildIdAuth({ block: BLOCK, idKey }).catch((thrown: unknown) => thrown);
    if (!isAttestationError(error, "ERR_UNSUPPORTED_CRYPTO")) throw error;
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error)).not.toContain("locked");
  });

  it("gives a signer a copy to sign, so that it cannot change what is built", async () => {
    const idKey: P384Signer = {
      publicKey: ID_SIGNER.publicKey,
      sign: async (message) => {
        const signature = await ID_SIGNER.sign(message);
        message.fill(0);
        return signature;
      },
    };
    expect(await buildIdAuth({ block: BLOCK, idKey })).toEqual(WITHOUT);
  });
});

describe("webCryptoSigner", () => {
  const ec = (namedCurve: string, usages: KeyUsage[] = ["sign", "verify"]) =>
    webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, usages);

  it("signs what node:crypto verifies", async () => {
    const pair = await ec("P-384");
    const signer = await webCryptoSigner(pair);
    const spki = Buffer.from(await webcrypto.subtle.exportKey("spki", pair.publicKey));
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    const signature = await signer.sign(BLOCK);
    expect(verify("sha384", BLOCK, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(signer.publicKey).toEqual(keyFromSpki(spki));
    expect(JSON.stringify(signer)).not.toContain("private");
  });

  it("refuses other keys", async () => {
    const [good, small] = [await ec("P-384"), await ec("P-256")];
    const dh = await webcrypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-384" }, true, ["deriveBits"]);
    for (const pair of [
      small,
      dh,
      { privateKey: good.publicKey, publicKey: good.publicKey },
      { privateKey: good.privateKey, publicKey: good.privateKey },
      { privateKey: good.privateKey, publicKey: small.publicKey },
      { privateKey: good.privateKey, publicKey: null },
      { privateKey: {}, publicKey: good.publicKey },
    ]) {
      await expect(webCryptoSigner(pair as never)).rejects.toBeInstanceOf(TypeError);
    }
  });

  it("refuses a private key without the usage, and a public key that stays inside", async () => {
    const good = await ec("P-384");
    const jwk = await webcrypto.subtle.exportKey("jwk", good.publicKey);
    const algorithm = { name: "ECDSA", namedCurve: "P-384" };
    const hidden = await webcrypto.subtle.importKey("jwk", { ...jwk, ext: false }, algorithm, false, ["verify"]);
    const pair = { privateKey: good.privateKey, publicKey: hidden };
    await expect(webCryptoSigner(pair)).toFailWith("ERR_UNSUPPORTED_CRYPTO", { operation: "export P-384" });
    const look = { ...good.privateKey, algorithm, type: "private", usages: [] };
    const idle = { privateKey: look as unknown as CryptoKey, publicKey: good.publicKey };
    await expect(webCryptoSigner(idle)).rejects.toThrow(/must have the usage "sign"/);
  });

  it("notices a pair whose halves do not belong together when it builds", async () => {
    const [one, two] = [await ec("P-384"), await ec("P-384")];
    const idKey = await webCryptoSigner({ privateKey: one.privateKey, publicKey: two.publicKey });
    await expect(buildIdAuth({ block: BLOCK, idKey })).rejects.toThrow(/must sign for inputs\.idKey\.publicKey/);
  });
});

it("signatures in DER, as most tools write them, are not taken for r and s", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const signer = nodeSigner(createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })));
  const inDer: P384Signer = { ...signer, sign: (message) => Uint8Array.from(sign("sha384", message, privateKey)) };
  await expect(buildIdAuth({ block: BLOCK, idKey: inDer })).rejects.toThrow(/must return 96 bytes, r then s/);
});
