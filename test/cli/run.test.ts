import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/cli/version.js";
import { forge } from "./forged.js";
import { runCli } from "./run-cli.js";

const { files } = await forge();

describe("the command itself", () => {
  it("says its version, the package's", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(VERSION).toBe(version);
    expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it.each([
    [["--help"], "attestry VERB --help"],
    [["-h"], "attestry VERB --help"],
    [["inspect", "--help"], "attestry inspect REPORT"],
    [["verify", "--help"], "--signature-only"],
    [["fetch", "--help"], "--out DIR"],
    [["bundle", "--help"], "--out FILE"],
    [["advisories", "--help"], "--fail-on vulnerable"],
    [["conformance", "--help"], "Line out"],
  ])("helps: %j", async (args, words) => {
    const result = await runCli(args);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout).toContain(words);
    expect(result.stdout).toMatch(/^Exit codes$/m);
    expect(Math.max(...result.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(104);
  });

  it("helps even where the rest of the line is not finished", async () => {
    expect(await runCli(["verify", "--help", "--certs", "x"])).toMatchObject({ code: 0, stderr: "" });
  });

  it.each([
    [[], /a verb is missing/],
    [[""], /expected one of inspect, verify, fetch, bundle, measure, id-block, policy, advisories, conformance/],
    [["check"], /found check/],
    [["--json"], /found --json/],
    [["--version", "--json"], /found --version/],
    [["constructor"], /found constructor/],
    [["\u001b]0;x\u0007"], /found \\u\{1b\}\]0;x\\u\{7\}/],
    [["inspect"], /REPORT is missing/],
    [["inspect", "a", "b"], /a second: b/],
    [["inspect", "report.bin", "--text"], /--text/],
    [["inspect", "gone.bin"], /cannot read gone\.bin: no such file/],
    [["conformance", "x"], /no operand, found x/],
    [["conformance", "--json"], /--json/],
  ])("exits 1 on %j", async (args, message) => {
    const { code, stdout, stderr } = await runCli(args, { files });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toContain("ERR_USAGE");
  });

  it("names the verb whose help is of use", async () => {
    expect((await runCli(["verify"])).stderr).toContain("See attestry verify --help.");
    expect((await runCli(["verfiy"])).stderr).toContain("See attestry --help.");
  });
});

describe("errors", () => {
  it("are JSON on stderr where JSON was asked for", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", "gone.bin", "--json"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({
      schema: "urn:attestry:schema:error:v1",
      error: {
        name: "UsageError",
        code: "ERR_USAGE",
        message: "cannot read gone.bin: no such file",
        detail: {},
      },
      exitCode: 1,
    });
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  it("of the evidence carry their code and detail", async () => {
    const { code, stderr } = await runCli(["inspect", "short", "--json"], { files: { short: new Uint8Array(3) } });
    expect(code).toBe(6);
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        name: "MalformedError",
        code: "ERR_MALFORMED_LENGTH",
        detail: { what: "report", expected: 1184, actual: 3 },
      },
      exitCode: 6,
    });
  });

  it("of an unknown kind are internal, say so, and are no verdict", async () => {
    const fails = { "report.bin": new TypeError("a fault of ours\u001b[0m") };
    const text = await runCli(["inspect", "report.bin"], { files, fails });
    expect(text).toMatchObject({ code: 70, stdout: "" });
    expect(text.stderr).toContain("ERR_INTERNAL: TypeError: a fault of ours\\u{1b}[0m");
    expect(text.stderr).toContain("says nothing about the evidence");
    expect(text.stderr).toContain("run.test.ts");
    const json = await runCli(["inspect", "report.bin", "--json"], { files, fails });
    expect(JSON.parse(json.stderr)).toEqual({
      schema: "urn:attestry:schema:error:v1",
      error: {
        name: "InternalError",
        code: "ERR_INTERNAL",
        message: "TypeError: a fault of ours\u001b[0m",
        detail: {},
      },
      exitCode: 70,
    });
  });

  it("are coloured on a terminal alone", async () => {
    expect((await runCli(["x"], { isTerminal: true })).stderr).toContain("\u001b[1;31mattestry: ERR_USAGE\u001b[0m");
    expect((await runCli(["x"], { isTerminal: true, env: { NO_COLOR: "1" } })).stderr).not.toContain("\u001b");
    expect((await runCli(["x"])).stderr).not.toContain("\u001b");
  });

  it("of writing the result are not hidden", async () => {
    const onWrite = () => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
    const result = await runCli(["inspect", "report.bin"], { files, onWrite });
    expect(result).toMatchObject({ code: 70, stdout: "" });
    expect(result.stderr).toContain("ENOSPC");
  });
});
