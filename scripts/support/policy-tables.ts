import { EVIDENCE_PARTS } from "../../src/binding/expected.js";
import { CLOCK_TESTS } from "../../src/policy/always.js";
import type { Test } from "../../src/policy/check.js";
import { GUEST_POLICY_FLAGS, type labelOf, PLATFORM_INFO_FLAGS } from "../../src/policy/claims.js";
import { malformed } from "../../src/policy/malformed.js";
import type { Rule } from "../../src/policy/rule.js";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import { validityTests } from "../../src/policy/validity.js";
import { GUEST_POLICY_BITS } from "../../src/report/guest-policy.js";
import { PLATFORM_INFO_BITS } from "../../src/report/platform-info.js";
import { WHOLE_BLOCK } from "./policy-samples.js";

const RULES: readonly (readonly [key: string, rule: Rule])[] = Object.entries(SNP_RULES);
const NOON = "2026-06-01T12:00:00Z";

function testsOf(key: string, rule: Rule): readonly Test[] {
  return rule.tests(Reflect.get(WHOLE_BLOCK, key), malformed);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** Every id that a check can have, in the order of results. */
export function everyCheckId(): readonly string[] {
  const written = RULES.flatMap(([key, rule]) => testsOf(key, rule));
  const validity = validityTests({ notBefore: NOON, notAfter: NOON }, malformed).map(({ test }) => test);
  const always = CLOCK_TESTS.map(({ test }) => test);
  return [...unique([...written, ...validity, ...always].map(({ id }) => id)), "input.reportData"];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function defaultText({ decision, defaults = [] }: Rule): string {
  if (decision !== undefined) return "an error";
  const said = defaults.map(({ claim, operator, expected }) => {
    const value = operator === "oneOf" || operator === "atLeast" ? `: ${JSON.stringify(expected)}` : "";
    return `\`${claim}\` ${operator}${value}`;
  });
  return said.length === 0 ? "unexamined" : said.join("; ");
}

function keyTable(): string {
  const rows = RULES.map(([key, rule]) => [
    `[\`${key}\`](#${key.toLowerCase()})`,
    defaultText(rule),
    code(unique(testsOf(key, rule).map(({ id }) => id))),
    rule.excusable === true ? "yes" : "",
  ]);
  return table(["key", "where nobody says it", "checks", "can be waived"], rows);
}

function bitTable(word: "guestPolicy" | "platformInfo"): string {
  const { rows } = word === "guestPolicy" ? GUEST_POLICY_BITS : PLATFORM_INFO_BITS;
  const flags: readonly string[] = word === "guestPolicy" ? GUEST_POLICY_FLAGS : PLATFORM_INFO_FLAGS;
  const defaults = new Map((SNP_RULES[word].defaults ?? []).map(({ claim, operator }) => [claim, operator]));
  const cells = rows.flatMap((row) => {
    if (!flags.includes(row.name) || !("bit" in row)) return [];
    const [amd = "", meaning = ""] = row.doc.split(": ");
    // The flags of the table are claims, as the type of the list says.
    const name = `${word}.${row.name}` as Parameters<typeof labelOf>[0];
    return [[`\`${row.name}\``, String(row.bit), `\`${amd}\``, meaning, defaults.get(name) ?? "unexamined"]];
  });
  return table(["bit", "number", "AMD's name", "when set", "by default"], cells);
}

function evidencePartsTable(): string {
  const rows = Object.entries(EVIDENCE_PARTS).map(([scheme, parts]) => [
    `\`${scheme}\``,
    parts.length === 0 ? "none" : code(parts),
  ]);
  return table(["scheme", 'parts that may be `"fromEvidence"`'], rows);
}

/** The tables of docs/policy.md that are the code's own, by the name that stands around each in the page. */
export const POLICY_TABLES: Readonly<Record<string, () => string>> = {
  keys: keyTable,
  guestPolicy: () => bitTable("guestPolicy"),
  platformInfo: () => bitTable("platformInfo"),
  evidenceParts: evidencePartsTable,
};

/** The page with its tables made anew. */
export function renewTables(page: string): string {
  return page.replace(/(<!-- table: (\w+) -->)[\s\S]*?(<!-- end -->)/g, (_, begin: string, name: string, end) => {
    const make = POLICY_TABLES[name];
    if (make === undefined) throw new Error(`docs/policy.md names the table ${name}, which there is not`);
    return `${begin}\n\n${make()}\n\n${end}`;
  });
}
