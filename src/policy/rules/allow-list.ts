import type * as v from "valibot";
import type { Test } from "../check.js";
import type { ClaimName } from "../claims.js";
import { defineRule, type Named, named, oneOf, type Rule } from "../rule.js";
import { hexOf, listOf } from "../words.js";

/** What tells one allow-list of bytes from another. */
interface BytesOptions {
  readonly length: number;
  readonly advice: string;
}

/** A test that a claim is on a list of hex texts. */
export function onHexList(parts: Named & { readonly expected: readonly string[]; readonly advice: string }): Test {
  return oneOf({ ...parts, expected: parts.expected.map((text) => text.toLowerCase()) });
}

/** An allow-list of byte strings of one length. */
export function bytesRule(
  claim: ClaimName,
  { length, advice }: BytesOptions,
): Rule<ReturnType<typeof listOf<v.GenericSchema<string, string>>>> {
  return defineRule({
    schema: listOf<v.GenericSchema<string, string>>(hexOf(length)),
    tests: (said) => [onHexList({ ...named(claim), expected: said, advice })],
  });
}
