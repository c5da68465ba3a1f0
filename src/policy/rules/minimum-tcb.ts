import { PRODUCT_LINES, type ProductLine } from "../../amd/product-lines.js";
import { type Tcb, tcbComponents } from "../../amd/tcb.js";
import type { Finding, Subject, Test } from "../check.js";
import { labelOf } from "../claims.js";
import { accepts, defineRule, fail, inapplicable, PASS, type Refuse } from "../rule.js";
import { anyOr, byteNumber, cpuOr, eachOf, namedEach, saying } from "../words.js";
import { lineOfCpu, NO_LINE } from "./platform.js";

const TCBS = ["reported", "committed", "launch", "current"] as const;
type TcbName = (typeof TCBS)[number];

const COMPONENTS = ["bootLoader", "tee", "snp", "microcode", "fmc"] as const;

/** What a TCB must reach, component by component. */
export type Floor = { readonly [Name in (typeof COMPONENTS)[number]]?: number };

/** Floors by TCB, of one product line or one processor. */
type Floors = { readonly [Name in TcbName]?: Floor };
type FloorsByKey = Readonly<Record<string, Floors>>;

function named(name: TcbName) {
  return { id: `snp.minimumTcb.${name}`, at: "/minimumTcb", claim: `${name}Tcb` } as const;
}

/** The product line that a key of the object speaks of; null for a processor that no line has. */
export function lineOf(key: string): ProductLine | null {
  return PRODUCT_LINES.find((name) => name === key) ?? lineOfCpu(key);
}

function checkKeys(floors: FloorsByKey, refuse: Refuse): void {
  for (const [key, byTcb] of Object.entries(floors)) {
    const line = lineOf(key);
    if (line === null) throw refuse(`/${key}`, NO_LINE);
    for (const [name, floor] of Object.entries(byTcb)) {
      const known: readonly string[] = tcbComponents(line);
      const foreign = Object.keys(floor).find((component) => !known.includes(component));
      if (foreign === undefined) continue;
      throw refuse(`/${key}/${name}/${foreign}`, `expected a component of ${line}, which has no ${foreign}; remove it`);
    }
  }
}

/** What does not reach its floor. A component that the TCB lacks is NaN here and falls short. */
function shortfallText(actual: Tcb, floor: Floor): string {
  const short = COMPONENTS.filter((name) => floor[name] !== undefined && !(Number(actual[name]) >= floor[name]));
  return short.map((name) => `${name} ${actual[name]} below ${floor[name]}`).join(", ");
}

/**
 * The floors of one TCB that a report must reach; undefined where the policy has no floors for the processor at all.
 * A processor's own floor stands in for its line's, TCB by TCB. A report that does not name its processor (version 2,
 * written by old firmware) must reach the line's floor and those of every processor of the line.
 */
function floorsFor(floors: FloorsByKey, name: TcbName, { record, claims }: Subject): readonly Floor[] | undefined {
  const { productLine } = record;
  const line = floors[productLine];
  if (claims.cpuid === null) {
    if (line === undefined) return undefined;
    const ofLine = Object.entries(floors).filter(([key]) => lineOf(key) === productLine);
    return ofLine.flatMap(([, byTcb]) => byTcb[name] ?? []);
  }
  const own = floors[String(claims.cpuid)];
  if (own === undefined && line === undefined) return undefined;
  const floor = own?.[name] ?? line?.[name];
  return floor === undefined ? [] : [floor];
}

/** The least TCB that reaches all of some floors. */
function highest(floors: readonly Floor[]): Floor {
  const entries = COMPONENTS.flatMap((component): [string, number][] => {
    const values = floors.flatMap((floor) => floor[component] ?? []);
    return values.length === 0 ? [] : [[component, Math.max(...values)]];
  });
  return Object.fromEntries(entries);
}

function judge(subject: Subject, name: TcbName, floors: FloorsByKey): Finding {
  const label = labelOf(`${name}Tcb`);
  const chosen = floorsFor(floors, name, subject);
  if (chosen === undefined) {
    const found = `${subject.record.productLine} (${subject.claims.cpuid ?? "no CPUID"})`;
    return fail(`Expected a floor of ${label} for this processor; found none for ${found}; add one to the policy.`);
  }
  if (chosen.length === 0) return inapplicable(`The policy has no floor of ${label} for this processor.`);
  const expected = highest(chosen);
  const short = shortfallText(subject.record.tcb[name], expected);
  if (short === "") return { ...PASS, expected };
  return {
    ...fail(`Expected ${label} at or above its floor; found ${short}; update the host's firmware.`),
    expected,
  };
}

function test(name: TcbName, floors: FloorsByKey): Test {
  const said = Object.entries(floors).flatMap(([key, byTcb]) =>
    byTcb[name] === undefined ? [] : [[key, byTcb[name]]],
  );
  return {
    ...named(name),
    operator: "atLeast",
    expected: Object.fromEntries(said),
    passed: `Found ${labelOf(`${name}Tcb`)} at or above its floor.`,
    run: (subject) => judge(subject, name, floors),
  };
}

/** `minimumTcb`: floors of TCB components, by product line or processor. A line without a floor fails. */
export const minimumTcb = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(
    namedEach(cpuOr(...PRODUCT_LINES), saying(eachOf(TCBS, saying(eachOf(COMPONENTS, byteNumber()))))),
  ),
  decision: 'floors by product line, or "any"',
  excusable: true,
  tests(said, refuse) {
    if (said === "any") return TCBS.map((name) => accepts(named(name)));
    checkKeys(said, refuse);
    return TCBS.filter((name) => Object.values(said).some((floors) => floors[name] !== undefined)).map((name) =>
      test(name, said),
    );
  },
});
