import * as v from "valibot";
import { PRODUCT_LINES } from "../amd/product-lines.js";
import { GUEST_POLICY_FLAGS, PLATFORM_INFO_FLAGS } from "../policy/claims.js";
import { cpuOr, listOf, namedEach, shortText, timeWord, wholeNumber } from "../policy/words.js";

/** The components of a TCB that a floor can be of. */
const FLOOR_COMPONENTS = ["fmc", "bootLoader", "tee", "snp", "microcode"] as const;

/** How sure a number is. `docs/advisories.md` says what each word asks for. */
const CONFIDENCE = ["high", "medium", "low"] as const;

const CVE = /^CVE-(?:19|20)\d\d-\d{4,7}$/;
const DATE = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const FIRMWARE = /^(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})$/;

/** Which processors something is about: a product line, or family, model and stepping. */
function processors() {
  return listOf(cpuOr(...PRODUCT_LINES));
}

/** Where a number comes from, and how sure it is. */
function origin() {
  return { sources: listOf(shortText()), confidence: v.picklist(CONFIDENCE) };
}

function checkSchema() {
  const state = v.picklist(["set", "clear"]);
  return v.variant("check", [
    v.strictObject({
      check: v.literal("tcb"),
      component: v.picklist(FLOOR_COMPONENTS),
      minimum: wholeNumber(1, 255),
      ...origin(),
    }),
    v.strictObject({
      check: v.literal("firmware"),
      minimum: v.pipe(v.string(), v.regex(FIRMWARE, "a firmware version such as 1.55.40")),
      ...origin(),
    }),
    v.strictObject({ check: v.literal("platformInfo"), bit: v.picklist(PLATFORM_INFO_FLAGS), state, ...origin() }),
    v.strictObject({ check: v.literal("guestPolicy"), bit: v.picklist(GUEST_POLICY_FLAGS), state, ...origin() }),
    v.strictObject({ check: v.literal("mitigation"), bit: wholeNumber(0, 63), ...origin() }),
  ]);
}

function advisorySchema() {
  const common = {
    id: shortText(),
    title: shortText(),
    cves: v.array(v.pipe(v.string(), v.regex(CVE, "a CVE id such as CVE-2024-21944"))),
    sources: listOf(shortText()),
    published: v.nullable(v.pipe(v.string(), v.regex(DATE, "a date such as 2024-12-10"))),
    reference: v.exactOptional(shortText()),
    note: v.exactOptional(shortText()),
    affected: processors(),
    notAffected: v.exactOptional(listOf(v.strictObject({ for: processors(), ...origin() }))),
  };
  const proof = v.strictObject({ for: processors(), anyOf: listOf(listOf(checkSchema())) });
  return v.variant("provable", [
    v.strictObject({ ...common, provable: v.literal(true), proofs: listOf(proof) }),
    v.strictObject({ ...common, provable: v.literal(false), why: shortText() }),
  ]);
}

function documentSchema() {
  return v.strictObject({
    $schema: v.exactOptional(shortText()),
    version: v.literal(1),
    id: shortText(),
    publishedAt: timeWord(),
    sources: namedEach(shortText(), v.strictObject({ title: shortText(), url: v.exactOptional(shortText()) })),
    advisories: listOf(advisorySchema()),
  });
}

/** A data set as valibot checks its form; what its parts have to do with each other is checked afterwards. */
export const DOCUMENT_SCHEMA = /* @__PURE__ */ documentSchema();

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

/** A data set of advisories, as JSON has it. */
export type AdvisoryDocument = DeepReadonly<v.InferOutput<typeof DOCUMENT_SCHEMA>>;

/** One advisory of a data set. */
export type Advisory = AdvisoryDocument["advisories"][number];

/** An advisory whose fix a report can show. */
export type ProvableAdvisory = Extract<Advisory, { provable: true }>;

/** One thing that a report must show, with the sources of its number. */
export type AdvisoryProof = ProvableAdvisory["proofs"][number]["anyOf"][number][number];

/** The kinds of proof. */
export type AdvisoryProofKind = AdvisoryProof["check"];
