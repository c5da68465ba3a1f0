import { isProductLine, type ProductLine, productOf } from "../amd/product-lines.js";
import { decodeTcb, type Tcb } from "../amd/tcb.js";
import { toHex } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import type { GuestPolicy } from "./guest-policy.js";
import type { KeyInfo } from "./key-info.js";
import type { PlatformInfo } from "./platform-info.js";
import type { AttestationReport, FirmwareVersion } from "./report.js";

/** A word of bits: every named field, and `raw` and `unknownBits` as hex with 0x. */
export type BitsJson<Word> = Omit<Word, "raw" | "unknownBits"> & { readonly raw: string; readonly unknownBits: string };

/** A TCB: its 8 bytes in memory order as hex, and its components where the product line is known. */
export interface TcbJson {
  readonly raw: string;
  readonly components: Tcb | null;
}

/** A report as plain data: bytes as lower-case hex, 64-bit numbers as hex with 0x. */
export interface ReportJson {
  readonly version: number;
  /** The line that the TCBs are decoded by, or null. */
  readonly productLine: ProductLine | null;
  readonly guestSvn: number;
  readonly policy: BitsJson<GuestPolicy>;
  readonly familyId: string;
  readonly imageId: string;
  readonly vmpl: number;
  readonly signatureAlgo: number;
  readonly currentTcb: TcbJson;
  readonly platformInfo: BitsJson<PlatformInfo>;
  readonly keyInfo: BitsJson<KeyInfo>;
  readonly reportData: string;
  readonly measurement: string;
  readonly hostData: string;
  readonly idKeyDigest: string;
  readonly authorKeyDigest: string;
  readonly reportId: string;
  readonly reportIdMa: string;
  readonly reportedTcb: TcbJson;
  readonly cpuid: { readonly family: number; readonly model: number; readonly stepping: number } | null;
  readonly chipId: string;
  readonly committedTcb: TcbJson;
  readonly currentFirmware: FirmwareVersion;
  readonly committedFirmware: FirmwareVersion;
  readonly launchTcb: TcbJson;
  readonly launchMitVector: string | null;
  readonly currentMitVector: string | null;
  /** Big-endian. */
  readonly signature: { readonly r: string; readonly s: string };
  readonly reserved: readonly { readonly offset: number; readonly bytes: string }[];
}

function hexNumber(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function bitsJson<Word extends { readonly raw: bigint | number; readonly unknownBits: bigint | number }>(
  word: Word,
): BitsJson<Word> {
  return { ...word, raw: hexNumber(word.raw), unknownBits: hexNumber(word.unknownBits) };
}

function tcbJson(bytes: Uint8Array, productLine: ProductLine | null): TcbJson {
  return { raw: toHex(bytes), components: productLine === null ? null : decodeTcb(productLine, bytes) };
}

function lineOf({ cpuid }: AttestationReport, given: ProductLine | undefined): ProductLine | null {
  if (given !== undefined) {
    if (isProductLine(given)) return given;
    throw new TypeError(`productLine must be a product line, found ${textOf(given)}`);
  }
  return cpuid === null ? null : (productOf(cpuid)?.productLine ?? null);
}

/**
 * Unverified: a report as plain data that `JSON.stringify` takes.
 *
 * @param productLine - decodes the TCBs; without it the report's CPUID says the line, and where that says none
 * `components` is null
 * @throws TypeError for a product line that does not exist.
 */
export function reportToJson(report: AttestationReport, productLine?: ProductLine): ReportJson {
  const line = lineOf(report, productLine);
  const { policy, platformInfo, keyInfo, launchMitVector, currentMitVector, signature, reserved } = report;
  return {
    version: report.version,
    productLine: line,
    guestSvn: report.guestSvn,
    policy: bitsJson(policy),
    familyId: toHex(report.familyId),
    imageId: toHex(report.imageId),
    vmpl: report.vmpl,
    signatureAlgo: report.signatureAlgo,
    currentTcb: tcbJson(report.currentTcb, line),
    platformInfo: bitsJson(platformInfo),
    keyInfo: bitsJson(keyInfo),
    reportData: toHex(report.reportData),
    measurement: toHex(report.measurement),
    hostData: toHex(report.hostData),
    idKeyDigest: toHex(report.idKeyDigest),
    authorKeyDigest: toHex(report.authorKeyDigest),
    reportId: toHex(report.reportId),
    reportIdMa: toHex(report.reportIdMa),
    reportedTcb: tcbJson(report.reportedTcb, line),
    cpuid: report.cpuid,
    chipId: toHex(report.chipId),
    committedTcb: tcbJson(report.committedTcb, line),
    currentFirmware: report.currentFirmware,
    committedFirmware: report.committedFirmware,
    launchTcb: tcbJson(report.launchTcb, line),
    launchMitVector: launchMitVector === null ? null : hexNumber(launchMitVector),
    currentMitVector: currentMitVector === null ? null : hexNumber(currentMitVector),
    signature: { r: toHex(signature.r), s: toHex(signature.s) },
    reserved: reserved.map(({ offset, bytes }) => ({ offset, bytes: toHex(bytes) })),
  };
}
