import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { amdAnchors } from "../../src/amd/anchors.js";
import { toHex } from "../../src/bytes/codecs.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { assertVerified } from "../../src/verify/record.js";
import { createVerifier } from "../../src/verify/verifier.js";
import { corpusWhere } from "../support/corpus.js";
import { needs } from "../support/needs.js";

const forge = await createForge({ seed: "fingerprints" });
const { evidence, anchors, now, leaf, intermediate } = forge.evidence();
const hashed = (der: Uint8Array) => createHash("sha256").update(der).digest("hex");
const expected = { leaf: hashed(leaf.der), intermediate: hashed(intermediate.der) };

describe("the fingerprints of a chain", () => {
  it.each([nodeEngine, nobleEngine, undefined])("are SHA-256 of its certificates, by any engine", async (engine) => {
    const options = { now, anchors, ...(engine === undefined ? {} : { engine }) };
    expect(assertVerified(await verifyEvidence(evidence, options)).chain.fingerprints).toEqual(expected);
  });

  it("are kept with a remembered chain", async () => {
    const verifier = createVerifier({ now: () => now, anchors });
    for (let turn = 0; turn < 2; turn++) {
      const { chain } = assertVerified(await verifier.verify(evidence));
      expect(chain.fingerprints).toEqual(expected);
      expect(Object.isFrozen(chain.fingerprints)).toBe(true);
    }
  });

  it("digest an intermediate once for all chips under it", async () => {
    const digested: string[] = [];
    const digest: typeof nodeEngine.digest = (algorithm, data) => {
      const hash = nodeEngine.digest(algorithm, data);
      digested.push(toHex(hash));
      return hash;
    };
    const verifier = createVerifier({ now: () => now, anchors, engine: { ...nodeEngine, digest } });
    await verifier.verify(evidence);
    const other = forge.evidence({ chip: "another" });
    const { chain } = assertVerified(await verifier.verify(other.evidence));
    const fingerprints = { leaf: hashed(other.leaf.der), intermediate: expected.intermediate };
    expect(chain.fingerprints).toEqual(fingerprints);
    expect(digested).toEqual([expected.intermediate, expected.leaf, fingerprints.leaf]);
  });

  it.each([
    ["of a wrong length", () => new Uint8Array(31)],
    ["that is text", () => "00".repeat(32) as never],
    [
      "that throws",
      () => {
        throw new Error("no");
      },
    ],
  ])("are no digest %s", async (_, digest) => {
    const engine = { ...nodeEngine, digest };
    await expect(verifyEvidence(evidence, { now, anchors, engine })).toFailWith("ERR_UNSUPPORTED_CRYPTO", {
      engine: "node",
      operation: "digest",
    });
  });

  it.runIf(needs("corpus"))(
    "are those that AMD publishes where its pinned key stands for the intermediate",
    async () => {
      const set = corpusWhere((outcome) => outcome === "valid").find(
        (one) => one.has("vcek.der") && one.has("ask.der"),
      );
      if (set === undefined) throw new Error("the corpus has no VCEK with its ASK");
      const certificates = { leaf: set.read("vcek.der") };
      const line = set.product ?? "Milan";
      const verified = await verifyEvidence(
        { report: set.read("report.bin"), certificates },
        { now: set.at, revocation: "skip", productLine: line },
      );
      const { fingerprints, intermediate: ca } = assertVerified(verified).chain;
      expect(ca.origin).toBe("pinned");
      expect(fingerprints.intermediate).toBe(toHex(amdAnchors(line, "ASK")[0]?.certificateSha256 ?? new Uint8Array()));
      expect(fingerprints.intermediate).toBe(hashed(set.read("ask.der")));
    },
  );
});
