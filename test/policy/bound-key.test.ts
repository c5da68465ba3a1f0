import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import type { ExpectedReportData } from "../../src/binding/expected.js";
import { assertAppraisal } from "../../src/policy/appraisal.js";
import { blockPolicy, judged, OPEN, treePolicy } from "./support.js";

const nonce = new Uint8Array(32).fill(7);
const publicKey = new Uint8Array(97).fill(4);
const bound = await bindReportData("attestry-v1", { nonce, publicKey });
const other = await bindReportData("attestry-v1", { nonce, publicKey: publicKey.slice(1) });
const EVIDENCE = { report: { reportData: bound.bytes } };
const SCHEME = { reportData: { scheme: "attestry-v1" } };

function keyOf(policy: Parameters<typeof judged>[0], reportData?: ExpectedReportData): Uint8Array | null | undefined {
  const appraisal = judged(policy, EVIDENCE, reportData === undefined ? {} : { reportData });
  return assertAppraisal(appraisal).bound?.publicKey;
}

describe("the key that an appraisal speaks for", () => {
  it("is the one that the policy's own reportData check proved", async () => {
    expect(keyOf(await blockPolicy(SCHEME), bound)).toEqual(publicKey);
    expect(keyOf(await blockPolicy(SCHEME), other)).toBeUndefined();
    expect(keyOf(await blockPolicy(SCHEME))).toBeUndefined();
  });

  it("is none where the policy takes any REPORT_DATA or exact bytes, whatever the caller brings", async () => {
    expect(keyOf(await blockPolicy({ reportData: "any" }), bound)).toBeUndefined();
    const exact = Array.from(bound.bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(keyOf(await blockPolicy({ reportData: { exact } }), bound)).toBeUndefined();
  });

  it("is none where only an alternative that decides nothing asks for it", async () => {
    const asking = { snp: { ...OPEN, ...SCHEME, vmpl: [3] } };
    const open = { snp: { ...OPEN, reportData: "any" } };
    const policy = await treePolicy({ anyOf: [asking, open] });
    expect(judged(policy, EVIDENCE, { reportData: bound }).verdict).toBe("accept");
    expect(keyOf(policy, bound)).toBeUndefined();
    const deciding = await treePolicy({ anyOf: [{ snp: { ...OPEN, ...SCHEME } }, { snp: { ...OPEN, vmpl: [3] } }] });
    expect(keyOf(deciding, bound)).toEqual(publicKey);
  });
});
