import { describe, expect, it } from "vitest";
import { type AttestOptions, verifyAttestation } from "../../src/attest/attest.js";
import { bindReportData } from "../../src/binding/bind.js";
import { toHex } from "../../src/bytes/codecs.js";
import { assertAccepted, isAcceptedAppraisal } from "../../src/policy/appraisal.js";
import { definePolicy } from "../../src/policy/define.js";
import type { Policy } from "../../src/policy/policy.js";
import { createForge, type EvidenceOptions, type ForgedEvidence } from "../../src/testing/index.js";
import type { CollateralSource } from "../../src/verify/types.js";
import { DAY } from "../support/records.js";

const forge = await createForge({ seed: "verifyAttestation" });
const MEASUREMENT = new Uint8Array(48).fill(0x5a);
const nonce = new Uint8Array(32).fill(9);
const reportData = await bindReportData("attestry-v1", { nonce, context: Uint8Array.of(1) });

const policy = await definePolicy({
  version: 1,
  id: "attest",
  require: {
    allOf: [
      { snp: { measurement: [toHex(MEASUREMENT)], reportData: { scheme: "attestry-v1" } } },
      {
        anyOf: [
          {
            snp: {
              productLine: ["Milan", "Genoa"],
              minimumTcb: { Milan: { reported: { snp: 24 } }, Genoa: { reported: { snp: 23 } } },
            },
          },
          { snp: { productLine: ["Turin"], minimumTcb: { Turin: { reported: { fmc: 1, snp: 4 } } } } },
          {
            snp: {
              signingKey: ["VLEK"],
              cspId: ["CN=cc.forge.example"],
              minimumTcb: { Milan: { reported: { snp: 24 } } },
            },
          },
        ],
      },
    ],
  },
});

/** Evidence that the policy accepts, but for what the options say. */
function forged(options: EvidenceOptions = {}): ForgedEvidence {
  const report = { measurement: MEASUREMENT, reportData: reportData.bytes, ...options.report };
  return forge.evidence({ ...options, report });
}

function attest({ evidence, anchors, now }: ForgedEvidence, options: Partial<AttestOptions> = {}) {
  return verifyAttestation(evidence, { policy, reportData, anchors, now, ...options });
}

describe("verifyAttestation", () => {
  it.each([
    ["a Milan VCEK", {}],
    ["a Genoa VCEK", { productLine: "Genoa" }],
    ["a Turin VCEK", { productLine: "Turin" }],
    ["a Milan VLEK", { signingKey: "VLEK" }],
    ["a version 2 report", { report: { version: 2 } }],
    ["a version 3 report", { report: { version: 3 } }],
  ] satisfies [string, EvidenceOptions][])("accepts %s", async (_, options) => {
    const appraisal = await attest(forged(options));
    expect(appraisal.failures).toEqual([]);
    expect(isAcceptedAppraisal(appraisal)).toBe(true);
    expect(() => assertAccepted(appraisal)).not.toThrow();
    expect(appraisal).toMatchObject({ appraisedAt: forge.now.toISOString(), policyDigest: policy.digest });
    expect(appraisal.evidence).toMatchObject({ anchors: "caller", verifiedAt: forge.now.toISOString() });
  });

  it.each([
    ["another measurement", { report: { measurement: new Uint8Array(48) } }, ["snp.measurement"]],
    ["another nonce", { report: { reportData: new Uint8Array(64) } }, ["snp.reportData"]],
    ["a debug guest", { report: { policy: 0xb0000n } }, ["snp.guestPolicy.debug"]],
    ["a Genoa VLEK", { productLine: "Genoa", signingKey: "VLEK" }, ["snp.minimumTcb.reported", "snp.signingKey"]],
  ] satisfies [string, EvidenceOptions, string[]][])(
    "refuses %s, and an answer is no error",
    async (_, options, ids) => {
      const appraisal = await attest(forged(options));
      expect(appraisal.verdict).toBe("reject");
      expect(appraisal.failures.map(({ id }) => id)).toEqual(ids);
      expect(() => assertAccepted(appraisal)).toFailWith("ERR_POLICY_REJECTED", { policyId: "attest" });
    },
  );

  it("refuses without the value that the policy names", async () => {
    const { evidence, anchors, now } = forged();
    const appraisal = await verifyAttestation(evidence, { policy, anchors, now });
    expect(appraisal.failures.map(({ id }) => id)).toEqual(["snp.reportData"]);
  });

  it("throws for evidence that does not verify, whatever the policy", async () => {
    const good = forged();
    const report = good.evidence.report.map((byte, index) => (index === 0x90 ? byte ^ 1 : byte));
    const evidence = { ...good.evidence, report };
    await expect(attest({ ...good, evidence })).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
    await expect(attest(forged({ omit: ["crl"] }))).toFailWith("ERR_COLLATERAL_CRL_MISSING");
  });

  it("hands every other option to verifyEvidence", async () => {
    const without = forged({ omit: ["crl"] });
    const skipped = await attest(without, { revocation: "skip" });
    expect(skipped.failures.map(({ id }) => id)).toEqual(["snp.revocation.status"]);
    const asked: string[] = [];
    const collateral: CollateralSource = {
      get(request) {
        asked.push(request.role);
        return Promise.resolve(without.crl.der);
      },
    };
    expect((await attest(without, { collateral })).verdict).toBe("accept");
    expect(asked).toEqual(["crl"]);
    await expect(attest(forged(), { productLine: "Genoa" })).toFailWith("ERR_UNTRUSTED_PRODUCT_LINE");
    await expect(attest(forged(), { signal: AbortSignal.abort("enough") })).toFailWith("ERR_COLLATERAL_ABORTED");
  });

  it("judges at one time, also when the caller's Date changes meanwhile", async () => {
    const good = forged();
    const now = new Date(good.now);
    const pending = attest(good, { now });
    now.setTime(now.getTime() + 5000 * DAY);
    const appraisal = await pending;
    expect(appraisal.verdict).toBe("accept");
    expect(appraisal.appraisedAt).toBe(appraisal.evidence.verifiedAt);
  });
});

describe("the caller's mistakes are found before anything is verified", () => {
  /** Evidence whose every use would be an error of another kind. */
  const untouchable = new Proxy(
    { report: new Uint8Array(1184) },
    {
      get() {
        throw new Error("the evidence was read");
      },
    },
  );
  const rows: [string, object, RegExp][] = [
    ["no policy", { policy: undefined }, /policy must be what definePolicy returned/],
    ["a document for a policy", { policy: policy.document }, /policy must be what definePolicy returned/],
    ["a copy of a policy", { policy: { ...policy } }, /policy must be what definePolicy returned/],
    [
      "raw bytes for an expectation",
      { reportData: new Uint8Array(64) },
      /reportData must be what bindReportData returned/,
    ],
    ["null for an expectation", { reportData: null }, /reportData must be what bindReportData returned/],
    ["JSON for advisories", { advisories: { digest: "ab" } }, /advisories must be a data set that was read/],
    ["no time", { now: undefined }, /options\.now must be a Date/],
    ["a time as text", { now: "2026-06-01" }, /options\.now must be a Date/],
    ["an unknown option", { revokation: "skip" }, /options has no option "revokation"/],
  ];
  it.each(rows)("%s", async (_, wrong, message) => {
    const options = { policy, reportData, now: forge.now, ...wrong } as AttestOptions;
    const failure = await verifyAttestation(untouchable, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(message);
  });

  it("options that are none", async () => {
    for (const options of [undefined, null, 1, []]) {
      await expect(verifyAttestation(untouchable, options as never)).rejects.toThrow(/options must be an object/);
    }
  });

  it("an inherited option is no option", async () => {
    const options: AttestOptions = Object.create({ policy, now: forge.now });
    await expect(verifyAttestation(untouchable, options)).rejects.toThrow(
      /options\.policy must be the object's own property/,
    );
  });

  it("each option is read once", async () => {
    const { evidence, anchors, now } = forged();
    const weak = await definePolicy({
      version: 1,
      id: "weak",
      snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
    });
    const answers: Policy[] = [policy, weak, weak];
    const options: AttestOptions = {
      anchors,
      now,
      get policy() {
        return answers.shift() ?? weak;
      },
    };
    const appraisal = await verifyAttestation(evidence, options);
    expect(appraisal.policyId).toBe("attest");
    expect(answers).toHaveLength(2);
  });
});
