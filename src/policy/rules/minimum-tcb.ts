import { isProductLine, PRODUCT_LINES, type ProductLine } from "../../amd/product-lines.js";
import { type Tcb, tcbComponents } from "../../amd/tcb.js";
import type { Finding, Subject, Test } from "../check.js";
import { labelOf } from "../claims.js";
import { deepFreeze } from "../json.js";
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
  let short = "";
  for (const name of COMPONENTS) {
    const least = floor[name];
    if (least === undefined || Number(actual[name]) >= least) continue;
    short += `${short === "" ? "" : ", "}${name} ${actual[name]} below ${least}`;
  }
  return short;
}

/** The least TCB that reaches all of some floors. */
function highest(floors: readonly Floor[]): Floor {
  const entries = COMPONENTS.flatMap((component): [string, number][] => {
    const values = floors.flatMap((floor) => floor[component] ?? []);
    return values.length === 0 ? [] : [[component, Math.max(...values)]];
  });
  return Object.fromEntries(entries);
}

/** What one TCB of the reports of a processor must reach; null where only other TCBs have a floor. */
type Reached = (Finding & { readonly expected: Floor }) | null;

/** What a report finds at its processor, its line, or its line without a processor: made when the policy is defined. */
interface Chosen {
  readonly byKey: ReadonlyMap<string, Reached>;
  readonly unnamed: ReadonlyMap<string, Reached>;
}

function reached(floors: readonly Floor[]): Reached {
  return floors.length === 0 ? null : deepFreeze({ ...PASS, expected: highest(floors) });
}

/**
 * The floors of one TCB. A processor's own floor stands in for its line's, TCB by TCB. A report that does not name its
 * processor (version 2, written by old firmware) must reach the line's floor and those of every processor of the line.
 */
function choose(floors: FloorsByKey, name: TcbName): Chosen {
  const keys = Object.keys(floors);
  const ofKey = (key: string) => floors[key]?.[name] ?? floors[String(lineOf(key))]?.[name];
  const byKey = keys.map((key) => [key, reached([ofKey(key) ?? []].flat())] as const);
  const unnamed = keys.filter(isProductLine).map((line) => {
    const ofLine = keys.filter((key) => lineOf(key) === line);
    return [line, reached(ofLine.flatMap((key) => floors[key]?.[name] ?? []))] as const;
  });
  return { byKey: new Map(byKey), unnamed: new Map(unnamed) };
}

/** The finding for a TCB that reaches its floor; undefined where the policy has no floors for the processor at all. */
function chosenFor({ byKey, unnamed }: Chosen, { record, claims }: Subject): Reached | undefined {
  const { productLine } = record;
  const cpuid = claims.get("cpuid");
  if (typeof cpuid !== "string") return unnamed.get(productLine);
  const own = byKey.get(cpuid);
  return own === undefined ? byKey.get(productLine) : own;
}

function test(name: TcbName, floors: FloorsByKey): Test {
  const said = Object.entries(floors).flatMap(([key, byTcb]) =>
    byTcb[name] === undefined ? [] : [[key, byTcb[name]]],
  );
  const label = labelOf(`${name}Tcb`);
  const chosen = choose(floors, name);
  const none = inapplicable(`The policy has no floor of ${label} for this processor.`);
  return {
    ...named(name),
    operator: "atLeast",
    expected: Object.fromEntries(said),
    passed: `Found ${label} at or above its floor.`,
    run(subject) {
      const found = chosenFor(chosen, subject);
      if (found === null) return none;
      if (found === undefined) {
        const cpu = `${subject.record.productLine} (${subject.claims.get("cpuid") ?? "no CPUID"})`;
        return fail(`Expected a floor of ${label} for this processor; found none for ${cpu}; add one to the policy.`);
      }
      const short = shortfallText(subject.record.tcb[name], found.expected);
      if (short === "") return found;
      const reason = `Expected ${label} at or above its floor; found ${short}; update the host's firmware.`;
      return { ...found, ...fail(reason) };
    },
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
