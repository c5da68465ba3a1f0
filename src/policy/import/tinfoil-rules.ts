import { isZero, toHex } from "../../bytes/codecs.js";
import type { GuestPolicyFlag, PlatformInfoFlag } from "../claims.js";
import type { SnpBlock } from "../schema.js";
import { type BitRow, bitNumbers, bitWords } from "./block.js";
import type { Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import {
  type Fields,
  fieldsOf,
  flagOf,
  hexOf,
  integerOf,
  membersOf,
  needed,
  type Part,
  textOf,
  wrong,
} from "./part.js";

/** The name of the format in errors. */
export const FORMAT = "tinfoil platform endorsements";

const GUEST_POLICY = [
  ["smt", "smt", "equal"],
  ["migrate_ma", "migrateMa", "equal"],
  ["debug", "debug", "equal"],
  ["single_socket", "singleSocket", "equal"],
  ["cxl_allowed", "cxlAllow", "equal"],
  ["mem_aes256_xts", "memAes256Xts", "equal"],
  ["rapl_dis", "raplDis", "equal"],
  ["ciphertext_hiding_dram", "ciphertextHidingDram", "equal"],
  ["page_swap_disable", "pageSwapDisable", "equal"],
] as const satisfies readonly BitRow<GuestPolicyFlag>[];
const GUEST_POLICY_NEEDED = ["debug", "smt", "migrate_ma", "single_socket"];

const PLATFORM_INFO = [
  ["smt_enabled", "smtEn", "equal"],
  ["tsme_enabled", "tsmeEn", "equal"],
  ["ecc_enabled", "eccEn", "equal"],
  ["rapl_disabled", "raplDis", "equal"],
  ["ciphertext_hiding_dram", "ciphertextHidingDramEn", "equal"],
  ["alias_check_complete", "aliasCheckComplete", "equal"],
  ["tio_enabled", "tioEn", "equal"],
] as const satisfies readonly BitRow<PlatformInfoFlag>[];
const PLATFORM_INFO_NEEDED = ["smt_enabled", "tsme_enabled", "ecc_enabled", "rapl_disabled", "ciphertext_hiding_dram"];

const TCB = [
  ["fmc_spl", "fmc"],
  ["bl_spl", "bootLoader"],
  ["tee_spl", "tee"],
  ["snp_spl", "snp"],
  ["ucode_spl", "microcode"],
] as const;

const KEYS = [
  "minimum_build",
  "minimum_api_version",
  "minimum_abi_version",
  "minimum_guest_svn",
  "minimum_tcb",
  "minimum_launch_tcb",
  "guest_policy",
  "platform_info",
  "permit_provisional_firmware",
  "vmpl",
  "host_data",
  "image_id",
  "family_id",
  "minimum_launch_mitigation_vector",
  "minimum_current_mitigation_vector",
] as const;
type Key = (typeof KEYS)[number];

/** A policy of SEV-SNP, where its block will stand, and where notes go. */
export interface Endorsed {
  readonly part: Part;
  readonly pointer: string;
  readonly notes: Notes;
}

/** The same with its members, every one of which must be there. */
interface Rules extends Endorsed {
  readonly fields: { readonly [Name in Key]: Part };
}

/** The members that are needed are all there: tinfoil's readers take an absent one for a mistake. */
function all<Name extends string>(part: Part, fields: Fields<Name>): { readonly [Each in Name]: Part } {
  const entries = Object.entries<Part | undefined>(fields).map(([key, value]) => [key, needed(value, part, key)]);
  // Each key of the fields gets an entry.
  return Object.fromEntries(entries) as { readonly [Each in Name]: Part };
}

function version(part: Part): { readonly major: number; readonly minor: number } {
  const match = /^(\d{1,3})\.(\d{1,3})$/.exec(textOf(part));
  const [major = 256, minor = 256] = match?.slice(1).map(Number) ?? [];
  if (major > 255 || minor > 255) throw wrong(part, "a version such as 1.55");
  return { major, minor };
}

function floorOf(part: Part): Record<string, number> {
  const members = fieldsOf(
    part,
    TCB.map(([member]) => member),
  );
  const entries = TCB.flatMap(([member, name]) => {
    const value = member === "fmc_spl" ? members[member] : needed(members[member], part, member);
    return value === undefined ? [] : [[name, integerOf(value, 255)] as const];
  });
  return Object.fromEntries(entries);
}

/** The floors, and the line that their components belong to: Turin alone has an FMC. */
function floors({ fields }: Rules) {
  const reported = floorOf(fields.minimum_tcb);
  const launch = floorOf(fields.minimum_launch_tcb);
  const line = "fmc" in reported ? ("Turin" as const) : ("Genoa" as const);
  if ("fmc" in launch === (line === "Turin")) return { line, minimumTcb: { [line]: { reported, launch } } };
  throw malformedImport(FORMAT, fields.minimum_launch_tcb.where, "expected fmc_spl in both floors or in neither");
}

function checkNeeded(part: Part, keys: readonly string[]): void {
  const members = membersOf(part);
  for (const key of keys) needed(members.get(key), part, key);
}

/** Bit 6 has no name in this language: where it must be clear, no unknown bit may be set. */
function platformInfo({ fields, pointer, notes }: Rules): NonNullable<SnpBlock["platformInfo"]> {
  const part = fields.platform_info;
  checkNeeded(part, PLATFORM_INFO_NEEDED);
  const { iommu_write_safe: writeSafe, ...members } = fieldsOf(part, [
    ...PLATFORM_INFO.map(([member]) => member),
    "iommu_write_safe",
  ]);
  const words = bitWords(PLATFORM_INFO, members);
  if (writeSafe === undefined || !flagOf(writeSafe)) return { ...words, unknownBits: "forbidden" };
  const text = "Bit 6 of PLATFORM_INFO has no name here: it may be set or not, as may other bits without a name.";
  notes.add("loosened", { where: writeSafe.where, pointer: `${pointer}/platformInfo/unknownBits`, text });
  return { ...words, unknownBits: "any" };
}

function guestPolicy({ fields }: Rules): NonNullable<SnpBlock["guestPolicy"]> {
  const part = fields.guest_policy;
  checkNeeded(part, GUEST_POLICY_NEEDED);
  const members = fieldsOf(
    part,
    GUEST_POLICY.map(([member]) => member),
  );
  return { ...bitWords(GUEST_POLICY, members), minimumAbi: version(fields.minimum_abi_version) };
}

/** What an ID block says is zero in every report that tinfoil accepts: it refuses guests that have one. */
function checkNoIdBlock({ fields }: Rules): void {
  const reason = "expected zero, found another value; tinfoil refuses guests with an ID block, which alone has values";
  for (const key of ["image_id", "family_id"] as const) {
    if (!isZero(hexOf(fields[key], 16))) throw malformedImport(FORMAT, fields[key].where, reason);
  }
  const svn = fields.minimum_guest_svn;
  if (integerOf(svn, 0xffffffff) > 0) throw malformedImport(FORMAT, svn.where, reason);
}

function mitigations({ fields }: Rules): Pick<SnpBlock, "mitigations"> {
  const bits = (key: Key) => bitNumbers(integerOf(fields[key], Number.MAX_SAFE_INTEGER));
  const launch = bits("minimum_launch_mitigation_vector");
  const current = bits("minimum_current_mitigation_vector");
  if (launch.length + current.length === 0) return {};
  const vectors = { ...(launch.length > 0 ? { launch } : {}), ...(current.length > 0 ? { current } : {}) };
  return { mitigations: vectors };
}

/**
 * The block of one policy of SEV-SNP, for the machines that have it.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` for a member that is unknown, missing or wrong.
 */
export function endorsedBlock(endorsed: Endorsed, chipId: string[]): SnpBlock {
  const { part } = endorsed;
  const fields = all(part, fieldsOf(part, KEYS));
  const rules = { ...endorsed, fields };
  const { line, minimumTcb } = floors(rules);
  checkNoIdBlock(rules);
  const current = { ...version(fields.minimum_api_version), build: integerOf(fields.minimum_build, 255) };
  return {
    productLine: [line],
    chipId,
    measurement: "any",
    reportData: { scheme: "tinfoil-v2" },
    hostData: [toHex(hexOf(fields.host_data, 32))],
    vmpl: [integerOf(fields.vmpl, 3)],
    guestPolicy: guestPolicy(rules),
    platformInfo: platformInfo(rules),
    minimumTcb,
    minimumFirmware: { current },
    ...(flagOf(fields.permit_provisional_firmware) ? {} : { provisionalFirmware: "forbidden" }),
    ...mitigations(rules),
  };
}
