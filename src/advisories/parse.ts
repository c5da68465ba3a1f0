import * as v from "valibot";
import { isAttestationError } from "../errors.js";
import { deepFreeze, type Json } from "../policy/json.js";
import { pointerTo, shown } from "../policy/malformed.js";
import { snapshot } from "../policy/snapshot.js";
import { checkConsistency } from "./consistency.js";
import { malformed } from "./malformed.js";
import { type AdvisoryDocument, DOCUMENT_SCHEMA } from "./schema.js";

type Issue = v.BaseIssue<unknown>;

/** The places of an issue of a union are those of the member that was meant, where one was. */
function placed(issue: Issue): { readonly issue: Issue; readonly pointer: string } {
  const pointer = (issue.path ?? []).reduce((text, { key }) => pointerTo(text, String(key)), "");
  return { issue, pointer };
}

function reasonOf(issue: Issue): string {
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `expected a key of the data set's language, found ${shown(issue.input)}; correct its spelling or remove it`;
  }
  if (issue.type === "strict_object" && issue.expected !== "Object") {
    return `expected the key ${issue.expected}, found none; add it`;
  }
  // Validations carry a text of ours; schemas name what they take.
  const expected = issue.kind === "validation" ? issue.message : issue.expected;
  return `expected ${expected}, found ${shown(issue.input)}; write what is expected`;
}

/** A private copy, by the rules and within the budgets that policies have. */
function copyOf(json: unknown): Json {
  try {
    return snapshot(json);
  } catch (error) {
    if (!isAttestationError(error, "ERR_MALFORMED_POLICY")) throw error;
    const { pointer, reason } = error.detail;
    throw malformed(pointer, reason.replace("split the policy", "split the data set"), error);
  }
}

/**
 * Unverified: a data set of advisories, checked whole, as a frozen copy. Nobody signs a data set; what makes one
 * trustworthy is that a policy pins its digest.
 *
 * Checked: every key and value; that ids stand once; that sources are named; that proofs are of affected processors
 * and of components that their TCB has. Not checked: that the numbers are true.
 *
 * @param json - what JSON.parse returned; duplicate keys are for the reader of the text to refuse
 * @throws MalformedError `ERR_MALFORMED_ADVISORIES`, whose `detail.pointer` is the JSON Pointer of the mistake; also
 * beyond 40 levels, 100,000 values or 8,000,000 characters.
 */
export function parseAdvisories(json: unknown): AdvisoryDocument {
  const copy = copyOf(json);
  const result = v.safeParse(DOCUMENT_SCHEMA, copy, { abortEarly: true, abortPipeEarly: true });
  if (!result.success) {
    const { issue, pointer } = placed(result.issues[0]);
    throw malformed(pointer, reasonOf(issue));
  }
  // Valid, and the schema transforms nothing: the copy itself goes on, without the prototype of valibot's.
  const document = copy as unknown as AdvisoryDocument;
  checkConsistency(document);
  return deepFreeze(document);
}
