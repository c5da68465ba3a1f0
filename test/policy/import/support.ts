import { type AppraisalInputs, appraise } from "../../../src/policy/appraise.js";
import { definePolicy } from "../../../src/policy/define.js";
import type { Imported, ImportNoteKind } from "../../../src/policy/import/imported.js";
import { createHandle } from "../../../src/verify/handle.js";
import type { VerifiedRecord } from "../../../src/verify/record.js";
import { makeRecord, type RecordOptions, VERIFIED_AT } from "../../support/records.js";

/** Evidence that an imported policy and its source are asked about. */
export interface Asked {
  readonly evidence: RecordOptions;
  /** Where the two are to differ: words of the note that says so. */
  readonly differs?: RegExp;
}

/** What an imported policy is compared with. */
export interface Comparison {
  readonly imported: Imported;
  /** The source's documented rules, on the bytes of the report. */
  readonly source: (record: VerifiedRecord) => boolean;
  readonly asked: Readonly<Record<string, Asked>>;
  readonly inputs?: Omit<AppraisalInputs, "now">;
}

/** The kinds of notes that explain a refusal, or an acceptance, which the source does not share. */
const EXPLAINING: Readonly<Record<"refuses" | "accepts", readonly ImportNoteKind[]>> = {
  refuses: ["tightened", "meant"],
  accepts: ["loosened", "not-carried"],
};

/**
 * What is wrong with the decisions, one line each: where the two differ and no note was to say so, where no note of
 * the right kind says it, and where they were to differ and do not.
 */
export async function disagreements({ imported, source, asked, inputs = {} }: Comparison): Promise<readonly string[]> {
  const policy = await definePolicy(imported.policy);
  return Object.entries(asked).flatMap(([name, { evidence, differs }]) => {
    const record = makeRecord(evidence);
    const wanted = source(record);
    const { verdict, failures } = appraise(createHandle(record), policy, { now: new Date(VERIFIED_AT), ...inputs });
    const ours = verdict === "accept";
    const why = failures.map(({ id }) => id).join(", ");
    if (ours === wanted) return differs === undefined ? [] : [`${name}: both say ${verdict}, and were to differ`];
    const what = ours ? "accepts" : "refuses";
    if (differs === undefined) return [`${name}: the policy ${what}, the source does not (${why})`];
    const said = imported.notes.some(({ kind, text }) => EXPLAINING[what].includes(kind) && differs.test(text));
    return said ? [] : [`${name}: the policy ${what}, and no note of that kind says ${differs}`];
  });
}

/** How many of the cases the source accepts and refuses: a table where it always says the same shows nothing. */
export function verdictsOf({ source, asked }: Comparison): { accepted: number; refused: number } {
  const answers = Object.values(asked).map(({ evidence }) => source(makeRecord(evidence)));
  const accepted = answers.filter((answer) => answer).length;
  return { accepted, refused: answers.length - accepted };
}

/** The texts of the notes of a kind. */
export function notesOf({ notes }: Imported, kind: ImportNoteKind): readonly string[] {
  return notes.filter((note) => note.kind === kind).map(({ text }) => text);
}

/** A field of a report as hex, by offset and length; nothing of the report's own reader is used. */
export function fieldHex(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.subarray(offset, offset + length)).toString("hex");
}

/** A little-endian number of a report, of 1, 4 or 8 bytes. */
export function fieldNumber(bytes: Uint8Array, offset: number, length: 1 | 4 | 8): bigint {
  return [...bytes.subarray(offset, offset + length)].reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
