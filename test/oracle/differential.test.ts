import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FAULTS } from "./faults.js";
import { judge } from "./oracle.js";
import { RULES } from "./rules.js";
import { makeRuns, type Run } from "./runs.js";

/** Each run forges and verifies a report of its own. ATTESTRY_DIFFERENTIAL asks for more of them. */
const COUNT = Number(process.env["ATTESTRY_DIFFERENTIAL"] ?? 2100);
const LEAST_OF_EACH = 10;
const LEAST_SHARE = 0.2;

/** The ids of docs/policy.md's table of keys. */
const CHECKS = [...readFileSync("docs/policy.md", "utf8").matchAll(/^\| \[`\w+`\].*$/gm)]
  .flatMap(([row]) => [...row.matchAll(/`(snp\.[\w.]+)`/g)].map(([, id = ""]) => id))
  .sort();

const runs = (await makeRuns(COUNT)).map((run) => ({ ...run, oracle: judge(run.policy, run.scene) }));

const share = (count: number) => count / runs.length;
const counted = <Item>(items: readonly Item[], test: (item: Item) => boolean) => items.filter(test).length;
const same = (a: readonly string[], b: readonly string[]) => a.join() === b.join();

describe("the evaluator and the oracle", () => {
  it("agree in every verdict", () => {
    expect(runs.length).toBeGreaterThanOrEqual(2000);
    const differing = runs.filter(({ said, oracle }) => said.verdict !== oracle.verdict);
    expect(differing.map(({ seed, said, oracle }) => ({ seed, said, oracle: oracle.failed }))).toEqual([]);
  });

  it("list the same failures", () => {
    const differing = runs.filter(({ said, oracle }) => !same(said.failed, oracle.failed));
    expect(differing.map(({ seed, said, oracle }) => ({ seed, said: said.failed, oracle: oracle.failed }))).toEqual([]);
  });
});

describe("the runs", () => {
  it("accept and reject, neither seldom", () => {
    const accepted = share(counted(runs, ({ said }) => said.verdict === "accept"));
    expect(accepted).toBeGreaterThan(LEAST_SHARE);
    expect(accepted).toBeLessThan(1 - LEAST_SHARE);
  });

  it("hold every check of the language, and fail every one", () => {
    const seen = new Map<string, { held: number; failed: number }>();
    for (const { id, holds } of runs.flatMap(({ oracle }) => oracle.answers)) {
      const counts = seen.get(id) ?? { held: 0, failed: 0 };
      seen.set(id, counts);
      if (holds !== null) counts[holds ? "held" : "failed"] += 1;
    }
    const seldom = [...seen].filter(([, { held, failed }]) => Math.min(held, failed) < LEAST_OF_EACH);
    expect(seldom).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(CHECKS);
  });

  it.each([
    ...["Milan", "Genoa", "Turin"].map((line) => [line, (run: Run) => run.scene.facts.productLine === line] as const),
    ...["VCEK", "VLEK"].map((key) => [key, (run: Run) => run.scene.facts.signingKey === key] as const),
    ...[2, 3, 4, 5].map(
      (version) => [`version ${version}`, (run: Run) => run.scene.facts.report[0] === version] as const,
    ),
    ...RULES.revocationOrder.map((word) => [word, (run: Run) => run.scene.facts.revocation.status === word] as const),
    ["one block", (run: Run) => run.policy.snp !== undefined] as const,
    [
      "anyOf in allOf in anyOf",
      (run: Run) => /"anyOf".*"allOf".*"anyOf"/.test(JSON.stringify(run.policy.require)),
    ] as const,
    ["named lists", (run: Run) => run.policy.lists !== undefined] as const,
    ["validity", (run: Run) => run.policy.validity !== undefined] as const,
    ["waivers", (run: Run) => run.policy.waivers !== undefined] as const,
    ["used waivers", (run: Run) => run.excused.waived > 0 && run.said.verdict === "accept"] as const,
    ["used warnings", (run: Run) => run.excused.warned > 0 && run.said.verdict === "accept"] as const,
    ...["verification", "crl", "policy.notBefore", "policy.notAfter", "leaf", "root"].map(
      (id) => [`time.${id}`, (run: Run) => run.said.failed.includes(`always time.${id}`)] as const,
    ),
    ["input.reportData", (run: Run) => run.said.failed.includes("always input.reportData")] as const,
  ])("have %s often enough", (_name, test) => {
    expect(counted(runs, test)).toBeGreaterThanOrEqual(LEAST_OF_EACH);
  });
});

/**
 * The faults are planted in the oracle. Where the sound oracle agrees with the evaluator in every verdict, an evaluator
 * with the same fault would disagree with the sound oracle in the very runs that are counted here.
 */
describe("a fault planted in the oracle shows in a verdict", () => {
  it.each(Object.entries(FAULTS))("%s", (_name, fault) => {
    const faulty = { ...RULES, ...fault };
    expect(runs.some(({ policy, scene, said }) => judge(policy, scene, faulty).verdict !== said.verdict)).toBe(true);
  });
});
