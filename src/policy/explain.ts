import { CLOCK_TESTS } from "./always.js";
import { type ClaimName, labelOf } from "./claims.js";
import type { CompiledPolicy } from "./compile.js";
import { deepFreeze, type Json } from "./json.js";
import { pointerTo } from "./malformed.js";
import type { PlacedTest } from "./placed.js";
import { assertPolicy, type Policy } from "./policy.js";
import { sentenceOf } from "./sentences.js";
import { type PolicyWarning, policyWarnings } from "./warnings.js";
import type { Node } from "./ways.js";

/** One sentence about a policy. */
export interface PolicySentence {
  /** JSON Pointer into the policy: where it says this, or could. */
  readonly pointer: string;
  /** How many rules stand around it. */
  readonly depth: number;
  readonly text: string;
}

/** What a policy says, in sentences: frozen and JSON-safe. */
export interface PolicyExplanation {
  /** What evidence must be, in the order of the document, then what holds without being written. */
  readonly demands: readonly PolicySentence[];
  /** What the policy leaves open, by the word "any" or by silence. */
  readonly open: readonly PolicySentence[];
  readonly warnings: readonly PolicyWarning[];
}

const BRANCHES = { allOf: "All of these hold:", anyOf: "At least one of these holds:" } as const;

function isOpen({ test }: PlacedTest): boolean {
  return test.operator === "any";
}

function say({ test, pointer }: PlacedTest, depth: number): PolicySentence {
  return { pointer, depth, text: sentenceOf(test) };
}

/** The rules as sentences, each a step further in than the rule around it. */
function walk(node: Node, compiled: CompiledPolicy, depth = 0): readonly PolicySentence[] {
  if (node.kind !== "block") {
    const head = { pointer: node.pointer, depth, text: BRANCHES[node.kind] };
    return [head, ...node.members.flatMap((member) => walk(member, compiled, depth + 1))];
  }
  const tests = compiled.written.slice(node.first, node.end).filter((placed) => !isOpen(placed));
  const sentences = tests.map((placed) => say(placed, depth));
  return sentences.length > 0 ? sentences : [{ pointer: node.pointer, depth, text: "Nothing is asked here." }];
}

function byDefault(placed: PlacedTest): PolicySentence {
  return { ...say(placed, 0), text: `Where no rule of the way speaks of it: ${sentenceOf(placed.test)}` };
}

function openClaim(name: ClaimName): PolicySentence {
  return { pointer: "", depth: 0, text: `Nothing is compared with ${labelOf(name)}.` };
}

/** Every name of `{ "list": NAME }` in a document. */
function usedLists(value: Json): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const { list } = value as { readonly list?: Json };
  return typeof list === "string" ? [list] : Object.values(value).flatMap(usedLists);
}

function unusedLists({ lists = {}, ...rest }: Policy["document"]): readonly PolicyWarning[] {
  // What definePolicy has checked is JSON.
  const used = new Set(usedLists(rest as unknown as Json));
  const unused = Object.keys(lists).filter((name) => !used.has(name));
  return unused.map((name) => {
    return { id: "list-unused", pointer: pointerTo("/lists", name), text: "No rule uses this list." };
  });
}

/**
 * What a policy demands and what it leaves open, in sentences for people, and what its author may not have meant.
 *
 * The warnings follow from the document alone: a policy without any may still be unwise. The texts may change between
 * versions; the ids of warnings do not.
 *
 * @throws TypeError for anything that `definePolicy` did not make.
 */
export function explainPolicy(policy: Policy): PolicyExplanation {
  const { compiled } = assertPolicy(policy);
  const { root, written, defaults, validity, uncompared } = compiled;
  const always = "Now is between the verification and the end of every certificate and of the CRL.";
  return deepFreeze({
    demands: [
      ...walk(root, compiled),
      ...defaults.filter((placed) => !isOpen(placed)).map(byDefault),
      ...validity.map((placed) => say(placed, 0)),
      ...CLOCK_TESTS.slice(0, 1).map(({ pointer }) => ({ pointer, depth: 0, text: always })),
    ],
    open: [...written.filter(isOpen).map((placed) => say(placed, 0)), ...uncompared.map(openClaim)],
    warnings: [...policyWarnings(compiled), ...unusedLists(policy.document)],
  });
}
