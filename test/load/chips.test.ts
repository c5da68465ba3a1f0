import { isAttestationError, verifyEvidence } from "attestry";
import { createForge } from "attestry/testing";
import { describe, expect, it } from "vitest";
import { makeChip } from "./chips.js";

describe("a chip of the load test", async () => {
  const forge = await createForge({ seed: "load chips" });
  const { evidence, anchors, now } = forge.evidence({ chip: "one" });
  const reportData = new Uint8Array(64).fill(7);
  const report = makeChip(forge, "one").report(reportData);
  const verify = (bytes: Uint8Array) => verifyEvidence({ ...evidence, report: bytes }, { anchors, now });

  it("signs reports that hold, and bind what was asked", async () => {
    const verified = await verify(report);
    expect(verified.report.reportData).toEqual(reportData);
    expect(verified.report.measurement).toEqual(new Uint8Array(48).fill(0x5a));
  });

  it("signs each report anew", () => {
    const other = makeChip(forge, "one").report(new Uint8Array(64).fill(8));
    expect(other.subarray(0x2a0)).not.toEqual(report.subarray(0x2a0));
  });

  it("is not another chip", async () => {
    const foreign = makeChip(forge, "two").report(reportData);
    const refusal = await verify(foreign).catch((error: unknown) => error);
    expect(isAttestationError(refusal)).toBe(true);
  });

  it("cannot be given other data afterwards", async () => {
    const changed = report.slice();
    changed[0x50] = 8;
    await expect(verify(changed)).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});
