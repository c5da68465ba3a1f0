import { describe, expect, it } from "vitest";
import { appraise } from "../../src/policy/appraise.js";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { makeVerified, VERIFIED_AT } from "../support/records.js";
import { blockPolicy, judged, OPEN, treePolicy } from "./support.js";
import { TWINS, type Twins } from "./twins.js";

/** A block that no report of the twins is accepted by. */
const NEVER = { snp: { ...OPEN, denyCertificates: ["1e".repeat(32), "a5".repeat(32)], hostData: ["ee".repeat(32)] } };
/** A block that asks for nothing, defaults included. */
const EVERYTHING = {
  snp: {
    ...OPEN,
    signingKey: ["VCEK", "VLEK"],
    cspId: "any",
    guestPolicy: { debug: "any", migrateMa: "any", unknownBits: "any" },
    revocation: { status: "skipped" },
    reserved: "any",
  },
};

const NOW = { now: new Date(VERIFIED_AT) };
/** One twin of each check and each way to say it. */
const ROWS = TWINS.map((twins) => [twins.title, twins] as const);

function blockOf({ snp }: Twins): object {
  return { snp: { ...OPEN, ...snp } };
}

/** What a twin's block does to the verdict of a rule around it: pass, fail. */
async function verdicts(rule: object, { passing, failing }: Twins): Promise<readonly [string, string]> {
  const policy = await treePolicy(rule);
  return [judged(policy, passing).verdict, judged(policy, failing).verdict];
}

/** Where the failing check stands when its block is a member of a rule. */
function pointerIn(place: string, { pointer }: Twins): string {
  return place + pointer;
}

describe("each twin as a member of a rule", () => {
  it.each(ROWS)("%s: decides in allOf, and alone", async (_, twins) => {
    const block = blockOf(twins);
    expect(await verdicts(block, twins)).toEqual(["accept", "reject"]);
    expect(await verdicts({ allOf: [block, EVERYTHING] }, twins)).toEqual(["accept", "reject"]);
    expect(await verdicts({ allOf: [NEVER, block] }, twins)).toEqual(["reject", "reject"]);
  });

  it.each(ROWS)("%s: decides beside an alternative that never holds", async (_, twins) => {
    const rule = { anyOf: [NEVER, blockOf(twins)] };
    expect(await verdicts(rule, twins)).toEqual(["accept", "reject"]);
    const bad = judged(await treePolicy(rule), twins.failing);
    const places = bad.failures.map(({ pointer }) => pointer);
    expect(places).toContain(pointerIn("/require/anyOf/1", twins));
    expect(places.some((pointer) => pointer.startsWith("/require/anyOf/0/"))).toBe(true);
  });

  it.each(ROWS)("%s: decides nothing beside one that holds, and its failure is shown", async (_, twins) => {
    const rule = { anyOf: [blockOf(twins), EVERYTHING] };
    const spoken = judged(await treePolicy(EVERYTHING), twins.failing);
    const beside = judged(await treePolicy(rule), twins.failing);
    expect(beside.verdict).toBe(spoken.verdict);
    if (beside.verdict === "reject") return;
    const place = pointerIn("/require/anyOf/0", twins);
    const idle = beside.checks.find(({ id, pointer }) => id === twins.id && pointer === place);
    expect(idle).toMatchObject({ outcome: "not-applicable", severity: "error", waiver: null });
    expect(idle?.reason).toMatch(/^Not needed: another alternative of \/require\/anyOf holds\. Expected .+\.$/);
  });

  it.each(ROWS)("%s: said twice it fails twice", async (_, twins) => {
    const twice = judged(await treePolicy({ allOf: [blockOf(twins), blockOf(twins)] }), twins.failing);
    const places = twice.failures.filter(({ id }) => id === twins.id).map(({ pointer }) => pointer);
    expect(places).toEqual([0, 1].map((member) => pointerIn(`/require/allOf/${member}`, twins)));
  });
});

describe("each twin, told to people", () => {
  it.each(ROWS)("%s: a sentence where the check is, and none that says it is open", async (_, twins) => {
    const policy = await blockPolicy(twins.snp);
    const { demands, open } = explainPolicy(policy);
    const own = demands.filter(({ pointer }) => pointer === twins.pointer);
    expect(own.length).toBeGreaterThan(0);
    for (const { text } of own) expect(text).toMatch(/^[A-Za-z_][^\n]+\.$/);
    const check = judged(policy, twins.failing).failures.find(({ id }) => id === twins.id);
    expect(open.map(({ text }) => text)).not.toContain(`Nothing is compared with ${String(check?.claim)}.`);
  });

  it.each(ROWS)("%s: rules around it are told in its failure, the nearest first", async (_, twins) => {
    const around = { id: "outer", reason: "because" };
    const rule = { ...around, allOf: [{ ...blockOf(twins), id: "inner" }, EVERYTHING] };
    const policy = await definePolicy({ version: 1, id: "test", require: rule });
    const { failures } = appraise(makeVerified(twins.failing), policy, NOW);
    const failure = failures.find(({ id }) => id === twins.id);
    expect(failure?.rule).toEqual({ id: "inner", reason: null });
    const bare = await definePolicy({ version: 1, id: "test", require: { ...around, allOf: [blockOf(twins)] } });
    const outer = appraise(makeVerified(twins.failing), bare, NOW).failures.find(({ id }) => id === twins.id);
    expect(outer?.rule).toEqual(around);
  });
});
