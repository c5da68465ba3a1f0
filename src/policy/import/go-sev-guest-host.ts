import type { ProductLine } from "../../amd/product-lines.js";
import { decodeTcb } from "../../amd/tcb.js";
import { decodeGuestPolicy } from "../../report/guest-policy.js";
import { decodePlatformInfo } from "../../report/platform-info.js";
import type { GuestPolicyFlag, PlatformInfoFlag } from "../claims.js";
import type { SnpBlock } from "../schema.js";
import { type BitRule, bitWord } from "./block.js";
import { FORMAT, type PolicyMessage } from "./go-sev-guest-messages.js";
import { malformedImport } from "./malformed.js";
import type { Located } from "./proto.js";

/** How go-sev-guest compares the bits of POLICY. Source: its validate package. */
const GUEST_POLICY = {
  smt: "ceiling",
  migrateMa: "ceiling",
  debug: "ceiling",
  singleSocket: "floor",
  cxlAllow: "ceiling",
  memAes256Xts: "floor",
  raplDis: "floor",
  ciphertextHidingDram: "floor",
  pageSwapDisable: "floor",
} as const satisfies Record<GuestPolicyFlag, BitRule>;

/** How it compares those of PLATFORM_INFO. */
const PLATFORM_INFO = {
  smtEn: "ceiling",
  tsmeEn: "ceiling",
  eccEn: "floor",
  raplDis: "floor",
  ciphertextHidingDramEn: "floor",
  aliasCheckComplete: "floor",
  tioEn: "ceiling",
} as const satisfies Record<PlatformInfoFlag, BitRule>;

function bitWords<const Name extends string>(
  rules: Readonly<Record<Name, BitRule>>,
  bits: Readonly<Record<NoInfer<Name>, boolean>>,
) {
  // Object.keys widens; the keys are those of the rules.
  const names = Object.keys(rules) as Name[];
  const entries = names.map((name) => [name, bitWord(rules[name], bits[name])] as const);
  return Object.fromEntries(entries) as Record<Name, ReturnType<typeof bitWord>>;
}

/**
 * What the number `policy` demands of POLICY: the bits by ceilings and floors, and the least ABI.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` for a number that go-sev-guest does not take: bit 17 clear, or bits
 * set that have no name.
 */
export function guestPolicy({ policy }: PolicyMessage): NonNullable<SnpBlock["guestPolicy"]> {
  const bits = decodeGuestPolicy(policy?.value ?? 0n);
  const where = policy?.where ?? "policy";
  if (!bits.reservedOne) throw malformedImport(FORMAT, where, "expected bit 17 to be set, as in every guest policy");
  if (bits.unknownBits !== 0n) throw malformedImport(FORMAT, where, "expected bits 63:26 to be zero");
  return { ...bitWords(GUEST_POLICY, bits), minimumAbi: { major: bits.abiMajor, minor: bits.abiMinor } };
}

/** What the number `platform_info` demands. @throws MalformedError `ERR_MALFORMED_IMPORT` for bits without a name. */
export function platformInfo({ where, value }: Located<bigint>): NonNullable<SnpBlock["platformInfo"]> {
  const bits = decodePlatformInfo(value);
  if (bits.unknownBits !== 0n) throw malformedImport(FORMAT, where, "expected bit 6 and bits 63:8 to be zero");
  return bitWords(PLATFORM_INFO, bits);
}

/** A number of 64 bits as the 8 bytes that a report has it in. */
function wordBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** The floor that a number spells in a line's layout. */
function floorOf(line: ProductLine, field: Located<bigint> | undefined) {
  const {
    bootLoader,
    tee,
    snp,
    microcode,
    fmc,
    spl4 = 0,
    spl5,
    spl6,
    spl7,
  } = decodeTcb(line, wordBytes(field?.value ?? 0n));
  if (field !== undefined && spl4 + spl5 + spl6 + spl7 > 0) {
    throw malformedImport(FORMAT, field.where, "expected zeros in the bytes of a TCB that AMD reserves");
  }
  return { bootLoader, tee, snp, microcode, ...(fmc === undefined ? {} : { fmc }) };
}

function floorsOf(line: ProductLine, message: PolicyMessage) {
  const turin = line === "Turin";
  const reported = turin ? message.minimum_tcb_turin : message.minimum_tcb;
  const launch = turin ? message.minimum_launch_tcb_turin : message.minimum_launch_tcb;
  return {
    reported: floorOf(line, reported),
    ...(launch === undefined || launch.value === 0n ? {} : { launch: floorOf(line, launch) }),
  };
}

/** True where the numbers set a floor of Milan's and Genoa's layout, or of Turin's. */
export function hasFloors(message: PolicyMessage, layout: "Turin" | "other"): boolean {
  const { minimum_tcb, minimum_launch_tcb, minimum_tcb_turin, minimum_launch_tcb_turin } = message;
  const fields = layout === "Turin" ? [minimum_tcb_turin, minimum_launch_tcb_turin] : [minimum_tcb, minimum_launch_tcb];
  return fields.some((field) => field !== undefined && field.value !== 0n);
}

/**
 * Floors for the lines: `minimum_tcb` for REPORTED_TCB, `minimum_launch_tcb` for LAUNCH_TCB; of Turin by the fields
 * that are Turin's, since its bytes have another order.
 */
export function minimumTcb(message: PolicyMessage, lines: readonly ProductLine[]): NonNullable<SnpBlock["minimumTcb"]> {
  const said = lines.some((line) => hasFloors(message, line === "Turin" ? "Turin" : "other"));
  if (!said) return "any";
  return Object.fromEntries(lines.map((line) => [line, floorsOf(line, message)]));
}

const VERSION = /^(\d{1,3})\.(\d{1,3})$/;

/** The least firmware version; undefined where none is asked for that can be said. */
export function leastFirmware(message: PolicyMessage) {
  const { minimum_version, minimum_build } = message;
  if (minimum_build !== undefined && minimum_build.value > 255) {
    throw malformedImport(FORMAT, minimum_build.where, `expected at most 255, found ${minimum_build.value}`);
  }
  if (minimum_version === undefined || minimum_version.value === "") return undefined;
  const [, major, minor] = VERSION.exec(minimum_version.value) ?? [];
  const version = { major: Number(major), minor: Number(minor), build: minimum_build?.value ?? 0 };
  if (version.major <= 255 && version.minor <= 255) return version;
  throw malformedImport(FORMAT, minimum_version.where, "expected a version such as 1.55, found other text");
}
