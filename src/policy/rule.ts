import type * as v from "valibot";
import type { MalformedError } from "../errors.js";
import type { Finding, Test } from "./check.js";
import { CLAIMS, type ClaimName } from "./claims.js";
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
  /** Keys that must be written wherever this value is. */
  needs?(said: v.InferOutput<Schema>): readonly string[];
}

/** Keeps the type of a rule's schema. */
export function defineRule<const Schema extends v.GenericSchema>(rule: Rule<Schema>): Rule<Schema> {
  return rule;
}

/** The test passed. */
export function pass(actual: Json, reason: string): Finding {
  return { outcome: "pass", actual, reason };
}

/** The test failed. */
export function fail(actual: Json, reason: string): Finding {
  return { outcome: "fail", actual, reason };
}

/** The evidence has nothing that the test could judge. */
export function inapplicable(actual: Json, reason: string): Finding {
  return { outcome: "not-applicable", actual, reason };
}

type Scalar = string | number;

/** The first three of a list, and how many more. */
function listText(values: readonly Scalar[]): string {
  const more = values.length - 3;
  return values.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

type Named = Pick<Test, "id" | "at"> & { readonly claim: ClaimName };

/** A test that accepts whatever the claim is, and lets the result show it. */
export function accepts(named: Named): Test {
  const { label } = CLAIMS[named.claim];
  return {
    ...named,
    operator: "any",
    expected: "any",
    run: ({ claims }) => pass(claims[named.claim], `Any value of ${label} is accepted.`),
  };
}

/** A test that the claim is one of a list; `advice` says what to do when it is not. */
export function oneOf(named: Named & { readonly expected: readonly Scalar[]; readonly advice: string }): Test {
  const { advice, ...parts } = named;
  const { label } = CLAIMS[parts.claim];
  const allowed: ReadonlySet<Json> = new Set<Json>(parts.expected);
  return {
    ...parts,
    operator: "oneOf",
    run({ claims }) {
      const actual = claims[parts.claim];
      if (allowed.has(actual)) return pass(actual, `Found ${label} on the list.`);
      return fail(
        actual,
        `Expected ${label} to be one of ${listText(parts.expected)}; found ${String(actual)}; ${advice}.`,
      );
    },
  };
}

/** What a policy can say of a bit. */
export type BitWord = "required" | "forbidden" | "any";

/** A test of one bit. */
export function bit(named: Named & { readonly word: BitWord; readonly advice: string }): Test {
  const { advice, word, ...parts } = named;
  if (word === "any") return accepts(parts);
  const { label } = CLAIMS[parts.claim];
  const expected = word === "required";
  const states = expected ? (["set", "clear"] as const) : (["clear", "set"] as const);
  return {
    ...parts,
    operator: word,
    expected,
    run({ claims }) {
      const actual = claims[parts.claim];
      if (actual === expected) return pass(actual, `Found ${label} ${states[0]}.`);
      return fail(actual, `Expected ${label} to be ${states[0]}; found it ${states[1]}; ${advice}.`);
    },
  };
}

/** A test that the claim is `zero` as it is written in results. */
export function isZero(named: Named & { readonly zero: Json; readonly advice: string }): Test {
  const { advice, zero, ...parts } = named;
  const { label } = CLAIMS[parts.claim];
  const text = JSON.stringify(zero);
  return {
    ...parts,
    operator: "zero",
    expected: zero,
    run({ claims }) {
      const actual = claims[parts.claim];
      const found = JSON.stringify(actual);
      if (found === text) return pass(actual, `Found ${label} to be zero.`);
      return fail(actual, `Expected ${label} to be zero; found ${found}; ${advice}.`);
    },
  };
}
