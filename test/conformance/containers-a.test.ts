import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import {
  type EvidenceCertificates,
  type OpenedEvidence,
  openConfigfsTsm,
  openExtendedReport,
  openGoSevGuest,
  openMsgReportRsp,
  openRatsd,
  openTsmCbor,
  openTsmJson,
} from "../../src/evidence/index.js";
import { parseReport } from "../../src/report/report.js";
import { certificateTableEntries, encodeCertificateTable } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { attestationOf, messageOf, reportFields } from "../evidence/support/attestation.js";
import { type CorpusSet, corpusSet, corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { certificatesOf, optionsOf, setsThatEnd } from "./evidence.js";

type Open = (set: CorpusSet) => Promise<OpenedEvidence<unknown>>;
type Roles = readonly (keyof EvidenceCertificates)[];

/** Report and table as the extended request hands them out; the corpus keeps them in two files. */
const extended: Open = (set) => openExtendedReport(concatBytes(set.read("report.bin"), set.read("auxblob.bin")));
const configfs: Open = (set) =>
  openConfigfsTsm({ outblob: set.read("report.bin"), auxblob: set.read("auxblob.bin"), provider: "sev_guest\n" });

const LEAF: Roles = ["leaf"];
const CHAIN: Roles = ["leaf", "intermediate", "root"];

/** Every container of the corpus in these formats: by its tag in the index, its set, and what it has inside. */
const CONTAINERS: readonly (readonly [format: string, id: string, what: string, open: Open, roles: Roles])[] = [
  ["cert-table", "constellation-aws-v2-vlek-test", "extended report", extended, LEAF],
  ["cert-table", "constellation-aws-v2-vlek-test", "configfs files", configfs, LEAF],
  ["cert-table", "veraison-v3-genoa-tsm", "extended report", extended, CHAIN],
  ["cert-table", "veraison-v3-genoa-tsm", "configfs files", configfs, CHAIN],
  [
    "msg-report-rsp",
    "lit-v2-milan-msgresp",
    "ioctl buffer",
    (set) => openMsgReportRsp(set.read("origin/snp_report_msg_resp.bin")),
    [],
  ],
  [
    "configfs-tsm-json",
    "veraison-v3-genoa-tsm",
    "JSON",
    (set) => openTsmJson(set.read("origin/sevsnp-tsm-report.json")),
    CHAIN,
  ],
  [
    "configfs-tsm-cbor",
    "veraison-v3-genoa-tsm",
    "CBOR",
    (set) => openTsmCbor(set.read("origin/sevsnp-tsm-report.cbor")),
    CHAIN,
  ],
  ["ratsd-cmw", "veraison-v3-genoa-tsm", "token", (set) => openRatsd(set.read("origin/sevsnp-ratsd-token")), CHAIN],
  [
    "ratsd-cmw",
    "veraison-v3-genoa-tsm",
    "early token",
    (set) => openRatsd(set.read("origin/443cb964-sevsnp-ratsd-token")),
    CHAIN,
  ],
  ["go-sev-guest-pb", "reclaim-aws-v5-vlek-pb", "message", (set) => openGoSevGuest(set.read("attestation.pb")), LEAF],
];

function pick(certificates: EvidenceCertificates, roles: Roles): EvidenceCertificates {
  return Object.fromEntries(roles.map((role) => [role, certificates[role]]));
}

describe.runIf(needs("corpus"))("the containers of the corpus", () => {
  it("are all here", () => {
    for (const format of new Set(CONTAINERS.map(([name]) => name))) {
      const sets = corpusSets().filter(({ formats }) => formats.includes(format));
      const opened = CONTAINERS.filter(([name]) => name === format).map(([, id]) => id);
      expect(new Set(opened), format).toEqual(new Set(sets.map(({ id }) => id)));
    }
  });

  it.each(CONTAINERS)("%s of %s (%s) opens to the files of its set", async (_, id, _what, open, roles) => {
    const set = corpusSet(id);
    const { evidence } = await open(set);
    expect(evidence.report).toEqual(set.read("report.bin"));
    expect(evidence.certificates ?? {}).toEqual(pick(certificatesOf(set), roles));
  });

  it.each(CONTAINERS)("%s of %s (%s) ends as its set does", async (_, id, _what, open) => {
    const set = corpusSet(id);
    const { evidence } = await open(set);
    const verifying = verifyEvidence(
      { ...evidence, certificates: { ...certificatesOf(set), ...evidence.certificates } },
      optionsOf(set),
    );
    if (set.expected !== "valid") return expect(verifying).toFailWith("ERR_COLLATERAL_MISSING", { role: "leaf" });
    const verified = await verifying;
    expect(verified.reportBytes).toEqual(set.read("report.bin"));
    expect(verified.productLine).toBe(set.product);
  });

  it("say in their claims what stands beside the evidence", async () => {
    const veraison = corpusSet("veraison-v3-genoa-tsm");
    const { claims } = await openRatsd(veraison.read("origin/sevsnp-ratsd-token"));
    const { reportData } = parseReport(veraison.read("report.bin"));
    expect(claims.nonces).toEqual([Buffer.from(reportData).toString("base64url")]);
    expect(claims.cmw.items.map(({ label }) => label)).toEqual(["tsm-report"]);
    const { claims: google } = await openGoSevGuest(corpusSet("reclaim-aws-v5-vlek-pb").read("attestation.pb"));
    expect(google).toEqual({ product: "Milan", stepping: 1, extras: [], firmwareCertificate: null });
  });
});

describe.runIf(needs("corpus"))("genuine evidence put into a container", () => {
  const genuine = setsThatEnd("valid").map((set) => [set.id, set] as const);

  it.each(genuine)("%s comes out of an extended report as it went in, and verifies", async (_, set) => {
    const certificates = certificatesOf(set);
    const table = encodeCertificateTable(certificateTableEntries(set.signer, certificates));
    const { evidence } = await openExtendedReport(concatBytes(set.read("report.bin"), table));
    expect(evidence).toEqual({ report: set.read("report.bin"), certificates });
    await expect(verifyEvidence(evidence, optionsOf(set))).resolves.toBeDefined();
  });

  it.each(genuine)("%s loses nothing when go-sev-guest's message spells it out", async (_, set) => {
    const { leaf = new Uint8Array(0), intermediate, root } = certificatesOf(set);
    const chain = messageOf({
      ...(intermediate === undefined ? {} : { 2: intermediate }),
      ...(root === undefined ? {} : { 3: root }),
      [set.signer === "VCEK" ? 1 : 6]: leaf,
    });
    const { evidence } = await openGoSevGuest(attestationOf(messageOf(reportFields(set.read("report.bin"))), chain));
    expect(evidence.report).toEqual(set.read("report.bin"));
    expect(evidence.certificates).toEqual({ ...certificatesOf(set), crl: undefined });
  });
});
