import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { corpusRoot, needs } from "./needs.js";

/** One row of the corpus' index.json. */
interface IndexRow {
  id: string;
  expected: string;
  code?: string;
  at: string;
  revocation: "require" | "skip" | "if-available";
  product: "Milan" | "Genoa" | "Turin" | null;
  signer: "VCEK" | "VLEK";
  version: number | null;
  formats: readonly string[];
}

/** One set of real evidence: its index row, and its files read when asked for. */
export interface CorpusSet extends Omit<IndexRow, "at"> {
  /** The clock to judge the set by. */
  at: Date;
  /** Names of the files beside expected.json, folders left out. */
  files: readonly string[];
  has(name: string): boolean;
  /** The file's bytes; throws where the set has none of that name. */
  read(name: string): Uint8Array;
  /** What an independent verifier found; a new object at each call. */
  expectedJson(): Record<string, unknown>;
}

function openSet(row: IndexRow): CorpusSet {
  const folder = resolve(corpusRoot, "reports", row.id);
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  return {
    ...row,
    at: new Date(row.at),
    files,
    has: (name) => files.includes(name),
    read: (name) => new Uint8Array(readFileSync(resolve(folder, name))),
    expectedJson: () => JSON.parse(readFileSync(resolve(folder, "expected.json"), "utf8")),
  };
}

let sets: readonly CorpusSet[] | undefined;

/**
 * All sets of the corpus in the order of its index; empty where the machine has no corpus, so that a table of
 * tests can be built before `describe.runIf(needs("corpus"))` decides whether it runs.
 */
export function corpusSets(): readonly CorpusSet[] {
  if (!needs("corpus")) return [];
  sets ??= (JSON.parse(readFileSync(resolve(corpusRoot, "index.json"), "utf8")) as IndexRow[]).map(openSet);
  return sets;
}

/** The sets whose `expected` satisfies the test, for instance `corpusWhere((e) => e === "valid")`. */
export function corpusWhere(accepts: (expected: string) => boolean): readonly CorpusSet[] {
  return corpusSets().filter((set) => accepts(set.expected));
}

/** One set by its id; throws where there is none. */
export function corpusSet(id: string): CorpusSet {
  const found = corpusSets().find((set) => set.id === id);
  if (found === undefined) throw new Error(`the corpus has no set "${id}"`);
  return found;
}

/** A file outside reports/, by its path inside the corpus, for instance `amd/Milan/ark.der`; throws if missing. */
export function corpusFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(resolve(corpusRoot, path)));
}

/** The names of the files in a folder of the corpus; empty where there is no corpus or no such folder. */
export function corpusFolder(path: string): readonly string[] {
  const folder = resolve(corpusRoot, path);
  return existsSync(folder) ? readdirSync(folder) : [];
}
