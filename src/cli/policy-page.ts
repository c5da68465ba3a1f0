import { fromHex } from "../bytes/codecs.js";
import type { PolicyExplanation, PolicySentence } from "../policy/explain.js";
import type { Policy } from "../policy/policy.js";
import type { PolicyWarning } from "../policy/warnings.js";
import type { Section } from "./layout.js";
import { printable } from "./printable.js";

const STEP = "  ";

/** Where something stands in the policy; what stands nowhere is of the whole of it. */
function placeOf(pointer: string): string {
  return pointer === "" ? "the policy" : printable(pointer, 200);
}

/** Which policy it is. */
export function identitySection({ id, digest }: Policy): Section {
  return {
    title: "Policy",
    rows: [
      { name: "Id", value: printable(id, 500) },
      { name: "SHA-384", value: fromHex(digest) },
    ],
  };
}

/** What may not be meant; nothing where there is nothing to say. */
export function warningSections(warnings: readonly PolicyWarning[]): readonly Section[] {
  if (warnings.length === 0) return [];
  const rows = warnings.map(({ id, pointer, text }) => {
    return { name: placeOf(pointer), nameTone: "warn" as const, value: printable(text), note: id };
  });
  return [{ title: "Warnings", rows }];
}

function sentenceLines(title: string, sentences: readonly PolicySentence[]): readonly string[] {
  return [title, ...sentences.map(({ depth, text }) => `${STEP.repeat(depth + 1)}${printable(text)}`)];
}

/** What a policy demands and leaves open, one sentence a line. */
export function explanationText({ demands, open }: PolicyExplanation): string {
  const lines = [...sentenceLines("Demands", demands), "", ...sentenceLines("Left open", open)];
  return `${lines.join("\n")}\n`;
}
