import type { Cpuid } from "../amd/product-lines.js";
import type { BitRow, FlagRow } from "../bytes/bits.js";
import { isFlag } from "../bytes/bits.js";
import { toHex } from "../bytes/codecs.js";
import { GUEST_POLICY_BITS } from "../report/guest-policy.js";
import { PLATFORM_INFO_BITS } from "../report/platform-info.js";
import type { ReportField } from "../report/ranges.js";
import { type AttestationReport, SIGNED_LENGTH } from "../report/report.js";
import type { VerifiedRecord } from "../verify/record.js";
import { hexWord, type Json, timeText } from "./json.js";

type FlagsOf<Rows extends readonly BitRow[]> = Extract<Rows[number], FlagRow>["name"];

/** A bit of POLICY that a policy can judge; bit 17 must be one before there is verified evidence. */
export type GuestPolicyFlag = Exclude<FlagsOf<(typeof GUEST_POLICY_BITS)["rows"]>, "reservedOne">;

/** A bit of PLATFORM_INFO that a policy can judge. */
export type PlatformInfoFlag = FlagsOf<(typeof PLATFORM_INFO_BITS)["rows"]>;

/** Bytes of the report as received, or a field of something else that was verified. */
export type Source =
  | { readonly kind: "report"; readonly offset: number; readonly length: number }
  | { readonly kind: "certificate" | "crl" | "verification"; readonly field: string };

const GUEST_POLICY_ROWS = /* @__PURE__ */ flagRows(GUEST_POLICY_BITS.rows).filter(({ name }) => name !== "reservedOne");
const PLATFORM_INFO_ROWS = /* @__PURE__ */ flagRows(PLATFORM_INFO_BITS.rows);

/** The bits of POLICY that a policy can judge, in AMD's order. */
export const GUEST_POLICY_FLAGS = /* @__PURE__ */ namesOf<GuestPolicyFlag>(GUEST_POLICY_ROWS);

/** The bits of PLATFORM_INFO that a policy can judge, in AMD's order. */
export const PLATFORM_INFO_FLAGS = /* @__PURE__ */ namesOf<PlatformInfoFlag>(PLATFORM_INFO_ROWS);

function flagRows(rows: readonly BitRow[]): readonly FlagRow[] {
  return rows.filter(isFlag);
}

function namesOf<Name extends string>(rows: readonly FlagRow[]): readonly Name[] {
  // The rows are those that Name was computed from.
  return rows.map(({ name }) => name as Name);
}

/** One thing that verified evidence says. */
export interface Claim {
  /** AMD's name for it. */
  readonly label: string;
  /** Where it stands: a field of the report, or a place that is the same for every version of the report. */
  readonly place: ReportField | Source;
  /** The value as JSON; null where this evidence says nothing of the kind. */
  read(record: VerifiedRecord): Json;
}

type ByteField = {
  [Name in ReportField]: VerifiedRecord["report"][Name] extends Uint8Array ? Name : never;
}[ReportField];

function inReport(label: string, report: ReportField, read: Claim["read"]): Claim {
  return { label, place: report, read };
}

function elsewhere(label: string, place: Source, read: Claim["read"]): Claim {
  return { label, place, read };
}

function bytesOf(label: string, field: ByteField): Claim {
  return inReport(label, field, ({ report }) => toHex(report[field]));
}

function tcbOf(label: string, name: keyof VerifiedRecord["tcb"]): Claim {
  return inReport(label, `${name}Tcb`, ({ tcb }) => ({ ...tcb[name] }));
}

function versionOf(label: string, field: "currentFirmware" | "committedFirmware"): Claim {
  return inReport(
    label,
    field,
    ({ report: { [field]: version } }) => `${version.major}.${version.minor}.${version.build}`,
  );
}

function vectorOf(label: string, field: "launchMitVector" | "currentMitVector"): Claim {
  return inReport(label, field, ({ report: { [field]: vector } }) => (vector === null ? null : hexWord(vector)));
}

type FlagClaims<Prefix extends string, Name extends string> = Readonly<Record<`${Prefix}.${Name}`, Claim>>;

/** A claim for each one-bit row, labelled by AMD's name: what stands before the colon of the row's text. */
function flagClaims<Prefix extends "guestPolicy" | "platformInfo", Name extends string>(
  prefix: Prefix,
  rows: readonly FlagRow[],
  read: (report: AttestationReport, name: Name) => boolean,
): FlagClaims<Prefix, Name> {
  const [word, field] =
    prefix === "guestPolicy" ? (["POLICY", "policy"] as const) : (["PLATFORM_INFO", "platformInfo"] as const);
  const claims = rows.map((row): [string, Claim] => {
    const label = `${word}.${row.doc.slice(0, row.doc.indexOf(":"))}`;
    // The rows are those that Name was computed from.
    return [`${prefix}.${row.name}`, inReport(label, field, ({ report }) => read(report, row.name as Name))];
  });
  return Object.fromEntries(claims) as FlagClaims<Prefix, Name>;
}

/** A processor as policies spell it: family, model and stepping, each 0x and two lower-case hex digits. */
function cpuName({ family, model, stepping }: Cpuid): string {
  return [family, model, stepping].map((part) => `0x${part.toString(16).padStart(2, "0")}`).join("-");
}

function reservedBytes({ report }: VerifiedRecord): Json {
  return report.reserved.map(({ offset, bytes }) => ({ offset, bytes: toHex(bytes) }));
}

/** What machine and which key. */
function platformClaims() {
  return {
    reportVersion: inReport("VERSION", "version", ({ report }) => report.version),
    productLine: inReport("the product line", "cpuid", (record) => record.productLine),
    cpuid: inReport("CPUID", "cpuid", ({ report: { cpuid } }) => (cpuid === null ? null : cpuName(cpuid))),
    chipId: bytesOf("CHIP_ID", "chipId"),
    signingKey: inReport("SIGNING_KEY", "keyInfo", (record) => record.signingKey),
    cspId: elsewhere("cspID", { kind: "certificate", field: "leaf.cspId" }, ({ chain }) => chain.leaf.cspId),
  };
}

/** What guest, and what it may do. */
function guestClaims() {
  return {
    measurement: bytesOf("MEASUREMENT", "measurement"),
    reportData: bytesOf("REPORT_DATA", "reportData"),
    hostData: bytesOf("HOST_DATA", "hostData"),
    vmpl: inReport("VMPL", "vmpl", ({ report }) => report.vmpl),
    guestSvn: inReport("GUEST_SVN", "guestSvn", ({ report }) => report.guestSvn),
    familyId: bytesOf("FAMILY_ID", "familyId"),
    imageId: bytesOf("IMAGE_ID", "imageId"),
    idKeyDigest: bytesOf("ID_KEY_DIGEST", "idKeyDigest"),
    "keyInfo.authorKeyEn": inReport("KEY_INFO.AUTHOR_KEY_EN", "keyInfo", ({ report }) => report.keyInfo.authorKeyEn),
    authorKeyDigest: bytesOf("AUTHOR_KEY_DIGEST", "authorKeyDigest"),
    reportId: bytesOf("REPORT_ID", "reportId"),
    reportIdMa: bytesOf("REPORT_ID_MA", "reportIdMa"),
    "guestPolicy.abi": inReport("POLICY.ABI", "policy", ({ report }) => ({
      major: report.policy.abiMajor,
      minor: report.policy.abiMinor,
    })),
    ...flagClaims("guestPolicy", GUEST_POLICY_ROWS, (report, name: GuestPolicyFlag) => report.policy[name]),
    "guestPolicy.unknownBits": inReport("the unknown bits of POLICY", "policy", ({ report }) =>
      hexWord(report.policy.unknownBits),
    ),
  };
}

/** How the host is configured and how new it is. */
function hostClaims() {
  return {
    ...flagClaims("platformInfo", PLATFORM_INFO_ROWS, (report, name: PlatformInfoFlag) => report.platformInfo[name]),
    "platformInfo.unknownBits": inReport("the unknown bits of PLATFORM_INFO", "platformInfo", ({ report }) =>
      hexWord(report.platformInfo.unknownBits),
    ),
    reportedTcb: tcbOf("REPORTED_TCB", "reported"),
    committedTcb: tcbOf("COMMITTED_TCB", "committed"),
    launchTcb: tcbOf("LAUNCH_TCB", "launch"),
    currentTcb: tcbOf("CURRENT_TCB", "current"),
    currentFirmware: versionOf("the current firmware version", "currentFirmware"),
    committedFirmware: versionOf("the committed firmware version", "committedFirmware"),
    launchMitVector: vectorOf("LAUNCH_MIT_VECTOR", "launchMitVector"),
    currentMitVector: vectorOf("CURRENT_MIT_VECTOR", "currentMitVector"),
  };
}

/** What stands beside the fields. */
function otherClaims() {
  return {
    "revocation.status": elsewhere(
      "the revocation status",
      { kind: "verification", field: "revocation.status" },
      ({ chain }) => chain.revocation.status,
    ),
    "revocation.thisUpdate": elsewhere("thisUpdate of the CRL", { kind: "crl", field: "thisUpdate" }, ({ chain }) =>
      timeText(chain.revocation.thisUpdate),
    ),
    "keyInfo.unknownBits": inReport("bits 31:5 of KEY_INFO", "keyInfo", ({ report }) =>
      hexWord(report.keyInfo.unknownBits),
    ),
    reservedBytes: elsewhere("the reserved bytes", { kind: "report", offset: 0, length: SIGNED_LENGTH }, reservedBytes),
  };
}

function makeClaims() {
  return { ...platformClaims(), ...guestClaims(), ...hostClaims(), ...otherClaims() };
}

/** Everything that verified evidence says and a policy may judge, in the order in which results list it. */
export const CLAIMS: Readonly<Record<ClaimName, Claim>> = /* @__PURE__ */ makeClaims();

/** The name of one claim. */
export type ClaimName = keyof ReturnType<typeof makeClaims>;

// The keys of CLAIMS are the claims' names; Object.keys forgets that.
/** The names of all claims, in the order in which results list them. */
export const CLAIM_NAMES: readonly ClaimName[] = /* @__PURE__ */ Object.freeze(Object.keys(CLAIMS) as ClaimName[]);
