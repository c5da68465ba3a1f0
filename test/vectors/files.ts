import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fromHex } from "../../src/bytes/codecs.js";
import type { Evidence, EvidenceCertificates } from "../../src/evidence/evidence.js";
import type { VerifyOptions } from "../../src/verify/types.js";

/** The parts of evidence, by the file that holds each. */
const FILES = {
  report: "report.bin",
  leaf: "leaf.der",
  intermediate: "intermediate.der",
  root: "root.der",
  crl: "crl.der",
} as const;

export type Part = keyof typeof FILES;

export const PARTS = Object.keys(FILES) as readonly Part[];

interface Change {
  part: Part;
  omitted?: true;
  from?: string;
  as?: Part;
  splices?: readonly { offset: number; remove: number; insert: string }[];
}

export interface Case {
  tcId: number;
  comment: string;
  flags: readonly string[];
  changes: readonly Change[];
  now?: string;
  options?: Pick<VerifyOptions, "revocation" | "productLine" | "allowMaskedChipId">;
  anchors?: string;
  result: "valid" | "invalid";
  code?: string;
}

export interface Suite {
  part: Part;
  numberOfTests: number;
  notes: Readonly<Record<string, string>>;
  testGroups: readonly { base: string; tests: readonly Case[] }[];
}

const root = resolve(import.meta.dirname, "../../vectors");

/** A file of vectors/, by its path inside it. */
export function vectorFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(resolve(root, path)));
}

/** A JSON file of vectors/. */
export function vectorJson<Value>(path: string): Value {
  return JSON.parse(readFileSync(resolve(root, path), "utf8"));
}

/** Every file below a folder of vectors/, as paths inside vectors/. */
export function vectorPaths(folder: string): string[] {
  const entries = readdirSync(resolve(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => resolve(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** The suite of cases on one part. */
export function suiteOf(part: Part): Suite {
  return vectorJson(`cases/${part}.json`);
}

function partBytes(base: string, part: Part): Uint8Array {
  return vectorFile(`evidence/${base}/${FILES[part]}`);
}

/** The base's bytes with the changes made, the last first so that offsets stay those of the base. */
function spliced(bytes: Uint8Array, splices: NonNullable<Change["splices"]>): Uint8Array {
  const changed = [...bytes];
  for (const { offset, remove, insert } of [...splices].reverse()) changed.splice(offset, remove, ...fromHex(insert));
  return Uint8Array.from(changed);
}

function changedPart(base: string, change: Change): Uint8Array | undefined {
  if (change.omitted === true) return undefined;
  if (change.from !== undefined) return partBytes(change.from, change.as ?? change.part);
  return spliced(partBytes(base, change.part), change.splices ?? []);
}

/** What a case hands to `verifyEvidence`. */
export function evidenceOf(base: string, test: Case): { evidence: Evidence; options: VerifyOptions } {
  const parts = new Map<Part, Uint8Array | undefined>(PARTS.map((part) => [part, partBytes(base, part)]));
  for (const change of test.changes) parts.set(change.part, changedPart(base, change));
  const { report, ...files } = Object.fromEntries(parts) as Partial<Record<Part, Uint8Array>>;
  if (report === undefined) throw new Error(`case ${test.tcId} leaves no report`);
  const given = Object.entries(files).filter(([, bytes]) => bytes !== undefined);
  const certificates: EvidenceCertificates = Object.fromEntries(given);
  const { now } = vectorJson<{ now: string }>(`evidence/${base}/evidence.json`);
  const anchors = [partBytes(test.anchors ?? base, "root")];
  return { evidence: { report, certificates }, options: { anchors, now: new Date(test.now ?? now), ...test.options } };
}
