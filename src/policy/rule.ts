import type * as v from "valibot";
import type { MalformedError } from "../errors.js";
import type { Finding, Operator, Subject, Test } from "./check.js";
import { type ClaimName, labelOf } from "./claims.js";
import type { Json } from "./json.js";

/** Makes the error for a mistake that the schema cannot see; `at` is a JSON Pointer from the rule's key. */
export type Refuse = (at: string, reason: string) => MalformedError;

/** One key of the block `snp`. */
export interface Rule<Schema extends v.GenericSchema = v.GenericSchema> {
  /** The values that the key takes. */
  readonly schema: Schema;
  /** What the key leaves undecided when nobody writes it: then each way to acceptance must write it. */
  readonly decision?: string;
  /** The tests of a value. Each claim that they name counts as spoken of, by the word "any" too. */
  tests(said: v.InferOutput<Schema>, refuse: Refuse): readonly Test[];
  /** Strict tests that hold on each way where no block speaks of their claim. */
  readonly defaults?: readonly Test[];
  /** Keys, or parts of keys that others give, which must be written wherever this value is. */
  needs?(said: v.InferOutput<Schema>): readonly string[];
  /** Parts of keys that this value gives to those who need them. */
  gives?(said: v.InferOutput<Schema>): readonly string[];
  /** True where `waivers` and `warn` may speak of the checks of this key. */
  readonly excusable?: true;
}

/** Keeps the type of a rule's schema. */
export function defineRule<const Schema extends v.GenericSchema>(rule: Rule<Schema>): Rule<Schema> {
  return rule;
}

/** The test passed, and says so in its own sentence. */
export const PASS = { outcome: "pass" } as const satisfies Finding;

/** The test failed. */
export function fail(reason: string) {
  return { outcome: "fail", reason } as const satisfies Finding;
}

/** The evidence has nothing that the test could judge. */
export function inapplicable(reason: string) {
  return { outcome: "not-applicable", reason } as const satisfies Finding;
}

type Scalar = string | number;

/** The first three of a list, and how many more. */
function listText(values: readonly Scalar[]): string {
  const more = values.length - 3;
  return values.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Where a test stands, and what it looks at. */
export interface Named {
  readonly id: string;
  readonly at: string;
  readonly claim: ClaimName;
}

/** The name, the place and the claim of a key that is called like its claim. */
export function named<const Name extends ClaimName>(claim: Name, key: string = claim) {
  return { id: `snp.${key}`, at: `/${key.replace(".", "/")}`, claim } as const;
}

/** A claim as people read it. */
function found(value: Json): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** A test before it knows how to tell. */
interface Demand extends Named {
  readonly operator: Operator;
  readonly expected: Json;
  /** What follows "Expected LABEL" when it fails. */
  readonly wanted: string;
  /** What to do when it fails. */
  readonly advice: string;
  /** Further claims that it compares. */
  readonly reads?: readonly ClaimName[];
}

/** A test that something holds; `show` says what was found where that is not the claim itself. */
export function demand(
  { wanted, advice, ...parts }: Demand,
  holds: (subject: Subject) => boolean,
  show: (subject: Subject) => string = ({ claims }) => found(claims.get(parts.claim)),
): Test {
  const label = labelOf(parts.claim);
  return {
    ...parts,
    passed: `Found ${label} as expected.`,
    run: (subject) => (holds(subject) ? PASS : fail(`Expected ${label} ${wanted}; found ${show(subject)}; ${advice}.`)),
  };
}

/** A test that accepts whatever the claim is, and lets the result show it. */
export function accepts(parts: Named): Test {
  const passed = `Any value of ${labelOf(parts.claim)} is accepted.`;
  return { ...parts, operator: "any", expected: "any", passed, run: () => PASS };
}

/** A test that the claim is one of a list; `advice` says what to do when it is not, `read` what stands for the claim. */
export function oneOf(
  parts: Named & { readonly expected: readonly Scalar[]; readonly advice: string },
  read: (subject: Subject) => Json = ({ claims }) => claims.get(parts.claim),
): Test {
  const allowed: ReadonlySet<Json> = new Set<Json>(parts.expected);
  const wanted = `to be one of ${listText(parts.expected)}`;
  return demand(
    { ...parts, operator: "oneOf", wanted },
    (subject) => allowed.has(read(subject)),
    (subject) => found(read(subject)),
  );
}

/** What a policy can say of a bit. */
export type BitWord = "required" | "forbidden" | "any";

/** A test of one bit. */
export function bit(parts: Named & { readonly word: BitWord; readonly advice: string }): Test {
  const { word, ...rest } = parts;
  if (word === "any") return accepts({ id: parts.id, at: parts.at, claim: parts.claim });
  const expected = word === "required";
  const states = expected ? (["set", "clear"] as const) : (["clear", "set"] as const);
  return demand(
    { ...rest, operator: word, expected, wanted: `to be ${states[0]}` },
    ({ claims }) => claims.get(parts.claim) === expected,
    () => `it ${states[1]}`,
  );
}

/** A test that the claim is `zero` as it is written in results. */
export function isZero(parts: Named & { readonly zero: Json; readonly advice: string }): Test {
  const { zero, ...rest } = parts;
  const text = JSON.stringify(zero);
  return demand({ ...rest, operator: "zero", expected: zero, wanted: "to be zero" }, ({ claims }) => {
    const actual = claims.get(parts.claim);
    return actual === zero || JSON.stringify(actual) === text;
  });
}
