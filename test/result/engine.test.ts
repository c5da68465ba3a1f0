import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { nodeEngine } from "../../src/node/index.js";
import { appraisal, GUEST_KEY, issue, partsOf, verify } from "./support.js";

/** Longer than a token has room for, so that its SHA-384 stands there. */
const LONG = new Uint8Array(75).fill(3);
const bound = await bindReportData("attestry-v1", { nonce: LONG, publicKey: GUEST_KEY });
const of = appraisal({ reportData: bound.bytes }, { reportData: bound });

describe("a token whose digests an engine made", () => {
  it("says what one by WebCrypto says", async () => {
    const ours = partsOf(await issue({ engine: nodeEngine }, of));
    expect(ours).toEqual(partsOf(await issue({}, of)));
    const nonce = createHash("sha384").update(LONG).digest("base64url");
    expect(ours.payload["eat_nonce"]).toBe(nonce);
  });

  it("is taken for its nonce, and for no other", async () => {
    const token = await issue({ engine: nodeEngine }, of);
    await expect(verify(token, { nonce: LONG })).resolves.toBeDefined();
    await expect(verify(token, { nonce: LONG.map(() => 4) })).toFailWith("ERR_RESULT_NONCE");
  });

  it("hashes report and nonce with it", async () => {
    const lengths: number[] = [];
    const engine: CryptoEngine = {
      ...nodeEngine,
      digest(algorithm, data) {
        expect(algorithm).toBe("SHA-384");
        lengths.push(data.length);
        return nodeEngine.digest(algorithm, data);
      },
    };
    await issue({ engine }, of);
    expect(lengths).toEqual([0x2a0, LONG.length]);
  });

  it("is not issued where the engine fails", async () => {
    const engine: CryptoEngine = {
      ...nodeEngine,
      digest: () => {
        throw new Error("out of order");
      },
    };
    await expect(issue({ engine }, of)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });

  it("needs an engine that is one", async () => {
    await expect(issue({ engine: {} as unknown as CryptoEngine }, of)).rejects.toThrow(/options\.engine/);
  });
});
