import { toHex } from "../../bytes/codecs.js";
import type { SnpBlock } from "../schema.js";
import { type BitWord, some } from "./block.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import {
  base64Of,
  fieldsOf,
  flagOf,
  hexOf,
  type ImportInput,
  integerOf,
  itemsOf,
  jsonPart,
  membersOf,
  needed,
  type Part,
  textOf,
  wrong,
} from "./part.js";

const FORMAT = "Trustee reference values";

const SVNS = [
  ["snp_bootloader", "bootLoader"],
  ["snp_tee_svn", "tee"],
  ["snp_snp_svn", "snp"],
  ["snp_microcode", "microcode"],
] as const;

const FLAGS = [
  ["snp_smt_enabled", "platformInfo", "smtEn"],
  ["snp_tsme_enabled", "platformInfo", "tsmeEn"],
  ["snp_smt_allowed", "guestPolicy", "smt"],
  ["snp_single_socket", "guestPolicy", "singleSocket"],
] as const;

const MEASUREMENT = "snp_launch_measurement";
const ABI = ["snp_guest_abi_major", "snp_guest_abi_minor"] as const;
const KNOWN: readonly string[] = [MEASUREMENT, ...ABI, ...SVNS.map(([name]) => name), ...FLAGS.map(([name]) => name)];

/** Base64 of 48 bytes has 64 characters and no padding; hex has 96. */
const BASE64_DIGITS = 64;

const TIME = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** True for a time to the second that there is. */
function isTime(text: string): boolean {
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString() === text.replace("Z", ".000Z");
}

/** The values by name, and when the first of those that are used ends. */
interface Values {
  readonly byName: ReadonlyMap<string, Part>;
  readonly notAfter: string | null;
  readonly notes: Notes;
}

/** The values of a name: a list, or the one value that stands for a list of one. */
function listOf(part: Part): readonly Part[] {
  return Array.isArray(part.value) ? some(itemsOf(part), part, "Trustee's rule would never hold") : [part];
}

/** An entry of the store of Trustee's RVPS, in its present form or that of versions with digests. */
function storedEntry(part: Part): { readonly name: string; readonly value: Part; readonly ends: string | null } {
  const fields = fieldsOf(part, ["version", "name", "expiration", "expired", "value", "hash-value"]);
  const { expiration, expired, value, "hash-value": digests } = fields;
  const end = expiration ?? expired;
  const ends = end === undefined ? null : textOf(end);
  if (end !== undefined && !isTime(textOf(end))) throw wrong(end, "a time such as 2027-01-31T00:00:00Z");
  const name = textOf(needed(fields.name, part, "name"));
  if (value !== undefined && digests === undefined) return { name, value, ends };
  const listed = needed(digests, part, "value");
  if (value !== undefined) throw wrong(part, "value or hash-value, and not both");
  const values = itemsOf(listed).map((item) => {
    const { alg, value: digest } = fieldsOf(item, ["alg", "value"]);
    textOf(needed(alg, item, "alg"));
    return textOf(needed(digest, item, "value"));
  });
  return { name, value: { ...listed, value: values }, ends };
}

/** The entries of a store; a name that stands twice is refused, since the store would have one. */
function stored(whole: Part, notes: Notes): Values {
  const byName = new Map<string, Part>();
  const ends: string[] = [];
  for (const item of itemsOf(whole)) {
    const entry = storedEntry(item);
    if (byName.has(entry.name)) throw wrong({ ...item, value: entry.name }, "a name once");
    byName.set(entry.name, entry.value);
    if (entry.ends !== null && KNOWN.includes(entry.name)) ends.push(entry.ends);
  }
  return { byName, notAfter: ends.sort()[0] ?? null, notes };
}

function valuesOf(whole: Part, notes: Notes): Values {
  if (Array.isArray(whole.value)) return stored(whole, notes);
  return { byName: membersOf(whole), notAfter: null, notes };
}

/** A value without which Trustee's rule never holds. */
function demanded({ byName }: Values, name: string): Part {
  const part = byName.get(name);
  if (part !== undefined) return part;
  throw malformedImport(FORMAT, name, "expected a value, found none; without it Trustee affirms nothing");
}

function measurements(values: Values): string[] {
  return listOf(demanded(values, MEASUREMENT)).map((part) => {
    const text = textOf(part);
    return toHex(text.length === BASE64_DIGITS ? base64Of(part, 48) : hexOf(part, 48));
  });
}

/** The least of the numbers that are listed. */
function leastOf(part: Part): number {
  return Math.min(...listOf(part).map((item) => integerOf(item, 255)));
}

function floorOf(values: Values) {
  const entries = SVNS.map(([name, component]) => [component, leastOf(demanded(values, name))] as const);
  const text =
    "The least value that is listed is the floor. Trustee asks for one of the values that are listed: what is newer " +
    "passes here and fails there, and so does what lies between two of them.";
  values.notes.add("loosened", { where: "", pointer: "/snp/minimumTcb", text });
  const line =
    "The numbers hold for every product line, as in Trustee, though the lines count apart: remove the lines that you " +
    "do not run. FMC, which Turin has, is none of Trustee's values and has no floor.";
  values.notes.add("meant", { where: "", pointer: "/snp/minimumTcb", text: line });
  // The names are those of the table.
  return Object.fromEntries(entries) as Record<(typeof SVNS)[number][1], number>;
}

/** A bit that may have one of some values. */
function wordOf(part: Part): BitWord {
  const listed = new Set(listOf(part).map(flagOf));
  if (listed.size > 1) return "any";
  return listed.has(true) ? "required" : "forbidden";
}

/** The words for the bits that are listed. */
function flagWords({ byName }: Values) {
  const words = { guestPolicy: {} as Record<string, BitWord>, platformInfo: {} as Record<string, BitWord> };
  for (const [name, key, bit] of FLAGS) {
    const part = byName.get(name);
    if (part !== undefined) words[key][bit] = wordOf(part);
  }
  return words;
}

/** The least ABI that is listed; nothing where neither part is. */
function minimumAbi({ byName, notes }: Values) {
  const [major, minor] = ABI.map((name) => byName.get(name));
  if (major === undefined && minor === undefined) return {};
  const text = "The least ABI that is listed is the floor: a later one passes, which Trustee does not list.";
  notes.add("loosened", { where: ABI.join(", "), pointer: "/snp/guestPolicy/minimumAbi", text });
  const number = (part: Part | undefined) => (part === undefined ? 0 : leastOf(part));
  return { minimumAbi: { major: number(major), minor: number(minor) } };
}

/** The bits and the ABI that are listed; Trustee rates a guest that differs in them lower, and affirms it still. */
function configuration(values: Values): Pick<SnpBlock, "guestPolicy" | "platformInfo"> {
  const listed = [...FLAGS.map(([name]) => name), ...ABI].filter((name) => values.byName.has(name));
  if (listed.length > 0) {
    const text =
      "These are asked for. Trustee's own policy affirms a guest that differs in them, as long as it has neither " +
      "debugging nor a migration agent.";
    values.notes.add("tightened", { where: listed.join(", "), pointer: "/snp", text });
  }
  const { guestPolicy, platformInfo } = flagWords(values);
  return {
    guestPolicy: { debug: "forbidden", migrateMa: "forbidden", ...guestPolicy, ...minimumAbi(values) },
    ...(Object.keys(platformInfo).length > 0 ? { platformInfo } : {}),
  };
}

function noteWhole({ byName, notes }: Values): void {
  const note = (kind: "meant" | "tightened" | "not-carried", text: string, where = "") =>
    notes.add(kind, { where, pointer: null, text });
  for (const name of byName.keys()) {
    if (KNOWN.includes(name)) continue;
    note("not-carried", "Left out: Trustee's policy of SEV-SNP does not ask for it.", name);
  }
  note("meant", "REPORT_DATA is SHA-384 of the canonical JSON of nonce and key: bring it by the scheme trustee.");
  note(
    "meant",
    "A VLEK of any provider passes, as in Trustee: list the providers that you use in cspId, or remove it.",
  );
  note("not-carried", "HOST_DATA, which Trustee compares with init data where a guest brings any, is not examined.");
  note("tightened", "A current CRL is asked for, and reserved bytes must be zero; Trustee looks at neither.");
}

/**
 * The policy that Trustee's own policy of SEV-SNP means with some reference values: a JSON object of names and values,
 * as its tools register and list them, or a list of the entries that its store (RVPS) keeps.
 *
 * Trustee asks whether a value is listed; here the least of the list is a floor. Values with an end end the policy.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no such value, and where a value is missing
 * without which Trustee affirms nothing; `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see confidential-containers/trustee, `ear_default_policy_cpu.rego`.
 */
export function fromTrustee(input: ImportInput): Imported {
  const notes = createNotes();
  const values = valuesOf(jsonPart(FORMAT, input), notes);
  const reported = floorOf(values);
  const snp: SnpBlock = {
    reportVersion: { minimum: 3, maximum: 5 },
    signingKey: ["VCEK", "VLEK"],
    cspId: "any",
    measurement: measurements(values),
    reportData: { scheme: "trustee" },
    vmpl: [0],
    ...configuration(values),
    minimumTcb: { Milan: { reported }, Genoa: { reported }, Turin: { reported } },
  };
  noteWhole(values);
  const { notAfter } = values;
  const validity = notAfter === null ? {} : { validity: { notAfter } };
  return imported({ version: 1, id: "imported from Trustee's reference values", ...validity, snp }, notes);
}
