import { createHash, createPublicKey, verify } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { nodeEngine, verifyEvidenceSync } from "../../src/node/index.js";
import { createForge, type ForgedP384Key } from "../../src/testing/index.js";
import { describeSyncEntry } from "../crypto/sync-entry.js";

describe("verifyEvidenceSync of node", () => describeSyncEntry(verifyEvidenceSync));

describe("nodeEngine", () => {
  const message = new TextEncoder().encode("message");
  let key: ForgedP384Key;
  beforeAll(async () => {
    key = (await createForge({ seed: "node" })).chip().key;
  });

  it("cannot be changed under those who share it", () => {
    expect(Object.isFrozen(nodeEngine)).toBe(true);
    expect(nodeEngine.name).toBe("node");
  });

  it("says what OpenSSL says of the SPKI", () => {
    const spki = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
    const point = { kind: "p384", point: key.point } as const;
    for (const data of [message, message.subarray(1)]) {
      const signature = key.sign(message);
      const wanted = verify("sha384", data, { key: spki, dsaEncoding: "ieee-p1363" }, signature);
      expect(nodeEngine.verifyEcdsaP384(point, data, signature)).toBe(wanted);
      expect(wanted).toBe(data === message);
    }
  });

  it("answers plain arrays, not Buffers of a shared pool", () => {
    const digest = nodeEngine.digest("SHA-256", message);
    expect(Buffer.isBuffer(digest)).toBe(false);
    expect(digest.byteOffset).toBe(0);
    expect(digest.buffer.byteLength).toBe(32);
    expect(Buffer.from(digest).equals(createHash("sha256").update(message).digest())).toBe(true);
  });

  it("keeps an imported key with the object that it was given", () => {
    const point = { kind: "p384", point: key.point } as const;
    const signature = key.sign(message);
    const times = (kept: { kind: "p384"; point: Uint8Array }) => nodeEngine.verifyEcdsaP384(kept, message, signature);
    expect([times(point), times(point), times({ ...point })]).toEqual([true, true, true]);
  });
});
