import { describe, expect, it } from "vitest";
import { CollateralError } from "../../src/errors.js";
import { answersRequest, sourceFailed } from "../../src/kds/matching.js";
import { createForge } from "../../src/testing/index.js";
import type { CollateralRequest } from "../../src/verify/types.js";
import { HIERARCHIES } from "../verify/forged.js";

const forge = await createForge({ seed: "matching" });

describe.each(HIERARCHIES)("what answers a request for $productLine, $signingKey", ({ productLine, signingKey }) => {
  const chip = forge.chip({ productLine, signingKey });
  const other = forge.chip({ productLine, signingKey, chip: "other" });
  const make = signingKey === "VCEK" ? forge.vcek : forge.vlek;
  const issuer = signingKey === "VCEK" ? forge.ask : forge.asvk;
  const base = { productLine, signingKey };
  const leaf: CollateralRequest = { ...base, role: "leaf", hwId: chip.hwId, reportedTcb: chip.tcb };
  const intermediate: CollateralRequest = { ...base, role: "intermediate" };
  const crl: CollateralRequest = { ...base, role: "crl" };
  const others = HIERARCHIES.filter((branch) => branch.productLine !== productLine);

  it("is the leaf of its chip and TCB, and no other", () => {
    expect(answersRequest(make({ productLine }).der, leaf)).toBe(true);
    expect(answersRequest(make({ productLine, chip: "other" }).der, { ...leaf, hwId: other.hwId })).toBe(true);
    // A VLEK is for every chip of its provider.
    expect(answersRequest(make({ productLine }).der, { ...leaf, hwId: other.hwId })).toBe(signingKey === "VLEK");
  });

  it.each(["bootLoader", "tee", "snp", "microcode"] as const)("is no leaf that differs in %s", (component) => {
    const tcb = { ...chip.tcb, [component]: chip.tcb[component] + 1 };
    expect(answersRequest(make({ productLine, tcb }).der, leaf)).toBe(false);
    expect(answersRequest(make({ productLine, tcb }).der, { ...leaf, reportedTcb: tcb })).toBe(true);
  });

  it("is the intermediate of its branch and line", () => {
    expect(answersRequest(issuer({ productLine }).der, intermediate)).toBe(true);
    expect(answersRequest(forge.ark({ productLine }).der, intermediate)).toBe(false);
    const wrong = signingKey === "VCEK" ? forge.asvk : forge.ask;
    expect(answersRequest(wrong({ productLine }).der, intermediate)).toBe(false);
    for (const { productLine: line } of others) {
      expect(answersRequest(issuer({ productLine: line }).der, intermediate)).toBe(false);
    }
  });

  it("is the CRL of its line", () => {
    expect(answersRequest(forge.crl({ productLine }).der, crl)).toBe(true);
    for (const { productLine: line } of others) {
      expect(answersRequest(forge.crl({ productLine: line }).der, crl)).toBe(false);
    }
  });

  it("is nothing by another name", () => {
    const stranger = { commonName: "SEV-STRANGER" };
    expect(answersRequest(make({ productLine, subject: stranger }).der, leaf)).toBe(false);
    expect(answersRequest(make({ productLine, issuer: stranger }).der, leaf)).toBe(false);
    expect(answersRequest(issuer({ productLine, subject: stranger }).der, intermediate)).toBe(false);
    expect(answersRequest(forge.crl({ productLine, issuer: stranger }).der, crl)).toBe(false);
  });

  it("is nothing of another role", () => {
    expect(answersRequest(issuer({ productLine }).der, leaf)).toBe(false);
    expect(answersRequest(make({ productLine }).der, intermediate)).toBe(false);
    expect(() => answersRequest(forge.crl({ productLine }).der, leaf)).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    expect(() => answersRequest(make({ productLine }).der, crl)).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("cannot be said of a leaf that is not of its line's form", () => {
    const der = make({ productLine, serial: 1 }).der;
    expect(() => answersRequest(der, leaf)).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role: "leaf" });
  });

  it("is judged by what it says, not by who signed it", () => {
    expect(answersRequest(make({ productLine, signWith: forge.foreignCaKey() }).der, leaf)).toBe(true);
  });
});

describe("sourceFailed", () => {
  const request: CollateralRequest = { role: "crl", productLine: "Milan", signingKey: "VCEK" };
  it("leaves errors of sources as they are, and throws what is no error of ours", () => {
    const busy = new CollateralError("ERR_COLLATERAL_BUSY", "busy", { role: "crl", limit: 1 }, { retryable: true });
    expect(sourceFailed(request, busy)).toBe(busy);
    const mistake = new RangeError("a mistake");
    expect(() => sourceFailed(request, mistake)).toThrow(mistake);
  });
});
