import { PRODUCT_LINES, type ProductLine } from "../amd/product-lines.js";
import type { CompiledPolicy } from "./compile.js";
import type { Json } from "./json.js";
import type { PlacedTest } from "./placed.js";
import { type Floor, lineOf } from "./rules/minimum-tcb.js";
import { always, type Block, type Node } from "./ways.js";

/** What can be unwise about a policy that is in order. */
export type PolicyWarningId =
  | "debug-allowed"
  | "line-without-floor"
  | "list-unused"
  | "measurement-any"
  | "milan-allowed"
  | "minimum-tcb-any"
  | "report-data-any"
  | "report-data-not-fresh"
  | "revocation-weakened"
  | "smt-allowed"
  | "waived"
  | "zero-digest";

/** Something about a policy that its author may not have meant. */
export interface PolicyWarning {
  readonly id: PolicyWarningId;
  /** JSON Pointer into the policy; empty for the whole of it. */
  readonly pointer: string;
  readonly text: string;
}

/** A processor, and the microcode from which SMT may stay on. Source: AMD-SB-3027, as public policies quote it. */
const SMT_FLOORS = [
  { cpu: "0x19-0x01-0x01", line: "Milan", microcode: 0xde },
  { cpu: "0x19-0x01-0x02", line: "Milan", microcode: 0x47 },
  { cpu: "0x19-0x11-0x01", line: "Genoa", microcode: 0x56 },
  { cpu: "0x19-0x11-0x02", line: "Genoa", microcode: 0x51 },
  { cpu: "0x1a-0x02-0x01", line: "Turin", microcode: 0x51 },
] as const;

const FLOOR_CLAIM = /Tcb$/;

function textsOf(value: Json): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The tests of a block that compare one claim with a list. */
function lists(tests: readonly PlacedTest[], claim: string): readonly (readonly string[])[] {
  const found = tests.filter(({ test }) => test.claim === claim && test.operator === "oneOf");
  return found.map(({ test }) => textsOf(test.expected));
}

/** The floors of a block by line or processor; undefined where it has none. */
function floorsOf(tests: readonly PlacedTest[]): Readonly<Record<string, Json>> | undefined {
  const found = tests.filter(({ test }) => FLOOR_CLAIM.test(test.claim) && test.operator === "atLeast");
  return found.length === 0 ? undefined : Object.assign({}, ...found.map(({ test }) => test.expected));
}

/** True where a block refuses every processor of a line. */
function refusesLine(tests: readonly PlacedTest[], line: ProductLine): boolean {
  const floors = floorsOf(tests);
  return (
    lists(tests, "productLine").some((list) => !list.includes(line)) ||
    lists(tests, "cpuid").some((list) => !list.some((cpu) => lineOf(cpu) === line)) ||
    (floors !== undefined && !Object.keys(floors).some((key) => lineOf(key) === line))
  );
}

/** The floor of REPORTED_TCB that a block has for a processor. */
function reportedFloor(tests: readonly PlacedTest[], cpu: string, line: string): Floor {
  const test = tests.find((one) => one.test.claim === "reportedTcb" && one.test.operator === "atLeast")?.test;
  if (test === undefined) return {};
  // The expected value of such a test is its floors by line and processor.
  const floors = test.expected as Readonly<Record<string, Floor>>;
  return floors[cpu] ?? floors[line] ?? {};
}

function bitsOf<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.reduce((bits, item, index) => (holds(item) ? bits | (1 << index) : bits), 0);
}

/** The lines that a policy can accept. */
function acceptedLines({ root, written }: CompiledPolicy): readonly ProductLine[] {
  const refused = always(root, ({ first, end }) =>
    bitsOf(PRODUCT_LINES, (line) => refusesLine(written.slice(first, end), line)),
  );
  return PRODUCT_LINES.filter((_, index) => (refused & (1 << index)) === 0);
}

function smtWarnings({ root, written }: CompiledPolicy): readonly PolicyWarning[] {
  const words = ["guestPolicy.smt", "platformInfo.smtEn"];
  const testsIn = ({ first, end }: Block) => written.slice(first, end);
  const forbids = (block: Block) =>
    bitsOf(words, (claim) => testsIn(block).some(({ test }) => test.claim === claim && test.operator === "forbidden"));
  if (always(root, forbids) === 3) return [];
  const safe = always(root, (block) => {
    const tests = testsIn(block);
    return bitsOf(SMT_FLOORS, ({ cpu, line, microcode }) => {
      const { microcode: floor = -1 } = reportedFloor(tests, cpu, line);
      return (
        refusesLine(tests, line) || lists(tests, "cpuid").some((list) => !list.includes(cpu)) || floor >= microcode
      );
    });
  });
  const open = SMT_FLOORS.filter((_, index) => (safe & (1 << index)) === 0);
  if (open.length === 0) return [];
  const cpus = open.map(({ cpu, microcode }) => `${cpu} below microcode ${microcode}`).join(", ");
  const text = `SMT may be on, which AMD-SB-3027 (StackWarp) wants off for ${cpus}: forbid it, or raise the floors.`;
  return [{ id: "smt-allowed", pointer: "", text }];
}

/** What a rule says of lines: those that it lists, and its floors with the lines that they are for. */
interface LinesSaid {
  readonly listed: readonly ProductLine[];
  readonly floors: readonly { readonly pointer: string; readonly lines: readonly (ProductLine | null)[] }[];
}

function linesOfBlock(tests: readonly PlacedTest[], pointer: string): LinesSaid {
  const floors = floorsOf(tests);
  const listed = PRODUCT_LINES.filter((line) => lists(tests, "productLine").flat().includes(line));
  return { listed, floors: floors === undefined ? [] : [{ pointer, lines: Object.keys(floors).map(lineOf) }] };
}

function unflooredBy({ listed }: LinesSaid, { floors }: LinesSaid): readonly PolicyWarning[] {
  return floors.flatMap(({ pointer, lines }) =>
    listed
      .filter((line) => !lines.includes(line))
      .map((line): PolicyWarning => {
        const text = `${line} is listed and has no floor in minimumTcb: its reports are refused.`;
        return { id: "line-without-floor", pointer, text };
      }),
  );
}

/** Lines that rules list and floors leave out, where both stand on one way; adds to `warnings`. */
function findUnfloored(rule: Node, { written }: Pick<CompiledPolicy, "written">, warnings: PolicyWarning[]): LinesSaid {
  if (rule.kind === "block") {
    const said = linesOfBlock(written.slice(rule.first, rule.end), `${rule.pointer}/minimumTcb`);
    warnings.push(...unflooredBy(said, said));
    return said;
  }
  const said = rule.members.map((member) => findUnfloored(member, { written }, warnings));
  // Members of an anyOf are never on one way.
  const pairs = rule.kind === "allOf" ? said.flatMap((one) => said.map((two) => [one, two] as const)) : [];
  for (const [one, two] of pairs) if (one !== two) warnings.push(...unflooredBy(one, two));
  return { listed: said.flatMap(({ listed }) => listed), floors: said.flatMap(({ floors }) => floors) };
}

type OneTest = readonly [id: PolicyWarningId, text: string, holds: (placed: PlacedTest) => boolean];

function isAny(...claims: readonly string[]) {
  return ({ test }: PlacedTest) => test.operator === "any" && claims.includes(test.claim);
}

/** What one written test says that may not have been meant. */
const ONE_TEST: readonly OneTest[] = [
  ["measurement-any", "Any guest whatever is accepted: the launch digest is left open.", isAny("measurement")],
  ["report-data-any", "Old reports and those for others are accepted: REPORT_DATA is left open.", isAny("reportData")],
  ["minimum-tcb-any", "Firmware of any age is accepted: the TCB has no floor.", isAny("reportedTcb")],
  [
    "report-data-not-fresh",
    "The same REPORT_DATA is accepted for ever: nothing shows that the report is fresh.",
    ({ test }) => test.claim === "reportData" && test.operator === "equals",
  ],
  [
    "debug-allowed",
    "The host may read and write the guest's memory: debugging is not forbidden.",
    ({ test }) => test.claim === "guestPolicy.debug" && test.operator !== "forbidden",
  ],
  [
    "revocation-weakened",
    "Certificates may be revoked without anybody noticing: less than a current CRL is accepted.",
    ({ test }) => test.claim === "revocation.status" && test.expected !== "checked",
  ],
  [
    "zero-digest",
    "A digest of zeros is listed: no image has it.",
    ({ test }) => test.claim === "measurement" && textsOf(test.expected).some((text) => /^0+$/.test(text)),
  ],
];

function waiverWarnings({ written }: CompiledPolicy): readonly PolicyWarning[] {
  const waivers = new Set(written.flatMap((placed) => placed.waivers));
  return [...waivers].map(({ check, shown: { pointer, until, reason } }) => {
    return { id: "waived", pointer, text: `${check} may fail until ${until}: ${reason}.` };
  });
}

/** Everything about a policy that its author may not have meant. */
export function policyWarnings(compiled: CompiledPolicy): readonly PolicyWarning[] {
  const single = compiled.written.flatMap((placed) =>
    ONE_TEST.filter(([, , holds]) => holds(placed)).map(([id, text]) => ({ id, pointer: placed.pointer, text })),
  );
  const unfloored: PolicyWarning[] = [];
  findUnfloored(compiled.root, compiled, unfloored);
  const milan = "Milan is accepted, whose root seed can be extracted: leave it out, or trust its chips by chipId.";
  return [
    ...single,
    ...unfloored,
    ...smtWarnings(compiled),
    ...(acceptedLines(compiled).includes("Milan") ? [{ id: "milan-allowed", pointer: "", text: milan } as const] : []),
    ...waiverWarnings(compiled),
  ];
}
