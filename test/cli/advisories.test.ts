import { describe, expect, it } from "vitest";
import { assessAdvisories } from "../../src/advisories/assess.js";
import { ADVISORIES } from "../../src/advisories/built-in/data-set.js";
import { ADVISORIES_DIGEST } from "../../src/advisories/built-in/digest.js";
import { defineAdvisories } from "../../src/advisories/define.js";
import { ASSESSMENT_SCHEMA } from "../../src/cli/advisories.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { advisory, dataSet, floor, ORIGIN, proofsOf } from "../advisories/support.js";
import { forge } from "./forged.js";
import { runCli } from "./run-cli.js";
import { complaints, strictComplaints } from "./schemas.js";

const AT = "2026-06-01T00:00:00Z";
const ARGS = ["advisories", "report.bin", "--certs", "certs", "--anchors", "anchor.der", "--at", AT];
const mitigation = { check: "mitigation", bit: 63, ...ORIGIN };
const DATA = dataSet([
  advisory({ id: "FIXED" }),
  advisory({ id: "OP\u001b[2JEN", note: "no\u001bte", cves: ["CVE-2024-1111"], proofs: proofsOf([floor("snp", 255)]) }),
  advisory({
    id: "SPARED",
    affected: ["Turin"],
    notAffected: [{ for: ["Milan"], ...ORIGIN }],
    proofs: [{ for: ["Turin"], anyOf: [[floor("snp", 1)]] }],
  }),
  {
    id: "NEVER",
    title: "t",
    cves: [],
    sources: ["s"],
    published: null,
    affected: ["Milan"],
    provable: false,
    why: "nobody sees",
  },
]);
const GOOD = dataSet([advisory({ id: "FIXED" })]);
const UNSEEN = dataSet([advisory({ id: "LATER", proofs: proofsOf([mitigation]) })]);
const { forged, files: evidence } = await forge();
const old = await forge({}, { report: { version: 3 } });
const files = {
  ...evidence,
  "data.json": JSON.stringify(DATA),
  "good.json": JSON.stringify(GOOD),
  "unseen.json": JSON.stringify(UNSEEN),
  "typo.json": JSON.stringify({ ...GOOD, advisry: 1 }),
  "twice.json": '{"version":1,"a":[{"id":1,"id":2}]}',
  "nojson.json": "{",
};

describe("attestry advisories", () => {
  it("answers by the built-in data set, and exits 0 whatever it found", async () => {
    const { code, stdout, stderr } = await runCli(ARGS, { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+ vulnerable, \d+ not provable, \d+ fixed, \d+ not affected\n/);
    for (const { id } of ADVISORIES.advisories) expect(stdout).toContain(id);
    expect(stdout.replaceAll(/\s/g, "")).toContain(ADVISORIES_DIGEST);
    expect(stdout).toContain("after the time that it is judged by");
  });

  it("says which check decided, and what to know beside it", async () => {
    const { stdout } = await runCli([...ARGS, "--data", "data.json"], { files });
    expect(stdout.split("\n")[0]).toBe("1 vulnerable, 1 not provable, 1 fixed, 1 not affected");
    expect(stdout).toMatch(/Vulnerable\n +OP\S+ +reportedTcb\.snp 24 is below 255/);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("a weakness (CVE-2024-1111, confidence low).");
    expect(stdout).toMatch(/Not provable\n +NEVER +nobody sees/);
    expect(stdout).toMatch(/Fixed\n +FIXED +reportedTcb\.snp 24 reaches 20/);
    expect(stdout).toMatch(/Not affected\n +SPARED +the data set says that Milan is not affected/);
    expect(stdout).toContain("2026-05-01T00:00:00Z");
    expect(stdout).toContain("31 days ago");
    expect(stdout).toContain("Milan, 0x19-0x01-0x01");
    expect(stdout).not.toContain("\u001b");
  });

  it("warns of an old data set", async () => {
    const days = async (publishedAt: string) => {
      const aged = { ...files, "aged.json": JSON.stringify({ ...GOOD, publishedAt }) };
      return (await runCli([...ARGS, "--data", "aged.json"], { files: aged })).stdout;
    };
    expect(await days("2026-03-02T00:00:00Z")).toContain("91 days ago; look for a newer one");
    expect(await days("2026-03-03T00:00:00Z")).not.toContain("look for a newer one");
  });

  it("says where a report names no processor", async () => {
    const two = await forge({}, { report: { version: 2 } });
    const { stdout } = await runCli([...ARGS, "--product-line", "Milan"], { files: two.files });
    expect(stdout).toContain("Milan, which one is not named");
  });

  it.each([
    ["vulnerable", "data.json", 5],
    ["fixed", "good.json", 0],
  ])("--fail-on vulnerable where it is %s", async (_, data, code) => {
    expect((await runCli([...ARGS, "--data", data, "--fail-on", "vulnerable"], { files })).code).toBe(code);
  });

  it("--fail-on vulnerable does not fail on what cannot be seen", async () => {
    const args = [...ARGS, "--data", "unseen.json", "--fail-on", "vulnerable"];
    const { code, stdout } = await runCli(args, { files: { ...old.files, "unseen.json": files["unseen.json"] } });
    expect(code).toBe(0);
    expect(stdout).toContain("a report of version 3 names no mitigations");
  });

  it("takes the data set from stdin", async () => {
    const named = await runCli([...ARGS, "--data", "good.json"], { files });
    expect(await runCli([...ARGS, "--data", "-"], { files, stdin: files["good.json"] })).toEqual(named);
  });

  it.each([
    ["a key that nobody knows", ["--data", "typo.json"], 6, /ERR_MALFORMED_ADVISORIES: the advisories at \/advisry/],
    ["a key twice", ["--data", "twice.json"], 6, /the advisories at \/a\/0\/id: this key stands twice/],
    ["no JSON", ["--data", "nojson.json"], 6, /ERR_MALFORMED_ADVISORIES: the advisories: not JSON/],
    ["no file", ["--data", "none.json"], 1, /cannot read none\.json/],
    ["another word to fail on", ["--fail-on", "fixed"], 1, /--fail-on: expected vulnerable, found fixed/],
    ["no word to fail on", ["--fail-on", ""], 1, /--fail-on is missing/],
    ["a policy", ["--policy", "p.json"], 1, /Unknown option '--policy'/],
    ["another word for revocation", ["--revocation", "never"], 1, /--revocation: expected require/],
    ["two files that are stdin", ["--data", "-", "--crl", "-"], 1, /only one of the files can be -/],
  ])("refuses %s", async (_, more, code, message) => {
    const ended = await runCli([...ARGS, ...more], { files });
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toMatch(message);
  });

  it("says nothing of a report that does not verify", async () => {
    const report = Uint8Array.from(forged.evidence.report);
    report[0x50] = 1;
    const ended = await runCli(ARGS, { files: { ...files, "report.bin": report } });
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});

describe("assessment.v1", () => {
  const json = async (args: readonly string[]) =>
    JSON.parse((await runCli([...ARGS, "--json", ...args], { files })).stdout);

  it("is what the library says, and names its schema", async () => {
    const { anchors } = forged;
    const now = new Date(AT);
    const verified = await verifyEvidence(forged.evidence, { now, anchors });
    const answers = assessAdvisories(verified, await defineAdvisories(DATA), now);
    expect(await json(["--data", "data.json"])).toEqual({ schema: ASSESSMENT_SCHEMA, ...answers });
  });

  it.each([[[]], [["--data", "data.json"]], [["--data", "unseen.json"]]])("fits its schema with %j", async (args) => {
    expect(strictComplaints("assessment", await json(args))).toEqual([]);
  });

  it("needs every member", async () => {
    const value = await json(["--data", "data.json"]);
    const objects = (at: unknown): Record<string, unknown>[] =>
      typeof at !== "object" || at === null
        ? []
        : [...(Array.isArray(at) ? [] : [at as Record<string, unknown>]), ...Object.values(at).flatMap(objects)];
    for (const object of objects(value)) {
      for (const [key, member] of Object.entries(object)) {
        delete object[key];
        expect(complaints("assessment", value), `without ${key}`).not.toEqual([]);
        object[key] = member;
      }
    }
  });
});

describe("attestry verify with a policy that requires fixed advisories", () => {
  const VERIFY = ["verify", ...ARGS.slice(1), "--policy", "policy.json"];
  const policy = (digest: string, ...ids: string[]) => {
    const advisories = { ids, dataSet: digest, maxAgeSeconds: 31_536_000 };
    const snp = { measurement: "any", reportData: "any", minimumTcb: "any", advisories };
    return JSON.stringify({ version: 1, id: "p", snp });
  };

  it.each([
    ["FIXED", 0],
    ["NEVER", 5],
  ])("%s: %i", async (id, code) => {
    const { digest } = await defineAdvisories(DATA);
    const args = [...VERIFY, "--advisories", "data.json"];
    expect((await runCli(args, { files: { ...files, "policy.json": policy(digest, id) } })).code).toBe(code);
  });

  it("brings the built-in data set where nobody names one", async () => {
    const demand = { ...files, "policy.json": policy(ADVISORIES_DIGEST, "AMD-SB-3002") };
    const { appraisal } = JSON.parse((await runCli([...VERIFY, "--json"], { files: demand })).stdout);
    const outcomes = appraisal.checks
      .filter(({ claim }: { claim: string }) => claim === "advisories")
      .map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome]);
    // The built-in data set is younger than the forged evidence.
    expect(outcomes).toEqual([
      ["snp.advisories.dataSet", "pass"],
      ["snp.advisories.maxAgeSeconds", "fail"],
      ["snp.advisories.fixed", "pass"],
    ]);
  });

  it("refuses a data set that nothing would look at", async () => {
    const args = ["verify", ...ARGS.slice(1), "--signature-only", "--advisories", "data.json"];
    expect(await runCli(args, { files })).toMatchObject({ code: 1, stdout: "" });
  });
});
