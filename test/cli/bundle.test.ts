import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes/codecs.js";
import { certificateTableEntries, type EvidenceOptions, encodeCertificateTable } from "../../src/testing/index.js";
import { systemError } from "./fake-io.js";
import { keyServer } from "./key-server.js";
import { runWriting } from "./run-cli.js";

const kds = keyServer();
const ARGS = ["bundle", "report.bin", "--certs", "certs", "--anchors", "anchor.der", "--out", "b.bin"];
const FETCH = () => [
  "bundle",
  "report.bin",
  "--anchors",
  "anchor.der",
  "--out",
  "b.bin",
  "--fetch",
  "--kds",
  kds.url(),
];

/** What the bundle of forged evidence must be, by the forge's own writer of tables. */
function expectedBundle(options: EvidenceOptions = {}): Uint8Array {
  const { evidence, signingKey } = kds.forged(options);
  const table = encodeCertificateTable(certificateTableEntries(signingKey, evidence.certificates ?? {}));
  return concatBytes(evidence.report, table);
}

describe("attestry bundle", () => {
  it.each(["VCEK", "VLEK"] as const)(
    "writes the report and a table with %s, ASK or ASVK, ARK and CRL",
    async (signingKey) => {
      const { code, stderr, stdout, written } = await runWriting(ARGS, kds.setting({ signingKey }));
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(written).toEqual({ "b.bin": expectedBundle({ signingKey }) });
      const lines = stdout.split("\n");
      expect(lines[0]).toMatch(/^b\.bin: [\d,]+ bytes, written$/);
      for (const name of signingKey === "VCEK" ? ["VCEK", "ASK", "ARK", "CRL"] : ["VLEK", "ASVK", "ARK", "CRL"]) {
        expect(stdout).toMatch(new RegExp(`^ +${name} +[\\d,]+ bytes +from your files$`, "m"));
      }
    },
  );

  it("says until when it holds: until the CRL's end", async () => {
    const { stdout } = await runWriting(ARGS, kds.setting());
    expect(stdout).toMatch(/^ +Judged at +2026-06-01T00:00:00Z$/m);
    expect(stdout).toMatch(/^ +Holds until +2026-07-09T00:00:00Z$/m);
    expect(stdout).toMatch(/^ +Trust anchor +the caller's, not AMD's$/m);
  });

  it("writes a file that verifies alone, and that bundles to itself", async () => {
    const setting = kds.setting();
    const files = { "b.bin": expectedBundle(), "anchor.der": setting.files?.["anchor.der"] ?? "" };
    const alone = { ...setting, files };
    const verify = ["verify", "b.bin", "--anchors", "anchor.der", "--signature-only"];
    expect(await runWriting(verify, alone)).toMatchObject({ code: 0, stderr: "" });
    const again = await runWriting(["bundle", "b.bin", "--anchors", "anchor.der", "--out", "c.bin"], alone);
    expect(again.written).toEqual({ "c.bin": files["b.bin"] });
    expect(again.stdout).toMatch(/^ +VCEK +[\d,]+ bytes +came with the report$/m);
  });

  it("fetches what is missing, and nothing that is there", async () => {
    const bare = await runWriting(FETCH(), kds.setting());
    expect(bare).toMatchObject({ code: 0, stderr: "", written: { "b.bin": expectedBundle() } });
    expect(bare.stdout).toMatch(/^ +ARK +[\d,]+ bytes +from the key server$/m);
    expect([...kds.asked()].sort()).toEqual(["/vcek/v1/Genoa/CHIP", "/vcek/v1/Genoa/cert_chain", "/vcek/v1/Genoa/crl"]);
  });

  it("fetches the CRL alone where the rest is there", async () => {
    const args = [...FETCH(), "--certs", "certs"];
    const { code, written } = await runWriting(args, kds.setting({ omit: ["crl"] }));
    expect({ code, written }).toEqual({ code: 0, written: { "b.bin": expectedBundle() } });
    expect(kds.asked()).toEqual(["/vcek/v1/Genoa/crl"]);
  });

  it("fetches a root for an intermediate that is there", async () => {
    const args = [...FETCH(), "--certs", "certs"];
    const { code, written } = await runWriting(args, kds.setting({ omit: ["root"] }));
    expect({ code, written }).toEqual({ code: 0, written: { "b.bin": expectedBundle() } });
    expect(kds.asked()).toEqual(["/vcek/v1/Genoa/cert_chain"]);
  });

  it("fetches ASVK, ARK and CRL for a VLEK that is there", async () => {
    const signingKey = "VLEK";
    const args = [...FETCH(), "--certs", "certs"];
    const { code, written } = await runWriting(
      args,
      kds.setting({ signingKey, omit: ["intermediate", "root", "crl"] }),
    );
    expect({ code, written }).toEqual({ code: 0, written: { "b.bin": expectedBundle({ signingKey }) } });
    expect([...kds.asked()].sort()).toEqual(["/vlek/v1/Genoa/cert_chain", "/vlek/v1/Genoa/crl"]);
  });
});

describe("attestry bundle writes nothing", () => {
  it.each<[string, number, string, EvidenceOptions]>([
    ["without a leaf", 3, "the VCEK certificate is missing", { omit: ["leaf"] }],
    ["without an intermediate", 3, "the ASK certificate is missing", { omit: ["intermediate"] }],
    [
      "without a root, which verification would take from its anchors",
      3,
      "the ARK certificate is missing",
      { omit: ["root"] },
    ],
    ["without a CRL", 4, "the CRL is missing", { omit: ["crl"] }],
    ["without a VLEK's issuer", 3, "the ASVK certificate is missing", { signingKey: "VLEK", omit: ["intermediate"] }],
    ["of a report that was altered", 2, "ERR_UNTRUSTED_REPORT_SIGNATURE", { report: { signature: "none" } }],
    ["of a report that nobody signs", 7, "ERR_UNSUPPORTED_SIGNING_KEY", { report: { keyInfo: 0x1c } }],
    [
      "of a report that is malformed",
      6,
      "ERR_MALFORMED_RESERVED",
      { report: { patch: [{ offset: 0x4c, bytes: Uint8Array.of(1) }] } },
    ],
    ["under a root that is not the anchor", 2, "ERR_UNTRUSTED_ROOT", { root: { serial: 99n } }],
  ])("%s", async (_, code, words, options) => {
    const result = await runWriting(ARGS, kds.setting(options));
    expect(result).toMatchObject({ code, stdout: "", written: {} });
    expect(result.stderr).toContain(words);
  });

  it("that is out of date", async () => {
    const result = await runWriting([...ARGS, "--at", "2026-08-01T00:00:00Z"], kds.setting());
    expect(result).toMatchObject({ code: 4, stdout: "", written: {} });
    expect(result.stderr).toContain("ERR_COLLATERAL_CRL_STALE");
  });

  it("where a file is, before anybody is asked; --force writes over it", async () => {
    const setting = kds.setting({}, { files: { "b.bin": "mine" } });
    const refused = await runWriting(FETCH(), setting);
    expect(refused).toMatchObject({ code: 1, stdout: "", written: {} });
    expect(refused.stderr).toContain("b.bin is there already; name another place, or write over it with --force");
    expect(kds.asked()).toEqual([]);
    const forced = await runWriting([...ARGS, "--force"], setting);
    expect(toHex(forced.written["b.bin"] ?? new Uint8Array(0))).toBe(toHex(expectedBundle()));
  });

  it("where a file comes to be meanwhile", async () => {
    const result = await runWriting(ARGS, kds.setting({}, { fails: { "b.bin": systemError("EEXIST") } }));
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("b.bin is there already");
  });

  it.each([
    ["ENOENT", 1, /cannot write b\.bin: there is no such folder/],
    ["EACCES", 1, /cannot write b\.bin: permission denied/],
    ["EISDIR", 1, /cannot write b\.bin: a folder has this name/],
    ["ENOSPC", 70, /ERR_INTERNAL.*ENOSPC/],
  ])("where the system says %s", async (system, code, words) => {
    const result = await runWriting(ARGS, kds.setting({}, { fails: { "b.bin": systemError(system) } }));
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toMatch(words);
  });

  it("into a folder's name, even with --force", async () => {
    const result = await runWriting([...ARGS.slice(0, -1), "certs", "--force"], kds.setting());
    expect(result).toMatchObject({ code: 1, stdout: "", written: {} });
    expect(result.stderr).toContain("cannot write certs: a folder has this name");
  });

  it.each<[string, readonly string[], RegExp]>([
    ["without a place", ARGS.slice(0, -2), /--out is missing/],
    ["without a report", ["bundle", "--out", "b"], /REPORT is missing/],
    ["from stdin twice", ["bundle", "-", "--certs", "-", "--out", "b"], /only one of the files/],
    ["from a format that is none", [...ARGS, "--format", "zip"], /--format: expected one of/],
    ["by options of another verb", [...ARGS, "--revocation", "skip"], /revocation/],
  ])("%s", async (_, args, words) => {
    const result = await runWriting(args, kds.setting());
    expect(result).toMatchObject({ code: 1, stdout: "", written: {} });
    expect(result.stderr).toMatch(words);
  });
});
