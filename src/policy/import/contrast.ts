import { isZero, toHex } from "../../bytes/codecs.js";
import type { GuestPolicyFlag, PlatformInfoFlag } from "../claims.js";
import type { SnpBlock } from "../schema.js";
import { anyBlock, type BitRow, bitNumbers, bitWords, blockAt, some } from "./block.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import type { ImportInput, Part } from "./part.js";
import { fieldsOf, flagOf, hexOf, integerOf, itemsOf, jsonPart, membersOf, needed, textOf } from "./part.js";

const FORMAT = "Contrast manifest";

const GUEST_POLICY = [
  ["SMT", "smt", "ceiling"],
  ["MigrateMA", "migrateMa", "ceiling"],
  ["Debug", "debug", "ceiling"],
  ["SingleSocket", "singleSocket", "floor"],
  ["CXLAllowed", "cxlAllow", "ceiling"],
  ["MemAES256XTS", "memAes256Xts", "floor"],
  ["RAPLDis", "raplDis", "floor"],
  ["CipherTextHidingDRAM", "ciphertextHidingDram", "floor"],
  ["PageSwapDisable", "pageSwapDisable", "floor"],
] as const satisfies readonly BitRow<GuestPolicyFlag>[];

const PLATFORM_INFO = [
  ["SMTEnabled", "smtEn", "ceiling"],
  ["TSMEEnabled", "tsmeEn", "ceiling"],
  ["ECCEnabled", "eccEn", "floor"],
  ["RAPLDisabled", "raplDis", "floor"],
  ["CiphertextHidingDRAMEnabled", "ciphertextHidingDramEn", "floor"],
  ["AliasCheckComplete", "aliasCheckComplete", "floor"],
  ["TIOEnabled", "tioEn", "ceiling"],
] as const satisfies readonly BitRow<PlatformInfoFlag>[];

const TCB = [
  ["BootloaderVersion", "bootLoader"],
  ["TEEVersion", "tee"],
  ["SNPVersion", "snp"],
  ["MicrocodeVersion", "microcode"],
] as const;

/** The members of GuestPolicy that Contrast lets nobody change, and the one value of each. */
const FIXED = [
  ["SMT", true],
  ["MigrateMA", false],
  ["Debug", false],
  ["SingleSocket", false],
  ["CXLAllowed", false],
  ["MemAES256XTS", false],
  ["RAPLDis", false],
  ["CipherTextHidingDRAM", false],
] as const;

/** An entry of ReferenceValues.snp, and what it is imported with. */
interface Entry {
  readonly part: Part;
  readonly pointer: string;
  readonly hostData: string[];
  readonly notes: Notes;
}

function guestPolicy(part: Part): NonNullable<SnpBlock["guestPolicy"]> {
  const members = fieldsOf(part, ["ABIMajor", "ABIMinor", ...GUEST_POLICY.map(([member]) => member)]);
  for (const [member, value] of FIXED) {
    const flag = members[member];
    if ((flag !== undefined && flagOf(flag)) === value) continue;
    const where = `${part.where}/${member}`;
    throw malformedImport(FORMAT, where, `expected ${value}, found ${!value}; Contrast allows no other value`);
  }
  const number = (member: Part | undefined) => (member === undefined ? 0 : integerOf(member, 255));
  const minimumAbi = { major: number(members.ABIMajor), minor: number(members.ABIMinor) };
  return { ...bitWords(GUEST_POLICY, members), minimumAbi };
}

function platformInfo({ part, pointer, notes }: Entry, info: Part | undefined): NonNullable<SnpBlock["platformInfo"]> {
  const at = `${pointer}/platformInfo`;
  if (info === undefined) {
    const text =
      "The manifest says nothing of PLATFORM_INFO. As present versions of Contrast read it, SMT, TSME and TIO must be " +
      "off; versions that did not know the key compared nothing.";
    notes.add("tightened", { where: part.where, pointer: at, text });
  }
  const members =
    info === undefined
      ? {}
      : fieldsOf(
          info,
          PLATFORM_INFO.map(([member]) => member),
        );
  return bitWords(PLATFORM_INFO, members);
}

function floorOf(part: Part) {
  const members = fieldsOf(
    part,
    TCB.map(([member]) => member),
  );
  const entries = TCB.map(([member, name]) => [name, integerOf(needed(members[member], part, member), 255)] as const);
  // The names are those of the table.
  return Object.fromEntries(entries) as Record<(typeof TCB)[number][1], number>;
}

function productLine(part: Part): "Milan" | "Genoa" {
  const name = textOf(part);
  if (name === "Milan" || name === "Genoa") return name;
  throw malformedImport(FORMAT, part.where, "expected Milan or Genoa, found another product; Contrast knows no other");
}

function chipIds(part: Part | undefined): string[] {
  if (part === undefined) return [];
  return itemsOf(part).map((item) => {
    const id = hexOf(item, 64);
    if (!isZero(id)) return toHex(id);
    throw malformedImport(FORMAT, item.where, "expected the id of a chip, found zeros, which any masked report has");
  });
}

const ENTRY = [
  "Platform",
  "ProductName",
  "TrustedMeasurement",
  "MinimumTCB",
  "GuestPolicy",
  "PlatformInfo",
  "MinimumMitigationVector",
  "AllowedChipIDs",
  "CPUs",
  "APEIP",
] as const;

/** What an entry says beside the rules: labels, and a measurement that stands for many. */
function checkLabels({ part, pointer, notes }: Entry): void {
  const { Platform, CPUs, APEIP } = fieldsOf(part, ENTRY);
  if (CPUs !== undefined) integerOf(CPUs, Number.MAX_SAFE_INTEGER);
  if (Platform !== undefined && /insecure/i.test(textOf(Platform))) {
    throw malformedImport(FORMAT, Platform.where, "expected a platform that attests, found an insecure one; remove it");
  }
  if (APEIP === undefined || textOf(APEIP) === "") return;
  hexOf(APEIP, 4);
  const text =
    "Contrast takes TrustedMeasurement for the digest of a guest with one vCPU and computes those of up to 220. Only " +
    "the one with one vCPU is accepted here; list the others too (attestry measure computes launch digests).";
  notes.add("tightened", { where: APEIP.where, pointer: `${pointer}/measurement`, text });
}

function blockOf(entry: Entry): SnpBlock {
  const { part, hostData } = entry;
  checkLabels(entry);
  const fields = fieldsOf(part, ENTRY);
  const line = productLine(needed(fields.ProductName, part, "ProductName"));
  const floor = floorOf(needed(fields.MinimumTCB, part, "MinimumTCB"));
  const vector = fields.MinimumMitigationVector;
  const bits = vector === undefined ? [] : bitNumbers(integerOf(vector, Number.MAX_SAFE_INTEGER));
  const chips = chipIds(fields.AllowedChipIDs);
  return {
    productLine: [line],
    ...(chips.length === 0 ? {} : { chipId: chips }),
    measurement: [toHex(hexOf(needed(fields.TrustedMeasurement, part, "TrustedMeasurement"), 48))],
    reportData: { scheme: "atls" },
    ...(hostData.length === 0 ? {} : { hostData }),
    vmpl: [0],
    guestPolicy: guestPolicy(needed(fields.GuestPolicy, part, "GuestPolicy")),
    platformInfo: platformInfo(entry, fields.PlatformInfo),
    minimumTcb: { [line]: { reported: floor, launch: floor } },
    ...(bits.length === 0 ? {} : { mitigations: { launch: bits, current: bits } }),
    idBlock: { required: true },
  };
}

/** The hashes of all workloads, which HOST_DATA must be one of. */
function workloads(part: Part | undefined, notes: Notes): string[] {
  if (part === undefined) {
    const text = "The manifest lists no Policies: HOST_DATA is not examined, and any workload passes.";
    notes.add("loosened", { where: "", pointer: null, text });
    return [];
  }
  const policies = [...membersOf(part).entries()];
  const coordinators = policies.filter(([, policy]) => {
    const { Role } = fieldsOf(policy, ["SANs", "WorkloadSecretID", "Role"]);
    return Role !== undefined && textOf(Role) === "coordinator";
  });
  if (coordinators.length === 0) {
    throw malformedImport(FORMAT, part.where, "expected a policy with the role coordinator, found none; add it");
  }
  const text =
    "HOST_DATA may be the hash of any workload, as the Coordinator accepts them. Who attests the Coordinator alone " +
    `keeps only ${coordinators.map(([hash]) => hash.slice(0, 64)).join(", ")}. SANs and secrets are not carried.`;
  notes.add("meant", { where: part.where, pointer: null, text });
  return policies.map(([hash, { format, where }]) => toHex(hexOf({ format, where, value: hash }, 32)));
}

const LEFT_OUT = [
  "WorkloadOwnerKeyDigests",
  "WorkloadOwnerPubKeys",
  "SeedshareOwnerPubKeys",
  "SeedshareOwnerKeys",
] as const;

function noteWhole(notes: Notes): void {
  const note = (kind: "meant" | "loosened", text: string) => notes.add(kind, { where: "", pointer: null, text });
  note("meant", "REPORT_DATA is SHA-512 of the peer's public key and the nonce: bring it by the scheme atls.");
  note(
    "loosened",
    "An ID block is asked for, but not whose: Contrast derives its key from the measurement and POLICY, anew for each.",
  );
  note("loosened", "PLATFORM_INFO bits that have no name pass and are reported; Contrast refuses them.");
  note(
    "meant",
    "Floors hold for REPORTED_TCB and LAUNCH_TCB, as Contrast compares. Its documents speak of COMMITTED_TCB, which " +
      "is never below what is reported.",
  );
}

/**
 * The policy that a Contrast manifest (JSON) means for SEV-SNP: any entry of `ReferenceValues.snp` may match, and
 * HOST_DATA is the hash of a workload in `Policies`.
 *
 * Nothing checks that the manifest is the one that a Coordinator runs. Entries for TDX are left out, with a note.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no manifest that Contrast would load, or
 * that a policy may not mean; `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see Contrast's documentation, "The manifest".
 */
export function fromContrastManifest(input: ImportInput): Imported {
  const whole = jsonPart(FORMAT, input);
  const notes = createNotes();
  const { Policies, ReferenceValues, ...others } = fieldsOf(whole, ["Policies", "ReferenceValues", ...LEFT_OUT]);
  const values = needed(ReferenceValues, whole, "ReferenceValues");
  const { snp, tdx } = fieldsOf(values, ["snp", "tdx"]);
  const entries = itemsOf(needed(snp, values, "snp"));
  some(entries, needed(snp, values, "snp"), "nothing in it is about SEV-SNP");
  const hostData = workloads(Policies, notes);
  const blocks = entries.map((part, index) =>
    blockOf({ part, pointer: blockAt(index, entries.length), hostData, notes }),
  );
  noteWhole(notes);
  const left = [tdx, ...Object.values(others)].flatMap((part) => (part === undefined ? [] : [part.where]));
  for (const where of left) {
    notes.add("not-carried", { where, pointer: null, text: "Left out: it is not about SEV-SNP reports." });
  }
  return imported(anyBlock("imported from a Contrast manifest", blocks), notes);
}
