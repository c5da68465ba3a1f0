import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { nobleEngine } from "../../src/noble/index.js";
import { nodeEngine } from "../../src/node/index.js";
import { flipped, PURPOSE, secretOf, setUp } from "./support.js";

const MAC_BYTES = 32;
/** Shorter than a block of SHA-256, as long, one byte longer, and as long as a secret may be. */
const LENGTHS = [32, 63, 64, 65, 1024];

/** A challenger whose MACs an engine makes, or WebCrypto. */
const by = (engine: CryptoEngine | undefined, length = 32) => {
  const keys = [{ id: "k1", secret: secretOf(1, length) }];
  return setUp(engine === undefined ? { keys } : { keys, engine }).challenger;
};

describe.each([nodeEngine, nobleEngine])("MACs of an engine: $name", (engine) => {
  it.each(LENGTHS)("are those of WebCrypto, both ways, with a secret of %i bytes", async (length) => {
    const { nonce } = await by(engine, length).issue(PURPOSE);
    await expect(by(undefined, length).verify(nonce, PURPOSE)).resolves.toMatchObject(PURPOSE);
    const other = await by(undefined, length).issue(PURPOSE);
    await expect(by(engine, length).verify(other.nonce, PURPOSE)).resolves.toMatchObject(PURPOSE);
  });

  it("refuse another secret, another audience and a changed bit", async () => {
    const challenger = by(engine);
    const { nonce } = await challenger.issue(PURPOSE);
    await expect(by(engine, 40).verify(nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_FORGED");
    const elsewhere = { ...PURPOSE, audience: "https://other.example" };
    await expect(challenger.verify(nonce, elsewhere)).toFailWith("ERR_CHALLENGE_FORGED");
    const changed = flipped(nonce, (nonce.length - MAC_BYTES) * 8);
    await expect(challenger.verify(changed, PURPOSE)).toFailWith("ERR_CHALLENGE_FORGED");
  });
});

describe("an engine", () => {
  it("is asked for HMAC and nothing else", async () => {
    const inputs: Uint8Array[] = [];
    const engine: CryptoEngine = {
      ...nodeEngine,
      digest(algorithm, data) {
        expect(algorithm).toBe("SHA-256");
        inputs.push(data.slice());
        return nodeEngine.digest(algorithm, data);
      },
    };
    const { nonce } = await by(engine).issue(PURPOSE);
    expect(inputs).toHaveLength(2);
    const message = inputs[0]?.subarray(64) ?? new Uint8Array();
    const mac = createHmac("sha256", secretOf(1)).update(message).digest();
    expect(Buffer.from(nonce.subarray(-MAC_BYTES))).toEqual(mac);
  });

  it("that fails, or answers with too little, refuses", async () => {
    const failing: CryptoEngine = {
      ...nodeEngine,
      digest: () => {
        throw new Error("out of order");
      },
    };
    await expect(by(failing).issue(PURPOSE)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    const { nonce } = await by(undefined).issue(PURPOSE);
    await expect(by(failing).verify(nonce, PURPOSE)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    const short: CryptoEngine = { ...nodeEngine, digest: () => new Uint8Array(31) };
    await expect(by(short).issue(PURPOSE)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });

  it("is one, or a TypeError", () => {
    expect(() => setUp({ engine: { name: "none" } as unknown as CryptoEngine })).toThrow(/options\.engine/);
  });
});
