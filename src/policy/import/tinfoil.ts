import { isZero, toHex } from "../../bytes/codecs.js";
import { anyBlock, blockAt, some } from "./block.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import { fieldsOf, hexOf, type ImportInput, jsonPart, membersOf, needed, type Part, textOf, wrong } from "./part.js";
import { endorsedBlock, FORMAT } from "./tinfoil-rules.js";

const PREDICATE = "https://tinfoil.sh/predicate/platform-endorsements/v1";

/** The chips of each policy, by the policy's name. */
function chipsByPolicy(machines: Part, known: ReadonlyMap<string, Part>): ReadonlyMap<string, string[]> {
  const chips = new Map<string, string[]>();
  for (const [id, machine] of membersOf(machines)) {
    const name = textOf(machine);
    if (!known.has(name)) throw wrong(machine, "the name of a policy");
    const bytes = hexOf({ ...machine, value: id }, 64, 16);
    if (isZero(bytes)) throw malformedImport(FORMAT, machine.where, "expected the id of a machine, found zeros");
    chips.set(name, [...(chips.get(name) ?? []), toHex(bytes)]);
  }
  return chips;
}

function noteWhole(notes: Notes): void {
  const note = (kind: "meant" | "loosened", text: string) => notes.add(kind, { where: "", pointer: null, text });
  note(
    "loosened",
    "MEASUREMENT may be anything: endorsements are of machines. Replace the word by the launch digest of the release " +
      "that you verified, or any image passes.",
  );
  note("meant", "REPORT_DATA is SHA-256 of the TLS key and the HPKE key, as of version 2: bring it by tinfoil-v2.");
  note("loosened", "A guest with an ID block passes, whatever it says; tinfoil refuses those.");
  note(
    "loosened",
    "Firmware is compared as (major, minor, build): one with a newer version and a lesser build passes, which tinfoil, " +
      "comparing version and build apart, refuses.",
  );
}

/** A policy and the chips that it is for. */
interface Named {
  readonly part: Part;
  readonly chips: string[];
}

/** The policies of SEV-SNP that some machine has; the others are noted. */
function used(policies: ReadonlyMap<string, Part>, machines: Part, notes: Notes): readonly Named[] {
  const chips = chipsByPolicy(machines, policies);
  const left = (where: string, text: string) => notes.add("not-carried", { where, pointer: null, text });
  return [...policies].flatMap(([name, policy]) => {
    const { platform, sev_snp, tdx } = fieldsOf(policy, ["platform", "sev_snp", "tdx"]);
    const kind = textOf(needed(platform, policy, "platform"));
    const own = chips.get(name) ?? [];
    if (kind === "tdx" && sev_snp === undefined) {
      needed(tdx, policy, "tdx");
      left(policy.where, "Left out: it is not about SEV-SNP.");
      return [];
    }
    if (kind !== "sev-snp" || tdx !== undefined) throw wrong(policy, "a policy of sev-snp, or one of tdx");
    const part = needed(sev_snp, policy, "sev_snp");
    if (own.length === 0) left(policy.where, "Left out: no machine has this policy.");
    const short = own.find((id) => id.length !== 128);
    if (short !== undefined)
      throw malformedImport(FORMAT, machines.where, "expected 64 bytes as the id of a SEV-SNP machine");
    return own.length === 0 ? [] : [{ part, chips: own }];
  });
}

/**
 * The policy that tinfoil's platform endorsements (JSON) mean for SEV-SNP: each machine, by its CHIP_ID, must keep to
 * the rules that it is endorsed with. Bits of POLICY and PLATFORM_INFO must be exactly as written.
 *
 * Nothing checks who signed the endorsements. They do not say which image may run: MEASUREMENT is left open, with a
 * note.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no such document, or accepts nothing;
 * `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see tinfoilsh/platform-endorsements.
 */
export function fromTinfoil(input: ImportInput): Imported {
  const whole = jsonPart(FORMAT, input);
  const notes = createNotes();
  const { format, measurements, machines, policies } = fieldsOf(whole, [
    "format",
    "measurements",
    "machines",
    "policies",
  ]);
  if (format !== undefined && textOf(format) !== PREDICATE) throw wrong(format, PREDICATE);
  const rules = membersOf(needed(policies, whole, "policies"));
  const fleet = needed(machines, whole, "machines");
  const found = some(used(rules, fleet, notes), fleet, "no machine of SEV-SNP is endorsed");
  const blocks = found.map(({ part, chips }, index) => {
    const pointer = blockAt(index, found.length);
    return endorsedBlock({ part, pointer, notes }, chips);
  });
  if (measurements !== undefined) {
    const text = "Left out: these are measurements of TDX.";
    notes.add("not-carried", { where: measurements.where, pointer: null, text });
  }
  noteWhole(notes);
  return imported(anyBlock("imported from tinfoil's platform endorsements", blocks), notes);
}
