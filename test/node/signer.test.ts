import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { p384Spki } from "../../src/crypto/p384.js";
import { nodeSigner } from "../../src/node/index.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const MESSAGE = Uint8Array.of(1, 2, 3);

describe("nodeSigner", () => {
  it("signs what the public half verifies", async () => {
    const signer = nodeSigner(privateKey);
    const signature = await signer.sign(MESSAGE);
    expect(signature).toHaveLength(96);
    expect(verify("sha384", MESSAGE, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    const half = createPublicKey({ key: Buffer.from(p384Spki(signer.publicKey)), format: "der", type: "spki" });
    expect(half.equals(publicKey)).toBe(true);
    expect(JSON.stringify(signer)).not.toContain(String(privateKey.export({ format: "jwk" }).d));
  });

  it.each<[string, KeyObject]>([
    ["a public key", publicKey],
    ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
    ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
    ["Ed25519", generateKeyPairSync("ed25519").privateKey],
    ["a secret", createSecretKey(Buffer.alloc(48, 7))],
    ["no key at all", {} as KeyObject],
  ])("refuses %s", (_, key) => {
    expect(() => nodeSigner(key)).toThrow(TypeError);
  });
});
