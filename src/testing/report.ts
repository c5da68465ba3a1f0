import type { Tcb } from "../amd/tcb.js";
import { encodeTcb } from "../amd/tcb.js";
import { isField, type LayoutRow } from "../bytes/layout.js";
import { encodeLayout } from "../bytes/layout-encode.js";
import { isReportVersion, REPORT_LAYOUTS, type ReportVersion, SIGNED_LENGTH } from "../report/layouts.js";
import type { Chip } from "./chip.js";
import type { ForgedP384Key } from "./p384.js";
import { twinSignature } from "./p384.js";
import type { ReportValues } from "./report-values.js";
import { usualValues } from "./report-values.js";

/** The four TCBs of a report. */
type TcbField = "currentTcb" | "reportedTcb" | "committedTcb" | "launchTcb";

/**
 * Any field of a report by AMD's name in camelCase; what is left out has a value that verifies.
 *
 * Of a TCB also single components can be given: the rest is the chip's. `signatureR` and `signatureS` (48 bytes,
 * little-endian) replace what the key signed. A field that the version does not have is a TypeError.
 */
export type ReportFields = {
  -readonly [Name in keyof ReportValues]?: Name extends TcbField ? Partial<Tcb> | Uint8Array : ReportValues[Name];
};

/** Bytes to write over a structure. */
export interface BytePatch {
  offset: number;
  bytes: Uint8Array;
}

/** What a forged report can differ in. */
export interface ReportOptions extends ReportFields {
  /** Written over the report before it is signed: reserved bytes of the signed range, for instance. */
  patch?: readonly BytePatch[];
  /** Written over the report after it was signed. */
  patchSigned?: readonly BytePatch[];
  /** The key that signs. Default: the chip's. */
  signWith?: ForgedP384Key;
  /**
   * `sign`, the default; `twin`: the other signature that verifies, s replaced by n - s; `none`: zeros, as
   * firmware leaves it when the chip key is masked.
   */
  signature?: "sign" | "twin" | "none";
}

/** A forged report and what went into it. */
export interface ForgedReport {
  /** 1184 bytes. */
  readonly bytes: Uint8Array;
  /** The fields of its version before any patch; the signature fields are zero. */
  readonly values: Partial<ReportValues>;
}

const DEFAULT_VERSION = 5;

/** Versions that nobody knows are written like the nearest one that is known. */
function layoutVersion(version: number): ReportVersion {
  if (isReportVersion(version)) return version;
  return version < 2 ? 2 : 5;
}

function tcbBytes(chip: Chip, tcb: Partial<Tcb> | Uint8Array): Uint8Array {
  return tcb instanceof Uint8Array ? tcb : encodeTcb(chip.productLine, { ...chip.tcb, ...tcb });
}

/** The fields that the caller gave, TCBs as bytes; the options that are no fields are left out. */
function givenFields(chip: Chip, options: ReportOptions): Partial<ReportValues> {
  const { patch, patchSigned, signWith, signature, ...fields } = options;
  const { currentTcb = {}, reportedTcb = {}, committedTcb = {}, launchTcb = {}, ...others } = fields;
  return {
    ...others,
    currentTcb: tcbBytes(chip, currentTcb),
    reportedTcb: tcbBytes(chip, reportedTcb),
    committedTcb: tcbBytes(chip, committedTcb),
    launchTcb: tcbBytes(chip, launchTcb),
  };
}

function applyPatches(bytes: Uint8Array, patches: readonly BytePatch[] = []): void {
  for (const { offset, bytes: content } of patches) {
    if (offset < 0 || offset + content.length > bytes.length) {
      throw new TypeError(`patch at ${offset} must lie inside the ${bytes.length} bytes of the report`);
    }
    bytes.set(content, offset);
  }
}

const SIGNATURE_R = 0x2a0;
const SIGNATURE_S = 0x2e8;
const HALF = 48;

/** Writes r and s, each turned into little-endian; what the caller gave for either wins. */
function writeSignature(bytes: Uint8Array, signature: Uint8Array, options: ReportOptions): void {
  const { signatureR = signature.slice(0, HALF).reverse(), signatureS = signature.slice(HALF).reverse() } = options;
  if (signatureR.length !== HALF || signatureS.length !== HALF) {
    throw new TypeError(`signatureR and signatureS must have ${HALF} bytes each`);
  }
  applyPatches(bytes, [
    { offset: SIGNATURE_R, bytes: signatureR },
    { offset: SIGNATURE_S, bytes: signatureS },
  ]);
}

function signReport(bytes: Uint8Array, key: ForgedP384Key, how: ReportOptions["signature"]): Uint8Array {
  if (how === "none") return new Uint8Array(2 * HALF);
  const signature = key.sign(bytes.subarray(0, SIGNED_LENGTH));
  return how === "twin" ? twinSignature(signature) : signature;
}

type FieldValue = number | bigint | Uint8Array;

/** The usual values that the version has, and all that were given: the encoder refuses what the version has not. */
function valuesOf(chip: Chip, version: number, options: ReportOptions): Record<string, FieldValue> {
  const { signatureR: _r, signatureS: _s, ...rest } = options;
  const rows: readonly LayoutRow[] = REPORT_LAYOUTS[layoutVersion(version)].rows;
  const fields = new Set(rows.filter(isField).map(({ name }) => name));
  const usual = Object.entries(usualValues(chip, version)).filter(([name]) => fields.has(name));
  return { ...Object.fromEntries(usual), ...givenFields(chip, rest) };
}

/** A report of a chip: usual values as far as the options do not say otherwise. */
export function forgeReport(chip: Chip, options: ReportOptions): ForgedReport {
  const { version = DEFAULT_VERSION } = options;
  const values = valuesOf(chip, version, options);
  const bytes = encodeLayout<readonly LayoutRow[]>(REPORT_LAYOUTS[layoutVersion(version)], values);
  applyPatches(bytes, options.patch);
  writeSignature(bytes, signReport(bytes, options.signWith ?? chip.key, options.signature), options);
  applyPatches(bytes, options.patchSigned);
  return Object.freeze({ bytes, values });
}
