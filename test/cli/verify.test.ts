import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import type { EvidenceOptions } from "../../src/testing/index.js";
import type { FakeSetting } from "./fake-io.js";
import { forge, pem } from "./forged.js";
import { runCli } from "./run-cli.js";

const { forged, files } = await forge();
const AT = "2026-06-01T00:00:00Z";
const BASE = ["verify", "report.bin", "--certs", "certs", "--anchors", "anchor.der"];
const SIGNATURE = [...BASE, "--signature-only", "--at", AT];
const POLICY = [...BASE, "--policy", "policy.json", "--at", AT];

const ANY = { measurement: "any", reportData: "any", minimumTcb: "any" };
const policyText = (snp: object, more: object = {}) => JSON.stringify({ version: 1, id: "test", snp, ...more });

const withFiles = (more: NonNullable<FakeSetting["files"]>, setting: FakeSetting = {}): FakeSetting => ({
  files: { ...files, ...more },
  ...setting,
});

async function verifyForged(evidence: EvidenceOptions, args: readonly string[] = SIGNATURE) {
  return runCli(args, { files: (await forge({}, evidence)).files });
}

describe("attestry verify --signature-only", () => {
  it("says genuine, NOT appraised, and nothing that sounds like accept", async () => {
    const { code, stdout, stderr } = await runCli(SIGNATURE, { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe("genuine, NOT appraised");
    expect(stdout).not.toMatch(/accept/i);
  });

  it("shows who signed, the chain, revocation and times", async () => {
    const { stdout } = await runCli(SIGNATURE, { files });
    expect(stdout).toMatch(/^ +Signed by +VCEK of chip [0-9a-f]{16}…$/m);
    expect(stdout).toMatch(/^ +ASK +SEV-Milan, serial 0x\w+, supplied {2}\d{4}-\d\d-\d\d to \d{4}-/m);
    expect(stdout).toMatch(/^ +ARK +ARK-Milan, /m);
    expect(stdout).toMatch(/^ +Trust anchor +the caller's, not AMD's$/m);
    expect(stdout).toMatch(/^ +Status +checked$/m);
    expect(stdout).toMatch(/^ +CRL window +2026-.*Z to 2026-.*Z$/m);
    expect(stdout).toMatch(/^ +Judged at +2026-06-01T00:00:00Z$/m);
    expect(stdout).toContain(toHex(forged.evidence.report.slice(0x90, 0xa8)));
  });

  it("names the provider of a VLEK", async () => {
    const vlek = await forge({ signingKey: "VLEK" });
    const { code, stdout } = await runCli(SIGNATURE, { files: vlek.files });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Signed by +VLEK of CN=/);
    expect(stdout).toMatch(/^ +ASVK +SEV-VLEK-Milan/m);
  });

  it("lets no text of a certificate reach the terminal as it is", async () => {
    const signingKey = "VLEK" as const;
    const evil = await forge({ signingKey }, { leaf: { cspId: "CN=x\u001b]0;pwned\u0007" } });
    const { stdout } = await runCli(SIGNATURE, { files: evil.files });
    expect(stdout).not.toMatch(/\p{Cc}(?<!\n)/u);
  });

  it("takes the clock where --at is not given", async () => {
    const args = [...BASE, "--signature-only"];
    expect((await runCli(args, { files, now: new Date(AT) })).stdout).toMatch(/Judged at +2026-06-01T00:00:00Z/);
    const late = await runCli(args, { files, now: new Date("2027-06-01T00:00:00Z") });
    expect(late).toMatchObject({ code: 4, stdout: "" });
    expect(late.stderr).toContain("ERR_COLLATERAL_CRL_STALE");
  });

  it("trusts AMD alone where --anchors is not given", async () => {
    const args = ["verify", "report.bin", "--certs", "certs", "--signature-only", "--at", AT];
    expect(await runCli(args, { files })).toMatchObject({ code: 2, stdout: "" });
  });

  it("says where revocation was not checked", async () => {
    const omitted = (await forge({}, { omit: ["crl"] })).files;
    const unavailable = await runCli([...SIGNATURE, "--revocation", "if-available"], { files: omitted });
    expect(unavailable.stdout).toMatch(/^ +Status +unavailable$/m);
    const skipped = await runCli([...SIGNATURE, "--revocation", "skip"], { files });
    expect(skipped.stdout).toMatch(/^ +Status +skipped$/m);
    const terminal = { isTerminal: true, columns: 100 };
    const painted = await runCli([...SIGNATURE, "--revocation", "skip"], { files, ...terminal });
    expect(painted.stdout).toContain("\u001b[33mskipped\u001b[0m");
    expect(painted.stdout).toContain("\u001b[33mgenuine, NOT appraised\u001b[0m");
  });

  it("reads report or certificates from stdin", async () => {
    const { "report.bin": report, ...others } = files;
    const fromStdin = ["verify", "-", ...SIGNATURE.slice(2)];
    expect(await runCli(fromStdin, { files: others, stdin: toHex(report ?? new Uint8Array(0)) })).toMatchObject({
      code: 0,
    });
    const bundle = [forged.leaf, forged.intermediate, forged.root].map(({ der }) => pem("CERTIFICATE", der)).join("");
    const stdin = bundle + pem("X509 CRL", forged.crl.der);
    const args = SIGNATURE.map((arg) => (arg === "certs" ? "-" : arg));
    expect(await runCli(args, { files, stdin })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("exit codes of attestry verify", () => {
  it.each<[string, number, string, EvidenceOptions]>([
    ["a report that another key signed", 2, "ERR_UNTRUSTED_REPORT_SIGNATURE", { report: { signature: "none" } }],
    ["a TCB that is not the certificate's", 2, "ERR_UNTRUSTED_TCB_MISMATCH", { report: { reportedTcb: { snp: 1 } } }],
    ["a root that is not the anchor", 2, "ERR_UNTRUSTED_ROOT", { root: { serial: 99n } }],
    ["no leaf", 3, "ERR_COLLATERAL_MISSING", { omit: ["leaf"] }],
    ["no issuer of the leaf", 3, "ERR_COLLATERAL_MISSING", { omit: ["intermediate"] }],
    ["no CRL", 4, "ERR_COLLATERAL_CRL_MISSING", { omit: ["crl"] }],
    ["an unknown signature algorithm", 7, "ERR_UNSUPPORTED_SIGNATURE_ALGO", { report: { signatureAlgo: 2 } }],
    ["an unknown version", 7, "ERR_UNSUPPORTED_REPORT_VERSION", { report: { version: 6 } }],
    ["reserved bytes", 6, "ERR_MALFORMED_RESERVED", { report: { patch: [{ offset: 0x4c, bytes: Uint8Array.of(1) }] } }],
  ])("%s: %i", async (...[, code, word, options]) => {
    const result = await verifyForged(options);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(`attestry: ${word}: `);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["neither policy nor word", [...BASE, "--at", AT], /--policy FILE, or --signature-only/],
    ["both", [...SIGNATURE, "--policy", "policy.json"], /exclude each other/],
    [
      "report data that nobody would look at",
      [...SIGNATURE, "--report-data", "00".repeat(64)],
      /nothing would look at it/,
    ],
    ["empty --certs", ["verify", "report.bin", "--certs=", "--signature-only"], /--certs is missing/],
    ["empty --policy", [...BASE, "--policy=", "--at", AT], /--policy is missing/],
    ["an unknown word of revocation", [...SIGNATURE, "--revocation", "never"], /if-available or skip, found never/],
    ["a time that is none", [...BASE, "--signature-only", "--at", "yesterday"], /RFC 3339/],
    ["stdin twice", ["verify", "-", "--certs", "-", "--signature-only"], /only one of the files/],
    ["a word twice", [...SIGNATURE, "--signature-only"], /stands twice/],
    [
      "anchors that are not there",
      [...SIGNATURE.filter((arg) => arg !== "anchor.der" && arg !== "--anchors"), "--anchors", "gone"],
      /cannot read gone/,
    ],
    [
      "anchors that are no root",
      [...BASE.slice(0, 4), "--anchors", "certs/ask.der", "--signature-only"],
      /anchors\[0\] must be named ARK/,
    ],
    [
      "anchors that are no certificate",
      [...BASE.slice(0, 4), "--anchors", "report.bin", "--signature-only"],
      /anchors\[0\] is no root certificate/,
    ],
    ["report data of 63 bytes", [...POLICY, "--report-data", "00".repeat(63)], /128 hex digits/],
    ["report data that is no hex", [...POLICY, "--report-data", "0g".repeat(64)], /128 hex digits/],
    ["a policy that is not there", [...BASE, "--policy", "gone.json"], /cannot read gone\.json/],
  ])("%s: 1", async (_, args, message) => {
    const result = await runCli(args, withFiles({ "policy.json": policyText(ANY) }));
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(message);
  });

  it("a clock that cannot be right: 1", async () => {
    const result = await runCli([...BASE, "--signature-only"], { files, now: new Date(0) });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("now must be a Date from 2020-01-01");
  });
});

describe("attestry verify --policy", () => {
  const run = (policy: string, more: readonly string[] = []) =>
    runCli([...POLICY, ...more], withFiles({ "policy.json": policy }));
  const accepting = policyText({ ...ANY, measurement: [toHex(forged.evidence.report.slice(0x90, 0xc0))] });

  it("accepts", async () => {
    const { code, stdout, stderr } = await run(accepting);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe("accept");
    expect(stdout).not.toContain("Failed checks");
    expect(stdout).toMatch(/^ +Checks +\d+ passed, 0 failed/m);
    expect(stdout).toMatch(/^ +Not examined (?:.|\n)*hostData/m);
  });

  it("rejects with a line for each failed check: where, expected, found, what to do", async () => {
    const { code, stdout, stderr } = await run(policyText({ ...ANY, measurement: ["ab".repeat(48)], vmpl: [3] }));
    expect({ code, stderr }).toEqual({ code: 5, stderr: "" });
    const [verdict, , title, ...lines] = stdout.split("\n");
    expect([verdict, title]).toEqual(["reject", "Failed checks"]);
    const page = lines.join("\n").replaceAll(/\n +/g, " ");
    expect(page).toMatch(/\/snp\/vmpl +Expected VMPL to be one of 3; found \d; .+\./);
    expect(page).toMatch(
      new RegExp(`/snp/measurement +Expected MEASUREMENT to be one of ${"ab".repeat(48).slice(0, 40)}`),
    );
    expect(stdout).toMatch(/^ +Checks +\d+ passed, 2 failed/m);
  });

  it("shows why a rule is there, with nothing that a terminal would act on", async () => {
    const rule = { reason: "ticket 7\u001b[2J", snp: { ...ANY, vmpl: [3] } };
    const { stdout } = await run(JSON.stringify({ version: 1, id: "bell\u0007", require: rule }));
    expect(stdout).toContain("[ticket 7\\u{1b}[2J]");
    expect(stdout).toMatch(/^ +Id +bell\\u\{7\}$/m);
  });

  it("compares REPORT_DATA with what the caller brings", async () => {
    const policy = policyText({ ...ANY, reportData: { scheme: "exact" } });
    const data = toHex(forged.evidence.report.slice(0x50, 0x90));
    expect(await run(policy, ["--report-data", data])).toMatchObject({ code: 0 });
    expect(await run(policy, ["--report-data", data.toUpperCase()])).toMatchObject({ code: 0 });
    expect(await run(policy, ["--report-data", "5a".repeat(64)])).toMatchObject({ code: 5 });
    const silent = await run(policy);
    expect(silent.code).toBe(5);
    expect(silent.stdout.replaceAll(/\s+/g, " ")).toContain("At the command line: --report-data HEX.");
    expect((await run(policy, ["--report-data", "5a".repeat(64)])).stdout).not.toContain("--report-data");
  });

  it("never ignores --report-data, whatever the policy says", async () => {
    const result = await run(policyText(ANY), ["--report-data", "5a".repeat(64)]);
    expect(result.code).toBe(5);
    expect(result.stdout).toContain("input.reportData");
  });

  it.each([
    ["an unknown key", policyText({ ...ANY, measurment: "any" }), "/snp/measurment"],
    ["a missing decision", policyText({ measurement: "any", reportData: "any" }), "/snp"],
    ["a key twice", '{"version":1,"id":"x","snp":{"measurement":"any","measurement":"any"}}', "/snp/measurement"],
    ["no JSON", "{", ""],
    ["an empty file", "", ""],
  ])("%s is malformed, with its JSON Pointer", async (_, policy, pointer) => {
    const result = await run(policy, ["--json"]);
    expect(result).toMatchObject({ code: 6, stdout: "" });
    expect(JSON.parse(result.stderr)).toMatchObject({
      error: { code: "ERR_MALFORMED_POLICY", detail: { pointer } },
      exitCode: 6,
    });
  });

  it("reads the policy from stdin", async () => {
    const args = POLICY.map((arg) => (arg === "policy.json" ? "-" : arg));
    expect(await runCli(args, { files, stdin: accepting })).toMatchObject({ code: 0, stderr: "" });
  });

  it("refuses a policy above 1 MiB", async () => {
    expect(await run(accepting + " ".repeat(1 << 20))).toMatchObject({ code: 6, stdout: "" });
  });

  it("does not appraise what does not verify", async () => {
    const broken = Uint8Array.from(forged.evidence.report);
    broken[0x90] = (broken[0x90] ?? 0) ^ 1;
    const result = await runCli(POLICY, withFiles({ "report.bin": broken, "policy.json": policyText(ANY) }));
    expect(result).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("attestry verify --json", () => {
  it("is the evidence without an appraisal, or with one", async () => {
    const bare = JSON.parse((await runCli([...SIGNATURE, "--json"], { files })).stdout);
    expect(bare).toMatchObject({
      schema: "urn:attestry:schema:verify:v1",
      verdict: "genuine, NOT appraised",
      appraisal: null,
      evidence: { productLine: "Milan", signingKey: "VCEK", anchors: "caller", revocation: { status: "checked" } },
    });
    const refusing = withFiles({ "policy.json": policyText({ ...ANY, vmpl: [3] }) });
    const { code, stdout } = await runCli([...POLICY, "--json"], refusing);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "reject",
      appraisal: { verdict: "reject", policyId: "test", failures: [{ pointer: "/snp/vmpl", outcome: "fail" }] },
      evidence: bare.evidence,
    });
  });

  it("puts nothing on stdout when there is nothing to report but an error", async () => {
    const late = { files, now: new Date("2027-06-01T00:00:00Z") };
    const result = await runCli([...BASE, "--signature-only", "--json"], late);
    expect(result).toMatchObject({ code: 4, stdout: "" });
    expect(JSON.parse(result.stderr)).toMatchObject({ schema: "urn:attestry:schema:error:v1", exitCode: 4 });
  });
});
