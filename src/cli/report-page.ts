import { type ProductLine, productOf } from "../amd/product-lines.js";
import { decodeTcb, type Tcb, tcbComponents } from "../amd/tcb.js";
import { toHex } from "../bytes/codecs.js";
import type { AttestationReport, FirmwareVersion } from "../report/report.js";
import type { Row, Section } from "./layout.js";
import { bitSections } from "./report-bits.js";
import { type DescribeField, fieldDescriber, offsetText } from "./report-fields.js";

const HOST_VMPL = 0xffff_ffff;
const ECDSA_P384 = 1;

const COMPONENT_NAMES: Readonly<Record<keyof Tcb, string>> = {
  fmc: "FMC",
  bootLoader: "boot loader",
  tee: "TEE",
  snp: "SNP",
  microcode: "microcode",
  spl4: "spl4",
  spl5: "spl5",
  spl6: "spl6",
  spl7: "spl7",
};

/** What a report says of its processor. */
export interface ReportProduct {
  /** As people call it: `Genoa`, `Bergamo or Siena`, `Venice`; null where the report does not say or we do not know. */
  readonly name: string | null;
  /** The line whose keys sign; null where there is none, or where a version 2 report does not say. */
  readonly productLine: ProductLine | null;
}

/** Unverified: the processor that a report names by its CPUID. */
export function reportProduct(report: AttestationReport): ReportProduct {
  const product = report.cpuid === null ? undefined : productOf(report.cpuid);
  return { name: product?.name ?? null, productLine: product?.productLine ?? null };
}

/**
 * TCBs of one line in words, numbers below one another; components that AMD reserves are named only where one is
 * not zero.
 */
export function tcbTexts(productLine: ProductLine, tcbs: readonly Tcb[]): readonly string[] {
  const shown = tcbComponents(productLine).filter(
    (component) => !component.startsWith("spl") || tcbs.some((tcb) => (tcb[component] ?? 0) !== 0),
  );
  const digits = (component: keyof Tcb) => Math.max(...tcbs.map((tcb) => String(tcb[component] ?? 0).length));
  return tcbs.map((tcb) =>
    shown
      .map((component) => `${COMPONENT_NAMES[component]} ${String(tcb[component] ?? 0).padStart(digits(component))}`)
      .join("  "),
  );
}

/** A firmware version as AMD prints it, in decimal. */
function firmwareText({ major, minor, build }: FirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}

function hex64(value: bigint): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

function headSection(report: AttestationReport, describe: DescribeField): Section {
  const fromHost = report.vmpl === HOST_VMPL;
  const vmpl = fromHost ? ({ tone: "bad", note: "asked for by the host, not by the guest" } as const) : {};
  const known = report.signatureAlgo === ECDSA_P384;
  const algorithm = known ? { note: "ECDSA P-384 with SHA-384" } : ({ tone: "warn", note: "unknown" } as const);
  return {
    title: "Report",
    rows: [
      describe("version", String(report.version)),
      describe("guestSvn", String(report.guestSvn)),
      describe("vmpl", fromHost ? "0xFFFFFFFF" : String(report.vmpl), vmpl),
      describe("signatureAlgo", String(report.signatureAlgo), algorithm),
    ],
  };
}

function guestSection(report: AttestationReport, describe: DescribeField): Section {
  const names = [
    "measurement",
    "reportData",
    "hostData",
    "familyId",
    "imageId",
    "idKeyDigest",
    "authorKeyDigest",
    "reportId",
    "reportIdMa",
  ] as const;
  return { title: "Guest", rows: names.map((name) => describe(name, report[name])) };
}

function cpuidRows(report: AttestationReport, describe: DescribeField): readonly Row[] {
  const { cpuid } = report;
  if (cpuid === null) return [];
  const name = reportProduct(report).name ?? "unknown processor";
  const hexByte = (value: number) => `0x${value.toString(16).padStart(2, "0")}`;
  return [
    describe("cpuidFamId", hexByte(cpuid.family), { note: name }),
    describe("cpuidModId", hexByte(cpuid.model)),
    describe("cpuidStep", String(cpuid.stepping)),
  ];
}

function chipSection(report: AttestationReport, describe: DescribeField): Section {
  const masked = report.chipId.every((byte) => byte === 0);
  const chipId = describe("chipId", report.chipId, masked ? { note: "masked by the host" } : {});
  return { title: "Chip", rows: [...cpuidRows(report, describe), chipId] };
}

function tcbSection(report: AttestationReport, describe: DescribeField): Section {
  const { productLine } = reportProduct(report);
  const names = ["currentTcb", "reportedTcb", "committedTcb", "launchTcb"] as const;
  if (productLine === null) {
    const aside = "not decoded: the report does not say which processor's layout it is";
    return { title: "TCB", aside, rows: names.map((name) => describe(name, toHex(report[name]))) };
  }
  const texts = tcbTexts(
    productLine,
    names.map((name) => decodeTcb(productLine, report[name])),
  );
  const rows = names.map((name, index) => describe(name, texts[index] ?? "", { note: toHex(report[name]) }));
  return { title: "TCB", rows };
}

function firmwareSection(report: AttestationReport, describe: DescribeField): Section {
  // One row for three bytes that are read together, at the offset of the first.
  const row = (name: string, field: string, version: FirmwareVersion): Row => ({
    ...describe(field, firmwareText(version)),
    name,
  });
  const { launchMitVector, currentMitVector } = report;
  const vectors = launchMitVector === null || currentMitVector === null ? [] : [launchMitVector, currentMitVector];
  const [launch, current] = vectors.map(hex64);
  return {
    title: "Firmware",
    rows: [
      row("CURRENT version", "currentBuild", report.currentFirmware),
      row("COMMITTED version", "committedBuild", report.committedFirmware),
      ...(launch === undefined ? [] : [describe("launchMitVector", launch)]),
      ...(current === undefined ? [] : [describe("currentMitVector", current)]),
    ],
  };
}

function signatureSection(report: AttestationReport, describe: DescribeField): Section {
  const note = { note: "big-endian" };
  const { r, s } = report.signature;
  return { title: "Signature", rows: [describe("signatureR", r, note), describe("signatureS", s, note)] };
}

function reservedSection(report: AttestationReport): Section {
  if (report.reserved.length === 0) return { title: "Reserved bytes", aside: "all zero", rows: [] };
  const rows = report.reserved.map(
    ({ offset, bytes }): Row => ({
      place: offsetText(offset),
      name: "?",
      value: bytes,
      tone: "warn",
      note: "reserved in this version, and not zero",
    }),
  );
  return { title: "Reserved bytes", rows };
}

/** Unverified: every field of a report as a page to read. */
export function reportSections(report: AttestationReport): readonly Section[] {
  const describe = fieldDescriber(report);
  return [
    headSection(report, describe),
    guestSection(report, describe),
    ...bitSections(report, describe),
    chipSection(report, describe),
    tcbSection(report, describe),
    firmwareSection(report, describe),
    signatureSection(report, describe),
    reservedSection(report),
  ];
}
