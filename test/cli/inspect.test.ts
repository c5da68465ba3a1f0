import { describe, expect, it } from "vitest";
import { concatBytes, toBase64, toHex } from "../../src/bytes/codecs.js";
import { UNVERIFIED } from "../../src/cli/inspect.js";
import { fieldsOf, splitDoc } from "../../src/cli/report-fields.js";
import { reportToJson } from "../../src/report/json.js";
import { REPORT_VERSIONS } from "../../src/report/layouts.js";
import { parseReport } from "../../src/report/report.js";
import {
  certificateTableEntries,
  createForge,
  encodeCertificateTable,
  type ReportOptions,
} from "../../src/testing/index.js";
import { corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import type { FakeSetting } from "./fake-io.js";
import { runCli } from "./run-cli.js";

const maker = await createForge({ seed: "attestry/cli/inspect", productLine: "Genoa" });
const forged = (options: ReportOptions = {}) => maker.report(options).bytes;
const look = (report: Uint8Array, more: FakeSetting = {}) =>
  runCli(["inspect", "r"], { files: { r: report }, ...more });

describe("attestry inspect", () => {
  it.each(REPORT_VERSIONS)("shows every field of version %i with its offset", async (version) => {
    const report = forged({ version });
    const { code, stdout, stderr } = await look(report);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const shown = stdout.split("\n").map((line) => line.trim());
    for (const { doc, offset } of fieldsOf(parseReport(report))) {
      const { name } = splitDoc(doc);
      // Major, minor and build are one version on the page, at the offset of the first byte.
      if (/^(CURRENT|COMMITTED)_(BUILD|MINOR|MAJOR)$/.test(name)) continue;
      const place = `0x${offset.toString(16).toUpperCase().padStart(3, "0")}`;
      expect(
        shown.filter((line) => line.startsWith(`${place} `)),
        name,
      ).toEqual([expect.stringMatching(new RegExp(`^${place}\\s+${name}\\s`))]);
    }
    expect(shown).toContainEqual(expect.stringMatching(/^0x1E8\s+CURRENT version\s+\d+\.\d+\.\d+$/));
    expect(shown).toContainEqual(expect.stringMatching(/^0x1EC\s+COMMITTED version\s+\d+\.\d+\.\d+$/));
  });

  it("begins and ends with the warning that nothing is verified", async () => {
    const { stdout } = await look(forged());
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(UNVERIFIED);
    expect(lines.at(-1)).toBe(UNVERIFIED);
    expect(UNVERIFIED).toMatch(/^UNVERIFIED/);
  });

  it("keeps the warning whole on a narrow terminal", async () => {
    const { stdout } = await look(forged(), { isTerminal: true, columns: 40, env: { NO_COLOR: "1" } });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^UNVERIFIED/);
    expect(stdout.trimEnd().replaceAll("\n", " ").endsWith(UNVERIFIED)).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it("says the same of raw, hex and base64, of a file and stdin", async () => {
    const report = forged();
    const { stdout } = await look(report);
    for (const stdin of [report, toHex(report), `${toBase64(report)}\n`]) {
      expect(await runCli(["inspect", "-"], { stdin })).toEqual({ code: 0, stdout, stderr: "" });
    }
  });

  it("shows bits by name with yes and no", async () => {
    const clear = await look(forged({ policy: 0x20000n, platformInfo: 0n }));
    const set = await look(forged({ policy: 0xb0000n, platformInfo: 0x24n }));
    for (const [name, page] of [
      ["DEBUG", set],
      ["SMT", set],
      ["ECC_EN", set],
      ["ALIAS_CHECK_COMPLETE", set],
    ] as const) {
      expect(page.stdout).toMatch(new RegExp(`^ +bit \\d+ +${name} +yes `, "m"));
      expect(clear.stdout).toMatch(new RegExp(`^ +bit \\d+ +${name} +no `, "m"));
    }
  });

  it("marks every set bit that has no name, in its place", async () => {
    const { stdout } = await look(forged({ policy: (1n << 63n) | (1n << 26n) | 0x30000n, platformInfo: 1n << 6n }));
    const unknown = stdout.split("\n").filter((line) => line.includes("unknown: attestry has no name for this bit"));
    expect(unknown.map((line) => /bit (\d+)/.exec(line)?.[1])).toEqual(["26", "63", "6"]);
    expect(stdout.indexOf("bit 6 ")).toBeLessThan(stdout.indexOf("bit 7 "));
    expect((await look(forged({ policy: 0x30000n, platformInfo: 0n }))).stdout).not.toContain("has no name");
  });

  it("shows reserved bytes that are not zero, and says when all are", async () => {
    expect((await look(forged())).stdout).toMatch(/^Reserved bytes {2}all zero$/m);
    const report = forged({ version: 5 });
    report[0x20a] = 0xab;
    const { stdout } = await look(report);
    expect(stdout).toMatch(/^ +0x208 +\? +0000ab0000000000$/m);
  });

  it("decodes TCBs by the report's processor, and not without one", async () => {
    const turin = await look(maker.report({ productLine: "Turin", version: 5 }).bytes);
    expect(turin.stdout).toMatch(/CURRENT_TCB +FMC +\d+ {2}boot loader/);
    expect((await look(forged({ version: 3 }))).stdout).toMatch(/CURRENT_TCB +boot loader +\d+ {2}TEE/);
    const second = await look(forged({ version: 2 }));
    expect(second.stdout).toMatch(/^TCB {2}not decoded/m);
    expect(second.stdout).toMatch(/CURRENT_TCB +[0-9a-f]{16}$/m);
    expect(second.stdout).toContain("a processor that it does not name");
  });

  it("names the processor and its line", async () => {
    const named = async (cpuidFamId: number, cpuidModId: number) =>
      (await look(forged({ version: 3, cpuidFamId, cpuidModId }))).stdout.split("\n")[2];
    expect(await named(0x19, 0x11)).toMatch(/version 3, Genoa$/);
    expect(await named(0x19, 0xa0)).toMatch(/Bergamo or Siena \(Genoa line\)$/);
    expect(await named(0x1a, 0x50)).toMatch(/Venice$/);
    expect(await named(0x17, 0x31)).toMatch(/does not name$/);
  });

  it("shows what a reader must not overlook in the colour of alarm", async () => {
    const terminal = { isTerminal: true, columns: 100 };
    const alarm = (word: string) => `\u001b[1;31m${word}\u001b[0m`;
    const debug = await look(forged({ policy: 0xa0000n }), terminal);
    expect(debug.stdout.split("\n").find((line) => line.includes("DEBUG"))).toContain(alarm("yes"));
    const host = await look(forged({ vmpl: 0xffffffff }), terminal);
    expect(host.stdout.split("\n").find((line) => line.includes("  VMPL "))).toContain(alarm("0xFFFFFFFF"));
    expect(host.stdout).toContain("asked for by the host");
    const masked = await look(forged({ chipId: new Uint8Array(64) }));
    expect(masked.stdout).toMatch(/CHIP_ID +\(64 zero bytes\) {2}masked/);
  });

  it("refuses what the parser refuses", async () => {
    const unknown = forged();
    unknown[0] = 6;
    expect(await look(unknown)).toMatchObject({ code: 7, stdout: "" });
    const reserved = forged();
    reserved[0x04c] = 1;
    expect(await look(reserved)).toMatchObject({ code: 6, stdout: "" });
  });
});

describe("attestry inspect of a container", () => {
  const { evidence } = maker.evidence();
  const table = encodeCertificateTable(certificateTableEntries("VCEK", evidence.certificates ?? {}));
  const files = { r: concatBytes(evidence.report, table) };

  it("says what it is and what certificates are in it", async () => {
    const { code, stdout } = await runCli(["inspect", "r"], { files });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Container\n +Format +extended-report\n +Certificates +leaf, intermediate, root, CRL$/m);
    expect(stdout).toContain(toHex(evidence.report.slice(0x90, 0xa8)));
    const json = JSON.parse((await runCli(["inspect", "r", "--json"], { files })).stdout);
    expect(json.container).toEqual({
      format: "extended-report",
      certificates: ["leaf", "intermediate", "root", "crl"],
    });
  });

  it("says that there are none", async () => {
    const padded = concatBytes(evidence.report, new Uint8Array(24));
    const { stdout } = await runCli(["inspect", "r"], { files: { r: padded } });
    expect(stdout).toMatch(/^ +Certificates +none$/m);
  });

  it("says nothing of a report that stands alone", async () => {
    expect((await look(evidence.report)).stdout).not.toContain("Container");
  });

  it("takes the name of the container, and refuses one that is none", async () => {
    expect((await runCli(["inspect", "r", "--format", "extended-report"], { files })).code).toBe(0);
    expect((await runCli(["inspect", "r", "--format", "report"], { files })).code).toBe(6);
    const unknown = await runCli(["inspect", "r", "--format", "tar"], { files });
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toMatch(/--format: expected one of report, hex, .*nitride; found tar/);
  });
});

describe("attestry inspect --json", () => {
  it("is the report as data, unverified, with the place of each field", async () => {
    const bytes = forged({ version: 5 });
    const report = parseReport(bytes);
    const { code, stdout, stderr } = await runCli(["inspect", "r", "--json"], { files: { r: bytes } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      schema: "urn:attestry:schema:inspect:v1",
      verified: false,
      processor: "Genoa",
      report: JSON.parse(JSON.stringify(reportToJson(report))),
      fields: fieldsOf(report).map(({ doc, offset, size }) => ({ name: splitDoc(doc).name, offset, size })),
      container: { format: "report", certificates: [] },
    });
  });
});

describe.runIf(needs("corpus"))("attestry inspect on real reports", () => {
  const sets = corpusSets().filter((set) => set.has("report.bin"));

  it.each(sets)("$id", async (set) => {
    const bytes = set.read("report.bin");
    const { code, stdout, stderr } = await look(bytes);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[2]).toContain(`version ${set.version}`);
    const json = await runCli(["inspect", "r", "--json"], { files: { r: bytes } });
    expect(JSON.parse(json.stdout).report.measurement).toBe(toHex(bytes.slice(0x90, 0xc0)));
  });
});
