import { definePolicy } from "../policy/define.js";
import {
  fromCcfGovernance,
  fromConstellation,
  fromContrastManifest,
  fromGoSevGuest,
  fromNitride,
  fromOakReferenceValues,
  fromSnpguestFlags,
  fromTinfoil,
  fromTrustee,
  type Imported,
  type ImportNote,
  type ImportNoteKind,
} from "../policy/import/index.js";
import { type ParsedArguments, readArguments } from "./arguments.js";
import { readInput } from "./input.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections, type Section } from "./layout.js";
import { printable } from "./printable.js";
import { lookOf } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** Names the schema of imported policies; schemas/policy-import.v1.schema.json has it as `$id`. */
export const POLICY_IMPORT_SCHEMA = "urn:attestry:schema:policy-import:v1";

const OPTIONS = { json: { type: "boolean" }, measurement: { type: "string" } } as const;

type Digests = readonly string[] | undefined;
type Importer = (bytes: Uint8Array, measurements: Digests) => Promise<Imported>;

function later(importer: (bytes: Uint8Array, measurements: Digests) => Imported): Importer {
  return async (bytes, measurements) => importer(bytes, measurements);
}

/** Oak's reference values; digests that they do not ask for, or that are none, are the caller's mistake. */
function fromOak(bytes: Uint8Array, measurements: Digests): Imported {
  const argument = "options.measurements ";
  try {
    return fromOakReferenceValues(bytes, measurements === undefined ? {} : { measurements });
  } catch (error) {
    if (!(error instanceof TypeError && error.message.startsWith(argument))) throw error;
    throw new UsageError(`--measurement ${error.message.slice(argument.length)}`, { cause: error });
  }
}

/** The importers by the names that the command has for their formats. */
const IMPORTERS: ReadonlyMap<string, Importer> = new Map<string, Importer>([
  ["ccf", later((bytes) => fromCcfGovernance(bytes))],
  ["constellation", async (bytes) => await fromConstellation(bytes)],
  ["contrast", later((bytes) => fromContrastManifest(bytes))],
  ["go-sev-guest", later((bytes) => fromGoSevGuest(bytes))],
  ["nitride", later((bytes) => fromNitride(bytes))],
  ["oak", later(fromOak)],
  ["snpguest", later((bytes) => fromSnpguestFlags(bytes))],
  ["tinfoil", later((bytes) => fromTinfoil(bytes))],
  ["trustee", later((bytes) => fromTrustee(bytes))],
]);

/** The names of the formats, in the order of the alphabet. */
export const IMPORT_FORMATS: readonly string[] = [...IMPORTERS.keys()];

/** What a person must read first stands first. */
const TITLES: readonly (readonly [kind: ImportNoteKind, title: string])[] = [
  ["loosened", "Loosened: the policy accepts more than its source"],
  ["not-carried", "Not carried: no policy can say it"],
  ["tightened", "Tightened: the policy refuses more than its source"],
  ["meant", "The same by other means"],
];

function sectionOf(notes: readonly ImportNote[], [kind, title]: (typeof TITLES)[number]): Section {
  const rows = notes
    .filter((note) => note.kind === kind)
    .map(({ where, pointer, text }) => ({
      name: where === "" ? "all of it" : printable(where, 60),
      ...(kind === "loosened" || kind === "not-carried" ? { nameTone: "warn" as const } : {}),
      value: printable(text),
      ...(pointer === null ? {} : { note: printable(pointer, 200) }),
    }));
  return { title, rows };
}

/** What is to be imported, and by what. */
interface Operands {
  readonly format: string;
  readonly file: string;
  readonly importer: Importer;
  readonly measurements: Digests;
}

/** The operands, and the launch digests that Oak's reference values leave to whoever imports them. */
function readOperands(parsed: ParsedArguments): Operands {
  const [format, file, surplus] = parsed.positionals;
  const formats = IMPORT_FORMATS.join(", ");
  if (format === undefined || format === "") throw new UsageError(`FORMAT is missing: ${formats}`);
  const importer = IMPORTERS.get(format);
  if (importer === undefined) throw new UsageError(`expected FORMAT ${formats}, found ${printable(format, 100)}`);
  if (file === undefined || file === "") throw new UsageError("FILE is missing");
  if (surplus !== undefined) throw new UsageError(`expected one FILE, found a second: ${printable(surplus)}`);
  const digests = parsed.text("measurement");
  if (digests !== undefined && format !== "oak") throw new UsageError("--measurement is for the format oak alone");
  return { format, importer, file, measurements: digests?.split(",") };
}

/**
 * `attestry policy import`: another system's policy as a policy document on stdout, and on stderr what to know of it.
 * What it prints is a policy: `definePolicy` has taken it.
 */
export async function importVerb(args: readonly string[], io: CliIo): Promise<void> {
  const parsed = readArguments(args, OPTIONS);
  const { format, importer, file, measurements } = readOperands(parsed);
  const reading: Promise<Imported> = importer(await readInput(io, file, "foreign policy"), measurements);
  const { policy, notes } = await reading;
  const { id, digest } = await definePolicy(policy);
  if (parsed.flag("json")) {
    const answer = { schema: POLICY_IMPORT_SCHEMA, format, id, digest, policy, notes };
    await io.stdout.write(`${jsonText(answer, 2)}\n`);
    return;
  }
  await io.stdout.write(`${jsonText(policy, 2)}\n`);
  const sections = TITLES.map((title) => sectionOf(notes, title)).filter(({ rows }) => rows.length > 0);
  await io.stderr.write(renderSections(sections, lookOf(io.stderr, io.env)));
}
