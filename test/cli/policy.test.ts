import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { runCli } from "./run-cli.js";

const DOCUMENT = {
  version: 1,
  id: "pay\u001b[2Jments",
  require: {
    anyOf: [
      { snp: { productLine: ["Turin"], measurement: "any", reportData: { scheme: "nonce" }, minimumTcb: "any" } },
      { snp: { measurement: ["5a".repeat(48)], reportData: "any", minimumTcb: { Turin: { reported: { snp: 4 } } } } },
    ],
  },
};
const policy = await definePolicy(DOCUMENT);
const wise = {
  version: 1,
  id: "wise",
  snp: {
    productLine: ["Turin"],
    measurement: ["5a".repeat(48)],
    reportData: { scheme: "nonce" },
    minimumTcb: { Turin: { reported: { microcode: 81 } } },
  },
};
const files = {
  "policy.json": JSON.stringify(DOCUMENT),
  "wise.json": JSON.stringify(wise),
  "typo.json": JSON.stringify({ ...wise, snp: { ...wise.snp, mesurement: "any" } }),
  "twice.json": '{"version":1,"version":1}',
};

describe("attestry policy", () => {
  it("check: in order, with its digest and what may not be meant", async () => {
    const { code, stdout, stderr } = await runCli(["policy", "check", "policy.json"], { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe("in order");
    expect(stdout.replaceAll(/\s/g, "")).toContain(policy.digest);
    expect(stdout).toContain("/require/anyOf/0/snp/measurement");
    expect(stdout).toContain("measurement-any");
    expect(stdout).not.toContain("\u001b");
  });

  it("check: no warnings, no section of them; from stdin as well", async () => {
    const named = await runCli(["policy", "check", "wise.json"], { files });
    expect(named.stdout).not.toContain("Warnings");
    expect(await runCli(["policy", "check", "-"], { stdin: files["wise.json"] })).toEqual(named);
  });

  it("check --json and explain --json", async () => {
    const { id, digest } = policy;
    const explanation = explainPolicy(policy);
    const { warnings } = explanation;
    const check = await runCli(["policy", "check", "policy.json", "--json"], { files });
    expect(JSON.parse(check.stdout)).toEqual({ id, digest, warnings });
    const explain = await runCli(["policy", "explain", "policy.json", "--json"], { files });
    expect(JSON.parse(explain.stdout)).toEqual({ id, digest, ...explanation });
  });

  it("explain: a sentence a line, rules as steps", async () => {
    const { code, stdout } = await runCli(["policy", "explain", "policy.json"], { files });
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "Demands",
      "  At least one of these holds:",
      "    The product line is one of Turin.",
      "    REPORT_DATA is what the caller brings, bound by scheme nonce.",
    ]);
    expect(lines).toContain("Left open");
    expect(lines).toContain("  REPORT_DATA may be anything.");
    expect(lines).toContain("Warnings");
  });

  it("digest: the digest and nothing else", async () => {
    expect(await runCli(["policy", "digest", "policy.json"], { files })).toEqual({
      code: 0,
      stdout: `${policy.digest}\n`,
      stderr: "",
    });
  });

  it("schema: the schema of the package", async () => {
    const { code, stdout } = await runCli(["policy", "schema"]);
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(new URL("../../schemas/policy.v1.schema.json", import.meta.url), "utf8"));
  });

  it.each(["check", "explain", "digest"])("%s: a mistake has its place, and exits with 6", async (verb) => {
    const typo = await runCli(["policy", verb, "typo.json"], { files });
    expect(typo).toMatchObject({ code: 6, stdout: "" });
    expect(typo.stderr).toContain("ERR_MALFORMED_POLICY: the policy at /snp/mesurement: expected a key");
    expect(await runCli(["policy", verb, "twice.json"], { files })).toMatchObject({ code: 6, stdout: "" });
  });

  it("check --json: a mistake as JSON", async () => {
    const { stderr } = await runCli(["policy", "check", "typo.json", "--json"], { files });
    expect(JSON.parse(stderr)).toMatchObject({ error: { detail: { pointer: "/snp/mesurement" } }, exitCode: 6 });
  });

  it("helps", async () => {
    for (const args of [["--help"], ["check", "--help"]]) {
      const { code, stdout } = await runCli(["policy", ...args]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^attestry policy: /);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(104);
    }
  });

  it.each([
    [[], /a verb of policy is missing: check, explain, digest, schema/],
    [["lint"], /expected one of check, explain, digest, schema after policy, found lint/],
    [["check"], /FILE is missing/],
    [["check", "a", "b"], /a second: b/],
    [["check", "none.json"], /cannot read none\.json: no such file/],
    [["digest", "wise.json", "--json"], /--json/],
    [["schema", "x"], /expected nothing after schema, found x/],
    [["explain", "wise.json", "--at", "x"], /--at/],
  ])("usage: %j", async (args, message) => {
    const { code, stderr } = await runCli(["policy", ...args], { files });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
