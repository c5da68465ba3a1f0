/** What the oracle is told: plain data, in shapes of its own. Nothing here comes from `src`. */

export type TextList = readonly string[] | { readonly list: string };
export type Ternary = "required" | "forbidden" | "any";
export type Floor = Readonly<Record<string, number>>;
export type Version = { readonly major: number; readonly minor: number; readonly build: number };

/** The block `snp`, as docs/policy.md has it. */
export interface Block {
  productLine?: TextList;
  cpu?: TextList;
  reportVersion?: { minimum?: number; maximum?: number };
  signingKey?: TextList;
  cspId?: TextList | "any";
  chipId?: TextList;
  denyChips?: TextList;
  denyCertificates?: TextList;
  measurement?: TextList | "any";
  reportData?: "any" | { exact: string } | { scheme: string; parts?: Readonly<Record<string, "fromEvidence">> };
  hostData?: TextList;
  familyId?: TextList;
  imageId?: TextList;
  reportId?: TextList;
  reportIdMa?: TextList;
  guestSvn?: { minimum: number };
  vmpl?: readonly number[];
  guestPolicy?: Readonly<Record<string, Ternary | { major: number; minor: number }>>;
  platformInfo?: Readonly<Record<string, Ternary>>;
  minimumTcb?: "any" | Readonly<Record<string, Readonly<Record<string, Floor>>>>;
  minimumFirmware?: { current?: Version; committed?: Version };
  provisionalFirmware?: "forbidden" | "any";
  mitigations?: { launch?: readonly number[]; current?: readonly number[] };
  advisories?: { ids: TextList; dataSet: string; maxAgeSeconds: number };
  idBlock?: { required?: boolean; idKeyDigests?: TextList; authorKeyDigests?: TextList };
  revocation?: { status?: string; maxAgeSeconds?: number };
  reserved?: "zero" | "any";
}

export interface Rule {
  allOf?: readonly Rule[];
  anyOf?: readonly Rule[];
  snp?: Block;
}

export interface Excuse {
  check: string;
  until: string;
  reason: string;
  only: { chipId?: TextList; cspId?: TextList; productLine?: TextList; measurement?: TextList };
}

export interface PolicyText {
  version: 1;
  id: string;
  validity?: { notBefore?: string; notAfter?: string };
  lists?: Readonly<Record<string, readonly string[]>>;
  snp?: Block;
  require?: Rule;
  waivers?: readonly Excuse[];
  warn?: readonly Excuse[];
}

/** What verification found out beside the report; times in milliseconds, bytes as lower-case hex. */
export interface Facts {
  report: Uint8Array;
  productLine: string;
  signingKey: string;
  cspId: string | null;
  hwId: string | null;
  leafSha256: string;
  intermediateSha256: string;
  /** `usableUntil`: nextUpdate, and for a stale list the end of its grace; null where there is none. */
  revocation: { status: string; thisUpdate: number | null; usableUntil: number | null };
  verifiedAt: number;
  notAfter: { leaf: number; intermediate: number; root: number };
}

/** One proof of an advisory; see docs/advisories.md. */
export interface Proof {
  for: readonly string[];
  anyOf: readonly (readonly {
    check: string;
    component?: string;
    minimum?: number | string;
    bit?: string | number;
  }[])[];
}

export interface Advisory {
  id: string;
  affected: readonly string[];
  notAffected?: readonly { for: readonly string[] }[];
  provable: boolean;
  proofs?: readonly Proof[];
}

export interface Inputs {
  now: number;
  reportData: { scheme: string; bytes: string; fromEvidence: readonly string[] } | null;
  advisories: { digest: string; publishedAt: string; advisories: readonly Advisory[] } | null;
}

const LENGTH = 1184;

/** The report's numbers and strings, by the offsets of AMD 56860's table ATTESTATION_REPORT. */
export function readAt(report: Uint8Array) {
  if (report.length !== LENGTH) throw new Error(`${report.length} bytes are no report`);
  const view = new DataView(report.buffer, report.byteOffset, report.length);
  return {
    u8: (offset: number) => view.getUint8(offset),
    u32: (offset: number) => view.getUint32(offset, true),
    u64: (offset: number) => view.getBigUint64(offset, true),
    hex: (offset: number, length: number) =>
      [...report.subarray(offset, offset + length)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}
