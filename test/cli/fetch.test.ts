import { describe, expect, it } from "vitest";
import { parseCertificateTable } from "../../src/evidence/index.js";
import type { FakeSetting } from "./fake-io.js";
import { inNoTime } from "./in-no-time.js";
import { keyServer } from "./key-server.js";
import { runCli, runWriting } from "./run-cli.js";

const kds = keyServer();
const args = (...more: readonly string[]) => [
  "fetch",
  "report.bin",
  "--out",
  "out",
  "--anchors",
  "anchor.der",
  "--kds",
  kds.url(),
  ...more,
];

/** The forged certificates under the names of the layout snpguest. */
function named(signingKey: "VCEK" | "VLEK" = "VCEK"): Record<string, Uint8Array | undefined> {
  const { leaf, intermediate, root, crl } = kds.forged({ signingKey }).evidence.certificates ?? {};
  return signingKey === "VCEK"
    ? { "out/vcek.der": leaf, "out/ask.der": intermediate, "out/ark.der": root, "out/crl.der": crl }
    : { "out/vlek.der": leaf, "out/asvk.der": intermediate, "out/ark.der": root, "out/crl.der": crl };
}

describe("attestry fetch", () => {
  it("writes the chain of a report, named as a folder for --certs wants it", async () => {
    const { code, stderr, stdout, written } = await runWriting(args(), kds.setting());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { "out/crl.der": _, ...chain } = named();
    expect(written).toEqual(chain);
    expect(stdout).toMatch(/^ +out\/vcek\.der +[\d,]+ bytes$/m);
    expect(stdout).toMatch(/^ +Revocation +not checked: no CRL was asked for$/m);
    expect([...kds.asked()].sort()).toEqual(["/vcek/v1/Genoa/CHIP", "/vcek/v1/Genoa/cert_chain"]);
  });

  it("writes the CRL too where it is asked for, and checks it", async () => {
    const { code, stdout, written } = await runWriting(args("--crl"), kds.setting());
    expect({ code, written }).toEqual({ code: 0, written: named() });
    expect(stdout).toMatch(/^ +Revocation +checked$/m);
  });

  it("writes what attestry verify reads back", async () => {
    const setting = kds.setting();
    const { written } = await runWriting(args("--crl"), setting);
    const { "report.bin": report = "", "anchor.der": anchor = "" } = setting.files ?? {};
    const files = { ...written, "report.bin": report, "anchor.der": anchor };
    const verify = ["verify", "report.bin", "--certs", "out", "--anchors", "anchor.der", "--signature-only"];
    expect(await runCli(verify, { files, now: setting.now ?? new Date() })).toMatchObject({ code: 0, stderr: "" });
  });

  it("writes the certificate table, which --certs reads back", async () => {
    const setting = kds.setting();
    const { code, written } = await runWriting(args("--format", "table", "--crl"), setting);
    expect(code).toBe(0);
    expect(Object.keys(written)).toEqual(["out/certificates.bin"]);
    const table = written["out/certificates.bin"] ?? new Uint8Array(0);
    expect(parseCertificateTable(table).certificates).toEqual(kds.forged().evidence.certificates);
    const { "report.bin": report = "", "anchor.der": anchor = "" } = setting.files ?? {};
    const files = { "table.bin": table, "report.bin": report, "anchor.der": anchor };
    const verify = ["verify", "report.bin", "--certs", "table.bin", "--anchors", "anchor.der", "--signature-only"];
    expect(await runCli(verify, { files, now: setting.now ?? new Date() })).toMatchObject({ code: 0, stderr: "" });
  });

  it("leaves the CRL out of a table where it is not asked for", async () => {
    const { written } = await runWriting(args("--format", "table"), kds.setting());
    const table = parseCertificateTable(written["out/certificates.bin"] ?? new Uint8Array(0));
    expect(table.entries.map(({ kind }) => kind)).toEqual(["VCEK", "ASK", "ARK"]);
  });

  it("writes a bundle, always with its CRL", async () => {
    const { code, written } = await runWriting(args("--format", "bundle"), kds.setting());
    expect(code).toBe(0);
    const bundle = written["out/bundle.bin"] ?? new Uint8Array(0);
    expect(bundle.slice(0, 1184)).toEqual(kds.forged().evidence.report);
    expect(parseCertificateTable(bundle.slice(1184)).certificates).toEqual(kds.forged().evidence.certificates);
  });

  it("takes a leaf that came with the report, and a VLEK from nowhere else", async () => {
    const setting = kds.setting({ signingKey: "VLEK" });
    const bare = await runWriting(args(), setting);
    expect(bare).toMatchObject({ code: 3, stdout: "", written: {} });
    expect(bare.stderr).toContain("the VLEK certificate is missing\n  A VLEK comes with the report");
    expect(kds.asked()).toEqual([]);
    const withLeaf = await runWriting(args("--certs", "certs/vlek.der", "--crl"), setting);
    expect(withLeaf).toMatchObject({ code: 0, stderr: "", written: named("VLEK") });
    expect(withLeaf.stdout).toMatch(/^ +VLEK +[\d,]+ bytes +from your files$/m);
  });

  it("needs the product line of a report that does not name its processor", async () => {
    const setting = kds.setting({ report: { version: 2 } });
    const unnamed = await runWriting(args(), setting);
    expect(unnamed).toMatchObject({ code: 3, written: {} });
    expect(unnamed.stderr).toContain("does not say its processor");
    expect(unnamed.stderr).toContain("--product-line");
    expect(await runWriting(args("--product-line", "Genoa"), setting)).toMatchObject({ code: 0, stderr: "" });
    const wrong = await runWriting(args("--product-line", "Milan"), kds.setting());
    expect(wrong).toMatchObject({ code: 2, written: {} });
    expect(wrong.stderr).toContain("ERR_UNTRUSTED_PRODUCT_LINE");
  });

  it("opens the report's container by its shape, or by --from", async () => {
    const setting = kds.setting({ report: { reportData: new Uint8Array(64).fill(1) } });
    const report = setting.files?.["report.bin"] ?? "";
    const files = { ...setting.files, "report.hex": Buffer.from(report).toString("hex") };
    const hex = args().map((arg) => (arg === "report.bin" ? "report.hex" : arg));
    expect(await runWriting(hex, { ...setting, files })).toMatchObject({ code: 0 });
    expect(await runWriting([...hex, "--from", "hex"], { ...setting, files })).toMatchObject({ code: 0 });
    expect(await runWriting([...hex, "--from", "azure-hcl"], { ...setting, files })).toMatchObject({ code: 6 });
  });
});

describe("attestry fetch writes nothing", () => {
  it.each(["vcek.der", "vlek.der", "ask.der", "ark.der"])("where %s is, before anybody is asked", async (name) => {
    const setting = kds.setting({}, { files: { [`out/${name}`]: "mine" } });
    const result = await runWriting(args(), setting);
    expect(result).toMatchObject({ code: 1, stdout: "", written: {} });
    expect(result.stderr).toContain(`out/${name} is there already`);
    expect(kds.asked()).toEqual([]);
    expect(await runWriting(args("--force"), setting)).toMatchObject({ code: 0 });
  });

  it("beside a CRL that it would not write, it does", async () => {
    const setting = kds.setting({}, { files: { "out/crl.der": "mine", "out/bundle.bin": "mine" } });
    expect(await runWriting(args(), setting)).toMatchObject({ code: 0 });
    expect(await runWriting(args("--crl"), setting)).toMatchObject({ code: 1, written: {} });
    expect(await runWriting(args("--format", "bundle"), setting)).toMatchObject({ code: 1, written: {} });
  });

  it("into a file that is no folder", async () => {
    const result = await runWriting(args(), kds.setting({}, { files: { out: "a file" } }));
    expect(result).toMatchObject({ code: 1, stdout: "", written: {} });
    expect(result.stderr).toMatch(/out/);
  });

  it("of a report that its certificate did not sign", async () => {
    const result = await runWriting(args(), kds.setting({ report: { signature: "none" } }));
    expect(result).toMatchObject({ code: 2, stdout: "", written: {} });
    expect(result.stderr).toContain("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });

  it("for a chip that the server does not know", async () => {
    const result = await runWriting(args(), kds.setting({ report: { chipId: new Uint8Array(64).fill(7) } }));
    expect(result).toMatchObject({ code: 3, stdout: "", written: {} });
    expect(result.stderr).toContain("the VCEK certificate is missing");
  });

  it("for a chip that is masked, and asks nobody", async () => {
    const result = await runWriting(args(), kds.setting({ report: { chipId: new Uint8Array(64) } }));
    expect(result).toMatchObject({ code: 3, stdout: "", written: {} });
    expect(kds.asked()).toEqual([]);
  });

  it("while the server does not answer: 3, and 4 for the CRL", async () => {
    const down = async () => await Promise.reject(new Error("the network is down"));
    const setting = kds.setting({}, { transport: down });
    const chain = await inNoTime(() => runWriting(args(), setting));
    expect(chain).toMatchObject({ code: 3, stdout: "", written: {} });
    expect(chain.stderr).toContain("ERR_COLLATERAL_UNAVAILABLE");
    expect(chain.stderr).toContain("Nothing is known against the evidence");
    const onlyCrl = kds.setting({ omit: ["crl"] }, { transport: down });
    const crl = await inNoTime(() => runWriting(args("--crl", "--certs", "certs"), onlyCrl));
    expect(crl).toMatchObject({ code: 4, stdout: "", written: {} });
  });

  it.each<[string, readonly string[], RegExp]>([
    ["without a place", ["fetch", "report.bin"], /--out is missing/],
    ["without a report", ["fetch", "--out", "out"], /REPORT is missing/],
    [
      "in a layout that is none",
      ["fetch", "report.bin", "--out", "o", "--format", "hex"],
      /snpguest, table, bundle.*--from/,
    ],
    [
      "from a container that is none",
      ["fetch", "report.bin", "--out", "o", "--from", "zip"],
      /--from: expected one of/,
    ],
    ["from a server without a URL", ["fetch", "report.bin", "--out", "o", "--kds", "kds"], /--kds: the URL must be/],
    ["by options of another verb", ["fetch", "report.bin", "--out", "o", "--fetch"], /fetch/],
  ])("%s", async (_, line, words) => {
    const result = await runWriting(line, kds.setting());
    expect(result).toMatchObject({ code: 1, stdout: "", written: {} });
    expect(result.stderr).toMatch(words);
  });
});

function omitCrl(): FakeSetting {
  return kds.setting({ omit: ["crl"] });
}

describe("attestry verify --fetch", () => {
  const verify = (...more: readonly string[]) => [
    "verify",
    "report.bin",
    "--anchors",
    "anchor.der",
    "--signature-only",
    "--fetch",
    "--kds",
    kds.url(),
    ...more,
  ];

  it("asks for all that a bare report lacks", async () => {
    const { code, stdout, stderr } = await runCli(verify(), kds.setting());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ +CRL +number 0x1, from the key server$/m);
    expect([...kds.asked()].sort()).toEqual(["/vcek/v1/Genoa/CHIP", "/vcek/v1/Genoa/cert_chain", "/vcek/v1/Genoa/crl"]);
  });

  it("asks nobody for what --certs has", async () => {
    expect(await runCli(verify("--certs", "certs"), kds.setting())).toMatchObject({ code: 0, stderr: "" });
    expect(kds.asked()).toEqual([]);
    expect(await runCli(verify("--certs", "certs"), omitCrl())).toMatchObject({ code: 0, stderr: "" });
    expect(kds.asked()).toEqual(["/vcek/v1/Genoa/crl"]);
  });

  it("asks nobody without the word, and opens no network", async () => {
    const line = ["verify", "report.bin", "--anchors", "anchor.der", "--signature-only"];
    const { transport: _, ...setting } = kds.setting();
    expect(await runCli(line, setting)).toMatchObject({ code: 3, stdout: "" });
    expect(kds.asked()).toEqual([]);
  });

  it("never replaces what is there and bad", async () => {
    const foreign = kds.forged({ chip: "another" }).evidence.certificates?.leaf ?? new Uint8Array(0);
    const setting = kds.setting({ omit: ["leaf"] }, { files: { "certs/vcek.der": foreign } });
    const result = await runCli(verify("--certs", "certs"), setting);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(kds.asked()).toEqual([]);
  });

  it("takes the container's certificates before those of --certs", async () => {
    const { written } = await runWriting(args("--format", "bundle"), kds.setting());
    const bundle = written["out/bundle.bin"] ?? new Uint8Array(0);
    const other = kds.forged({ chip: "another" }).evidence.certificates?.leaf ?? new Uint8Array(0);
    const setting = kds.setting({ omit: ["leaf"] }, { files: { "report.bin": bundle, "certs/vcek.der": other } });
    const line = ["verify", "report.bin", "--anchors", "anchor.der", "--signature-only", "--certs", "certs"];
    expect(await runCli(line, setting)).toMatchObject({ code: 0, stderr: "" });
    // The last byte of the bundle's leaf: bad, and not replaced by a good one.
    const leafEnd = 1184 + 24 * 5 + (kds.forged().evidence.certificates?.leaf?.length ?? 0) - 1;
    const spoiled = bundle.slice();
    spoiled[leafEnd] = (spoiled[leafEnd] ?? 0) ^ 1;
    const files = { ...kds.setting().files, "report.bin": spoiled };
    const result = await runCli(line, { ...setting, files });
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
  });

  it("lets --crl win over the container's CRL", async () => {
    const { written } = await runWriting(args("--format", "bundle"), kds.setting());
    const crl = kds.forged({ crl: { number: 9 } }).evidence.certificates?.crl ?? new Uint8Array(0);
    const setting = kds.setting({}, { files: { "report.bin": written["out/bundle.bin"] ?? "", "new.crl": crl } });
    const line = ["verify", "report.bin", "--anchors", "anchor.der", "--signature-only"];
    expect((await runCli(line, setting)).stdout).toMatch(/^ +CRL +number 0x1, /m);
    expect((await runCli([...line, "--crl", "new.crl"], setting)).stdout).toMatch(/^ +CRL +number 0x9, /m);
  });
});
