import type { VerifiedRecord } from "../../../src/verify/record.js";
import { fieldHex, fieldNumber } from "./support.js";

/** A check.Policy as go-sev-guest's documents and code read it; what is left out is not compared. */
export interface GoPolicy {
  readonly policy: bigint;
  readonly lines?: readonly string[];
  readonly stepping?: bigint;
  readonly minimumGuestSvn?: bigint;
  readonly vmpl?: bigint;
  readonly minimumTcb?: bigint;
  readonly minimumLaunchTcb?: bigint;
  readonly minimumTcbTurin?: bigint;
  readonly platformInfo?: bigint;
  readonly minimumBuild?: bigint;
  readonly minimumVersion?: readonly [bigint, bigint];
  readonly permitProvisional?: boolean;
  readonly requireAuthorKey?: boolean;
  readonly requireIdBlock?: boolean;
  readonly authorKeyHashes?: readonly string[];
  readonly idKeyHashes?: readonly string[];
  readonly checkCrl?: boolean;
  /** Hex, by the offset in the report. */
  readonly exact?: Readonly<Record<number, string>>;
}

const bit = (word: bigint, at: bigint) => (word >> at) & 1n;

/** SMT, MIGRATE_MA, DEBUG and CXL may be set only where the policy sets them; the others must be where it sets them. */
function policyHolds(given: bigint, wanted: bigint): boolean {
  if (bit(given, 17n) === 0n || given >> 26n !== 0n) return false;
  const abi = (word: bigint) => word & 0xffffn;
  if (abi(given) < abi(wanted)) return false;
  const ceilings = [16n, 18n, 19n, 21n].every((at) => bit(given, at) <= bit(wanted, at));
  return ceilings && [20n, 22n, 23n, 24n, 25n].every((at) => bit(given, at) >= bit(wanted, at));
}

/** SMT, TSME and TIO are ceilings, the rest floors; a bit without a name is an error. */
function platformHolds(given: bigint, wanted: bigint | undefined): boolean {
  if (wanted === undefined) return true;
  if (bit(given, 6n) === 1n || given >> 8n !== 0n) return false;
  const ceilings = [0n, 1n, 7n].every((at) => bit(given, at) <= bit(wanted, at));
  return ceilings && [2n, 3n, 4n, 5n].every((at) => bit(given, at) >= bit(wanted, at));
}

/** Every byte of the floor, by itself. */
function tcbHolds(given: bigint, floor: bigint): boolean {
  return [0n, 8n, 16n, 24n, 32n, 40n, 48n, 56n].every((at) => ((given >> at) & 0xffn) >= ((floor >> at) & 0xffn));
}

/** By the exact models that go-sev-guest knows; a report without CPUID is what its certificate says. */
function lineOf({ bytes, productLine }: VerifiedRecord): string {
  const names: Readonly<Record<string, string>> = { "1901": "Milan", "1911": "Genoa", "1a02": "Turin" };
  return fieldNumber(bytes, 0, 4) < 3n ? productLine : (names[fieldHex(bytes, 0x188, 2)] ?? "unknown");
}

function firmwareHolds(
  bytes: Uint8Array,
  { minimumBuild = 0n, minimumVersion = [0n, 0n], ...spec }: GoPolicy,
): boolean {
  const byte = (offset: number) => fieldNumber(bytes, offset, 1);
  const version = (at: number) => (byte(at + 2) << 8n) | byte(at + 1);
  const least = (minimumVersion[0] << 8n) | minimumVersion[1];
  if (byte(0x1e8) < minimumBuild || version(0x1e8) < least) return false;
  if (spec.permitProvisional === true) return true;
  const same = fieldHex(bytes, 0x1e8, 3) === fieldHex(bytes, 0x1ec, 3);
  return same && fieldHex(bytes, 0x38, 8) === fieldHex(bytes, 0x1e0, 8);
}

function keysHold(bytes: Uint8Array, spec: GoPolicy): boolean {
  if (spec.requireAuthorKey !== true && spec.requireIdBlock !== true) return true;
  const authorEnabled = bit(fieldNumber(bytes, 0x48, 4), 0n) === 1n;
  const authorTrusted = authorEnabled && (spec.authorKeyHashes ?? []).includes(fieldHex(bytes, 0x110, 48));
  if (spec.requireAuthorKey === true) return authorTrusted;
  return authorTrusted || (spec.idKeyHashes ?? []).includes(fieldHex(bytes, 0xe0, 48));
}

/** Whether go-sev-guest accepts a report whose signature holds, by its rules on the bytes. */
export function goAccepts(spec: GoPolicy, record: VerifiedRecord): boolean {
  const { bytes } = record;
  const line = lineOf(record);
  const turin = line === "Turin";
  const lines = spec.lines ?? ["Milan", "Genoa", ...(spec.minimumTcbTurin === undefined ? [] : ["Turin"])];
  if (!lines.includes(line)) return false;
  if (spec.stepping !== undefined && fieldNumber(bytes, 0, 4) >= 3n) {
    if (fieldNumber(bytes, 0x18a, 1) !== spec.stepping) return false;
  }
  const floors = [
    [0x180, turin ? spec.minimumTcbTurin : spec.minimumTcb],
    [0x1f0, turin ? 0n : spec.minimumLaunchTcb],
  ] as const;
  return [
    // KEY_INFO 31:5 must be zero, and certificates are verified at the present time.
    fieldNumber(bytes, 0x48, 4) >> 5n === 0n && record.chain.leaf.notAfter >= record.chain.verifiedAt,
    spec.checkCrl !== true || record.chain.revocation.status === "checked",
    fieldNumber(bytes, 4, 4) >= (spec.minimumGuestSvn ?? 0n),
    policyHolds(fieldNumber(bytes, 8, 8), spec.policy),
    platformHolds(fieldNumber(bytes, 0x40, 8), spec.platformInfo),
    spec.vmpl === undefined || fieldNumber(bytes, 0x30, 4) === spec.vmpl,
    floors.every(([offset, floor = 0n]) => tcbHolds(fieldNumber(bytes, offset, 8), floor)),
    firmwareHolds(bytes, spec),
    keysHold(bytes, spec),
    Object.entries(spec.exact ?? {}).every(([offset, hex]) => fieldHex(bytes, Number(offset), hex.length / 2) === hex),
  ].every(Boolean);
}
