import { createPrivateKey, sign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import "../support/expect.js";
import { RESULT_ALGORITHMS, type ResultAlgorithm } from "../../src/result/algorithms.js";
import type { ResultSigner } from "../../src/result/sign.js";
import { issue, issuerKey, keyPair, NONCE, type Pair, partsOf, verificationKey, verify } from "./support.js";

const HASHES = { ES256: "sha256", ES384: "sha384", EdDSA: null } as const;
const LENGTHS = { ES256: 64, ES384: 96, EdDSA: 64 } as const;

/** A signer of node:crypto, which stands for a key service. */
function signerOf({ algorithm, privateKey }: Pair): ResultSigner {
  const key = createPrivateKey({ format: "jwk", key: { ...privateKey } });
  return {
    sign: (message) => Uint8Array.from(sign(HASHES[algorithm], message, { key, dsaEncoding: "ieee-p1363" })),
  };
}

const pairs = new Map<ResultAlgorithm, Pair>();
beforeAll(async () => {
  for (const algorithm of RESULT_ALGORITHMS) pairs.set(algorithm, await keyPair(algorithm, `signer ${algorithm}`));
});

/** A key of the issuer's, at work in a signer; `sign` in the place of its own. */
function keyOf(algorithm: ResultAlgorithm, sign?: ResultSigner["sign"]) {
  const pair = pairs.get(algorithm);
  if (pair === undefined) throw new Error("no such pair");
  const signer = sign === undefined ? signerOf(pair) : { sign };
  return { pair, key: { signer, algorithm, keyId: pair.keyId } };
}

describe.each(RESULT_ALGORITHMS)("a token signed by a signer, %s", (algorithm) => {
  const check = (token: string) =>
    verify(token, { keys: [verificationKey(keyOf(algorithm).pair)], algorithms: [algorithm], nonce: NONCE });

  it("verifies, and its header says what every header says", async () => {
    const token = await issue({ key: keyOf(algorithm).key });
    expect(partsOf(token).header).toEqual({ alg: algorithm, kid: `signer ${algorithm}`, typ: "eat+jwt" });
    await expect(check(token)).resolves.toMatchObject({ status: "affirming" });
  });

  it("verifies when the signer takes its time", async () => {
    const { pair } = keyOf(algorithm);
    const late = async (message: Uint8Array) => signerOf(pair).sign(await Promise.resolve(message));
    await expect(check(await issue({ key: keyOf(algorithm, late).key }))).resolves.toBeDefined();
  });

  it("is the token that a key of WebCrypto's makes, but for the signature", async () => {
    const { pair, key } = keyOf(algorithm);
    const { privateKey, keyId } = pair;
    const [ours = "", theirs = ""] = [await issue({ key }), await issue({ key: { privateKey, algorithm, keyId } })];
    expect(ours.slice(0, ours.lastIndexOf("."))).toBe(theirs.slice(0, theirs.lastIndexOf(".")));
  });

  it("does not verify when the signer signed something else", async () => {
    const { pair } = keyOf(algorithm);
    const other = (message: Uint8Array) => signerOf(pair).sign(message.subarray(1));
    const token = await issue({ key: keyOf(algorithm, other).key });
    await expect(check(token)).toFailWith("ERR_RESULT_SIGNATURE");
  });

  it.each([-1, 1])("is not made of a signature of %i bytes more than there are", async (more) => {
    const { key } = keyOf(algorithm, () => new Uint8Array(LENGTHS[algorithm] + more));
    await expect(issue({ key })).rejects.toThrow(TypeError);
    await expect(issue({ key })).rejects.toThrow(`must return the ${LENGTHS[algorithm]} bytes`);
  });
});

describe("a signer", () => {
  it("that fails is no verdict, and its error is the cause", async () => {
    const cause = new Error("the key service is asleep");
    const { key } = keyOf("ES256", () => Promise.reject(cause));
    const detail = { engine: "options.key.signer", operation: "sign with ES256" };
    await expect(issue({ key })).toFailWith("ERR_UNSUPPORTED_CRYPTO", detail);
    await expect(issue({ key })).rejects.toMatchObject({ cause });
  });

  it("that throws at once fails in the same way", async () => {
    const { key } = keyOf("ES256", () => {
      throw new Error("no key");
    });
    await expect(issue({ key })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });

  it("is called as the method that it is", async () => {
    const { pair } = keyOf("ES256");
    const signer = {
      own: signerOf(pair),
      sign(message: Uint8Array) {
        return this.own.sign(message);
      },
    };
    await expect(issue({ key: { signer, algorithm: "ES256", keyId: pair.keyId } })).resolves.toBeTypeOf("string");
  });

  it.each([
    ["text", "x"],
    ["nothing", undefined],
    ["a list of numbers", [1, 2]],
  ])("that answers %s is a mistake", async (_, answer) => {
    const { key } = keyOf("ES256", () => answer as unknown as Uint8Array);
    await expect(issue({ key })).rejects.toThrow(/options\.key\.signer\.sign returned/);
  });

  it.each([
    ["null", null],
    ["a function", () => new Uint8Array(64)],
    ["no method", { sign: 1 }],
  ])("that is %s is a mistake", async (_, signer) => {
    const key = { signer: signer as unknown as ResultSigner, algorithm: "ES256", keyId: "k" } as const;
    await expect(issue({ key })).rejects.toThrow(
      new TypeError("options.key.signer must be a ResultSigner: an object with a function sign"),
    );
  });

  it("beside a private key is a mistake", async () => {
    const both = { ...keyOf("ES256").key, privateKey: issuerKey.privateKey };
    // @ts-expect-error a key is one or the other
    await expect(issue({ key: both })).rejects.toThrow("options.key must have privateKey or signer, found both");
  });

  it("is not asked for an algorithm that there is none of", async () => {
    const key = { ...keyOf("ES256").key, algorithm: "HS256" as ResultAlgorithm };
    await expect(issue({ key })).rejects.toThrow(/options\.key\.algorithm/);
  });
});
