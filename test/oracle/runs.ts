import { createHash } from "node:crypto";
import { defineAdvisories } from "../../src/advisories/index.js";
import { type Appraisal, appraise, definePolicy, type PolicyDocument } from "../../src/index.js";
import type { Advisory, Inputs, PolicyText } from "./facts.js";
import type { Judgement } from "./oracle.js";
import { policyFor } from "./policies.js";
import { seeded } from "./random.js";
import { createStage, type Scene } from "./scenes.js";

/** One report, one policy, and what the evaluator said. */
export interface Run {
  readonly seed: number;
  readonly scene: Scene;
  readonly policy: PolicyText;
  readonly said: Pick<Judgement, "verdict" | "failed">;
  /** How many failures waivers and warnings let pass. */
  readonly excused: { readonly waived: number; readonly warned: number };
}

const ORIGIN = { sources: ["s"], confidence: "low" } as const;
const ALL = ["Milan", "Genoa", "Turin"];

function advisory(id: string, ways: readonly (readonly object[])[]) {
  const anyOf = ways.map((way) => way.map((demand) => ({ ...demand, ...ORIGIN })));
  return {
    id,
    title: id,
    cves: [],
    sources: ["s"],
    published: null,
    affected: ALL,
    provable: true,
    proofs: [{ for: ALL, anyOf }],
  };
}

const NEVER = { ...advisory("NEVER", []), provable: false, why: "nothing in a report shows it", proofs: undefined };
const DATA_SET = {
  version: 1,
  id: "differential",
  publishedAt: "2026-05-31T12:00:00Z",
  sources: { s: { title: "made up" } },
  advisories: [
    advisory("TCB", [[{ check: "tcb", component: "snp", minimum: 22 }]]),
    advisory("FIRMWARE", [
      [{ check: "firmware", minimum: "1.56.22" }],
      [{ check: "tcb", component: "microcode", minimum: 85 }],
    ]),
    advisory("BITS", [
      [
        { check: "platformInfo", bit: "aliasCheckComplete", state: "set" },
        { check: "guestPolicy", bit: "smt", state: "clear" },
      ],
      [{ check: "platformInfo", bit: "eccEn", state: "set" }],
    ]),
    advisory("MITIGATION", [[{ check: "mitigation", bit: 2 }]]),
    {
      ...advisory("SPARED", [[{ check: "platformInfo", bit: "tsmeEn", state: "clear" }]]),
      affected: ["Milan", "Genoa"],
      notAffected: [{ for: ["Turin"], ...ORIGIN }],
      proofs: [
        { for: ["Milan", "Genoa"], anyOf: [[{ check: "platformInfo", bit: "tsmeEn", state: "clear", ...ORIGIN }]] },
      ],
    },
    Object.fromEntries(Object.entries(NEVER).filter(([, value]) => value !== undefined)),
  ],
};

/** RFC 8785, as far as this data set needs it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}

/** The evaluator's failures under the oracle's names. */
function failuresOf({ failures }: Appraisal): string[] {
  const name = ({ id, pointer, implied }: Appraisal["failures"][number]) => {
    if (id.startsWith("time.") || id.startsWith("input.")) return `always ${id}`;
    return implied ? `implied ${id}` : `${pointer} ${id}`;
  };
  return [...new Set(failures.map(name))].sort();
}

/** The runs of seeds 1 to `count`. */
export async function makeRuns(count: number): Promise<Run[]> {
  const advisories = await defineAdvisories(DATA_SET);
  const digest = createHash("sha384").update(canonical(DATA_SET)).digest("hex");
  // The oracle reads the same document as plain data.
  const told = { digest, publishedAt: DATA_SET.publishedAt, advisories: DATA_SET.advisories as readonly Advisory[] };
  const sceneOf = await createStage(told satisfies Inputs["advisories"]);
  const runs: Run[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    const random = seeded(seed);
    const scene = await sceneOf(random);
    const policy = policyFor(scene, random, digest);
    const { inputs, reportData, verified } = scene;
    // The generator's shapes are wider than the type; definePolicy refuses what is not a policy.
    const defined = await definePolicy(policy as PolicyDocument);
    const appraisal = appraise(verified, defined, {
      now: new Date(inputs.now),
      ...(reportData === null ? {} : { reportData }),
      ...(inputs.advisories === null ? {} : { advisories }),
    });
    const { verdict, waived, warnings } = appraisal;
    const excused = { waived: waived.length, warned: warnings.length };
    runs.push({ seed, scene, policy, said: { verdict, failed: failuresOf(appraisal) }, excused });
  }
  return runs;
}
