import type { ProductLine } from "../../amd/product-lines.js";
import { fromHex, isZero, toHex } from "../../bytes/codecs.js";
import type { SnpBlock } from "../schema.js";
import { commandWords } from "./command-words.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport, shownValue } from "./malformed.js";
import { type ImportInput, inputText } from "./part.js";
import { noteOpen, noteStrictDefaults } from "./silence.js";

const FORMAT = "snpguest flags";

/** The flags of `snpguest verify attestation`; `value` where a value follows. Source: virtee/snpguest, its manual. */
const FLAGS = {
  "--measurement": { short: "-m", value: true },
  "--host-data": { short: "-d", value: true },
  "--report-data": { short: "-r", value: true },
  "--id-key-digest": { short: null, value: true },
  "--author-key-digest": { short: null, value: true },
  "--processor-model": { short: "-p", value: true },
  "--tcb": { short: "-t", value: false },
  "--signature": { short: "-s", value: false },
  "--quiet": { short: "-q", value: false },
} as const;

type Flag = keyof typeof FLAGS;
type Given = ReadonlyMap<Flag, string>;

const MODELS: ReadonlyMap<string, ProductLine> = /* @__PURE__ */ new Map([
  ["milan", "Milan"],
  ["genoa", "Genoa"],
  ["bergamo", "Genoa"],
  ["siena", "Genoa"],
  ["turin", "Turin"],
]);

function flagOf(word: string): Flag | undefined {
  // Object.keys widens; the keys are those of the table.
  const names = Object.keys(FLAGS) as Flag[];
  return names.find((name) => name === word || FLAGS[name].short === word);
}

/** The words behind `snpguest verify attestation`, or all of them where they begin with a flag. */
function argumentsOf(words: readonly string[]): readonly string[] {
  const [first] = words;
  if (first === undefined || first.startsWith("-")) return words;
  const expected = ["snpguest", "verify", "attestation"];
  const kept = words.filter((word) => flagOf(word) !== "--quiet");
  const at = expected.findIndex((word, index) => (kept[index] ?? "").replace(/^.*\//, "") !== word);
  if (at < 0) return kept.slice(expected.length);
  const reason = `expected ${expected.join(" ")} or a flag, found ${shownValue(kept[at] ?? "")}`;
  throw malformedImport(FORMAT, `word ${at + 1}`, reason);
}

/** The value of a flag, behind `=` or the next word; the empty text for a flag that takes none. */
function flagText(flag: Flag, joined: string | undefined, rest: string[]): string {
  const without = joined === undefined ? "" : undefined;
  const value = FLAGS[flag].value ? (joined ?? rest.shift()) : without;
  if (value !== undefined) return value;
  throw malformedImport(FORMAT, flag, `expected ${FLAGS[flag].value ? "a" : "no"} value`);
}

/** Flags and their values. Other words are paths, of which there are at most two. */
function givenFlags(words: readonly string[]): Given {
  const given = new Map<Flag, string>();
  let paths = 0;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = word, joined] = /^(--[^=]*)=(.*)$/s.exec(word) ?? [];
    const flag = flagOf(name);
    if (flag === undefined) {
      paths++;
      if (!word.startsWith("-") && paths <= 2) continue;
      throw malformedImport(FORMAT, shownValue(word), "expected a flag of snpguest verify attestation, or two paths");
    }
    const value = flagText(flag, joined, rest);
    if (given.has(flag)) throw malformedImport(FORMAT, flag, "expected the flag once, found it twice");
    given.set(flag, value);
  }
  return given;
}

function bytesOf(given: Given, flag: Flag, length: number): Uint8Array | undefined {
  const text = given.get(flag);
  if (text === undefined) return undefined;
  const digits = text.replace(/^0x/, "");
  if (digits.length === 2 * length && /^[0-9a-fA-F]*$/.test(digits)) return fromHex(digits);
  throw malformedImport(FORMAT, flag, `expected ${2 * length} hex digits, found ${shownValue(text)}`);
}

/** The digest of a key that must have signed. */
function keyOf(given: Given, flag: "--id-key-digest" | "--author-key-digest"): string[] {
  const bytes = bytesOf(given, flag, 48);
  if (bytes === undefined) return [];
  if (!isZero(bytes)) return [toHex(bytes)];
  throw malformedImport(FORMAT, flag, "expected the digest of a key, found zeros, which mean that there is none");
}

function idBlock(given: Given): SnpBlock {
  const idKeyDigests = keyOf(given, "--id-key-digest");
  const authorKeyDigests = keyOf(given, "--author-key-digest");
  if (idKeyDigests.length + authorKeyDigests.length === 0) return {};
  return {
    idBlock: {
      ...(idKeyDigests.length === 0 ? {} : { idKeyDigests }),
      ...(authorKeyDigests.length === 0 ? {} : { authorKeyDigests }),
    },
  };
}

function productLine(given: Given, notes: Notes): SnpBlock {
  const model = given.get("--processor-model");
  if (model === undefined) return {};
  const line = MODELS.get(model.toLowerCase());
  if (line === undefined) {
    throw malformedImport(FORMAT, "--processor-model", `expected ${[...MODELS.keys()].join(", ")}`);
  }
  const text =
    "The processor model is a rule here: reports of other lines fail. To snpguest it says how to read a report.";
  notes.add("meant", { where: "--processor-model", pointer: "/snp/productLine", text });
  return { productLine: [line] };
}

function noteScope(given: Given, notes: Notes): void {
  for (const where of ["--tcb", "--signature"] as const) {
    if (!given.has(where)) continue;
    const text = "Everything is verified all the same: signature, chain and TCB cannot be left out.";
    notes.add("tightened", { where, pointer: null, text });
  }
}

/**
 * The policy that the flags of `snpguest verify attestation` mean: the command line, or its flags alone.
 *
 * snpguest compares what its flags give and nothing else; what it leaves open is noted.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the flag of the mistake: unknown, twice, without a value, or a
 * value of another length; and for what a shell would interpret. `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see virtee/snpguest, snpguest(1).
 */
export function fromSnpguestFlags(input: ImportInput): Imported {
  const given = givenFlags(argumentsOf(commandWords(FORMAT, inputText(FORMAT, input))));
  const notes = createNotes();
  const measurement = bytesOf(given, "--measurement", 48);
  const reportData = bytesOf(given, "--report-data", 64);
  const hostData = bytesOf(given, "--host-data", 32);
  const snp: SnpBlock = {
    ...productLine(given, notes),
    measurement: measurement === undefined ? "any" : [toHex(measurement)],
    reportData: reportData === undefined ? "any" : { exact: toHex(reportData) },
    ...(hostData === undefined ? {} : { hostData: [toHex(hostData)] }),
    minimumTcb: "any",
    ...idBlock(given),
  };
  if (measurement === undefined) noteOpen(notes, "measurement");
  if (reportData === undefined) noteOpen(notes, "reportData");
  noteOpen(notes, "minimumTcb");
  noteScope(given, notes);
  const silent = [
    "signingKey",
    "vmpl",
    "debug",
    "migrateMa",
    "unknownBits",
    "reserved",
    "revocation",
    "dates",
  ] as const;
  noteStrictDefaults(notes, silent);
  return imported({ version: 1, id: "imported from snpguest flags", snp }, notes);
}
