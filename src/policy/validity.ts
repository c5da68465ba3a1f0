import type { Test } from "./check.js";
import { deepFreeze } from "./json.js";
import type { PlacedTest } from "./placed.js";
import { fail, PASS } from "./rule.js";
import type { ExpandedDocument, Malformed } from "./schema.js";
import { readTime } from "./waivers.js";

type Validity = NonNullable<ExpandedDocument["validity"]>;
type End = keyof Validity & Test["operator"];

function endTest(operator: End, expected: string, holds: (now: number) => boolean): Test {
  const [order, advice] =
    operator === "notBefore"
      ? (["after", "wait, or set the clock"] as const)
      : (["before", "renew the policy"] as const);
  return {
    id: `time.policy.${operator}`,
    at: "",
    claim: "now",
    operator,
    expected,
    passed: `Found now within the policy's validity.`,
    source: { kind: "verification", field: "now" },
    run: ({ now, nowText }) =>
      holds(now)
        ? PASS
        : fail(`Expected now at or ${order} the policy's ${operator}, ${expected}; found ${nowText}; ${advice}.`),
  };
}

/**
 * The tests of when the policy itself may be used.
 *
 * @throws what `malformed` makes, for an end before its beginning
 */
export function validityTests({ notBefore, notAfter }: Validity, malformed: Malformed): readonly PlacedTest[] {
  const read = (end: End, text: string | undefined) =>
    text === undefined ? undefined : readTime(text, `/validity/${end}`, malformed);
  const [from, to] = [read("notBefore", notBefore), read("notAfter", notAfter)];
  if (from !== undefined && to !== undefined && from > to) {
    throw malformed("/validity/notAfter", "expected an end after the beginning, found one before it; correct it");
  }
  const tests = [
    ...(from === undefined ? [] : [endTest("notBefore", String(notBefore), (now) => now >= from)]),
    ...(to === undefined ? [] : [endTest("notAfter", String(notAfter), (now) => now <= to)]),
  ];
  return tests.map((test) => {
    const pointer = `/validity/${test.operator}`;
    return deepFreeze({ test, pointer, implied: false, rule: null, waivers: [] });
  });
}
