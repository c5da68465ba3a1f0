import { beforeAll, describe, expect, it, vi } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { verifyEvidence } from "../../src/index.js";
import { nobleEngine, verifyEvidenceSync } from "../../src/noble/index.js";
import { createForge, type ForgedEvidence } from "../../src/testing/index.js";
import { describeSyncEntry } from "../crypto/sync-entry.js";

describe("verifyEvidenceSync of noble", () => describeSyncEntry(verifyEvidenceSync));

describe("nobleEngine", () => {
  let forged: ForgedEvidence;
  beforeAll(async () => {
    forged = (await createForge({ seed: "noble" })).evidence();
  });

  it("cannot be changed under those who share it", () => {
    expect(Object.isFrozen(nobleEngine)).toBe(true);
    expect(nobleEngine.name).toBe("noble");
  });

  it("answers and does not promise", () => {
    const { key } = forged.chip;
    const message = Uint8Array.of(1);
    const point = { kind: "p384", point: key.point } as const;
    expect(nobleEngine.verifyEcdsaP384(point, message, key.sign(message))).toBe(true);
    expect(nobleEngine.verifyEcdsaP384(point, message, key.sign(message).subarray(1))).toBe(false);
    expect(nobleEngine.digest("SHA-256", message)).toBeInstanceOf(Uint8Array);
  });

  it("works where there is no WebCrypto, and is what its error recommends", async () => {
    vi.stubGlobal("crypto", undefined);
    const { evidence, anchors, now } = forged;
    expect(verifyEvidenceSync(evidence, { anchors, now })).toBeDefined();
    const failure: unknown = await verifyEvidence(evidence, { anchors, now }).catch((error: unknown) => error);
    expect(isAttestationError(failure, "ERR_UNSUPPORTED_CRYPTO")).toBe(true);
    expect(String(failure)).toContain("attestry/noble");
    await expect(verifyEvidence(evidence, { anchors, now, engine: nobleEngine })).resolves.toBeDefined();
  });
});
