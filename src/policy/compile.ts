import type { CheckedClaim, RuleNote, Test } from "./check.js";
import { CLAIM_NAMES, type ClaimName } from "./claims.js";
import { deepFreeze } from "./json.js";
import { pointerTo } from "./malformed.js";
import type { PlacedTest } from "./placed.js";
import type { Rule } from "./rule.js";
import { SNP_RULES } from "./rules/table.js";
import type { ExpandedDocument, Malformed, RuleDocument, SnpBlock, WaiverDocument } from "./schema.js";
import { validityTests } from "./validity.js";
import { readWaiver, type Waiver } from "./waivers.js";
import { always, type Block, type Need, type Node, unmetNeed, wayWithout } from "./ways.js";

/** A strict default and its bit. */
export interface PlacedDefault extends PlacedTest {
  readonly bit: number;
}

/** The claims that no test compares with anything: none names them, or those that do accept any value. */
export function uncomparedClaims(tests: readonly PlacedTest[]): readonly ClaimName[] {
  const compared = new Set<CheckedClaim>();
  for (const { test } of tests) {
    if (test.operator === "any") continue;
    compared.add(test.claim);
    for (const claim of test.reads ?? []) compared.add(claim);
  }
  return CLAIM_NAMES.filter((name) => !compared.has(name));
}

/** A policy as appraisal uses it. */
export interface CompiledPolicy {
  readonly root: Node;
  /** The tests that blocks wrote, in the order of the document. */
  readonly written: readonly PlacedTest[];
  /** The strict defaults that some way does not speak of, each with its bit. */
  readonly defaults: readonly PlacedDefault[];
  /** When the policy itself may be used. */
  readonly validity: readonly PlacedTest[];
  /** The claims that all of them together leave out. */
  readonly uncompared: readonly ClaimName[];
}

const RULES: readonly (readonly [key: string, rule: Rule])[] = /* @__PURE__ */ Object.entries(SNP_RULES);
const DEFAULTS: readonly Test[] = /* @__PURE__ */ deepFreeze(
  /* @__PURE__ */ RULES.flatMap(([, rule]) => rule.defaults ?? []),
);

/** The bit of a key; what follows all keys is the one part of a key that others need. */
function keyBit(key: string): number {
  const index = RULES.findIndex(([name]) => name === key);
  return 1 << (index < 0 ? RULES.length : index);
}

/** The bits of the strict defaults whose claims some tests speak of. */
function spokenBy(tests: readonly PlacedTest[]): number {
  const claims = new Set(tests.map(({ test }) => test.claim));
  return DEFAULTS.reduce((bits, { claim }, index) => (claims.has(claim) ? bits | (1 << index) : bits), 0);
}

interface Around {
  readonly pointer: string;
  readonly rule: RuleNote | null;
}

/** Fills `written` while it walks the rules. */
class Compiler {
  readonly written: PlacedTest[] = [];
  /** The pointers of checks that waivers may name. */
  private readonly excusable = new Map<string, Waiver[]>();
  private readonly malformed: Malformed;

  constructor(malformed: Malformed) {
    this.malformed = malformed;
  }

  block(said: SnpBlock, { pointer, rule }: Around): Block {
    const first = this.written.length;
    const needs: Need[] = [];
    let keys = 0;
    for (const [key, { tests, needs: asks, gives, excusable }] of RULES) {
      if (!Object.hasOwn(said, key)) continue;
      const value: unknown = Reflect.get(said, key);
      const at = pointerTo(pointer, key);
      keys |= keyBit(key);
      for (const part of gives?.(value) ?? []) keys |= keyBit(part);
      for (const test of tests(value, (inner, reason) => this.malformed(at + inner, reason))) {
        this.place(test, { pointer, rule }, excusable);
      }
      needs.push(...(asks?.(value) ?? []).map((name) => ({ name, key: keyBit(name), pointer: at })));
    }
    const spoken = spokenBy(this.written.slice(first));
    return { kind: "block", pointer, keys, spoken, needs, first, end: this.written.length };
  }

  rule(document: RuleDocument, around: Around): Node {
    const { id = null, reason = null } = document;
    const rule = id === null && reason === null ? around.rule : Object.freeze({ id, reason });
    if ("snp" in document) return this.block(document.snp, { pointer: `${around.pointer}/snp`, rule });
    const [kind, members] =
      "allOf" in document ? (["allOf", document.allOf] as const) : (["anyOf", document.anyOf] as const);
    const pointer = `${around.pointer}/${kind}`;
    return {
      kind,
      pointer,
      members: members.map((member, index) => this.rule(member, { pointer: pointerTo(pointer, index), rule })),
    };
  }

  waive(kind: Waiver["kind"], documents: readonly WaiverDocument[] = []): void {
    for (const [index, document] of documents.entries()) {
      const pointer = `/${kind}/${index}`;
      const waiver = readWaiver(document, { kind, pointer }, this.malformed);
      const waivers = this.excusable.get(waiver.check);
      if (waivers === undefined) {
        const keys = RULES.filter(([, { excusable }]) => excusable).map(([key]) => key);
        const expected = `expected the JSON Pointer of a check that the policy writes, of ${keys.join(", ")}`;
        throw this.malformed(`${pointer}/check`, `${expected}; found another; nothing else can be waived`);
      }
      waivers.push(waiver);
    }
  }

  private place(test: Test, { pointer, rule }: Around, excusable = false): void {
    const at = pointer + test.at;
    const waivers = this.excusable.get(at) ?? [];
    if (excusable) this.excusable.set(at, waivers);
    this.written.push({ test: deepFreeze(test), pointer: at, implied: false, rule, waivers });
  }
}

function checkWays(root: Node, malformed: Malformed): void {
  for (const [key, { decision }] of RULES) {
    if (decision === undefined || (always(root, ({ keys }) => keys) & keyBit(key)) !== 0) continue;
    const way = wayWithout(root, keyBit(key));
    const where = way.length === 0 ? "no rule says it" : `the way through ${way.join(" and ")} does not`;
    throw malformed(
      way[0] ?? root.pointer,
      `expected every way to acceptance to say "${key}"; ${where}; write ${decision} there`,
    );
  }
  const unmet = unmetNeed(root);
  if (unmet === undefined) return;
  const { name, pointer } = unmet;
  throw malformed(
    pointer,
    `expected "${name}" wherever this is said; found a way without it; write "${name}" beside it`,
  );
}

function placeDefaults(root: Node, top: string): readonly PlacedDefault[] {
  const spoken = always(root, (block) => block.spoken);
  const all = DEFAULTS.map((test, index) => {
    const pointer = `${top}/snp${test.at}`;
    return { test, pointer, implied: true, rule: null, waivers: [], bit: 1 << index };
  });
  return all.filter(({ bit }) => (spoken & bit) === 0);
}

/**
 * A checked document as tests and ways.
 *
 * @throws MalformedError `ERR_MALFORMED_POLICY` for mistakes that the schema cannot see, and for a way to acceptance
 * that leaves a decision open.
 */
export function compile(document: ExpandedDocument, malformed: Malformed): CompiledPolicy {
  const compiler = new Compiler(malformed);
  const [pointer, top] = "require" in document ? ["/require", document.require] : ["", { snp: document.snp }];
  const root = compiler.rule(top, { pointer, rule: null });
  checkWays(root, malformed);
  compiler.waive("waivers", document.waivers);
  compiler.waive("warn", document.warn);
  const validity = validityTests(document.validity ?? {}, malformed);
  const { written } = compiler;
  const defaults = placeDefaults(root, pointer);
  return { root, written, defaults, validity, uncompared: uncomparedClaims([...written, ...defaults]) };
}
