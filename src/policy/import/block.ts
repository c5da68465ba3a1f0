import type { PolicyDocument, SnpBlock } from "../schema.js";
import { malformedImport } from "./malformed.js";
import type { Part } from "./part.js";
import { flagOf } from "./part.js";

/** What a policy can say of a bit. */
export type BitWord = "required" | "forbidden" | "any";

/**
 * How a source compares a bit: `ceiling`: a bit that it does not name must be clear; `floor`: one that it names must
 * be set; `equal`: as it says.
 */
export type BitRule = "ceiling" | "floor" | "equal";

/** A member of the source, the bit that it means, and how the source compares it. */
export type BitRow<Name extends string> = readonly [member: string, name: Name, rule: BitRule];

/** The word for a bit that a source sets or does not. */
export function bitWord(rule: BitRule, set: boolean): BitWord {
  if (rule === "equal") return set ? "required" : "forbidden";
  if (rule === "floor") return set ? "required" : "any";
  return set ? "any" : "forbidden";
}

/** The words for all bits of a table; a member that is absent counts as false, as Go and JSON readers have it. */
export function bitWords<const Name extends string>(
  rows: readonly BitRow<Name>[],
  members: Readonly<Record<string, Part | undefined>>,
): Record<Name, BitWord> {
  const entries = rows.map(([member, name, rule]) => {
    const part = members[member];
    return [name, bitWord(rule, part !== undefined && flagOf(part))] as const;
  });
  // Object.fromEntries widens the keys to string; they are those of the rows.
  return Object.fromEntries(entries) as Record<Name, BitWord>;
}

/** The numbers of the bits that are set, least first. */
export function bitNumbers(mask: number): number[] {
  const word = BigInt(mask);
  return Array.from({ length: 64 }, (_, at) => at).filter((at) => (word >> BigInt(at)) & 1n);
}

/** A policy that accepts what one of some blocks accepts. */
export function anyBlock(id: string, blocks: readonly SnpBlock[]): PolicyDocument {
  const [only] = blocks;
  if (only !== undefined && blocks.length === 1) return { version: 1, id, snp: only };
  return { version: 1, id, require: { anyOf: blocks.map((snp) => ({ snp })) } };
}

/** Where the block of an index stands in a policy of `anyBlock`. */
export function blockAt(index: number, count: number): string {
  return count === 1 ? "/snp" : `/require/anyOf/${index}/snp`;
}

/** A list that has at least one item. @throws MalformedError `ERR_MALFORMED_IMPORT` for an empty one. */
export function some<Item>(items: readonly Item[], part: Part, advice: string): readonly Item[] {
  if (items.length > 0) return items;
  throw malformedImport(part.format, part.where, `expected at least one entry, found none; ${advice}`);
}
