import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import type { EvidenceCertificates } from "../../src/evidence/evidence.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { createVerifier } from "../../src/verify/verifier.js";

const forge = await createForge({ seed: "remembered slots" });
const forged = forge.evidence();
const { report, leaf, intermediate, root, anchors, now } = forged;
const certificates = forged.evidence.certificates ?? {};

/** A verifier that has the whole chain in its memory. */
async function warm() {
  const verifier = createVerifier({ now: () => now, anchors, engine: nodeEngine });
  await verifier.verify(forged.evidence);
  return verifier;
}

const SWAPPED: readonly (readonly [string, EvidenceCertificates, ErrorCode])[] = [
  ["the root as the leaf", { leaf: root.der }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["the ASK as the leaf", { leaf: intermediate.der }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["the root as the ASK", { intermediate: root.der }, "ERR_UNTRUSTED_BRANCH"],
  ["the ASK as the root", { root: intermediate.der }, "ERR_UNTRUSTED_BRANCH"],
  ["the ASVK as the ASK", { intermediate: forge.asvk().der }, "ERR_UNTRUSTED_BRANCH"],
  ["the leaf as the ASK", { intermediate: leaf.der }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
];

describe("a verifier that remembers the chain", () => {
  it.each(SWAPPED)("refuses %s", async (_, swapped, code) => {
    const evidence = { report: report.bytes, certificates: { ...certificates, ...swapped } };
    await expect((await warm()).verify(evidence)).toFailWith(code);
  });

  it.each([
    ["a report that says a VLEK signed it", forge.report({ keyInfo: 4 }), "ERR_UNTRUSTED_SIGNING_KEY"],
    ["a report of a Turin", forge.report({ cpuidFamId: 0x1a, cpuidModId: 2 }), "ERR_UNTRUSTED_PRODUCT_LINE"],
  ] as const)("refuses %s under it", async (_, other, code) => {
    const verifier = await warm();
    await expect(verifier.verify({ report: other.bytes, certificates })).toFailWith(code);
    await expect(verifier.verify({ report: forge.report().bytes, certificates })).resolves.toBeDefined();
  });
});
