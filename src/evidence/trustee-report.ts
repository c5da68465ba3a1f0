import { encodeTcb } from "../amd/tcb.js";
import { concatBytes } from "../bytes/codecs.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { integerOf, type JsonPart, keysOf, memberOf, needMember, numbersOf } from "./json-parts.js";
import { rebuildReport, type SpelledReport } from "./rebuild.js";

const U8 = 0xff;
const U32 = 0xffff_ffff;
const HALF_SIGNATURE = 72;
const SIGNATURE_RESERVED = 368;
const TCB_RESERVED = 4;
const TCB_RESERVED_AT = 2;

/** Every name that some version of the structure has; what else stands there would be lost, so it is refused. */
const NAMES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ..."version guest_svn policy family_id image_id vmpl sig_algo current_tcb plat_info key_info _author_key_en".split(
    " ",
  ),
  ..."report_data measurement host_data id_key_digest author_key_digest report_id report_id_ma".split(" "),
  ..."reported_tcb cpuid_fam_id cpuid_mod_id cpuid_step chip_id committed_tcb current committed".split(" "),
  ..."current_build current_minor current_major committed_build committed_minor committed_major".split(" "),
  ..."launch_tcb launch_mit_vector current_mit_vector signature".split(" "),
  ..."_reserved_0 _reserved_1 _reserved_2 _reserved_3 _reserved_4".split(" "),
]);

/**
 * Where the reserved ranges of older versions of the structure stand. `_reserved_1` and `_reserved_4` became shorter
 * when fields were put at their beginning, and still end where they did.
 */
const RESERVED_WORD = { key: "_reserved_0", offset: 0x4c } as const;
const RESERVED_BYTES = [
  { key: "_reserved_2", offset: 0x1eb },
  { key: "_reserved_3", offset: 0x1ef },
] as const;
const RESERVED_RANGES = [
  { key: "_reserved_1", end: 0x1a0, lengths: [21, 24] },
  { key: "_reserved_4", end: 0x2a0, lengths: [152, 168] },
] as const;

function exactly(part: JsonPart, ...lengths: readonly number[]): Uint8Array {
  const bytes = numbersOf(part);
  if (lengths.includes(bytes.length)) return bytes;
  const reason = `expected ${lengths.join(" or ")} bytes, found ${bytes.length}`;
  throw malformedContainer(part.container, part.where, reason);
}

function u8(report: JsonPart, key: string): number {
  return integerOf(needMember(report, key), U8);
}

function u64(part: JsonPart): bigint {
  return BigInt(integerOf(part, Number.MAX_SAFE_INTEGER));
}

/** The four bytes in the middle, where an older version of the structure has them. */
function tcbReserved(tcb: JsonPart): Uint8Array {
  const part = memberOf(tcb, "_reserved");
  return part === undefined ? new Uint8Array(TCB_RESERVED) : exactly(part, TCB_RESERVED);
}

/** A TCB with an FMC is laid out as Turin's. Without one the names stand for positions, whatever the processor. */
function tcb(report: JsonPart, key: string): Uint8Array {
  const part = needMember(report, key);
  const byte = (name: string) => u8(part, name);
  const named = { bootLoader: byte("bootloader"), tee: byte("tee"), snp: byte("snp"), microcode: byte("microcode") };
  const zeros = { spl5: 0, spl6: 0, spl7: 0 };
  const fmc = memberOf(part, "fmc");
  if (fmc === undefined) {
    const bytes = encodeTcb("Milan", { ...named, ...zeros, spl4: 0 });
    bytes.set(tcbReserved(part), TCB_RESERVED_AT);
    return bytes;
  }
  if (memberOf(part, "_reserved") !== undefined) {
    throw malformedContainer(part.container, part.where, "expected either fmc or _reserved, found both");
  }
  return encodeTcb("Turin", { ...named, ...zeros, fmc: integerOf(fmc, U8) });
}

/** One firmware version: an object of three numbers, or three members with a prefix in older structures. */
function firmware(report: JsonPart, key: "current" | "committed") {
  const part = memberOf(report, key);
  const read = (name: string) => (part === undefined ? u8(report, `${key}_${name}`) : u8(part, name));
  return { build: read("build"), minor: read("minor"), major: read("major") };
}

/** KEY_INFO, which the oldest structure names after its lowest bit. */
function keyInfo(report: JsonPart): number {
  const [name, old] = ["key_info", "_author_key_en"].map((key) => memberOf(report, key));
  if (name !== undefined && old !== undefined) {
    throw malformedContainer(report.container, old.where, "there beside key_info, of which it is the old name");
  }
  return integerOf(name ?? old ?? needMember(report, "key_info"), U32);
}

function signature(report: JsonPart): Uint8Array {
  const part = needMember(report, "signature");
  const rest = memberOf(part, "_reserved");
  return concatBytes(
    exactly(needMember(part, "r"), HALF_SIGNATURE),
    exactly(needMember(part, "s"), HALF_SIGNATURE),
    rest === undefined ? new Uint8Array(SIGNATURE_RESERVED) : exactly(rest, SIGNATURE_RESERVED),
  );
}

/** A number that may be absent; `inside` stands for one whose bytes a reserved range has, to be written over it. */
function optional<Value>(part: JsonPart | undefined, inside: Value | undefined, read: (part: JsonPart) => Value) {
  if (part === undefined) return inside;
  if (inside === undefined) return read(part);
  throw malformedContainer(part.container, part.where, "there, though a reserved range has its bytes as well");
}

function rangeLength(report: JsonPart, key: string): number {
  const part = memberOf(report, key);
  return part === undefined ? 0 : numbersOf(part).length;
}

/** What newer report versions added, null or absent in those before. */
function additions(report: JsonPart, version: number) {
  const cpuid = version >= 3 && rangeLength(report, "_reserved_1") === 24 ? 0 : undefined;
  const vector = version >= 5 && rangeLength(report, "_reserved_4") === 168 ? 0n : undefined;
  const byte = (key: string) => optional(memberOf(report, key), cpuid, (part) => integerOf(part, U8));
  return {
    cpuidFamId: byte("cpuid_fam_id"),
    cpuidModId: byte("cpuid_mod_id"),
    cpuidStep: byte("cpuid_step"),
    launchMitVector: optional(memberOf(report, "launch_mit_vector"), vector, u64),
    currentMitVector: optional(memberOf(report, "current_mit_vector"), vector, u64),
  };
}

function spelledReport(report: JsonPart): SpelledReport {
  const word = (key: string) => integerOf(needMember(report, key), U32);
  const bytes = (key: string) => numbersOf(needMember(report, key));
  const version = word("version");
  const current = firmware(report, "current");
  const committed = firmware(report, "committed");
  return {
    version,
    guestSvn: word("guest_svn"),
    policy: u64(needMember(report, "policy")),
    familyId: bytes("family_id"),
    imageId: bytes("image_id"),
    vmpl: word("vmpl"),
    signatureAlgo: word("sig_algo"),
    currentTcb: tcb(report, "current_tcb"),
    platformInfo: u64(needMember(report, "plat_info")),
    keyInfo: keyInfo(report),
    reportData: bytes("report_data"),
    measurement: bytes("measurement"),
    hostData: bytes("host_data"),
    idKeyDigest: bytes("id_key_digest"),
    authorKeyDigest: bytes("author_key_digest"),
    reportId: bytes("report_id"),
    reportIdMa: bytes("report_id_ma"),
    reportedTcb: tcb(report, "reported_tcb"),
    chipId: bytes("chip_id"),
    committedTcb: tcb(report, "committed_tcb"),
    currentBuild: current.build,
    currentMinor: current.minor,
    currentMajor: current.major,
    committedBuild: committed.build,
    committedMinor: committed.minor,
    committedMajor: committed.major,
    launchTcb: tcb(report, "launch_tcb"),
    ...additions(report, version),
    signature: signature(report),
  };
}

/** Writes what the older structures carry of the reserved bytes. */
function writeReserved(bytes: Uint8Array, report: JsonPart): void {
  const view = new DataView(bytes.buffer);
  const word = memberOf(report, RESERVED_WORD.key);
  if (word !== undefined) view.setUint32(RESERVED_WORD.offset, integerOf(word, U32), true);
  for (const { key, offset } of RESERVED_BYTES) {
    const part = memberOf(report, key);
    if (part !== undefined) view.setUint8(offset, integerOf(part, U8));
  }
  for (const { key, end, lengths } of RESERVED_RANGES) {
    const part = memberOf(report, key);
    if (part === undefined) continue;
    const range = exactly(part, ...lengths);
    bytes.set(range, end - range.length);
  }
}

/**
 * Unverified: the 1184 bytes of a report that is spelled out as JSON, as the serde form of virtee's
 * `AttestationReport` does in all its versions: the oldest has every reserved byte, later ones none.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for a field that is missing, stands there twice under two names, or
 * does not fit.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a field or a report version that is not known.
 */
export function rebuildTrusteeReport(report: JsonPart): Uint8Array {
  const stranger = keysOf(report).find((key) => !NAMES.has(key));
  if (stranger !== undefined) {
    throw unsupportedContainer(report.container, report.where, `the field ${shown(stranger)}`);
  }
  const bytes = rebuildReport(report.container, spelledReport(report));
  writeReserved(bytes, report);
  return bytes;
}
