import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { runCommand, runModule } from "./support/run.js";

const { folder } = inject("installed");
const AT = "2026-06-01T00:00:00Z";
const VERIFY = ["verify", "report.bin", "--certs", "certs", "--anchors", "ark.der", "--at", AT];

/** Forged evidence as files, and the same as lines for conformance, made by the installed package itself. */
const PREPARE = `
  import { createForge } from "attestry/testing";
  import { mkdirSync, writeFileSync } from "node:fs";
  const { evidence, anchors } = (await createForge({ seed: "command" })).evidence();
  const { leaf, intermediate, crl } = evidence.certificates;
  mkdirSync("certs", { recursive: true });
  writeFileSync("report.bin", evidence.report);
  writeFileSync("certs/vcek.der", leaf);
  writeFileSync("certs/ask.der", intermediate);
  writeFileSync("certs/crl.der", crl);
  writeFileSync("ark.der", anchors[0]);
  const snp = { measurement: "any", reportData: "any", minimumTcb: "any" };
  writeFileSync("accept.json", JSON.stringify({ version: 1, id: "a", snp }));
  writeFileSync("reject.json", JSON.stringify({ version: 1, id: "r", snp: { ...snp, vmpl: [3] } }));
  const base64 = (bytes) => Buffer.from(bytes).toString("base64");
  const terms = { anchors: anchors.map(base64), now: "${AT}" };
  const line = { report: base64(evidence.report), leaf: base64(leaf), intermediate: base64(intermediate), crl: base64(crl), ...terms };
  writeFileSync("lines.jsonl", Array.from({ length: 200 }, (_, id) => JSON.stringify({ id, ...line }) + "\\n").join(""));
`;

beforeAll(() => expect(runModule(PREPARE)).toEqual({ status: 0, stdout: "", stderr: "" }));

/** Runs a line of shell in the folder where the tarball is installed. */
function runShell(line: string) {
  const env = { ...process.env, PATH: `${join(folder, "node_modules/.bin")}:${process.env["PATH"]}` };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { cwd: folder, encoding: "utf8", env });
  return { status, stdout, stderr };
}

describe("the installed command", () => {
  it("inspects, from a file and through a pipe", () => {
    const page = runCommand(["inspect", "report.bin"]);
    expect(page).toMatchObject({ status: 0, stderr: "" });
    expect(page.stdout).toMatch(/^UNVERIFIED/);
    expect(runShell("base64 report.bin | attestry inspect -")).toEqual(page);
    expect(runShell("od -An -v -tx1 report.bin | attestry inspect -")).toEqual(page);
  });

  it.each([
    [0, "genuine, NOT appraised", [...VERIFY, "--signature-only"]],
    [0, "accept", [...VERIFY, "--policy", "accept.json"]],
    [5, "reject", [...VERIFY, "--policy", "reject.json"]],
  ])("exits with %i when it says %s", (status, verdict, words) => {
    const ended = runCommand(words);
    expect(ended).toMatchObject({ status, stderr: "" });
    expect(ended.stdout.split("\n")[0]).toBe(verdict);
  });

  it.each([
    [1, ["verify", "report.bin", "--certs", "certs"]],
    [2, ["verify", "report.bin", "--certs", "certs", "--signature-only", "--at", AT]],
    [3, ["verify", "report.bin", "--certs", "ark.der", "--anchors", "ark.der", "--signature-only", "--at", AT]],
    [4, [...VERIFY.slice(0, -1), "2027-06-01T00:00:00Z", "--signature-only"]],
    [6, ["verify", "ark.der", ...VERIFY.slice(2), "--signature-only"]],
  ])("exits with %i and a word on stderr alone", (status, words) => {
    const ended = runCommand(words);
    expect(ended).toMatchObject({ status, stdout: "" });
    expect(ended.stderr).toMatch(/^attestry: ERR_[A-Z_]+: /);
    expect(ended.stderr).not.toContain("\n    at ");
  });

  it("bundles, and verifies the bundle alone", () => {
    const bundle = `attestry bundle report.bin --certs whole --anchors ark.der --at ${AT} --out bundle.bin --force`;
    const made = runShell(`mkdir -p whole && cp certs/*.der ark.der whole && ${bundle}`);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const alone = runCommand(["verify", "bundle.bin", "--anchors", "ark.der", "--signature-only", "--at", AT]);
    expect(alone).toMatchObject({ status: 0, stderr: "" });
    expect(alone.stdout).toMatch(/^ +Format +extended-report$/m);
  });

  it("fetches over a real connection, and ends", () => {
    // Forged for today: what is downloaded is judged by the machine's clock.
    const fetchIt = `
      import { execFile } from "node:child_process";
      import { writeFileSync } from "node:fs";
      import { createForge } from "attestry/testing";
      import { startFakeKds } from "attestry/testing/kds";
      const forge = await createForge({ seed: "command", now: new Date() });
      const { evidence, anchors } = forge.evidence();
      writeFileSync("today.bin", evidence.report);
      writeFileSync("today-ark.der", anchors[0]);
      const kds = await startFakeKds({ forge });
      const args = ["today.bin", "--format", "bundle", "--out", "today", "--anchors", "today-ark.der", "--kds", kds.url];
      execFile("node_modules/.bin/attestry", ["fetch", ...args], async (error, stdout, stderr) => {
        console.log(JSON.stringify({ status: error?.code ?? 0, stderr, asked: kds.requests.length }));
        await kds.close();
      });
    `;
    const { status, stdout } = runModule(fetchIt);
    expect({ ended: status, ...JSON.parse(stdout) }).toEqual({ ended: 0, status: 0, stderr: "", asked: 3 });
    const alone = runCommand(["verify", "today/bundle.bin", "--anchors", "today-ark.der", "--signature-only"]);
    expect(alone).toMatchObject({ status: 0, stderr: "" });
  });

  it("answers every line of a long stream", () => {
    const { status, stdout, stderr } = runCommand(["conformance"], readFileSync(join(folder, "lines.jsonl"), "utf8"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers).toEqual(
      Array.from({ length: 200 }, (_, id) => ({ id, verdict: "accept", stage: "verify", code: null })),
    );
  });

  it("ends without a stack trace when its reader leaves early", () => {
    const ended = runShell(`attestry conformance < lines.jsonl | head -n 1; echo \${PIPESTATUS[0]}`);
    expect(ended.stdout).toBe('{"id":0,"verdict":"accept","stage":"verify","code":null}\n70\n');
    expect(ended.stderr).toBe("");
  });

  it("keeps its exit code when its reader leaves before the verdict", () => {
    const words = [...VERIFY, "--policy", "reject.json"].join(" ");
    expect(runShell(`attestry ${words} | true; echo \${PIPESTATUS[0]}`)).toMatchObject({ stdout: "5\n", stderr: "" });
  });
});
