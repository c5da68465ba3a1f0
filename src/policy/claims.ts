import type { Cpuid } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { FlagRow } from "../bytes/bits.js";
import { toHex } from "../bytes/codecs.js";
import type { GUEST_POLICY_BITS } from "../report/guest-policy.js";
import type { PLATFORM_INFO_BITS } from "../report/platform-info.js";
import type { ReportField } from "../report/ranges.js";
import type { VerifiedRecord } from "../verify/record.js";
import { hexWord, type Json, timeText } from "./json.js";

type FlagsOf<Table extends { readonly rows: readonly unknown[] }> = Extract<Table["rows"][number], FlagRow>["name"];

/** A bit of POLICY that a policy can judge; bit 17 must be one before there is verified evidence. */
export type GuestPolicyFlag = Exclude<FlagsOf<typeof GUEST_POLICY_BITS>, "reservedOne">;

/** A bit of PLATFORM_INFO that a policy can judge. */
export type PlatformInfoFlag = FlagsOf<typeof PLATFORM_INFO_BITS>;

// The names alone: the tables of report/ prove and decode the words, which is over before there is a policy.
/** The bits of POLICY that a policy can judge, in AMD's order. */
export const GUEST_POLICY_FLAGS = [
  "smt",
  "migrateMa",
  "debug",
  "singleSocket",
  "cxlAllow",
  "memAes256Xts",
  "raplDis",
  "ciphertextHidingDram",
  "pageSwapDisable",
] as const satisfies readonly GuestPolicyFlag[];

/** The bits of PLATFORM_INFO that a policy can judge, in AMD's order. */
export const PLATFORM_INFO_FLAGS = [
  "smtEn",
  "tsmeEn",
  "eccEn",
  "raplDis",
  "ciphertextHidingDramEn",
  "aliasCheckComplete",
  "tioEn",
] as const satisfies readonly PlatformInfoFlag[];

/** Bytes of the report as received, or a field of something else that was verified. */
export type Source =
  | { readonly kind: "report"; readonly offset: number; readonly length: number }
  | { readonly kind: "certificate" | "crl" | "verification"; readonly field: string };

/** One thing that verified evidence says. */
export interface Claim {
  /** Where it stands: a field of the report, or a place that is the same for every version of the report. */
  readonly place: ReportField | Source;
  /** The value as JSON; null where this evidence says nothing of the kind. */
  read(record: VerifiedRecord): Json;
}

type ByteField = {
  [Name in ReportField]: VerifiedRecord["report"][Name] extends Uint8Array ? Name : never;
}[ReportField];

function claim(place: Claim["place"], read: Claim["read"]): Claim {
  return { place, read };
}

function certificate(field: string, read: Claim["read"]): Claim {
  return claim({ kind: "certificate", field }, read);
}

function each<const Name extends string>(names: readonly Name[], make: (name: Name) => Claim): Record<Name, Claim> {
  const claims = names.map((name) => [name, make(name)] as const);
  // Object.fromEntries widens the keys to string; they are exactly `names`.
  return Object.fromEntries(claims) as Record<Name, Claim>;
}

function bytes<const Name extends ByteField>(...fields: readonly Name[]): Record<Name, Claim> {
  return each(fields, (field) => claim(field, ({ report }) => toHex(report[field])));
}

type Prefixed<Prefix extends string, Name extends string> = Record<`${Prefix}.${Name}`, Claim>;

/** A claim for each bit of POLICY or PLATFORM_INFO, and one for the bits that nobody knows. */
function flags<const Word extends "guestPolicy" | "platformInfo", const Name extends string>(
  word: Word,
  names: readonly Name[],
): Prefixed<Word, Name | "unknownBits"> {
  const field: "policy" | "platformInfo" = word === "guestPolicy" ? "policy" : "platformInfo";
  const read = (name: string) =>
    claim(field, ({ report }) => {
      // The names are those of the decoded word (`satisfies`, above): flags are booleans, unknown bits a mask.
      const value: unknown = Reflect.get(report[field], name);
      return typeof value === "bigint" ? hexWord(value) : value === true;
    });
  const claims = [...names, "unknownBits"].map((name) => [`${word}.${name}`, read(name)]);
  return Object.fromEntries(claims) as Prefixed<Word, Name | "unknownBits">;
}

/** A TCB as it is: frozen numbers by name, and so JSON that may be shared. */
function tcbReader(name: keyof VerifiedRecord["tcb"]): Claim["read"] {
  return ({ tcb: { [name]: tcb } }) => tcb as Tcb & { readonly [component: string]: number };
}

/** A processor as policies spell it: family, model and stepping, each 0x and two lower-case hex digits. */
function cpuName({ family, model, stepping }: Cpuid): string {
  return [family, model, stepping].map((part) => `0x${part.toString(16).padStart(2, "0")}`).join("-");
}

/** What machine, which key, what guest, and what it may do. */
function identityClaims() {
  return {
    reportVersion: claim("version", ({ report }) => report.version),
    productLine: claim("cpuid", (record) => record.productLine),
    cpuid: claim("cpuid", ({ report: { cpuid } }) => (cpuid === null ? null : cpuName(cpuid))),
    ...bytes("chipId"),
    signingKey: claim("keyInfo", (record) => record.signingKey),
    cspId: certificate("leaf.cspId", ({ chain }) => chain.leaf.cspId),
    leafSha256: certificate("leaf", ({ chain }) => chain.fingerprints.leaf),
    intermediateSha256: certificate("intermediate", ({ chain }) => chain.fingerprints.intermediate),
    ...bytes("measurement", "reportData", "hostData"),
    ...each(["vmpl", "guestSvn"], (field) => claim(field, ({ report }) => report[field])),
    ...bytes("familyId", "imageId", "idKeyDigest"),
    "keyInfo.authorKeyEn": claim("keyInfo", ({ report }) => report.keyInfo.authorKeyEn),
    ...bytes("authorKeyDigest", "reportId", "reportIdMa"),
    "guestPolicy.abi": claim("policy", ({ report: { policy } }) => ({
      major: policy.abiMajor,
      minor: policy.abiMinor,
    })),
    ...flags("guestPolicy", GUEST_POLICY_FLAGS),
  };
}

/** How the host is configured and how new it is, and what stands beside the fields. */
function platformClaims() {
  return {
    ...flags("platformInfo", PLATFORM_INFO_FLAGS),
    ...each(["reportedTcb", "committedTcb", "launchTcb", "currentTcb"], (field) =>
      // The four names without their ending are the keys of `tcb`.
      claim(field, tcbReader(field.slice(0, -3) as keyof VerifiedRecord["tcb"])),
    ),
    ...each(["currentFirmware", "committedFirmware"], (field) =>
      claim(field, ({ report: { [field]: at } }) => `${at.major}.${at.minor}.${at.build}`),
    ),
    ...each(["launchMitVector", "currentMitVector"], (field) =>
      claim(field, ({ report: { [field]: vector } }) => (vector === null ? null : hexWord(vector))),
    ),
    "revocation.status": claim(
      { kind: "verification", field: "revocation.status" },
      ({ chain }) => chain.revocation.status,
    ),
    "revocation.thisUpdate": claim({ kind: "crl", field: "thisUpdate" }, ({ chain }) =>
      timeText(chain.revocation.thisUpdate),
    ),
    "keyInfo.unknownBits": claim("keyInfo", ({ report }) => hexWord(report.keyInfo.unknownBits)),
    reservedBytes: claim({ kind: "report", offset: 0, length: 0x2a0 }, ({ report }) =>
      report.reserved.map((part) => ({ offset: part.offset, bytes: toHex(part.bytes) })),
    ),
  };
}

function makeClaims() {
  return { ...identityClaims(), ...platformClaims() };
}

/** Everything that verified evidence says and a policy may judge, in the order in which results list it. */
export const CLAIMS: Readonly<Record<ClaimName, Claim>> = /* @__PURE__ */ makeClaims();

/** The name of one claim. */
export type ClaimName = keyof ReturnType<typeof makeClaims>;

// The keys of CLAIMS are the claims' names; Object.keys forgets that.
/** The names of all claims, in the order in which results list them. */
export const CLAIM_NAMES: readonly ClaimName[] = /* @__PURE__ */ Object.freeze(Object.keys(CLAIMS) as ClaimName[]);

/** The claims whose name is not AMD's in camelCase. */
const LABELS: Partial<Readonly<Record<ClaimName, string>>> = {
  productLine: "the product line",
  reportVersion: "VERSION",
  signingKey: "SIGNING_KEY",
  cspId: "cspID",
  leafSha256: "SHA-256 of the leaf certificate",
  intermediateSha256: "SHA-256 of the intermediate certificate",
  currentFirmware: "the current firmware version",
  committedFirmware: "the committed firmware version",
  "guestPolicy.unknownBits": "the unknown bits of POLICY",
  "platformInfo.unknownBits": "the unknown bits of PLATFORM_INFO",
  "revocation.status": "the revocation status",
  "revocation.thisUpdate": "thisUpdate of the CRL",
  "keyInfo.unknownBits": "bits 31:5 of KEY_INFO",
  reservedBytes: "the reserved bytes",
};

/** What people call a claim: AMD's name where AMD has one. */
export function labelOf(name: ClaimName): string {
  const amd = name.replace("guestP", "p").replace(/[A-Z]|\d+/g, "_$&");
  return LABELS[name] ?? amd.toUpperCase();
}
