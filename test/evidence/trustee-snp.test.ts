import { describe, expect, it } from "vitest";
import { toBase64 } from "../../src/bytes/codecs.js";
import { openTrusteeSnp } from "../../src/evidence/index.js";
import { REPORT_VERSIONS } from "../../src/report/layouts.js";
import { createForge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { pem, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { doubled, edited, editedBytes, GONE, jsonBytes } from "./support/json.js";
import { certificate, chainEntry, newSpelling, oldSpelling, trusteeSnp } from "./support/samples-b.js";

const forge = await createForge({ seed: "trustee", now: new Date("2026-09-01T00:00:00Z") });
const forged = forge.evidence();
const evidence = trusteeSnp(forged);
const old = { ...evidence, attestation_report: oldSpelling(forged.evidence.report) };
const [leaf, ask, ark, crl] = (["leaf", "intermediate", "root", "crl"] as const).map((role) =>
  certificate(forged, role),
);
if (leaf === undefined || ask === undefined || ark === undefined || crl === undefined) throw new Error("no leaf");
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const at = (where: string) => ({ container: "trustee-snp", where });
const change = (path: string, member: unknown) => editedBytes(evidence, path, member);
const report = (path: string, member: unknown) => change(`attestation_report/${path}`, member);
const inReport = (path: string) => at(`attestation_report/${path}`);
const oldReport = (path: string, member: unknown) => editedBytes(old, `attestation_report/${path}`, member);
const chain = (...entries: readonly unknown[]) => change("cert_chain", entries);
const GUID = "9f4116cd-c503-4f5a-8f6f-fb68882f4ce2";

const brokenReport: readonly Broken[] = [
  ["no report", change("attestation_report", GONE), MALFORMED, at("attestation_report")],
  ["a report of null", change("attestation_report", null), MALFORMED, at("attestation_report")],
  ["a report as a list", change("attestation_report", []), MALFORMED, at("attestation_report")],
  ["no version", report("version", GONE), MALFORMED, inReport("version")],
  ["version 1", report("version", 1), UNSUPPORTED, at("version")],
  ["version 6", report("version", 6), UNSUPPORTED, at("version")],
  ["a version with CPUID in one without", report("version", 2), MALFORMED, at("cpuidFamId")],
  ["a field that nobody knows", report("vmpck", 1), UNSUPPORTED, at("attestation_report")],
  [
    "a field named __proto__",
    utf8(JSON.stringify(evidence).replace('"version"', '"__proto__":1,"version"')),
    UNSUPPORTED,
  ],
  ["a field gone", report("measurement", GONE), MALFORMED, inReport("measurement")],
  ["a field of null", report("host_data", null), MALFORMED, inReport("host_data")],
  ["bytes as hex", report("report_data", "00".repeat(64)), MALFORMED, inReport("report_data")],
  ["a byte too few", report("report_data", Array(63).fill(0)), MALFORMED, at("reportData")],
  ["a byte too many", report("chip_id", Array(65).fill(0)), MALFORMED, at("chipId")],
  ["a byte of 256", report("family_id/3", 256), MALFORMED, inReport("family_id/3")],
  ["a byte of -1", report("family_id/3", -1), MALFORMED, inReport("family_id/3")],
  ["half a byte", report("family_id/3", 0.5), MALFORMED, inReport("family_id/3")],
  ["a byte as text", report("family_id/3", "0"), MALFORMED, inReport("family_id/3")],
  ["a number as text", report("policy", "196608"), MALFORMED, inReport("policy")],
  ["a number that JSON rounds", report("policy", 2 ** 53), MALFORMED, inReport("policy")],
  ["a word above 32 bits", report("vmpl", 2 ** 32), MALFORMED, inReport("vmpl")],
  ["a TCB as a number", report("reported_tcb", 1), MALFORMED, inReport("reported_tcb")],
  ["a TCB without snp", report("reported_tcb/snp", GONE), MALFORMED, inReport("reported_tcb/snp")],
  ["a TCB component of 256", report("reported_tcb/snp", 256), MALFORMED, inReport("reported_tcb/snp")],
  ["an FMC of 256", report("launch_tcb/fmc", 256), MALFORMED, inReport("launch_tcb/fmc")],
  ["no firmware version", report("current", GONE), MALFORMED, inReport("current_build")],
  ["a firmware version cut", report("committed/minor", GONE), MALFORMED, inReport("committed/minor")],
  ["KEY_INFO under both names", report("_author_key_en", 0), MALFORMED, inReport("_author_key_en")],
  ["KEY_INFO under none", report("key_info", GONE), MALFORMED, inReport("key_info")],
  ["no CPUID", report("cpuid_step", null), MALFORMED, at("cpuidStep")],
  ["no vector", report("launch_mit_vector", null), MALFORMED, at("launchMitVector")],
  ["no signature", report("signature", GONE), MALFORMED, inReport("signature")],
  ["r of 48 bytes", report("signature/r", Array(48).fill(1)), MALFORMED, inReport("signature/r")],
  ["no s", report("signature/s", GONE), MALFORMED, inReport("signature/s")],
  ["CPUID twice over", oldReport("cpuid_fam_id", 25), MALFORMED, inReport("cpuid_fam_id")],
  ["a vector twice over", oldReport("current_mit_vector", 1), MALFORMED, inReport("current_mit_vector")],
  ["a range of 23 bytes", oldReport("_reserved_1", Array(23).fill(0)), MALFORMED],
  ["a range of 160 bytes", oldReport("_reserved_4", Array(160).fill(0)), MALFORMED],
  ["a reserved byte of 256", oldReport("_reserved_2", 256), MALFORMED, inReport("_reserved_2")],
  ["a reserved word as text", oldReport("_reserved_0", "0"), MALFORMED, inReport("_reserved_0")],
  ["an FMC beside reserved bytes", oldReport("current_tcb/fmc", 1), MALFORMED, inReport("current_tcb")],
  ["a TCB of nine bytes", oldReport("current_tcb/_reserved", [0, 0, 0, 0, 0]), MALFORMED],
  ["a signature of 513 bytes", oldReport("signature/_reserved", Array(369).fill(0)), MALFORMED],
];

const brokenChain: readonly Broken[] = [
  ["no JSON", jsonBytes(evidence).subarray(1), MALFORMED, at("JSON")],
  ["JSON in a list", jsonBytes([evidence]), MALFORMED, at("JSON")],
  ["a key twice", doubled(evidence, "attestation_report"), MALFORMED, at("attestation_report")],
  ["a limit passed", jsonBytes({ ...evidence, more: "x".repeat(262_144) }), "ERR_MALFORMED_LENGTH"],
  ["65 levels", utf8(`{"more":${"[".repeat(64)}${"]".repeat(64)}}`), MALFORMED],
  ["a chain that is no list", change("cert_chain", {}), MALFORMED, at("cert_chain")],
  ["a chain of 65", chain(...Array(65).fill(chainEntry("Empty", new Uint8Array()))), MALFORMED, at("cert_chain")],
  ["a VCEK twice", chain(chainEntry("VCEK", leaf), chainEntry("VCEK", leaf)), MALFORMED, at("cert_chain/1/data")],
  ["a VLEK beside a VCEK", chain(chainEntry("VCEK", leaf), chainEntry("VLEK", leaf)), MALFORMED],
  ["an ASK twice", chain(chainEntry("ASK", ask), chainEntry("ASK", ask)), MALFORMED, at("cert_chain/1/data")],
  ["an ARK twice", chain(chainEntry("ARK", ark), chainEntry("ARK", ark)), MALFORMED],
  ["a CRL twice", chain(chainEntry("CRL", crl), chainEntry("CRL", crl)), MALFORMED],
  ["an entry without a kind", chain({ data: [...leaf] }), MALFORMED, at("cert_chain/0/cert_type")],
  ["an entry without content", chain({ cert_type: "VCEK" }), MALFORMED, at("cert_chain/0/data")],
  ["an entry of no kind", chain(chainEntry("vcek", leaf)), UNSUPPORTED, at("cert_chain/0/cert_type")],
  ["an entry of kind __proto__", chain(chainEntry("__proto__", leaf)), UNSUPPORTED],
  ["an end with content", chain(chainEntry("Empty", leaf)), UNSUPPORTED, at("cert_chain/0/cert_type")],
  ["a kind that is a number", chain(chainEntry(3, leaf)), MALFORMED, at("cert_chain/0/cert_type")],
  ["a kind of two", chain(chainEntry({ OTHER: GUID, VCEK: 1 }, leaf)), MALFORMED],
  ["another kind without GUID", chain(chainEntry({ OTHER: 1 }, leaf)), MALFORMED],
  [
    "a GUID twice",
    chain(chainEntry({ OTHER: GUID }, leaf), chainEntry({ OTHER: GUID.toUpperCase() }, leaf)),
    MALFORMED,
  ],
  ["a certificate of no bytes", chain(chainEntry("VCEK", new Uint8Array())), MALFORMED, at("cert_chain/0/data")],
  ["a certificate that is no DER", chain(chainEntry("VCEK", utf8("nothing"))), MALFORMED, at("cert_chain/0/data")],
  ["two certificates in one entry", chain(chainEntry("VCEK", utf8(`${pem(leaf)}`.repeat(2)))), MALFORMED],
  ["a certificate as base64", chain({ cert_type: "VCEK", data: toBase64(leaf) }), MALFORMED],
  ["a manifest that is no base64", change("svsm_manifest", "*"), "ERR_MALFORMED_ENCODING"],
  ["a manifest as a list", change("svsm_manifest", [1]), MALFORMED, at("svsm_manifest")],
];

describeContainer({
  name: "openTrusteeSnp",
  open: (input) => openTrusteeSnp(input),
  sound: jsonBytes(evidence),
  forged,
  evidence: { report: forged.evidence.report, certificates: { leaf } },
  broken: [...brokenReport, ...brokenChain],
});
describeOptions("openTrusteeSnp", (options) => openTrusteeSnp(jsonBytes(evidence), options));

describe("cert_chain", () => {
  const certificatesIn = async (input: Uint8Array) => (await openTrusteeSnp(input)).evidence.certificates;

  it.each([
    ["absent", change("cert_chain", GONE)],
    ["null", change("cert_chain", null)],
    ["empty", change("cert_chain", [])],
    ["nothing but its end", chain(chainEntry("Empty", new Uint8Array()))],
  ])("may be %s", async (_, input) => {
    expect(await certificatesIn(input)).toEqual({});
  });

  it("brings all of them, as DER or PEM", async () => {
    const entries = [chainEntry("ARK", ark), chainEntry("ASK", pem(ask)), chainEntry("CRL", crl)];
    expect(await certificatesIn(chain(...entries, chainEntry("VCEK", pem(leaf))))).toEqual(
      forged.evidence.certificates,
    );
  });

  it("brings a VLEK", async () => {
    const other = forge.evidence({ signingKey: "VLEK" });
    expect(await certificatesIn(jsonBytes(trusteeSnp(other)))).toEqual({ leaf: certificate(other, "leaf") });
  });

  it("keeps what it has no name for, and the manifest", async () => {
    const more = edited(evidence, "svsm_manifest", "AQID") as typeof evidence;
    const entry = chainEntry({ OTHER: GUID }, Uint8Array.of(7));
    const { claims } = await openTrusteeSnp(editedBytes(more, "cert_chain", [entry]));
    expect(claims).toEqual({
      others: [{ guid: GUID, bytes: Uint8Array.of(7) }],
      svsmManifest: Uint8Array.of(1, 2, 3),
    });
    expect((await openTrusteeSnp(JSON.stringify(evidence))).claims).toEqual({ others: [], svsmManifest: null });
  });
});

describe("a report spelled out", () => {
  const lines = ["Milan", "Genoa", "Turin"] as const;
  const cases = lines.flatMap((productLine) =>
    REPORT_VERSIONS.flatMap((version) =>
      (["new", "old"] as const).map((spelling) => ({ productLine, version, spelling })),
    ),
  );

  it.each(cases)(
    "is rebuilt: $productLine, version $version, $spelling",
    async ({ productLine, version, spelling }) => {
      const { report } = forge.evidence({ productLine, report: { version } }).evidence;
      const spelled = spelling === "new" ? newSpelling(report, productLine === "Turin") : oldSpelling(report);
      const opened = await openTrusteeSnp(jsonBytes({ attestation_report: spelled }));
      expect(opened.evidence.report).toEqual(report);
    },
  );

  it("keeps in the oldest spelling what firmware wrote into reserved bytes, and verifies", async () => {
    const bytes = Uint8Array.of(0x5a);
    const patch = [0x18b, 0x19f, 0x1eb, 0x1ef, 0x208, 0x29f].map((offset) => ({ offset, bytes }));
    const sample = forge.evidence({ report: { patch } });
    const { anchors, now } = sample;
    const open = (spelling: object) => openTrusteeSnp(jsonBytes({ attestation_report: spelling }));
    const kept = await open(oldSpelling(sample.evidence.report));
    expect(kept.evidence.report).toEqual(sample.evidence.report);
    const lost = await open(newSpelling(sample.evidence.report));
    const { certificates = {} } = sample.evidence;
    const judge = ({ report }: { report: Uint8Array }) => verifyEvidence({ report, certificates }, { anchors, now });
    await expect(judge(kept.evidence)).resolves.toBeDefined();
    await expect(judge(lost.evidence)).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });

  it("keeps what is written into the word and the range that must be zero, so that the report is refused", async () => {
    for (const [path, member] of [
      ["_reserved_0", 1],
      ["signature/_reserved", [...Array(367).fill(0), 1]],
    ] as const) {
      const opened = await openTrusteeSnp(oldReport(path, member));
      const { anchors, now } = forged;
      await expect(verifyEvidence(opened.evidence, { anchors, now })).toFailWith("ERR_MALFORMED_RESERVED");
    }
  });

  it("takes the short ranges of the structures in between", async () => {
    const spelling = oldSpelling(forged.evidence.report);
    const values = newSpelling(forged.evidence.report);
    const between = {
      ...spelling,
      _author_key_en: undefined,
      key_info: values.key_info,
      cpuid_fam_id: values.cpuid_fam_id,
      cpuid_mod_id: values.cpuid_mod_id,
      cpuid_step: values.cpuid_step,
      launch_mit_vector: values.launch_mit_vector,
      current_mit_vector: values.current_mit_vector,
      _reserved_1: spelling._reserved_1.slice(3),
      _reserved_4: spelling._reserved_4.slice(16),
    };
    const opened = await openTrusteeSnp(jsonBytes({ attestation_report: between }));
    expect(opened.evidence.report).toEqual(forged.evidence.report);
  });
});
