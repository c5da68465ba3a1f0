import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { toBase64, toHex } from "../../src/bytes/codecs.js";
import type { EvidenceCertificates } from "../../src/evidence/evidence.js";
import {
  type OpenedEvidence,
  openAzureHcl,
  openBase64,
  openExtendedReport,
  openHex,
  openThim,
  openTinfoil,
  openTrusteeAzSnpVtpm,
  openTrusteeSnp,
} from "../../src/evidence/index.js";
import { nodeEngine } from "../../src/node/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { type CorpusSet, corpusFolder, corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { certificatesOf, optionsOf } from "./evidence.js";

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const json = (bytes: Uint8Array): unknown => JSON.parse(text(bytes));

const originFiles = (set: CorpusSet) => corpusFolder(`reports/${set.id}/origin`);

/** A container of a set, as found or, where only its content was published, put together again. */
interface Sample {
  readonly name: string;
  readonly open: () => Promise<OpenedEvidence<object>>;
  /** The certificates that the container must bring. */
  readonly brings: readonly (keyof EvidenceCertificates)[];
}

/** The files below a set's origin/ with a member that tells the container; wrapped ones are taken out. */
function jsonFiles(set: CorpusSet, isOne: (value: Record<string, unknown>) => boolean) {
  return originFiles(set)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const value = json(set.read(`origin/${name}`)) as Record<string, unknown>;
      if (isOne(value)) return [{ name, bytes: set.read(`origin/${name}`), value }];
      const inside = value["evidence"] as Record<string, unknown> | undefined;
      if (inside === undefined || !isOne(inside)) return [];
      return [{ name, bytes: utf8.encode(JSON.stringify(inside)), value: inside }];
    });
}

const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${toBase64(der).replaceAll(/(.{64})/g, "$1\n")}\n-----END ${label}-----\n`;

/** The text of a set's report as found, or as the report would be written. */
function textOf(set: CorpusSet, found: RegExp, written: string): string {
  const name = originFiles(set).find((file) => found.test(file));
  return name === undefined ? written : text(set.read(`origin/${name}`));
}

/** THIM's answer, put together from the VCEK that it gave and the CA certificates of its line. */
function thimAnswer(set: CorpusSet): string {
  const { intermediate = new Uint8Array(), root = new Uint8Array() } = certificatesOf(set);
  const answer = {
    vcekCert: pem("CERTIFICATE", set.read("origin/imds-vcek.der")),
    tcbm: toHex(set.read("report.bin").slice(0x180, 0x188).reverse()),
    certificateChain: pem("CERTIFICATE", intermediate) + pem("CERTIFICATE", root),
    cacheControl: "86400",
  };
  return JSON.stringify(answer);
}

/** tinfoil's documents: in the bundle that was found, else around the body that a conformance input quotes. */
function tinfoilDocuments(set: CorpusSet): readonly Sample[] {
  const bundles = jsonFiles(set, (value) => "enclaveAttestationReport" in value).map(({ name, bytes, value }) => ({
    name,
    open: () => openTinfoil(bytes),
    brings: "vcek" in value ? (["leaf"] as const) : [],
  }));
  const format = "https://tinfoil.sh/predicate/sev-snp-guest/v2";
  if (bundles.length > 0) return bundles;
  // Beside input.json lie the inputs of other sets, broken on purpose.
  const inputs = jsonFiles(set, (value) => "attestation_doc_b64" in value);
  return inputs
    .filter(({ name }) => name === "input.json")
    .map(({ name, value }) => ({
      name,
      open: () => openTinfoil(JSON.stringify({ format, body: value["attestation_doc_b64"] })),
      brings: [],
    }));
}

const azSamples = (set: CorpusSet, isOne: (value: Record<string, unknown>) => boolean): readonly Sample[] =>
  jsonFiles(set, isOne).map(({ name, bytes, value }) => ({
    name,
    open: () => openTrusteeAzSnpVtpm(bytes),
    brings:
      typeof value["vcek"] === "string" && value["vcek"].split("-----BEGIN").length > 2
        ? ["leaf", "intermediate", "root"]
        : ["leaf"],
  }));

/** The containers that are opened here, by the tag of the index. */
const CONTAINERS: Readonly<Record<string, (set: CorpusSet) => readonly Sample[]>> = {
  "raw-bin": (set) => [{ name: "report.bin", open: () => openExtendedReport(set.read("report.bin")), brings: [] }],
  "hex-text": (set) => {
    const found = textOf(set, /(?<!certs_valid)\.hex$/, toHex(set.read("report.bin")));
    return [{ name: "hex", open: () => openHex(found), brings: [] }];
  },
  "base64-text": (set) => {
    const found = textOf(set, /\.txt$/, toBase64(set.read("report.bin")));
    return [{ name: "base64", open: () => openBase64(found), brings: [] }];
  },
  "azure-hcl": (set) => [
    { name: "azure/hcl-report.bin", open: () => openAzureHcl(set.read("azure/hcl-report.bin")), brings: [] },
  ],
  "az-snp-evidence-v0": (set) => azSamples(set, (value) => "quote" in value && "report" in value),
  "az-snp-evidence-v1": (set) => azSamples(set, (value) => value["version"] === 1 && "hcl_report" in value),
  thim: (set) => [
    {
      name: "answer",
      open: () => openThim({ report: set.read("report.bin"), thim: thimAnswer(set) }),
      brings: ["leaf", "intermediate", "root"],
    },
  ],
  "trustee-snp-json": (set) =>
    jsonFiles(set, (value) => "attestation_report" in value).map(({ name, bytes }) => ({
      name,
      open: () => openTrusteeSnp(bytes),
      brings: ["leaf"],
    })),
  "tinfoil-doc": (set) => {
    const format = "https://tinfoil.sh/predicate/sev-snp-guest/v2";
    const body = toBase64(gzipSync(set.read("report.bin")));
    return [{ name: "document", open: () => openTinfoil(JSON.stringify({ format, body })), brings: [] }];
  },
  "tinfoil-doc-v2": tinfoilDocuments,
};

/** Opened in containers-a.test.ts. */
const ELSEWHERE: readonly string[] = [
  "cert-table",
  "msg-report-rsp",
  "configfs-tsm-json",
  "configfs-tsm-cbor",
  "ratsd-cmw",
  "go-sev-guest-pb",
];

/** Tags that say where a set is from, or what else lies beside its report, and name no container of evidence. */
const OUT_OF_SCOPE: Readonly<Record<string, string>> = {
  negative: "broken on purpose",
  bulk: "many reports of one source",
  "cert-only": "no report",
  "cross-pair": "a report and somebody else's certificate",
  synthetic: "edited reports",
  "tpm-quote": "a quote, which is no evidence of SEV-SNP by itself",
  "go-test": "bytes in Go source",
  "oak-binarypb": "Oak's own protobuf",
  "oak-textproto": "Oak's own protobuf, as text",
  "snp-evidence-json": "fields in the JSON of one tool",
  "automata-json": "base64 in the JSON of one tool",
  "solidity-hex": "bytes in Solidity source",
  "uvm-cose": "Microsoft's endorsement of a utility VM, beside a report",
  "tinfoil-bundle": "says that the document of the set came in a bundle; opened as tinfoil-doc-v2",
};

const samples = corpusSets().flatMap((set) =>
  set.formats
    .filter((tag) => Object.hasOwn(CONTAINERS, tag))
    .flatMap((tag) => (CONTAINERS[tag]?.(set) ?? []).map((sample) => ({ tag, set, ...sample }))),
);

const named = samples.map((sample) => [`${sample.tag} ${sample.set.id} ${sample.name}`, sample] as const);

describe.runIf(needs("corpus"))("containers of the corpus", () => {
  it("are all opened somewhere, or said to be none", () => {
    const known = [...Object.keys(CONTAINERS), ...ELSEWHERE, ...Object.keys(OUT_OF_SCOPE)];
    expect(new Set(known).size).toBe(known.length);
    const tags = new Set(corpusSets().flatMap(({ formats }) => formats));
    expect([...tags].filter((tag) => !known.includes(tag))).toEqual([]);
    for (const tag of Object.keys(CONTAINERS)) {
      for (const set of corpusSets().filter(({ formats }) => formats.includes(tag))) {
        const found = samples.filter((sample) => sample.tag === tag && sample.set === set);
        expect(found.length, `${tag} ${set.id}`).toBeGreaterThan(0);
      }
    }
  });

  it.each(named)("%s opens to the report and the certificates of its set", async (_, { set, open, brings }) => {
    const { evidence } = await open();
    expect(evidence.report).toEqual(set.read("report.bin"));
    const own = certificatesOf(set);
    expect(Object.keys(evidence.certificates ?? {}).sort()).toEqual([...brings].sort());
    for (const role of brings) expect(evidence.certificates?.[role], role).toEqual(own[role]);
  });

  it.each(named)("%s verifies as its set does", async (_, { set, open }) => {
    const { evidence } = await open();
    const certificates = { ...certificatesOf(set), ...evidence.certificates };
    const verification = verifyEvidence({ ...evidence, certificates }, { ...optionsOf(set), engine: nodeEngine });
    if (set.expected === "valid") expect((await verification).productLine).toBe(set.product);
    else await expect(verification).toFailWith("ERR_COLLATERAL_MISSING");
  });

  const azure = corpusSets().filter(({ formats }) => formats.includes("azure-hcl"));

  it.each(azure.map((set) => [set.id, set] as const))("%s brings what lies beside its HCL report", async (_, set) => {
    const { claims } = await openAzureHcl(set.read("azure/hcl-report.bin"));
    expect(claims.runtimeData).toEqual(set.read("azure/runtime.json"));
    expect(claims.keys.map(({ kid, modulus }) => [kid, modulus.length])).toEqual([
      ["HCLAkPub", 256],
      ["HCLEkPub", 256],
    ]);
    expect(claims.userData).toHaveLength(64);
    const quotes = await Promise.all(
      [...azSamples(set, (value) => "quote" in value), ...azSamples(set, (value) => "tpm_quote" in value)].map(
        async ({ open }) => (await open()).claims,
      ),
    );
    expect(quotes.length).toBeGreaterThan(0);
    const own = { message: set.read("azure/tpm-quote.msg"), signature: set.read("azure/tpm-quote.sig") };
    expect(quotes.map((each) => "quote" in each && each.quote)).toContainEqual(expect.objectContaining(own));
  });
});
