import type { CheckedClaim, Operator, Test } from "./check.js";
import { CLAIM_NAMES, labelOf } from "./claims.js";
import type { Json } from "./json.js";

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** A value as people read it: lists by their first three, objects by their keys. */
function valueText(value: Json): string {
  if (isList(value)) {
    const more = value.length - 3;
    return value.slice(0, 3).map(valueText).join(", ") + (more > 0 ? ` and ${more} more` : "");
  }
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => (typeof inner === "object" ? `${key} (${valueText(inner)})` : `${key} ${valueText(inner)}`))
    .join(", ");
}

/** What people call what a check looked at. */
function claimLabel(claim: CheckedClaim): string {
  if (claim === "advisories") return "the data set of advisories";
  return claim === "now" ? "now" : labelOf(claim);
}

/** The value of a check that compares with another claim is that claim's name. */
function other(value: Json): string {
  const name = CLAIM_NAMES.find((claim) => claim === value);
  return name === undefined ? valueText(value) : labelOf(name);
}

type Sentence = (label: string, value: Json) => string;

/** What each operator demands. */
const SENTENCES: Readonly<Record<Operator, Sentence>> = {
  any: (label) => `${label} may be anything`,
  atLeast: (label, value) => `${label} is at least ${valueText(value)}`,
  atMost: (label, value) => `${label} is at most ${valueText(value)} seconds old`,
  bound: (label, value) => `${label} is what the caller brings, bound by ${valueText(value)}`,
  consistent: (label) =>
    `${label} is set exactly where there is an author key, and ids only where there is an ID block`,
  equals: (label, value) => `${label} equals ${other(value)}`,
  fixed: (label, value) => `${valueText(value)} is fixed or does not affect the machine, by ${label}`,
  forbidden: (label) => `${label} is clear`,
  includes: (label, value) => `${label} has the bits ${valueText(value)}`,
  noneOf: (label, value) => `${label} is none of ${valueText(value)}`,
  notAfter: (label, value) => `${label} is not after ${valueText(value)}`,
  notBefore: (label, value) => `${label} is not before ${valueText(value)}`,
  notZero: (label) => `${label} is not zero: there is an ID block`,
  oneOf: (label, value) => `${label} is one of ${valueText(value)}`,
  required: (label) => `${label} is set`,
  within: (label, value) => `${label} is within ${valueText(value)}`,
  zero: (label) => `${label} must be zero`,
};

/** What a test demands, as a sentence. Names that AMD writes small stay small. */
export function sentenceOf({ claim, operator, expected }: Test): string {
  const text = SENTENCES[operator](claimLabel(claim), expected);
  return `${text.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase())}.`;
}
