import { describe, expect, it } from "vitest";
import { IMPORT_FORMATS, POLICY_IMPORT_SCHEMA } from "../../src/cli/policy-import.js";
import { definePolicy } from "../../src/policy/define.js";
import { fromConstellation, fromTrustee } from "../../src/policy/import/index.js";
import { runCli } from "./run-cli.js";
import { commandSchemas, complaints, strictComplaints } from "./schemas.js";

const hex = (length: number, byte: string) => byte.repeat(length);
const zeros = (length: number) => hex(length, "00");

const TRUSTEE = {
  snp_launch_measurement: [hex(48, "11")],
  snp_bootloader: [4],
  snp_tee_svn: [0],
  snp_snp_svn: [24],
  snp_microcode: [219],
  mr_td: ["00"],
};
const CONSTELLATION = `gcpSEVSNP:
  measurements: {4: {expected: "${hex(32, "12")}", warnOnly: false}}
  bootloaderVersion: 4
  teeVersion: 0
  snpVersion: 24
  microcodeVersion: latest
  amdRootKey: ""
`;
const FLAGS = { debug: false, smt: true, migrate_ma: false, single_socket: false };
const TCB = { bl_spl: 7, tee_spl: 0, snp_spl: 14, ucode_spl: 72 };
const TINFOIL = {
  machines: { [hex(64, "33")]: "genoa" },
  policies: {
    genoa: {
      platform: "sev-snp",
      sev_snp: {
        minimum_build: 21,
        minimum_api_version: "1.55",
        minimum_abi_version: "0.0",
        minimum_guest_svn: 0,
        minimum_tcb: TCB,
        minimum_launch_tcb: TCB,
        guest_policy: FLAGS,
        platform_info: {
          smt_enabled: true,
          tsme_enabled: true,
          ecc_enabled: true,
          rapl_disabled: false,
          ciphertext_hiding_dram: false,
        },
        permit_provisional_firmware: false,
        vmpl: 0,
        host_data: zeros(32),
        image_id: zeros(16),
        family_id: zeros(16),
        minimum_launch_mitigation_vector: 0,
        minimum_current_mitigation_vector: 0,
      },
    },
  },
};
const NITRIDE = {
  policy: {
    name: "p",
    identities: { provider: "gcp-sev-snp-raw", platform: [{ name: "milan" }], firmware: [{ name: "small" }] },
  },
  identities: [
    { type: "platform", name: "milan", values: { firmware: ">= 1.55.22", root_of_trust: "amd-sev-snp-milan-vcek" } },
    { type: "firmware", name: "small", values: { measurement: hex(48, "11") } },
  ],
};
const CONTRAST = {
  ReferenceValues: {
    snp: [
      {
        ProductName: "Milan",
        TrustedMeasurement: hex(48, "11"),
        MinimumTCB: { BootloaderVersion: 4, TEEVersion: 0, SNPVersion: 24, MicrocodeVersion: 219 },
        GuestPolicy: { SMT: true },
      },
    ],
  },
};
const CCF = { snp: { measurements: [hex(48, "11")], hostData: { [hex(32, "22")]: "" } } };
const OAK = "amd_sev { min_tcb_version { snp: 24 } stage0 { skip { } } }\n";

/** A sound input of each format. */
const files: Readonly<Record<string, string>> = {
  ccf: JSON.stringify(CCF),
  constellation: CONSTELLATION,
  contrast: JSON.stringify(CONTRAST),
  "go-sev-guest": "policy { policy: 0x30000 }\n",
  nitride: JSON.stringify(NITRIDE),
  oak: OAK,
  snpguest: `--measurement ${hex(48, "11")}\n`,
  tinfoil: JSON.stringify(TINFOIL),
  trustee: JSON.stringify(TRUSTEE),
};

describe("attestry policy import", () => {
  it("prints the policy on stdout, and on stderr what of it differs", async () => {
    const { code, stdout, stderr } = await runCli(["policy", "import", "trustee", "trustee"], { files });
    const { policy, notes } = fromTrustee(files["trustee"] ?? "");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(policy);
    const page = stderr.replaceAll(/\s+/g, " ");
    for (const { text } of notes) expect(page).toContain(text);
    expect(stderr.split("\n").filter((line) => /^\S/.test(line))).toEqual([
      "Loosened: the policy accepts more than its source",
      "Not carried: no policy can say it",
      "Tightened: the policy refuses more than its source",
      "The same by other means",
    ]);
  });

  it("--json: both in one, and nothing on stderr", async () => {
    const { code, stdout, stderr } = await runCli(["policy", "import", "constellation", "constellation", "--json"], {
      files,
    });
    const { policy, notes } = await fromConstellation(CONSTELLATION);
    const { id, digest } = await definePolicy(policy);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const answer = JSON.parse(stdout);
    expect(answer).toEqual({ schema: POLICY_IMPORT_SCHEMA, format: "constellation", id, digest, policy, notes });
    expect(strictComplaints("policy-import", answer)).toEqual([]);
    for (const key of Object.keys(answer)) {
      const { [key]: _, ...rest } = answer;
      expect(complaints("policy-import", rest)).not.toEqual([]);
    }
    expect(complaints("policy-import", { ...answer, notes: [{ ...notes[0], kind: "better" }] })).not.toEqual([]);
  });

  it("every format has its importer, its line in the help, and its word in the schema", async () => {
    expect(Object.keys(files).sort()).toEqual([...IMPORT_FORMATS].sort());
    const { stdout: help } = await runCli(["policy", "--help"]);
    for (const format of IMPORT_FORMATS) expect(help).toMatch(new RegExp(`^ {12}${format} +\\S`, "m"));
    const { properties } = commandSchemas().get("policy-import.v1.schema.json") ?? {};
    expect(properties).toMatchObject({ format: { enum: IMPORT_FORMATS } });
  });

  it.each(IMPORT_FORMATS)("%s: what it prints is a policy that the command takes", async (format) => {
    const { code, stdout, stderr } = await runCli(["policy", "import", format, format], { files });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const check = await runCli(["policy", "check", "-"], { stdin: stdout });
    expect(check.code).toBe(0);
  });

  it("oak: takes the digests that an endorsement is of", async () => {
    const stdin = "amd_sev { min_tcb_version { snp: 24 } stage0 { endorsement { } } }";
    const digests = [hex(48, "11"), hex(48, "12")];
    const { code, stdout } = await runCli(["policy", "import", "oak", "-", "--measurement", digests.join()], { stdin });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ snp: { measurement: digests } });
    expect((await runCli(["policy", "import", "oak", "-"], { stdin })).code).toBe(6);
  });

  it("reads stdin", async () => {
    const named = await runCli(["policy", "import", "ccf", "ccf"], { files });
    expect(await runCli(["policy", "import", "ccf", "-"], { stdin: files["ccf"] ?? "" })).toEqual(named);
  });

  it("shows foreign text without what moves a cursor", async () => {
    const stdin = JSON.stringify({ ...TRUSTEE, "mr\u001b[2J\u202etd": [1] });
    const { stdout, stderr } = await runCli(["policy", "import", "trustee", "-"], { stdin });
    for (const sign of ["\u001b", "\u202e"]) expect(stdout + stderr).not.toContain(sign);
    const json = await runCli(["policy", "import", "trustee", "-", "--json"], { stdin });
    for (const sign of ["\u001b", "\u202e"]) expect(json.stdout).not.toContain(sign);
  });

  it("a mistake has its place, and exits with 6", async () => {
    const stdin = JSON.stringify({ ...TRUSTEE, snp_microcode: [256] });
    const text = await runCli(["policy", "import", "trustee", "-"], { stdin });
    expect(text).toMatchObject({ code: 6, stdout: "" });
    expect(text.stderr).toContain("ERR_MALFORMED_IMPORT: Trustee reference values at snp_microcode/0: expected");
    const json = await runCli(["policy", "import", "trustee", "-", "--json"], { stdin });
    const answer = JSON.parse(json.stderr);
    expect(answer).toMatchObject({ error: { detail: { where: "snp_microcode/0" } }, exitCode: 6 });
    expect(complaints("error", answer)).toEqual([]);
  });

  it("a file that is too big exits with 6", async () => {
    const { code, stderr } = await runCli(["policy", "import", "ccf", "-"], { stdin: " ".repeat(262_145) });
    expect(code).toBe(6);
    expect(stderr).toContain("ERR_MALFORMED_LENGTH");
  });

  it.each([
    [[], /FORMAT is missing: ccf, constellation/],
    [["sgx", "f"], /expected FORMAT ccf, .*, found sgx/],
    [["ccf"], /FILE is missing/],
    [["ccf", "a", "b"], /a second: b/],
    [["ccf", "none.json"], /cannot read none\.json: no such file/],
    [["ccf", "ccf", "--measurement", "11"], /--measurement is for the format oak alone/],
    [["ccf", "ccf", "--at", "x"], /--at/],
    [["oak", "oak", "--measurement", "11"], /--measurement must be a list of launch digests/],
    [["oak", "oak", "--measurement", hex(48, "11")], /--measurement stands for an endorsement/],
    [["--json"], /FORMAT is missing/],
  ])("usage: %j", async (args, message) => {
    const { code, stderr } = await runCli(["policy", "import", ...args], { files });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
