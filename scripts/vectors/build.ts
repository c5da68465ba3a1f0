/** All files of vectors/ that are made, by their path inside it. */
import { createHash } from "node:crypto";
import type { Evidence } from "../../src/evidence/evidence.js";
import { type Base, type BaseName, type Bases, makeBases, SEED } from "./bases.js";
import { INTERMEDIATE_GROUPS, ROOT_GROUPS } from "./ca-cases.js";
import { CRL_GROUPS } from "./crl-cases.js";
import { LEAF_GROUPS } from "./leaf-cases.js";
import { type Group, type Made, NOTES, PARTS, type Part, partOf, type Recipe } from "./recipe.js";
import { REPORT_GROUPS } from "./report-cases.js";
import { type Splice, splicesBetween } from "./splice.js";

const FILES: Readonly<Record<Part, string>> = {
  report: "report.bin",
  leaf: "leaf.der",
  intermediate: "intermediate.der",
  root: "root.der",
  crl: "crl.der",
};

const SUITES = {
  report: REPORT_GROUPS,
  leaf: LEAF_GROUPS,
  intermediate: INTERMEDIATE_GROUPS,
  root: ROOT_GROUPS,
  crl: CRL_GROUPS,
} satisfies Record<Part, readonly Group[]>;

type PartChange =
  | { part: Part; splices: readonly Splice[] }
  | { part: Part; from: BaseName; as: Part }
  | { part: Part; omitted: true };

function partIn(evidence: Evidence, part: Part): Uint8Array | undefined {
  return part === "report" ? evidence.report : evidence.certificates?.[part];
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The part of a base that these bytes are, if they are one. */
function foundIn(bases: Bases, bytes: Uint8Array): { from: BaseName; as: Part } | undefined {
  for (const base of Object.values(bases)) {
    const as = PARTS.find((part) => sameBytes(partOf(base, part), bytes));
    if (as !== undefined) return { from: base.name, as };
  }
  return undefined;
}

function changeOf(part: Part, made: Made, context: { base: Base; bases: Bases }): PartChange | undefined {
  const [before, after] = [partOf(context.base, part), partIn(made.evidence, part)];
  if (after === undefined) return { part, omitted: true };
  if (sameBytes(before, after)) return undefined;
  const found = foundIn(context.bases, after);
  if (found !== undefined) return { part, ...found };
  return { part, splices: splicesBetween(before, after) };
}

function caseOf(recipe: Recipe, tcId: number, context: { base: Base; bases: Bases }): object {
  const { comment, flag, code } = recipe;
  const made = recipe.make(context.base, context.bases);
  const { evidence: _evidence, ...judging } = made;
  const changes = PARTS.flatMap((part) => changeOf(part, made, context) ?? []);
  if (changes.length === 0 && Object.keys(judging).length === 0) throw new Error(`case ${tcId} changes nothing`);
  const result = code === null ? "valid" : "invalid";
  return { tcId, comment, flags: [flag], changes, ...judging, result, ...(code === null ? {} : { code }) };
}

function suiteOf(part: Part, groups: readonly Group[], bases: Bases): object {
  let tcId = 0;
  const testGroups = groups.map(({ base: name, recipes }) => {
    const context = { base: bases[name], bases };
    return { base: name, tests: recipes.map((recipe) => caseOf(recipe, ++tcId, context)) };
  });
  return {
    algorithm: "SEV-SNP attestation evidence",
    schema: "schema.json",
    part,
    numberOfTests: tcId,
    notes: NOTES,
    testGroups,
  };
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

function baseFiles(base: Base): [path: string, bytes: Uint8Array][] {
  const files = PARTS.map((part) => ({ name: FILES[part], bytes: partOf(base, part) }));
  const about = {
    seed: SEED,
    productLine: base.productLine,
    signingKey: base.signingKey,
    reportVersion: base.version,
    now: base.made.now.toISOString(),
    sha256: Object.fromEntries(
      files.map(({ name, bytes }) => [name, createHash("sha256").update(bytes).digest("hex")]),
    ),
  };
  const folder = `evidence/${base.name}`;
  return [
    ...files.map(({ name, bytes }): [string, Uint8Array] => [`${folder}/${name}`, bytes]),
    [`${folder}/evidence.json`, json(about)],
  ];
}

/** Makes every file anew: the same bytes each time. */
export async function buildVectors(): Promise<ReadonlyMap<string, Uint8Array>> {
  const bases = await makeBases();
  const files = new Map<string, Uint8Array>(Object.values(bases).flatMap(baseFiles));
  for (const part of PARTS) files.set(`cases/${part}.json`, json(suiteOf(part, SUITES[part], bases)));
  return files;
}
