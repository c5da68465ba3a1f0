import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { createTableSource, createThimSource, type Transport } from "../../src/kds/index.js";
import { createDirectorySource, readSevGuestFiles, readTsmReport } from "../../src/node/index.js";
import { certificateTableEntries, encodeCertificateTable } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { certificatesOf, optionsOf } from "../conformance/evidence.js";
import { type CorpusSet, corpusFile, corpusSet, corpusWhere } from "../support/corpus.js";
import { corpusRoot, needs } from "../support/needs.js";

const folderOf = ({ id }: CorpusSet) => resolve(corpusRoot, "reports", id);
const named = (sets: readonly CorpusSet[]) => sets.map((set) => [set.id, set] as const);
const valid = corpusWhere((expected) => expected === "valid").filter((set) => set.has("report.bin"));
const signed = valid.filter((set) => certificatesOf(set).leaf !== undefined);

/** A report of version 2 does not say its line, and without a certificate nothing else does. */
const told = (set: CorpusSet) => ({ ...optionsOf(set), ...(set.product === null ? {} : { productLine: set.product }) });
const reportAlone = (set: CorpusSet) => ({ report: set.read("report.bin") });

describe.runIf(needs("corpus"))("genuine reports without certificates", () => {
  it("are many", () => expect(signed.length).toBeGreaterThan(15));

  it.each(named(signed))("verify with what a folder has: %s", async (_, set) => {
    const options = { ...told(set), collateral: createDirectorySource(folderOf(set)) };
    expect((await verifyEvidence(reportAlone(set), options)).signingKey).toBe(set.signer);
  });

  it.each(named(signed))("verify with what a table has: %s", async (_, set) => {
    const table = encodeCertificateTable(certificateTableEntries(set.signer, certificatesOf(set)));
    const options = { ...told(set), collateral: createTableSource(table) };
    expect((await verifyEvidence(reportAlone(set), options)).signingKey).toBe(set.signer);
  });

  it.each(["neg-wrongchip-kinvolk", "neg-turin-othertcb", "neg-genoa-report-milan-vcek"])(
    "have nothing from a folder or table of another chip, TCB or line: %s",
    async (id) => {
      const set = corpusSet(id);
      const table = encodeCertificateTable(certificateTableEntries(set.signer, certificatesOf(set)));
      for (const collateral of [createDirectorySource(folderOf(set)), createTableSource(table)]) {
        const options = { ...told(set), collateral };
        await expect(verifyEvidence(reportAlone(set), options)).toFailWith("ERR_COLLATERAL_MISSING");
      }
    },
  );
});

describe.runIf(needs("corpus"))("a genuine answer of THIM", () => {
  it("completes the report of its machine, whose TCB its tcbm spells", async () => {
    const set = corpusSet("sidecar-v2-milan");
    const body = corpusFile(`reports/${set.id}/origin/uvm_host_amd_certificate.json`);
    const transport: Transport = async () => ({ status: 200, headers: {}, body });
    const { crl } = certificatesOf(set);
    const evidence = { ...reportAlone(set), certificates: crl === undefined ? {} : { crl } };
    const collateral = createThimSource({ now: () => set.at, transport });
    const verified = await verifyEvidence(evidence, { ...told(set), collateral });
    expect(verified.tcb.reported).toMatchObject({ bootLoader: 3, snp: 8, microcode: 115 });
  });

  it("has nothing for another machine", async () => {
    const body = corpusFile("reports/sidecar-v2-milan/origin/uvm_host_amd_certificate.json");
    const transport: Transport = async () => ({ status: 200, headers: {}, body });
    const set = corpusSet("trustee-azsnp-v3-milan-a");
    const collateral = createThimSource({ now: () => set.at, transport });
    const verified = verifyEvidence(reportAlone(set), { ...told(set), collateral });
    await expect(verified).toFailWith("ERR_COLLATERAL_MISSING");
  });
});

describe.runIf(needs("corpus"))("genuine files of a guest", () => {
  it.each(named(signed))("open to the report and certificates of their set: %s", async (_, set) => {
    const folder = await mkdtemp(join(tmpdir(), "attestry-guest-"));
    const table = encodeCertificateTable(certificateTableEntries(set.signer, certificatesOf(set)));
    const report = set.read("report.bin");
    const response = Buffer.alloc(4000);
    response.writeUInt32LE(report.length, 4);
    response.set(report, 32);
    const files = { outblob: report, auxblob: table, provider: "sev_guest\n", generation: "1\n", response };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const paths = { response: join(folder, "response"), certificates: join(folder, "auxblob") };
    for (const { evidence } of [await readTsmReport(folder), await readSevGuestFiles(paths)]) {
      expect(evidence).toEqual({ report, certificates: certificatesOf(set) });
      expect((await verifyEvidence(evidence, optionsOf(set))).signingKey).toBe(set.signer);
    }
    await rm(folder, { recursive: true });
  });
});
