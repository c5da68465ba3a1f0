import * as v from "valibot";
import type { Json } from "./json.js";
import { malformed, pointerTo, shown } from "./malformed.js";
import { SNP_RULES, type SnpKey } from "./rules/table.js";
import { exactlyOne, listOf, saying, shortText } from "./words.js";

/** The block `snp`: what a report and its certificates must say. */
export type SnpBlock = { readonly [Key in SnpKey]?: v.InferOutput<(typeof SNP_RULES)[Key]["schema"]> };

/** A name and a reason that a rule may carry; results repeat them. */
export interface RuleNoteDocument {
  readonly id?: string;
  readonly reason?: string;
}

/** A rule: all of some rules, any of some rules, or a block. */
export type RuleDocument = RuleNoteDocument &
  (
    | { readonly allOf: readonly RuleDocument[] }
    | { readonly anyOf: readonly RuleDocument[] }
    | { readonly snp: SnpBlock }
  );

/** A policy: a rule, or in short form a block. */
export type PolicyDocument = { readonly version: 1; readonly id: string } & (
  | { readonly require: RuleDocument }
  | { readonly snp: SnpBlock }
);

type SnpEntries = { [Key in SnpKey]: v.ExactOptionalSchema<(typeof SNP_RULES)[Key]["schema"], undefined> };

function snpSchema() {
  const entries = Object.entries(SNP_RULES).map(([key, rule]) => [key, v.exactOptional(rule.schema)]);
  // Object.fromEntries widens; the entries are those of the table.
  return saying(Object.fromEntries(entries) as SnpEntries);
}

function documentSchema() {
  const snp = v.exactOptional(snpSchema());
  const rules = listOf(v.lazy(() => rule));
  const rule: v.GenericSchema = exactlyOne(["allOf", "anyOf", "snp"], {
    id: v.exactOptional(shortText()),
    reason: v.exactOptional(shortText()),
    allOf: v.exactOptional(rules),
    anyOf: v.exactOptional(rules),
    snp,
  });
  return exactlyOne(["require", "snp"], {
    version: v.literal(1),
    id: shortText(),
    require: v.exactOptional(rule),
    snp,
  });
}

const SCHEMA = /* @__PURE__ */ documentSchema();

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

/**
 * The document as a policy document.
 *
 * @param document - a snapshot, so that what is judged here is what is used
 * @throws MalformedError `ERR_MALFORMED_POLICY` with the place of the first mistake.
 */
export function checkDocument(document: Json): PolicyDocument {
  const result = v.safeParse(SCHEMA, document, { abortEarly: true, abortPipeEarly: true });
  if (!result.success) {
    const { issue, path } = mostTelling(result.issues[0]);
    throw malformed(
      path.reduce((pointer, { key }) => pointerTo(pointer, String(key)), ""),
      reasonOf(issue),
    );
  }
  // Valid, and the schema transforms nothing: the snapshot itself goes on, without the prototype of valibot's copy.
  return document as unknown as PolicyDocument;
}
