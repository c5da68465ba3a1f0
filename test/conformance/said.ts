import { AMD_EXTENSION, SPL_EXTENSION } from "../../src/amd/oids.js";
import type { ProductLine } from "../../src/amd/product-lines.js";
import { type Tcb, type TcbComponent, tcbComponents } from "../../src/amd/tcb.js";
import { toHex } from "../../src/bytes/codecs.js";
import type { AttestationReport, FirmwareVersion } from "../../src/report/report.js";
import type { VerifiedLeaf } from "../../src/verify/types.js";

/** What we decoded, written as the independent verifier behind the corpus writes it. */

const hex = (value: number | bigint) => `0x${value.toString(16)}`;
const byte = (value: number) => value.toString(16).padStart(2, "0");
const version = ({ major, minor, build }: FirmwareVersion) => `${major}.${minor}.${build}`;

/** KEY_INFO's key by number. */
const SIGNERS = ["VCEK", "VLEK"];

function policyBits({ policy }: AttestationReport): string[] {
  const names: readonly (readonly [set: boolean, name: string])[] = [
    [policy.smt, "SMT"],
    [policy.reservedOne, "RSVD1"],
    [policy.migrateMa, "MIGRATE_MA"],
    [policy.debug, "DEBUG"],
    [policy.singleSocket, "SINGLE_SOCKET"],
    [policy.cxlAllow, "CXL_ALLOW"],
    [policy.memAes256Xts, "MEM_AES_256_XTS"],
    [policy.raplDis, "RAPL_DIS"],
    [policy.ciphertextHidingDram, "CIPHERTEXT_HIDING"],
    [policy.pageSwapDisable, "PAGE_SWAP_DISABLE"],
  ];
  return names.filter(([set]) => set).map(([, name]) => name);
}

function sinceVersion3({ cpuid }: AttestationReport): Record<string, unknown> {
  if (cpuid === null) return {};
  return { cpuid: [cpuid.family, cpuid.model, cpuid.stepping].map(byte).join("/") };
}

function sinceVersion5({ launchMitVector, currentMitVector }: AttestationReport): Record<string, unknown> {
  if (launchMitVector === null || currentMitVector === null) return {};
  return { launch_mit_vector: hex(launchMitVector), current_mit_vector: hex(currentMitVector) };
}

/** The `fields` of expected.json. */
export function fieldsOf(report: AttestationReport): Record<string, unknown> {
  const { policy, keyInfo } = report;
  return {
    version: report.version,
    guest_svn: report.guestSvn,
    policy: {
      raw: hex(policy.raw),
      abi: `${policy.abiMajor}.${policy.abiMinor}`,
      bits: policyBits(report),
      unknown: hex(policy.unknownBits),
    },
    family_id: toHex(report.familyId),
    image_id: toHex(report.imageId),
    vmpl: report.vmpl,
    sig_algo: report.signatureAlgo,
    current_tcb: toHex(report.currentTcb),
    platform_info: hex(report.platformInfo.raw),
    key_info: hex(keyInfo.raw),
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
    current_fw: version(report.currentFirmware),
    committed_fw: version(report.committedFirmware),
    launch_tcb: toHex(report.launchTcb),
    author_key_en: Number(keyInfo.authorKeyEn),
    mask_chip_key: Number(keyInfo.maskChipKey),
    signing_key: SIGNERS[keyInfo.signingKey],
    ...sinceVersion3(report),
    ...sinceVersion5(report),
  };
}

const COMPONENT_NAMES: Partial<Record<TcbComponent, string>> = {
  fmc: "fmc",
  bootLoader: "bl",
  tee: "tee",
  snp: "snp",
  microcode: "ucode",
};

/** One of the decoded TCBs of expected.json: named components, and the reserved bytes together. */
export function tcbOf(productLine: ProductLine, tcb: Tcb): Record<string, unknown> {
  const components = tcbComponents(productLine);
  const named = components.flatMap((component) => {
    const name = COMPONENT_NAMES[component];
    return name === undefined ? [] : [[name, tcb[component]]];
  });
  const reserved = components.filter((component) => COMPONENT_NAMES[component] === undefined);
  return { ...Object.fromEntries(named), rsv: reserved.map((component) => byte(Number(tcb[component]))).join("") };
}

const NAMES = new Map<string, string>(Object.entries(AMD_EXTENSION).map(([name, oid]) => [oid, name]));

/** The `vek_ext` of expected.json. */
export function extensionsOf(productLine: ProductLine, leaf: VerifiedLeaf): Record<string, unknown> {
  const levels = tcbComponents(productLine).map((component) => [
    NAMES.get(SPL_EXTENSION[component]),
    leaf.tcb[component],
  ]);
  const { hwId, cspId } = leaf;
  return {
    structVersion: leaf.structVersion,
    productName: leaf.productName,
    ...Object.fromEntries(levels),
    ...(hwId === null ? {} : { hwID: toHex(hwId), hwIDlen: hwId.length }),
    ...(cspId === null ? {} : { cspID: cspId }),
  };
}

/** A time of expected.json. */
export function timeOf(date: Date): string {
  return date.toISOString().slice(0, 19).replace("T", " ");
}
