import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/bytes/codecs.js";
import { p384Spki } from "../../src/crypto/p384.js";
import { nobleSigner } from "../../src/noble/index.js";

const N = fromHex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");
const MESSAGE = Uint8Array.of(1, 2, 3);

function lastByte(bytes: Uint8Array, change: number): Uint8Array {
  const copy = bytes.slice();
  copy[47] = (copy[47] ?? 0) + change;
  return copy;
}
const ONE = lastByte(new Uint8Array(48), 1);

describe("nobleSigner", () => {
  it.each([
    ["1", ONE],
    ["n - 1", lastByte(N, -1)],
    ["a key in the middle", new Uint8Array(48).fill(7)],
  ])("signs by %s what node:crypto verifies, the same each time", async (_, secret) => {
    const { publicKey, sign } = nobleSigner(secret);
    const key = createPublicKey({ key: Buffer.from(p384Spki(publicKey)), format: "der", type: "spki" });
    const signature = await sign(MESSAGE);
    expect(verify("sha384", MESSAGE, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(await sign(MESSAGE)).toEqual(signature);
  });

  it("keeps a copy of the key and shows it to nobody", async () => {
    const secret = new Uint8Array(48).fill(7);
    const signer = nobleSigner(secret);
    const before = await signer.sign(MESSAGE);
    secret.fill(9);
    expect(await signer.sign(MESSAGE)).toEqual(before);
    expect(Object.keys(signer).sort()).toEqual(["publicKey", "sign"]);
  });

  it.each<[string, unknown]>([
    ["0", new Uint8Array(48)],
    ["n", N],
    ["n + 1", lastByte(N, 1)],
    ["47 bytes", new Uint8Array(47).fill(7)],
    ["49 bytes", new Uint8Array(49).fill(7)],
    ["text", "07".repeat(48)],
    ["nothing", undefined],
  ])("refuses %s without saying what it was", (_, secret) => {
    expect(() => nobleSigner(secret as Uint8Array)).toThrow(TypeError);
    expect(() => nobleSigner(secret as Uint8Array)).not.toThrow(/0707|ccc52/);
  });
});
