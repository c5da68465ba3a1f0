import * as v from "valibot";
import { PRODUCT_LINES } from "../amd/product-lines.js";
import type { MalformedError } from "../errors.js";
import type { Json } from "./json.js";
import { malformed, pointerTo, shown } from "./malformed.js";
import { SNP_RULES, type SnpKey } from "./rules/table.js";
import { exactlyOne, hexOf, listOf, namedEach, saying, shortText, timeWord } from "./words.js";

/** The block `snp`, its lists written out: what a report and its certificates must say. */
export type SnpBlock = { readonly [Key in SnpKey]?: v.InferOutput<(typeof SNP_RULES)[Key]["schema"]> };

/** A name and a reason that a rule may carry; results repeat them. */
export interface RuleNoteDocument {
  readonly id?: string;
  readonly reason?: string;
}

/** A rule: all of some rules, any of some rules, or a block. */
export type RuleDocument<Snp = SnpBlock> = RuleNoteDocument &
  (
    | { readonly allOf: readonly RuleDocument<Snp>[] }
    | { readonly anyOf: readonly RuleDocument<Snp>[] }
    | { readonly snp: Snp }
  );

type WaiverEntry = v.InferOutput<ReturnType<typeof waiverSchema>>;

/** Excuses one check until a time, for some evidence. */
export type WaiverDocument = { readonly [Key in keyof WaiverEntry]: WaiverEntry[Key] };

interface DocumentParts {
  readonly $schema?: string;
  readonly version: 1;
  readonly id: string;
  readonly validity?: { readonly notBefore?: string; readonly notAfter?: string };
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

/** A policy whose lists are written out where they are used. */
export type ExpandedDocument = DocumentParts & {
  readonly warn?: readonly WaiverDocument[];
  readonly waivers?: readonly WaiverDocument[];
} & ({ readonly require: RuleDocument } | { readonly snp: SnpBlock });

/** A value as an author writes it: a named list may stand for every list of text. */
type Written<Value> = Value extends readonly string[]
  ? Value | { readonly list: string }
  : Value extends readonly unknown[]
    ? Value
    : Value extends object
      ? { readonly [Key in keyof Value]: Written<Value[Key]> }
      : Value;

/** A policy: a rule, or in short form a block; lists of text may be named ones. */
export type PolicyDocument = DocumentParts & {
  readonly warn?: readonly Written<WaiverDocument>[];
  readonly waivers?: readonly Written<WaiverDocument>[];
} & ({ readonly require: RuleDocument<Written<SnpBlock>> } | { readonly snp: Written<SnpBlock> });

type SnpEntries = { [Key in SnpKey]: v.ExactOptionalSchema<(typeof SNP_RULES)[Key]["schema"], undefined> };

function snpSchema() {
  const entries = Object.entries(SNP_RULES).map(([key, rule]) => [key, v.exactOptional(rule.schema)]);
  // Object.fromEntries widens; the entries are those of the table.
  return saying(Object.fromEntries(entries) as SnpEntries);
}

function waiverSchema() {
  return v.strictObject({
    check: shortText(),
    until: timeWord(),
    reason: shortText(),
    only: saying({
      chipId: v.exactOptional(listOf(hexOf(64, 8))),
      cspId: v.exactOptional(listOf(shortText())),
      productLine: v.exactOptional(listOf(v.picklist(PRODUCT_LINES))),
      measurement: v.exactOptional(listOf(hexOf(48))),
    }),
  });
}

function documentSchema() {
  const block = snpSchema();
  const snp = v.exactOptional(block);
  const rules = listOf(v.lazy(() => rule));
  const rule: v.GenericSchema = exactlyOne(["allOf", "anyOf", "snp"], {
    id: v.exactOptional(shortText()),
    reason: v.exactOptional(shortText()),
    allOf: v.exactOptional(rules),
    anyOf: v.exactOptional(rules),
    snp,
  });
  const waivers = v.exactOptional(listOf(waiverSchema()));
  const document = exactlyOne(["require", "snp"], {
    $schema: v.exactOptional(shortText()),
    version: v.literal(1),
    id: shortText(),
    validity: v.exactOptional(
      saying({ notBefore: v.exactOptional(timeWord()), notAfter: v.exactOptional(timeWord()) }),
    ),
    lists: v.exactOptional(namedEach(shortText(), listOf(shortText()))),
    require: v.exactOptional(rule),
    snp,
    warn: waivers,
    waivers,
  });
  return { document, rule, block };
}

/** The language as valibot checks it once named lists are written out; its rule, which holds itself; its block. */
export const SCHEMAS = /* @__PURE__ */ documentSchema();

type Issue = v.BaseIssue<unknown>;
type Path = NonNullable<Issue["path"]>;

interface Mistake {
  readonly issue: Issue;
  readonly path: readonly Path[number][];
}

/** Of the issues of a union the one inside the value, since it is of the member that was meant. */
function mostTelling(issue: Issue, above: readonly Path[number][] = []): Mistake {
  const path = [...above, ...(issue.path ?? [])];
  const inner = issue.issues?.find((part) => part.path !== undefined);
  return inner === undefined ? { issue, path } : mostTelling(inner, path);
}

/** What was expected, what was found, what to do. */
function reasonOf(issue: Issue): string {
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `expected a key of the language, found ${shown(issue.input)}; correct its spelling or remove it`;
  }
  if (issue.type === "strict_object" && issue.expected !== "Object") {
    return `expected the key ${issue.expected}, found none; add it`;
  }
  // Validations carry a text of ours; schemas name what they take.
  const expected = issue.kind === "validation" ? issue.message : issue.expected;
  return `expected ${expected}, found ${shown(issue.input)}; write what is expected`;
}

/** Makes the error of a mistake at a place. */
export type Malformed = (pointer: string, reason: string) => MalformedError;

/**
 * The document as a policy document.
 *
 * @param document - a snapshot with its lists written out, so that what is judged here is what is used
 * @param complain - makes the error of the first mistake
 * @throws MalformedError `ERR_MALFORMED_POLICY` with the place of the first mistake.
 */
export function checkDocument(document: Json, complain: Malformed = malformed): ExpandedDocument {
  const result = v.safeParse(SCHEMAS.document, document, { abortEarly: true, abortPipeEarly: true });
  if (!result.success) {
    const { issue, path } = mostTelling(result.issues[0]);
    throw complain(
      path.reduce((pointer, { key }) => pointerTo(pointer, String(key)), ""),
      reasonOf(issue),
    );
  }
  // Valid, and the schema transforms nothing: the snapshot itself goes on, without the prototype of valibot's copy.
  return document as unknown as ExpandedDocument;
}
