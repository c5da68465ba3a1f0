import { describe, expect, it } from "vitest";
import { productLineOf } from "../../src/amd/product-lines.js";
import { decodeTcb } from "../../src/amd/tcb.js";
import { toHex } from "../../src/bytes/codecs.js";
import type { Layout } from "../../src/bytes/layout.js";
import { encodeLayout } from "../../src/bytes/layout-encode.js";
import { reportToJson } from "../../src/report/json.js";
import { isReportVersion, REPORT_LAYOUTS } from "../../src/report/layouts.js";
import { type AttestationReport, parseReport } from "../../src/report/report.js";
import { type CorpusSet, corpusSet, corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";

/** What an independent verifier read from a report. */
interface ExpectedFields {
  [name: string]: unknown;
  policy: { raw: string; abi: string; bits: string[]; unknown: string };
}

interface ExpectedTcb {
  fmc?: number;
  bl: number;
  tee: number;
  snp: number;
  ucode: number;
  rsv: string;
}

const withReport = corpusSets().filter((set) => set.has("report.bin"));
const fieldsOf = (set: CorpusSet) => set.expectedJson()["fields"] as ExpectedFields;

const hexNumber = (value: bigint | number) => `0x${value.toString(16)}`;
const hexByte = (value: number) => value.toString(16).padStart(2, "0");
const versionText = ({ major, minor, build }: AttestationReport["currentFirmware"]) => `${major}.${minor}.${build}`;

/** POLICY's flags by the names that the corpus gives them. */
function policyBits({ policy }: AttestationReport): string[] {
  const names: [boolean, string][] = [
    [policy.smt, "SMT"],
    [policy.reservedOne, "RSVD1"],
    [policy.migrateMa, "MIGRATE_MA"],
    [policy.debug, "DEBUG"],
    [policy.singleSocket, "SINGLE_SOCKET"],
    [policy.cxlAllow, "CXL_ALLOW"],
    [policy.memAes256Xts, "MEM_AES_256_XTS"],
    [policy.raplDis, "RAPL_DIS"],
    [policy.ciphertextHidingDram, "CIPHERTEXT_HIDING_DRAM"],
    [policy.pageSwapDisable, "PAGE_SWAP_DISABLE"],
  ];
  return names.flatMap(([set, name]) => (set ? [name] : []));
}

/** A report in the words of expected.json. */
function toExpected(report: AttestationReport): Record<string, unknown> {
  const { policy, keyInfo, cpuid, launchMitVector, currentMitVector } = report;
  return {
    version: report.version,
    guest_svn: report.guestSvn,
    policy: {
      raw: hexNumber(policy.raw),
      abi: `${policy.abiMajor}.${policy.abiMinor}`,
      bits: policyBits(report),
      unknown: hexNumber(policy.unknownBits),
    },
    family_id: toHex(report.familyId),
    image_id: toHex(report.imageId),
    vmpl: report.vmpl,
    sig_algo: report.signatureAlgo,
    current_tcb: toHex(report.currentTcb),
    platform_info: hexNumber(report.platformInfo.raw),
    key_info: hexNumber(keyInfo.raw),
    report_data: toHex(report.reportData),
    measurement: toHex(report.measurement),
    host_data: toHex(report.hostData),
    id_key_digest: toHex(report.idKeyDigest),
    author_key_digest: toHex(report.authorKeyDigest),
    report_id: toHex(report.reportId),
    report_id_ma: toHex(report.reportIdMa),
    reported_tcb: toHex(report.reportedTcb),
    chip_id: toHex(report.chipId),
    committed_tcb: toHex(report.committedTcb),
    current_fw: versionText(report.currentFirmware),
    committed_fw: versionText(report.committedFirmware),
    launch_tcb: toHex(report.launchTcb),
    author_key_en: Number(keyInfo.authorKeyEn),
    mask_chip_key: Number(keyInfo.maskChipKey),
    signing_key: ["VCEK", "VLEK"][keyInfo.signingKey],
    ...(cpuid === null ? {} : { cpuid: [cpuid.family, cpuid.model, cpuid.stepping].map(hexByte).join("/") }),
    ...(launchMitVector === null ? {} : { launch_mit_vector: hexNumber(launchMitVector) }),
    ...(currentMitVector === null ? {} : { current_mit_vector: hexNumber(currentMitVector) }),
  };
}

function tcbInExpectedWords(line: "Milan" | "Genoa" | "Turin", bytes: Uint8Array): ExpectedTcb {
  const { fmc, bootLoader: bl, tee, snp, microcode: ucode, spl4, spl5, spl6, spl7 } = decodeTcb(line, bytes);
  const rsv = [...(spl4 === undefined ? [] : [spl4]), spl5, spl6, spl7].map(hexByte).join("");
  return { ...(fmc === undefined ? {} : { fmc }), bl, tee, snp, ucode, rsv };
}

describe.runIf(needs("corpus"))("real reports", () => {
  it("are 72, of versions 2, 3 and 5", () => {
    expect(withReport).toHaveLength(72);
    const versions = new Set(withReport.map((set) => parseReport(set.read("report.bin")).version));
    expect([...versions].sort()).toEqual([2, 3, 5]);
  });

  it.each(withReport)("$id: every field is what an independent reader found", (set) => {
    expect(toExpected(parseReport(set.read("report.bin")))).toEqual(fieldsOf(set));
  });

  it.each(withReport)("$id: comes back from the table as it went in", (set) => {
    const bytes = set.read("report.bin");
    const { version } = parseReport(bytes);
    expect(isReportVersion(version)).toBe(true);
    if (!isReportVersion(version)) return;
    const layout: Layout = REPORT_LAYOUTS[version];
    const { values, reserved } = layout.parse(bytes);
    expect(encodeLayout(layout, values, reserved)).toEqual(bytes);
  });

  const decoded = withReport.filter((set) => "reported_tcb_decoded" in set.expectedJson());

  it("have their TCBs decoded by an independent reader in 65 sets", () => expect(decoded).toHaveLength(65));

  it.each(decoded)("$id: every TCB component is what an independent reader found", (set) => {
    const report = parseReport(set.read("report.bin"));
    const line = set.product;
    if (line === null) throw new Error(`${set.id} has decoded TCBs but no product`);
    const { currentTcb, reportedTcb, committedTcb, launchTcb } = report;
    const tcbs = { current: currentTcb, reported: reportedTcb, committed: committedTcb, launch: launchTcb };
    for (const [name, bytes] of Object.entries(tcbs)) {
      expect(tcbInExpectedWords(line, bytes), name).toEqual(set.expectedJson()[`${name}_tcb_decoded`]);
    }
  });

  const withCpuid = withReport.filter((set) => parseReport(set.read("report.bin")).cpuid !== null);

  it.each(withCpuid)("$id: the CPUID names the product line", (set) => {
    const report = parseReport(set.read("report.bin"));
    if (report.cpuid === null) throw new Error(`${set.id} has no CPUID`);
    // The corpus names Bergamo and Siena by their own names; their line is Genoa.
    const product = String(set.expectedJson()["product_cpuid"]);
    const line = productLineOf(report.cpuid);
    expect(product.includes(line) || (line === "Genoa" && /Bergamo|Siena/.test(product)), product).toBe(true);
    expect(reportToJson(report).productLine).toBe(line);
  });

  it.each(withReport.filter((set) => set.expected === "valid"))(
    "$id: a genuine report keeps no reserved bytes",
    (set) => {
      expect(parseReport(set.read("report.bin")).reserved).toEqual([]);
    },
  );

  it("show a CPUID under a rewritten version as reserved bytes", () => {
    const set = corpusSet("neg-tinfoil-210-version");
    const { cpuid, reserved } = parseReport(set.read("report.bin"));
    const [range] = reserved;
    if (range === undefined) throw new Error("no reserved bytes");
    expect([cpuid, reserved.length, range.offset, range.bytes.length]).toEqual([null, 1, 0x188, 24]);
    const found = `rsvd(cpuid)@0x188 non-zero: ${toHex(range.bytes.subarray(0, 3))}`;
    expect(set.expectedJson()["warnings"]).toEqual([found]);
  });
});
