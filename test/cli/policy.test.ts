import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { forge } from "./forged.js";
import { runCli } from "./run-cli.js";
import { strictComplaints } from "./schemas.js";

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
    [[], /a verb of policy is missing: check, explain, digest, import, schema/],
    [["lint"], /expected one of check, explain, digest, import, schema after policy, found lint/],
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

describe("attestry verify by a policy that excuses", () => {
  const entry = { check: "/snp/platformInfo/tioEn", until: "2026-06-02T00:00:00Z", reason: "INC-1\u001b[2J" };
  const snp = { measurement: "any", reportData: "any", minimumTcb: "any", platformInfo: { tioEn: "required" } };
  const verify = async (kind: "waivers" | "warn", at: string, ...more: readonly string[]) => {
    const { files: forged } = await forge();
    const document = { version: 1, id: "x", snp, [kind]: [{ ...entry, only: { productLine: ["Milan"] } }] };
    const words = ["verify", "report.bin", "--certs", "certs", "--anchors", "anchor.der", "--policy", "policy.json"];
    const world = { ...forged, "policy.json": JSON.stringify(document) };
    return await runCli([...words, "--at", at, ...more], { files: world });
  };

  it.each([
    ["waivers", "Waived checks", "Waived until 2026-06-02T00:00:00Z (INC-1"],
    ["warn", "Warnings", "Only a warning until 2026-06-02T00:00:00Z (INC-1"],
  ] as const)("%s: accepts, and tells what was excused", async (kind, title, words) => {
    const { code, stdout } = await verify(kind, "2026-06-01T00:00:00Z");
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toBe("accept");
    expect(stdout).toContain(title);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(words);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toContain("Failed checks");
    const json = JSON.parse((await verify(kind, "2026-06-01T00:00:00Z", "--json")).stdout);
    expect(strictComplaints("verify", json)).toEqual([]);
  });

  it.each(["waivers", "warn"] as const)("%s: refuses once it is over, a line for the check", async (kind) => {
    const { code, stdout } = await verify(kind, "2026-06-02T00:00:01Z");
    expect(code).toBe(5);
    const page = stdout.replaceAll(/\s+/g, " ");
    expect(page).toContain(
      "/snp/platformInfo/tioEn Expected PLATFORM_INFO.TIO_EN to be set; found it clear; run on a host that is " +
        `configured so. /${kind}/0 is over, or for other evidence.`,
    );
  });
});
