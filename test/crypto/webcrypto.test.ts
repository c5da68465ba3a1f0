import { beforeAll, describe, expect, it, vi } from "vitest";
import type { P384PublicKey, RsaPublicKey } from "../../src/crypto/engine.js";
import { p384PublicKey } from "../../src/crypto/p384.js";
import { webCryptoEngine } from "../../src/crypto/webcrypto.js";
import { createForge } from "../../src/testing/index.js";

const message = new TextEncoder().encode("message");

/** New key objects at each call, so that no import of an earlier test is remembered for them. */
interface Material {
  p384(): P384PublicKey;
  rsa(): RsaPublicKey;
  ecdsa: Uint8Array;
  pss: Uint8Array;
}

let material: Material;

beforeAll(async () => {
  const forge = await createForge({ seed: "webcrypto" });
  const leaf = forge.chip().key;
  const { modulus, exponent, signPss } = forge.caKey("ARK");
  material = {
    p384: () => {
      const key = p384PublicKey(leaf.point);
      if (key === null) throw new Error("a forged key is on its curve");
      return key;
    },
    rsa: () => ({ kind: "rsa", modulus, exponent }),
    ecdsa: leaf.sign(message),
    pss: signPss(message),
  };
});

/** Each verb on sound arguments. */
const VERBS: readonly (readonly [operation: string, call: () => unknown])[] = [
  ["digest", () => webCryptoEngine.digest("SHA-384", message)],
  ["import P-384", () => webCryptoEngine.verifyEcdsaP384(material.p384(), message, material.ecdsa)],
  ["import RSA", () => webCryptoEngine.verifyRsaPss(material.rsa(), message, material.pss)],
];

describe("where WebCrypto is missing", () => {
  describe.each([
    ["there is no crypto", undefined],
    ["crypto has no subtle: an insecure context", { getRandomValues: () => new Uint8Array(0) }],
    ["subtle can do nothing", { subtle: {} }],
    [
      "subtle refuses to work",
      {
        subtle: {
          digest: () => Promise.reject(new DOMException("no", "OperationError")),
          importKey: () => Promise.reject(new DOMException("no", "NotSupportedError")),
        },
      },
    ],
  ])("%s", (_, stub) => {
    it.each(VERBS)("%s says which engine would work", async (operation, call) => {
      vi.stubGlobal("crypto", stub);
      const failure = call();
      await expect(failure).toFailWith("ERR_UNSUPPORTED_CRYPTO", { engine: "webcrypto", operation });
      await expect(failure).rejects.toMatchObject({ message: expect.stringContaining("attestry/noble") });
      await expect(failure).rejects.toHaveProperty("cause");
    });
  });

  it.each([
    ["verify ECDSA", () => webCryptoEngine.verifyEcdsaP384(material.p384(), message, material.ecdsa)],
    ["verify RSA-PSS", () => webCryptoEngine.verifyRsaPss(material.rsa(), message, material.pss)],
  ])("a failure of %s is no verdict of false", async (operation, call) => {
    const cause = new DOMException("broken", "OperationError");
    vi.spyOn(globalThis.crypto.subtle, "verify").mockRejectedValue(cause);
    await expect(call()).rejects.toMatchObject({ code: "ERR_UNSUPPORTED_CRYPTO", detail: { operation }, cause });
  });

  it("a key whose import failed is imported again", async () => {
    const keys = [material.p384(), material.rsa()] as const;
    const verify = () =>
      Promise.all([
        webCryptoEngine.verifyEcdsaP384(keys[0], message, material.ecdsa),
        webCryptoEngine.verifyRsaPss(keys[1], message, material.pss),
      ]);
    vi.stubGlobal("crypto", undefined);
    await expect(verify()).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    vi.unstubAllGlobals();
    expect(await verify()).toEqual([true, true]);
  });
});

describe("imports", () => {
  it("a key once, however often it verifies, also at the same time", async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, "importKey");
    const key = material.p384();
    const verify = () => webCryptoEngine.verifyEcdsaP384(key, message, material.ecdsa);
    expect(await Promise.all([verify(), verify(), verify()])).toEqual([true, true, true]);
    expect(await verify()).toBe(true);
    expect(importKey).toHaveBeenCalledTimes(1);
    await webCryptoEngine.verifyEcdsaP384(material.p384(), message, material.ecdsa);
    expect(importKey).toHaveBeenCalledTimes(2);
  });

  it("P-384 as SPKI, because runtimes differ in the raw points that they take", async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, "importKey");
    await webCryptoEngine.verifyEcdsaP384(material.p384(), message, material.ecdsa);
    const [format, spki, algorithm, extractable, usages] = importKey.mock.calls[0] ?? [];
    expect(format).toBe("spki");
    expect(spki).toHaveLength(23 + 97);
    expect(algorithm).toMatchObject({ name: "ECDSA", namedCurve: "P-384" });
    expect(extractable).toBe(false);
    expect(usages).toEqual(["verify"]);
  });

  it("the SPKI that the forge writes for the same point", async () => {
    const forge = await createForge({ seed: "webcrypto" });
    const importKey = vi.spyOn(globalThis.crypto.subtle, "importKey");
    await webCryptoEngine.verifyEcdsaP384(material.p384(), message, material.ecdsa);
    expect(importKey.mock.calls[0]?.[1]).toEqual(forge.chip().key.spki);
  });

  it("RSA as JWK, because no runtime takes an SPKI that names RSASSA-PSS", async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, "importKey");
    await webCryptoEngine.verifyRsaPss(material.rsa(), message, material.pss);
    const [format, jwk, algorithm] = importKey.mock.calls[0] ?? [];
    const n = Buffer.from(material.rsa().modulus).toString("base64url");
    expect(format).toBe("jwk");
    expect(jwk).toEqual({ kty: "RSA", alg: "PS384", n, e: "AQAB" });
    expect(algorithm).toMatchObject({ name: "RSA-PSS", hash: "SHA-384" });
  });
});
