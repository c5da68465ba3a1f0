import { gzipSync } from "node:zlib";
import { type Base, type Bases, SEED } from "../../../scripts/vectors/bases.js";
import { bindReportData } from "../../../src/binding/bind.js";
import { concatBytes, toBase64, toHex } from "../../../src/bytes/codecs.js";
import type { PolicyDocument, SnpBlock } from "../../../src/policy/schema.js";
import { reportToJson } from "../../../src/report/json.js";
import { parseReport } from "../../../src/report/report.js";
import { certificateTableEntries, encodeCertificateTable } from "../../../src/testing/index.js";
import { corpusSets } from "../../support/corpus.js";
import { vectorFile, vectorJson } from "../../vectors/files.js";
import { opened } from "../suite/containers.js";
import type { ContainerQuestion, Input, Launch, PolicyQuestion, Question } from "../suite/input.js";
import { appraised } from "../suite/policy.js";
import { BlobPool, forgedQuestions, question, realQuestions } from "./questions.js";
import { kdsQuestions } from "./servers.js";

const utf8 = new TextEncoder();

/** Containers of the corpus that take third-party code or the runtime's own decompressor. */
const REAL_CONTAINERS: readonly (readonly [id: string, file: string, opener: string])[] = [
  ["veraison-v3-genoa-tsm", "origin/sevsnp-tsm-report.json", "openTsmJson"],
  ["veraison-v3-genoa-tsm", "origin/sevsnp-tsm-report.cbor", "openTsmCbor"],
  ["veraison-v3-genoa-tsm", "origin/sevsnp-ratsd-token", "openRatsd"],
  ["reclaim-aws-v5-vlek-pb", "attestation.pb", "openGoSevGuest"],
];

function tinfoilDocument(body: Uint8Array): Uint8Array {
  const format = "https://tinfoil.sh/predicate/sev-snp-guest/v2";
  return utf8.encode(JSON.stringify({ format, body: toBase64(body) }));
}

function forgedContainers({ made, signingKey }: Base): (readonly [string, string, Uint8Array])[] {
  const { report, certificates = {} } = made.evidence;
  const table = encodeCertificateTable(certificateTableEntries(signingKey, certificates));
  const packed = new Uint8Array(gzipSync(report));
  const pem = `-----BEGIN SEV SNP ATTESTATION REPORT-----\n${toBase64(report)}\n-----END SEV SNP ATTESTATION REPORT-----\n`;
  return [
    ["report and table", "openExtendedReport", concatBytes(report, table)],
    ["report and half a table", "openExtendedReport", concatBytes(report, table.subarray(0, table.length / 2))],
    ["gzip", "openTinfoil", tinfoilDocument(packed)],
    ["gzip of a report and a byte", "openTinfoil", tinfoilDocument(gzipSync(concatBytes(report, Uint8Array.of(0))))],
    ["gzip cut short", "openTinfoil", tinfoilDocument(packed.subarray(0, packed.length - 9))],
    ["gzip and a byte", "openTinfoil", tinfoilDocument(concatBytes(packed, Uint8Array.of(0)))],
    ["two gzips", "openTinfoil", tinfoilDocument(concatBytes(packed, packed))],
    [
      "gzip with a wrong checksum",
      "openTinfoil",
      tinfoilDocument(packed.map((byte, at) => (at === packed.length - 8 ? byte ^ 1 : byte))),
    ],
    ["no gzip", "openTinfoil", tinfoilDocument(report)],
    ["hex", "openHex", utf8.encode(toHex(report))],
    ["PEM", "openPem", utf8.encode(pem)],
  ];
}

async function containers(pool: BlobPool, base: Base): Promise<ContainerQuestion[]> {
  const known = corpusSets();
  const real = REAL_CONTAINERS.flatMap(([id, file, opener]) =>
    known.filter((set) => set.id === id).map((set) => [`${id}, ${file}`, opener, set.read(file)] as const),
  );
  return await Promise.all(
    [...forgedContainers(base), ...real].map(async ([name, opener, bytes]) => ({
      name: `${opener}: ${name}`,
      opener,
      bytes: pool.add(bytes),
      expected: await opened(opener, bytes),
    })),
  );
}

const ANY = { measurement: "any", reportData: "any", minimumTcb: "any" } as const;

/** Blocks of policies with the verdict on forged evidence that names a key and a nonce. */
const BLOCKS: Readonly<Record<string, readonly ["accept" | "reject", SnpBlock]>> = {
  "takes all": ["accept", ANY],
  "wants the scheme": ["accept", { ...ANY, reportData: { scheme: "attestry-v1" } }],
  "wants another measurement": ["reject", { ...ANY, measurement: ["ab".repeat(48)] }],
  "wants VMPL 3": ["reject", { ...ANY, vmpl: [3] }],
  "wants another product line": ["reject", { ...ANY, productLine: ["Turin"] }],
};

async function policies(pool: BlobPool, bases: readonly Base[]): Promise<PolicyQuestion[]> {
  const bound = { nonce: toBase64(new Uint8Array(32).fill(7)), publicKey: toBase64(new Uint8Array(97).fill(4)) };
  const parts = { nonce: new Uint8Array(32).fill(7), publicKey: new Uint8Array(97).fill(4) };
  const reportData = (await bindReportData("attestry-v1", parts)).bytes;
  const questions = bases
    .filter(({ productLine, signingKey }) => productLine !== "Turin" && signingKey === "VCEK")
    .flatMap((base) => Object.entries(BLOCKS).map(([title, [verdict, snp]]) => ({ base, title, verdict, snp })));
  return await Promise.all(
    questions.map(async ({ base, title, verdict, snp }) => {
      const { evidence, now, anchors } = base.forge.evidence({ report: { version: base.version, reportData } });
      const asked = { name: base.name, evidence, options: { now, anchors }, ends: "accepted" };
      const document: PolicyDocument = { version: 1, id: "runtimes", snp };
      const name = `a policy that ${title}, on ${base.name}`;
      const posed = { name, document, evidence: await question(pool, asked), bound };
      const { policy, appraisal } = await appraised({ blobs: pool.list() }, posed);
      if (appraisal.verdict !== verdict) throw new Error(`${name} must ${verdict}`);
      return { ...posed, digest: policy.digest, expected: JSON.stringify(appraisal) };
    }),
  );
}

function launches(): Launch[] {
  const { testGroups } = vectorJson<{ testGroups: { type: string; tests: Launch[] }[] }>("measure/launch.json");
  return testGroups.find(({ type }) => type === "launch")?.tests ?? [];
}

function reports(pool: BlobPool, questions: readonly Question[], blobs: readonly string[]): Input["reports"] {
  const named = new Map<number, string>();
  for (const { name, report, expected } of questions) {
    if (report !== null && (expected.startsWith("{") || expected === "ERR_COLLATERAL_MISSING")) named.set(report, name);
  }
  return [...named].map(([report, name]) => {
    const bytes = Uint8Array.from(Buffer.from(blobs[report] ?? "", "base64"));
    return { name, report: pool.add(bytes), expected: JSON.stringify(reportToJson(parseReport(bytes))) };
  });
}

/** Everything that the runtimes are asked, with the answers of Node and OpenSSL. `kds` are the servers by name. */
export async function makeInput(named: Bases, kds: Readonly<Record<string, string>>): Promise<Input> {
  const pool = new BlobPool();
  const bases = Object.values(named);
  const milan = named["milan-vcek"];
  const real = await realQuestions(pool);
  const forged = await forgedQuestions(pool, bases);
  const rest = {
    reports: reports(pool, [...real, ...forged], pool.list()),
    containers: await containers(pool, milan),
    policies: await policies(pool, bases),
    kds: await kdsQuestions(pool, milan, kds),
    firmware: pool.add(vectorFile("measure/firmware.bin")),
    launches: launches(),
    forges: bases.map(({ name, productLine, signingKey, version }) => {
      const evidence = forged.find((one) => one.name === name);
      if (evidence === undefined) throw new Error(`no evidence of ${name}`);
      return { seed: SEED, productLine, signingKey, reportVersion: version, evidence };
    }),
  };
  return { blobs: pool.list(), real, forged, ...rest };
}
