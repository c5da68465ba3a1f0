import { describe, expect, it } from "vitest";
import { buildFirmware } from "../../scripts/vectors/firmware.js";
import { toHex } from "../../src/bytes/codecs.js";
import { MEASURE_SCHEMA } from "../../src/cli/measure.js";
import { MEASURE_EXPLAIN_SCHEMA } from "../../src/cli/measure-explain.js";
import { computeLaunchDigest, type LaunchInputs } from "../../src/measure/index.js";
import { nodeDigests } from "../../src/node/index.js";
import { definePolicy } from "../../src/policy/index.js";
import { firmwareWith, svsmWith } from "../measure/images.js";
import { vectorJson } from "../vectors/files.js";
import { type FakeSetting, pieces, systemError } from "./fake-io.js";
import { type RunResult, runCli } from "./run-cli.js";
import { commandSchemas, complaints, strictComplaints } from "./schemas.js";

const ascii = (text: string) => new TextEncoder().encode(text);
const FILES = {
  "OVMF.fd": buildFirmware(),
  vmlinuz: "kernel",
  initrd: "initrd",
  "svsm.bin": svsmWith(),
  "bare.fd": firmwareWith({ sections: [[0x800000, 0x1000, 1]], hashTable: null, resetVector: null }),
  "none.fd": new Uint8Array(4096),
  "twice.fd": firmwareWith({
    sections: [
      [0x800000, 0x2000, 1],
      [0x801000, 0x1000, 2],
    ],
  }),
  "half.fd": new Uint8Array(100),
};
const BASE = ["--firmware", "OVMF.fd", "--vcpu-type", "EPYC-Milan"];
const BOOT = ["--kernel", "vmlinuz", "--initrd", "initrd", "--append", "a=b"];

const measure = (args: readonly string[], setting: FakeSetting = {}): Promise<RunResult> =>
  runCli(["measure", ...args], { files: FILES, ...setting });

interface Row {
  vcpus: number;
  features: string;
  measurement: string;
}

async function rowsOf(args: readonly string[], setting: FakeSetting = {}): Promise<Row[]> {
  const { code, stdout, stderr } = await measure([...args, "--json"], setting);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout).measurements;
}

async function digestOf(inputs: Partial<LaunchInputs>): Promise<string> {
  const base: LaunchInputs = { firmware: FILES["OVMF.fd"], vmm: "qemu", vcpuType: "EPYC-Milan", vcpus: 1 };
  return toHex(await computeLaunchDigest({ ...base, ...inputs }, { digests: nodeDigests }));
}

interface Launch {
  tcId: number;
  vmm: string;
  vcpus: number;
  boot: object | null;
  measurement: string;
}

const { testGroups } = vectorJson<{ testGroups: { type: string; tests: Launch[] }[] }>("measure/launch.json");
const launches = testGroups.find(({ type }) => type === "launch")?.tests ?? [];

describe("attestry measure", () => {
  it.each(launches)("computes vector $tcId", async ({ vmm, vcpus, boot, measurement }) => {
    const args = [...BASE, "--vmm", vmm, "--vcpus", String(vcpus), ...(boot === null ? [] : BOOT)];
    expect(await rowsOf(args)).toEqual([{ vcpus, features: "0x1", measurement }]);
  });

  it("takes lists and ranges of vCPUs, and lists of features", async () => {
    const rows = await rowsOf([...BASE, "--vcpus", "1,4-6,2", "--features", "0x1,33"]);
    expect(rows.map(({ vcpus, features }) => `${vcpus} ${features}`)).toEqual(
      ["0x1", "0x21"].flatMap((word) => [1, 4, 5, 6, 2].map((count) => `${count} ${word}`)),
    );
    expect(rows.at(-1)?.measurement).toBe(await digestOf({ vcpus: 2, features: 0x21 }));
  });

  it("takes a signature in hex, a command line that is empty, and a firmware on stdin", async () => {
    const expected = await digestOf({ kernel: ascii("kernel"), append: "" });
    const args = ["--firmware", "-", "--vcpu-type", "0xa00f11", "--kernel", "vmlinuz", "--append", ""];
    expect((await rowsOf(args, { stdin: FILES["OVMF.fd"] }))[0]?.measurement).toBe(expected);
  });

  it("takes an SVSM", async () => {
    const svsm = { image: FILES["svsm.bin"], varsSize: 0x84000 };
    const args = [...BASE, "--vmm", "svsm", "--svsm", "svsm.bin", "--vars-size", "0x84000", "--vcpus", "4"];
    expect((await rowsOf(args))[0]?.measurement).toBe(await digestOf({ vmm: "svsm", svsm, vcpus: 4 }));
  });

  it("needs no CPU model where none is measured", async () => {
    const rows = await rowsOf(["--firmware", "OVMF.fd", "--vmm", "ec2"]);
    expect(rows[0]?.measurement).toBe(await digestOf({ vmm: "ec2" }));
  });

  it("shows what was measured", async () => {
    const { code, stdout } = await measure([...BASE, ...BOOT, "--vcpus", "1,2"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Guest\n/);
    expect(stdout).toMatch(/VMM +qemu\n/);
    expect(stdout).toMatch(/vCPU type +EPYC-Milan\n/);
    expect(stdout).toMatch(/Command line +"a=b"\n/);
    const flat = stdout.replace(/\s+/g, "");
    for (const vcpus of [1, 2]) {
      const boot = { kernel: ascii("kernel"), initrd: ascii("initrd"), append: "a=b" };
      expect(flat).toContain(await digestOf({ ...boot, vcpus }));
    }
    expect((await measure([...BASE])).stdout).toMatch(/Kernel +not measured\n/);
    expect((await measure([...BASE, "--kernel", "vmlinuz"])).stdout).toMatch(/Initrd +e3b0c442\w+ +none\n/);
    expect((await measure(["--firmware", "OVMF.fd", "--vmm", "gce"])).stdout).toMatch(/vCPU type +not measured\n/);
  });

  it("with --policy prints a rule that a policy takes, each digest once", async () => {
    const { stdout } = await measure([...BASE, "--vcpus", "1,2,1", "--policy"]);
    const rule: { snp: { measurement: string[] } } = JSON.parse(stdout);
    expect(rule.snp.measurement).toEqual([await digestOf({}), await digestOf({ vcpus: 2 })]);
    const rest = { snp: { reportData: { scheme: "nonce" }, minimumTcb: "any" } };
    await expect(definePolicy({ version: 1, id: "p", require: { allOf: [rule, rest] } })).resolves.toBeDefined();
    await expect(definePolicy({ version: 1, id: "p", ...rule })).toFailWith("ERR_MALFORMED_POLICY");
  });

  it.each([["--help"], ["explain", "--help"], ["--firmware", "nowhere", "--help"]])(
    "says how it is used: %s",
    async (...args) => {
      const { code, stdout } = await measure(args);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^attestry measure: compute the launch digest/);
    },
  );
});

describe("attestry measure explain", () => {
  const explain = (args: readonly string[]) => measure(["explain", ...args]);

  it("says match and ends well where the digest is that of the inputs", async () => {
    const { code, stdout } = await explain([...BASE, "--actual", await digestOf({})]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^match\n/);
    expect(stdout).not.toContain("What differs");
  });

  it("says what differs, and what to do", async () => {
    const actual = await digestOf({ vcpus: 3, kernel: ascii("kernel"), append: "quiet\n" });
    const args = [...BASE, "--kernel", "vmlinuz", "--append", "quiet", "--actual", actual.toUpperCase()];
    const { code, stdout } = await explain(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^explained\n/);
    expect(stdout).toMatch(/vcpus +given 1, measured 3/);
    expect(stdout).toMatch(/append +given "quiet", measured ends with a line feed/);
  });

  it("ends with 5 where nothing explains it", async () => {
    const { code, stdout, stderr } = await explain([...BASE, "--actual", "ab".repeat(48), "--max-vcpus", "2"]);
    expect({ code, stderr }).toEqual({ code: 5, stderr: "" });
    expect(stdout).toMatch(/^unexplained\n/);
  });

  it("tries no more vCPUs than it is told to", async () => {
    const args = [...BASE, "--actual", await digestOf({ vcpus: 9 })];
    expect((await explain([...args, "--max-vcpus", "8"])).code).toBe(5);
    expect((await explain([...args, "--max-vcpus", "9"])).code).toBe(0);
  });

  it("says so where the inputs cannot be launched", async () => {
    const args = ["--firmware", "bare.fd", "--vcpu-type", "EPYC", "--vcpus", "2", "--actual", "ab".repeat(48)];
    expect((await explain(args)).stdout).toMatch(/Computed +none: these inputs cannot be launched\n/);
  });
});

describe("a wrong command line", () => {
  const actual = "ab".repeat(48);
  it.each<[readonly string[], RegExp]>([
    [[], /--vcpu-type is missing; qemu measures it/],
    [["--vcpu-type", "EPYC"], /--firmware is missing/],
    [[...BASE, "surplus"], /expected no operand, found surplus/],
    [[...BASE, "--vmm", "xen"], /--vmm: expected qemu, ec2, gce, svsm, found "xen"/],
    [["--firmware", "OVMF.fd", "--vcpu-type", "Skylake"], /--vcpu-type: expected one of EPYC/],
    [["--firmware", "OVMF.fd", "--vcpu-type", "0x123456789"], /--vcpu-type: expected/],
    [[...BASE, "--vcpus", "0"], /--vcpus: expected counts of 1 to 4096/],
    [[...BASE, "--vcpus", "4097"], /--vcpus: expected/],
    [[...BASE, "--vcpus", "4-2"], /--vcpus: expected/],
    [[...BASE, "--vcpus", "1,,2"], /--vcpus: expected/],
    [[...BASE, "--vcpus", ""], /--vcpus: expected/],
    [[...BASE, "--features", "0x20"], /--features: expected SEV_FEATURES with bit 0/],
    [[...BASE, "--features", "one"], /--features: expected a whole number/],
    [[...BASE, "--features", "0xfffffffffffff1"], /--features: expected a whole number/],
    [[...BASE, "--initrd", "initrd"], /--initrd is measured with --kernel only/],
    [[...BASE, "--append", ""], /--append is measured with --kernel only/],
    [[...BASE, "--svsm", "svsm.bin"], /--svsm and --vars-size belong to --vmm svsm/],
    [[...BASE, "--vars-size", "0"], /belong to --vmm svsm/],
    [[...BASE, "--vmm", "svsm"], /--vmm svsm needs --svsm and --vars-size/],
    [[...BASE, "--vmm", "svsm", "--svsm", "svsm.bin", "--vars-size", "5"], /--vars-size: expected whole pages/],
    [[...BASE, "--vmm", "svsm", "--svsm", "svsm.bin", "--vars-size", "x"], /--vars-size: expected a whole number/],
    [["--firmware", "-", "--kernel", "-", "--vcpu-type", "EPYC"], /only one file can be -/],
    [["--firmware", "nowhere", "--vcpu-type", "EPYC"], /cannot read nowhere: no such file/],
    [[...BASE, "--kernel", "nowhere"], /cannot read nowhere: no such file/],
    [[...BASE, "--actual", actual], /'--actual'/],
    [["explain", ...BASE], /--actual is missing/],
    [["explain", ...BASE, "--actual", "ab"], /--actual: expected 96 hex digits, found 2 characters/],
    [["explain", ...BASE, "--actual", "xy".repeat(48)], /--actual: expected 96 hex digits, found xyxy/],
    [["explain", ...BASE, "--actual", actual, "--vcpus", "1,2"], /--vcpus: explain takes one value, found 2/],
    [["explain", ...BASE, "--actual", actual, "--features", "1,3"], /--features: explain takes one value/],
    [["explain", ...BASE, "--actual", actual, "--max-vcpus", "1-3"], /--max-vcpus: explain takes one value/],
    [["explain", ...BASE, "--actual", actual, "--max-vcpus", "0"], /--max-vcpus: expected counts of 1 to 4096/],
    [["explain", ...BASE, "--actual", actual, "--max-vcpus", "many"], /--max-vcpus: expected counts/],
    [["explain", ...BASE, "--actual", actual, "--policy"], /'--policy'/],
  ])("%j is refused", async (args, message) => {
    const { code, stdout, stderr } = await measure(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/See attestry measure --help\./);
  });

  it.each<[readonly string[], number, string]>([
    [["--firmware", "half.fd", "--vcpu-type", "EPYC"], 6, "ERR_MALFORMED_FIRMWARE"],
    [["--firmware", "none.fd", "--vcpu-type", "EPYC"], 7, "ERR_UNSUPPORTED_FIRMWARE"],
    [["--firmware", "bare.fd", "--vcpu-type", "EPYC", "--vcpus", "2"], 7, "ERR_UNSUPPORTED_FIRMWARE"],
    [["--firmware", "twice.fd", "--vcpu-type", "EPYC"], 6, "ERR_MALFORMED_FIRMWARE"],
    [["explain", "--actual", actual, "--firmware", "twice.fd", "--vcpu-type", "EPYC"], 6, "ERR_MALFORMED_FIRMWARE"],
    [[...BASE, "--vmm", "svsm", "--svsm", "OVMF.fd", "--vars-size", "0"], 7, "ERR_UNSUPPORTED_FIRMWARE"],
    [[...BASE, "--vmm", "svsm", "--svsm", "svsm.bin", "--vars-size", "0xfffff000"], 6, "ERR_MALFORMED_FIRMWARE"],
    [[...BASE, "--vmm", "svsm", "--svsm", "svsm.bin", "--vars-size", "0x10000000000000"], 6, "ERR_MALFORMED_FIRMWARE"],
    [["--firmware", "bare.fd", "--vcpu-type", "EPYC", "--kernel", "vmlinuz"], 7, "ERR_UNSUPPORTED_FIRMWARE"],
    [["explain", "--actual", actual, "--firmware", "none.fd", "--vcpu-type", "EPYC"], 7, "ERR_UNSUPPORTED_FIRMWARE"],
  ])("%j ends with %i", async (args, exitCode, errorCode) => {
    const { code, stderr } = await measure([...args, "--json"]);
    expect(code).toBe(exitCode);
    const error: { error: { code: string } } = JSON.parse(stderr);
    expect(error.error.code).toBe(errorCode);
    expect(strictComplaints("error", error)).toEqual([]);
  });

  it("--json and --policy at once are refused, as JSON", async () => {
    const { code, stderr } = await measure([...BASE, "--json", "--policy"]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { message: "--json and --policy exclude each other" } });
  });

  it("a file that the machine cannot read is named", async () => {
    const fails = { vmlinuz: systemError("EIO") };
    const { code, stderr } = await measure([...BASE, "--kernel", "vmlinuz"], { fails });
    expect(code).toBe(1);
    expect(stderr).toContain("cannot read vmlinuz: EIO");
  });
});

describe("progress", () => {
  const MIB = 1024 * 1024;
  const firmware = firmwareWith({ size: 20 * MIB });

  it("is told on a terminal for large images, and wiped away", async () => {
    const told = await measure(["--firmware", "-", "--vcpu-type", "EPYC"], {
      stdin: pieces(firmware, MIB),
      isTerminal: true,
      env: { NO_COLOR: "1" },
    });
    const lines = told.stderr.split("\r\u001b[K").filter((line) => line !== "");
    expect(lines).toEqual(["firmware: 8,388,608 bytes read", "firmware: 16,777,216 bytes read"]);
    expect(told.stderr.endsWith("\r\u001b[K")).toBe(true);
  });

  it("is silent where stderr is no terminal", async () => {
    const { stderr } = await measure(["--firmware", "-", "--vcpu-type", "EPYC"], { stdin: pieces(firmware, MIB) });
    expect(stderr).toBe("");
  });
});

describe("schemas", () => {
  const json = async (args: readonly string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await measure([...args, "--json"])).stdout);

  it("are there", () => {
    const ids = [...commandSchemas().values()].map(({ $id }) => $id);
    expect(ids).toEqual(expect.arrayContaining([MEASURE_SCHEMA, MEASURE_EXPLAIN_SCHEMA]));
  });

  it("measure.v1 fits what is printed, needs every member and knows every member", async () => {
    for (const args of [BASE, [...BASE, ...BOOT, "--vcpus", "1-3"], ["--firmware", "OVMF.fd", "--vmm", "gce"]]) {
      const printed = await json(args);
      expect(strictComplaints("measure", printed)).toEqual([]);
      for (const key of Object.keys(printed)) {
        const { [key]: _, ...rest } = printed;
        expect(complaints("measure", rest), key).not.toEqual([]);
      }
      expect(strictComplaints("measure", { ...printed, surprise: 1 })).not.toEqual([]);
      expect(complaints("measure", { ...printed, measurements: [] })).not.toEqual([]);
    }
  });

  it("measure-explain.v1 fits what is printed, and ties outcome and changes together", async () => {
    const found = await json(["explain", ...BASE, "--actual", await digestOf({ features: 0x21 })]);
    const match = await json(["explain", ...BASE, "--actual", await digestOf({})]);
    const nothing = await json(["explain", ...BASE, "--actual", "ab".repeat(48), "--max-vcpus", "1"]);
    expect([found, match, nothing].map((printed) => printed["outcome"])).toEqual(["explained", "match", "unexplained"]);
    for (const printed of [found, match, nothing]) {
      expect(strictComplaints("measure-explain", printed)).toEqual([]);
      for (const key of Object.keys(printed)) {
        const { [key]: _, ...rest } = printed;
        expect(complaints("measure-explain", rest), key).not.toEqual([]);
      }
    }
    expect(complaints("measure-explain", { ...found, changes: [] })).not.toEqual([]);
    expect(complaints("measure-explain", { ...match, changes: found["changes"] })).not.toEqual([]);
  });
});
