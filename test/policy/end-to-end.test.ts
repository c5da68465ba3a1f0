import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyAttestation } from "../../src/attest/attest.js";
import { bindReportData } from "../../src/binding/bind.js";
import { toHex } from "../../src/bytes/codecs.js";
import { keepAdvisoryData } from "../../src/policy/advisory-data.js";
import { definePolicy } from "../../src/policy/define.js";
import { policyFromReport } from "../../src/policy/starter.js";
import { createForge, type EvidenceOptions, type ForgedEvidence } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { checkOf, failedIds, OPEN } from "./support.js";

/** The keys that need more than a report: everything is forged and verified, nothing made up. */
const forge = await createForge({ seed: "policy, end to end" });
const sha256 = (der: Uint8Array) => createHash("sha256").update(der).digest("hex");
const plain = forge.evidence();
const provider = forge.evidence({ signingKey: "VLEK" });

async function attest({ evidence, anchors, now }: ForgedEvidence, snp: object, more: object = {}) {
  const policy = await definePolicy({ version: 1, id: "x", snp: { ...OPEN, ...snp } });
  return await verifyAttestation(evidence, { policy, now, anchors, ...more });
}

const { report } = await verifyEvidence(plain.evidence, { now: plain.now, anchors: plain.anchors });
const chip = toHex(report.chipId);
const VLEK = { signingKey: ["VLEK"], cspId: "any" };

describe("certificates and chips that are denied", () => {
  const rows: [title: string, forged: ForgedEvidence, snp: object, failing: readonly string[]][] = [
    ["another leaf", plain, { denyCertificates: [sha256(provider.leaf.der)] }, []],
    ["the leaf", plain, { denyCertificates: [sha256(plain.leaf.der)] }, ["snp.denyCertificates.leaf"]],
    [
      "the intermediate",
      plain,
      { denyCertificates: [sha256(plain.intermediate.der).toUpperCase()] },
      ["snp.denyCertificates.intermediate"],
    ],
    ["the root, which is no leaf and no intermediate", plain, { denyCertificates: [sha256(plain.root.der)] }, []],
    [
      "a provider's leaf",
      provider,
      { ...VLEK, denyCertificates: [sha256(provider.leaf.der)] },
      ["snp.denyCertificates.leaf"],
    ],
    ["another chip", plain, { denyChips: ["ab".repeat(64)] }, []],
    ["the chip", plain, { denyChips: [chip] }, ["snp.denyChips"]],
  ];
  it.each(rows)("%s", async (...[, forged, snp, failing]) => {
    expect(failedIds(await attest(forged, snp))).toEqual(failing);
  });

  it("the chip, behind a masked CHIP_ID: its VCEK tells", async () => {
    const masked = forge.evidence({ report: { chipId: new Uint8Array(64) } });
    const appraisal = await attest(masked, { denyChips: [chip] }, { allowMaskedChipId: true });
    expect(failedIds(appraisal)).toEqual(["snp.denyChips"]);
    expect(failedIds(await attest(masked, { denyChips: ["ab".repeat(64)] }, { allowMaskedChipId: true }))).toEqual([]);
  });

  it("a Turin's chip by its 8 bytes, in the report and behind the mask", async () => {
    const turin = forge.evidence({ productLine: "Turin" });
    const found = await verifyEvidence(turin.evidence, { now: turin.now, anchors: turin.anchors });
    const short = toHex(found.report.chipId.subarray(0, 8));
    expect(failedIds(await attest(turin, { denyChips: [short] }))).toEqual(["snp.denyChips"]);
    const masked = forge.evidence({ productLine: "Turin", report: { chipId: new Uint8Array(64) } });
    const appraisal = await attest(masked, { denyChips: [short] }, { allowMaskedChipId: true });
    expect(failedIds(appraisal)).toEqual(["snp.denyChips"]);
  });
});

describe("report data by each scheme that the guests of others use", () => {
  const nonce = new Uint8Array(64).fill(3);
  const spki = Uint8Array.of(0x30, 0x02, 0x05, 0x00);
  const text = new TextEncoder().encode('{"kty":"EC"}');
  const bound = [
    bindReportData("trustee", { nonce, teePublicKey: text }),
    bindReportData("azure", { runtimeData: text }),
    bindReportData("svsm", { nonce, manifest: text }),
    bindReportData("tinfoil-v2", { tlsPublicKey: spki, hpkePublicKey: nonce.slice(32) }),
    bindReportData("atls", { publicKey: spki, nonce }),
    bindReportData("attestry-v1", { nonce, publicKey: spki }),
    bindReportData("nonce", { nonce }),
  ];
  it.each(bound.map((_, index) => index))("scheme %i", async (index) => {
    const reportData = await bound[index];
    if (reportData === undefined) throw new Error("there is no such scheme");
    const forged = forge.evidence({ report: { reportData: reportData.bytes } });
    const snp = { reportData: { scheme: reportData.scheme } };
    expect((await attest(forged, snp, { reportData })).verdict).toBe("accept");
    expect(failedIds(await attest(plain, snp, { reportData }))).toEqual(["snp.reportData"]);
    expect(failedIds(await attest(forged, snp))).toEqual(["snp.reportData"]);
    for (const other of await Promise.all(bound)) {
      if (other.scheme === reportData.scheme) continue;
      expect(failedIds(await attest(forged, snp, { reportData: other }))).toEqual(["snp.reportData"]);
    }
  });

  it("one byte of the padding is enough to refuse", async () => {
    const reportData = await bindReportData("azure", { runtimeData: text });
    for (const at of [0, 31, 32, 63]) {
      const bytes = reportData.bytes;
      bytes[at] = Number(bytes[at]) ^ 1;
      const forged = forge.evidence({ report: { reportData: bytes } });
      expect(failedIds(await attest(forged, { reportData: { scheme: "azure" } }, { reportData }))).toEqual([
        "snp.reportData",
      ]);
    }
  });
});

describe("advisories", () => {
  const snp = { advisories: { ids: ["A"], dataSet: "ab".repeat(48), maxAgeSeconds: 60 } };
  const data = (status: "fixed" | "vulnerable") =>
    keepAdvisoryData({
      digest: "ab".repeat(48),
      publishedAt: plain.now.getTime(),
      assess: () => ({ status, reason: "so" }),
    });

  it("come with the options of verifyAttestation", async () => {
    expect((await attest(plain, snp, { advisories: data("fixed") })).verdict).toBe("accept");
    expect(failedIds(await attest(plain, snp, { advisories: data("vulnerable") }))).toEqual(["snp.advisories.fixed"]);
    expect(failedIds(await attest(plain, snp))).toHaveLength(3);
  });
});

describe("a starter of verified evidence", () => {
  const options: [title: string, options: EvidenceOptions][] = [
    ["Milan", {}],
    ["Genoa", { productLine: "Genoa" }],
    ["Turin", { productLine: "Turin" }],
    ["a provider", { signingKey: "VLEK" }],
    ["version 2", { report: { version: 2 } }],
  ];
  it.each(options)("%s: accepts the same again, and a later report of the guest", async (_, given) => {
    const seen = forge.evidence(given);
    const line = given.productLine ?? "Milan";
    const settings = { now: seen.now, anchors: seen.anchors, productLine: line };
    const { policy: document } = policyFromReport(await verifyEvidence(seen.evidence, settings));
    const policy = await definePolicy(document);
    const reportData = await bindReportData("attestry-v1", { nonce: new Uint8Array(32).fill(1) });
    const later = forge.evidence({ ...given, report: { ...given.report, reportData: reportData.bytes } });
    const appraisal = await verifyAttestation(later.evidence, { ...settings, policy, reportData });
    expect(appraisal.failures).toEqual([]);
    const stale = await verifyAttestation(seen.evidence, { ...settings, policy, reportData });
    expect(failedIds(stale)).toEqual(["snp.reportData"]);
    expect(checkOf(stale, "snp.measurement").outcome).toBe("pass");
  });
});
