/** What a case is made from, and the few ways to make one. */
import type { ErrorCode } from "../../src/errors.js";
import type { Evidence } from "../../src/evidence/evidence.js";
import type { EvidenceOptions } from "../../src/testing/index.js";
import type { Base, BaseName, Bases } from "./bases.js";

/** The parts of evidence that a case can change. */
export const PARTS = ["report", "leaf", "intermediate", "root", "crl"] as const;
export type Part = (typeof PARTS)[number];

/** Options of `verifyEvidence` that a case can set, as JSON has them. */
export interface CaseOptions {
  revocation?: string | { mode: string; maxStaleMs?: number; maxAgeMs?: number };
  productLine?: string;
  allowMaskedChipId?: boolean;
}

/** How to judge what was made, where it is not as the base. */
export interface Judging {
  now?: string;
  options?: CaseOptions;
  /** The base whose root is the only anchor. */
  anchors?: BaseName;
}

export interface Made extends Judging {
  evidence: Evidence;
}

export type Flag = keyof typeof NOTES;

/** What the flags mean. */
export const NOTES = {
  Resigned: "The forge made the part with the fault in it, so every signature is sound and only the fault speaks.",
  Altered: "Bytes were changed after signing, as a relay would.",
  Swapped: "A sound part of another evidence stands in the place of the right one.",
  Forged: "Signed by a key that has no business signing it.",
  Omitted: "A part is not handed in.",
  Judged: "The evidence is sound; the clock, an option or the anchors decide.",
} as const;

export interface Recipe {
  comment: string;
  flag: Flag;
  /** What the refusal says; null when the evidence is accepted. */
  code: ErrorCode | null;
  make(base: Base, bases: Bases): Made;
}

/** A table of cases on one base. */
export interface Group {
  base: BaseName;
  recipes: readonly Recipe[];
}

type Change = EvidenceOptions | ((base: Base, bases: Bases) => EvidenceOptions);

/** Evidence that the base's forge makes anew with these options; the report keeps the base's version. */
function remake(base: Base, change: EvidenceOptions): Evidence {
  return base.forge.evidence({ ...change, report: { version: base.version, ...change.report } }).evidence;
}

function making(flag: Flag) {
  return (comment: string, code: ErrorCode | null, change: Change): Recipe => ({
    comment,
    flag,
    code,
    make: (base, bases) => ({ evidence: remake(base, typeof change === "function" ? change(base, bases) : change) }),
  });
}

export const resigned = making("Resigned");
export const forged = making("Forged");

/** The base, judged otherwise. */
export function judged(comment: string, code: ErrorCode | null, judging: Judging): Recipe {
  return { comment, flag: "Judged", code, make: (base) => ({ ...judging, evidence: base.made.evidence }) };
}

/** The same case, judged otherwise than the base. */
export function under(judging: Judging, recipe: Recipe): Recipe {
  return { ...recipe, make: (base, bases) => ({ ...judging, ...recipe.make(base, bases) }) };
}

/** The base without some of its parts. */
export function omitted(comment: string, code: ErrorCode | null, omit: NonNullable<EvidenceOptions["omit"]>): Recipe {
  return making("Omitted")(comment, code, { omit });
}

function withPart(base: Base, part: Part, bytes: Uint8Array): Evidence {
  const { report, certificates = {} } = base.made.evidence;
  if (part === "report") return { report: bytes, certificates };
  return { report, certificates: { ...certificates, [part]: bytes } };
}

/** The bytes of a part of a base. */
export function partOf(base: Base, part: Part): Uint8Array {
  const { report, certificates } = base.made.evidence;
  const bytes = part === "report" ? report : certificates?.[part];
  if (bytes === undefined) throw new Error(`${base.name} has no ${part}`);
  return bytes;
}

/** Cases in which this part of the base is changed after signing. */
export function alteredIn(part: Part) {
  return (comment: string, code: ErrorCode | null, change: (bytes: Uint8Array) => Uint8Array): Recipe => ({
    comment,
    flag: "Altered",
    code,
    make: (base) => ({ evidence: withPart(base, part, change(partOf(base, part).slice())) }),
  });
}

/** A part of another base, or another part of the same one. */
export function swapped(
  comment: string,
  code: ErrorCode | null,
  swap: { part: Part; from: BaseName; as?: Part },
): Recipe {
  const { part, from, as = part } = swap;
  const make = (base: Base, bases: Bases) => ({ evidence: withPart(base, part, partOf(bases[from], as)) });
  return { comment, flag: "Swapped", code, make };
}

/** `bytes` with one byte changed by exclusive or. */
export function flip(offset: number, mask = 0x01): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => bytes.map((byte, index) => (index === offset ? byte ^ mask : byte));
}

/** `bytes` with these written over it. */
export function overwrite(offset: number, ...values: readonly number[]): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    bytes.set(values, offset);
    return bytes;
  };
}

/** All but the last byte. */
export function cut(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, -1);
}

/** One zero more. */
export function lengthen(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes, 0]);
}

/** Nothing. */
export function empty(): Uint8Array {
  return new Uint8Array();
}
