import { describe, expect, it } from "vitest";
import { toBase64 } from "../../src/bytes/codecs.js";
import { BUNDLE_SCHEMA } from "../../src/cli/bundle.js";
import { ERROR_SCHEMA } from "../../src/cli/failure.js";
import { FETCH_SCHEMA } from "../../src/cli/fetch.js";
import { INSPECT_SCHEMA } from "../../src/cli/inspect-json.js";
import { VERIFY_SCHEMA } from "../../src/cli/verify.js";
import { REPORT_VERSIONS } from "../../src/report/layouts.js";
import { createForge, type EvidenceOptions, type ForgeOptions } from "../../src/testing/index.js";
import { corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { forge } from "./forged.js";
import { keyServer } from "./key-server.js";
import { runCli } from "./run-cli.js";
import { commandSchemas, complaints, strictComplaints } from "./schemas.js";

const AT = ["--at", "2026-06-01T00:00:00Z"];
const ARGS = ["verify", "report.bin", "--certs", "certs", "--anchors", "anchor.der", "--json", ...AT];
const ANY = { measurement: "any", reportData: "any", minimumTcb: "any" };
const policy = (snp: object) => JSON.stringify({ version: 1, id: "p", require: { id: "r", reason: "why", snp } });

type Json = Record<string, unknown>;

/** Every place of a value that a key can be taken from. */
function objectsIn(value: unknown): Json[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Json, ...inner];
}

async function verifyJson(evidence: EvidenceOptions, args: readonly string[], snp: object = ANY): Promise<Json> {
  const { files } = await forge({}, evidence);
  const result = await runCli([...ARGS, ...args], { files: { ...files, "policy.json": policy(snp) } });
  expect(result.stderr).toBe("");
  return JSON.parse(result.stdout);
}

describe("schemas", () => {
  it.each([...commandSchemas()])("%s is named by its file and says which draft it is", (name, schema) => {
    expect(schema["$id"]).toBe(`urn:attestry:schema:${name.replace(".v1.schema.json", "")}:v1`);
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema).toMatchObject({ title: expect.any(String), description: expect.any(String) });
  });

  it("are there for everything that the command reads and writes", () => {
    const ids = [...commandSchemas().values()].map(({ $id }) => $id);
    expect(ids).toEqual(
      expect.arrayContaining([INSPECT_SCHEMA, VERIFY_SCHEMA, BUNDLE_SCHEMA, FETCH_SCHEMA, ERROR_SCHEMA]),
    );
    for (const name of ["conformance-request", "conformance-response"])
      expect(ids).toContain(`urn:attestry:schema:${name}:v1`);
  });
});

describe("inspect.v1", () => {
  const inspected = async (report: Uint8Array): Promise<Json> =>
    JSON.parse((await runCli(["inspect", "-", "--json"], { stdin: report })).stdout);

  it.each(REPORT_VERSIONS)("fits version %i of every line, and unknown bits", async (version) => {
    for (const productLine of ["Milan", "Genoa", "Turin"] as const) {
      const maker = await createForge({ seed: "attestry/cli/schemas", productLine });
      const plain = maker.report({ version }).bytes;
      const patch = [
        { offset: 0x00e, bytes: Uint8Array.of(0xff, 0xff) },
        { offset: 0x1eb, bytes: Uint8Array.of(1) },
      ];
      const odd = maker.report({ version, platformInfo: 2n ** 64n - 1n, vmpl: 0xffffffff, patch }).bytes;
      for (const report of [plain, odd]) expect(strictComplaints("inspect", await inspected(report))).toEqual([]);
    }
  });

  it("needs every member, and knows every member", async () => {
    const { bytes } = (await createForge({ seed: "attestry/cli/schemas" })).report();
    const json = await inspected(bytes);
    for (const object of objectsIn(json)) {
      for (const [key, value] of Object.entries(object)) {
        delete object[key];
        // Of a TCB's components two depend on the line.
        if (key !== "fmc" && key !== "spl4") expect(complaints("inspect", json), `without ${key}`).not.toEqual([]);
        object[key] = value;
      }
      object["surprise"] = 1;
      expect(complaints("inspect", json)).toEqual([]);
      expect(strictComplaints("inspect", json)).not.toEqual([]);
      delete object["surprise"];
    }
    expect(strictComplaints("inspect", json)).toEqual([]);
    expect(complaints("inspect", { ...json, verified: true })).not.toEqual([]);
  });

  it.runIf(needs("corpus"))("fits every real report", async () => {
    for (const set of corpusSets().filter((candidate) => candidate.has("report.bin"))) {
      expect(strictComplaints("inspect", await inspected(set.read("report.bin"))), set.id).toEqual([]);
    }
  });
});

describe("verify.v1", () => {
  it.each<[string, EvidenceOptions, readonly string[], object]>([
    ["no policy", {}, ["--signature-only"], ANY],
    ["no policy, a VLEK of Genoa", { signingKey: "VLEK", productLine: "Genoa" }, ["--signature-only"], ANY],
    ["no policy, Turin", { productLine: "Turin" }, ["--signature-only"], ANY],
    ["no policy, no CRL", { omit: ["crl"] }, ["--signature-only", "--revocation", "if-available"], ANY],
    ["no policy, no root", { omit: ["root"] }, ["--signature-only"], ANY],
    ["an accepting policy", {}, ["--policy", "policy.json"], ANY],
    ["a refusing policy", {}, ["--policy", "policy.json"], { ...ANY, vmpl: [3], chipId: ["ab".repeat(64)] }],
  ])("fits %s", async (...[, evidence, args, snp]) => {
    expect(strictComplaints("verify", await verifyJson(evidence, args, snp))).toEqual([]);
  });

  it("ties verdict, appraisal and failures together", async () => {
    const bare = await verifyJson({}, ["--signature-only"]);
    const accepted = await verifyJson({}, ["--policy", "policy.json"]);
    const refused = await verifyJson({}, ["--policy", "policy.json"], { ...ANY, vmpl: [3] });
    for (const json of [bare, accepted, refused]) expect(complaints("verify", json)).toEqual([]);
    expect(complaints("verify", { ...bare, verdict: "accept" })).not.toEqual([]);
    expect(complaints("verify", { ...refused, verdict: "accept" })).not.toEqual([]);
    expect(complaints("verify", { ...accepted, verdict: "genuine, NOT appraised" })).not.toEqual([]);
    const emptied = structuredClone(refused);
    Object.assign(emptied["appraisal"] as Json, { failures: [] });
    expect(complaints("verify", emptied)).not.toEqual([]);
  });
});

describe("bundle.v1 and fetch.v1", () => {
  const kds = keyServer();
  const outputOf = async (verb: string, args: readonly string[], evidence: EvidenceOptions = {}): Promise<Json> => {
    const line = [verb, "report.bin", "--anchors", "anchor.der", "--json", ...args];
    const result = await runCli(line, kds.setting(evidence));
    expect(result.stderr).toBe("");
    return JSON.parse(result.stdout);
  };
  const CERTS = ["--certs", "certs"];
  const KDS = () => ["--kds", kds.url()];

  it.each<[string, readonly string[], EvidenceOptions]>([
    ["a VCEK", CERTS, {}],
    ["a VLEK", CERTS, { signingKey: "VLEK" }],
  ])("a bundle with %s fits", async (_, args, evidence) => {
    const json = await outputOf("bundle", ["--out", "b.bin", ...args], evidence);
    expect(strictComplaints("bundle", json)).toEqual([]);
    expect(json).toMatchObject({ schema: BUNDLE_SCHEMA, path: "b.bin" });
    expect(complaints("bundle", { ...json, parts: (json["parts"] as Json[]).slice(1) })).not.toEqual([]);
    for (const key of Object.keys(json)) {
      const { [key]: _gone, ...rest } = json;
      expect(complaints("bundle", rest), key).not.toEqual([]);
    }
  });

  it("a bundle that was fetched fits", async () => {
    const json = await outputOf("bundle", ["--out", "b.bin", "--fetch", ...KDS()]);
    expect(strictComplaints("bundle", json)).toEqual([]);
    expect((json["parts"] as Json[]).map(({ origin }) => origin)).toEqual(["kds", "kds", "kds", "kds"]);
  });

  it.each<[string, readonly string[], EvidenceOptions]>([
    ["files", [], {}],
    ["files with the CRL", ["--crl"], {}],
    ["files for a VLEK", ["--crl", "--certs", "certs/vlek.der"], { signingKey: "VLEK" }],
    ["a table", ["--format", "table"], {}],
    ["a bundle", ["--format", "bundle"], {}],
  ])("fetched %s fit", async (_, args, evidence) => {
    const json = await outputOf("fetch", ["--out", "out", ...KDS(), ...args], evidence);
    expect(strictComplaints("fetch", json)).toEqual([]);
    expect(json["schema"]).toBe(FETCH_SCHEMA);
    for (const key of Object.keys(json)) {
      const { [key]: _gone, ...rest } = json;
      expect(complaints("fetch", rest), key).not.toEqual([]);
    }
    expect(complaints("fetch", { ...json, files: [] })).not.toEqual([]);
    expect(complaints("fetch", { ...json, revocation: "unavailable" })).not.toEqual([]);
  });
});

describe("error.v1", () => {
  it.each<[string, readonly string[], EvidenceOptions]>([
    ["usage", ["--signature-only", "--revocation", "x"], {}],
    ["untrusted", ["--signature-only"], { report: { signature: "none" } }],
    ["collateral", ["--signature-only"], { omit: ["crl"] }],
    ["malformed", ["--policy", "anchor.der"], {}],
    ["unsupported", ["--signature-only"], { report: { version: 6 } }],
  ])("fits an error of the class %s", async (_, args, evidence) => {
    const { files } = await forge({}, evidence);
    const result = await runCli([...ARGS, ...args], { files });
    const json: Json = JSON.parse(result.stderr);
    expect(strictComplaints("error", json)).toEqual([]);
    expect(json["exitCode"]).toBe(result.code);
    expect(complaints("error", { ...json, exitCode: 0 })).not.toEqual([]);
  });

  it("fits a fault of our own", async () => {
    const fails = { "report.bin": new Error("a fault") };
    const { stderr } = await runCli(["inspect", "report.bin", "--json"], { fails });
    expect(strictComplaints("error", JSON.parse(stderr))).toEqual([]);
  });
});

describe("conformance", () => {
  async function line(options: Omit<ForgeOptions, "seed">, evidence: EvidenceOptions, more: Json = {}): Promise<Json> {
    const { forged } = await forge(options, evidence);
    const { report, certificates = {} } = forged.evidence;
    const parts = Object.entries(certificates).map(([name, der]) => [name, toBase64(der)]);
    const terms = { anchors: forged.anchors.map(toBase64), now: forged.now.toISOString() };
    return { id: 7, report: toBase64(report), ...Object.fromEntries(parts), ...terms, ...more };
  }

  const answer = async (stdin: string): Promise<Json> => JSON.parse((await runCli(["conformance"], { stdin })).stdout);
  const document = { version: 1, id: "p", snp: ANY };

  it("requests and answers fit their schemas", async () => {
    const lines = [
      await line({}, {}),
      await line({ signingKey: "VLEK" }, {}, { id: "a", anchors: "amd", revocation: "skip", productLine: "Milan" }),
      await line({}, {}, { policy: document }),
      await line({}, {}, { policy: { ...document, snp: { ...ANY, vmpl: [3] } } }),
      await line(
        {},
        { report: { signature: "none" } },
        { revocation: { mode: "require", maxStaleMs: 1, maxAgeMs: 9e9 } },
      ),
      await line({}, {}, { policy: 7 }),
      await line({}, {}, { report: "" }),
    ];
    for (const request of lines) {
      expect(strictComplaints("conformance-request", request)).toEqual([]);
      expect(strictComplaints("conformance-response", await answer(`${JSON.stringify(request)}\n`))).toEqual([]);
    }
    expect(strictComplaints("conformance-response", await answer("broken\n"))).toEqual([]);
  });

  it("what the request's schema refuses, the command refuses", async () => {
    const good = await line({}, {});
    const strangers: Json[] = [
      { ...good, surprise: 1 },
      { ...good, id: 1.5 },
      { ...good, id: null },
      { ...good, leaf: null },
      { ...good, report: "A" },
      { ...good, anchors: [] },
      { ...good, anchors: "intel" },
      { ...good, revocation: "never" },
      { ...good, revocation: { mode: "skip", surprise: 1 } },
      { ...good, productLine: "Rome" },
      ...["id", "report", "anchors", "now"].map((name) => ({ ...good, [name]: undefined })),
    ];
    for (const stranger of strangers) {
      const text = JSON.stringify(stranger);
      expect(complaints("conformance-request", JSON.parse(text)), text.slice(-80)).not.toEqual([]);
      expect(await answer(`${text}\n`)).toMatchObject({ verdict: "reject", stage: "parse" });
    }
  });

  it("an answer ties verdict, stage, code and failures together", () => {
    const accept = { id: 1, verdict: "accept", stage: "verify", code: null };
    const reject = { id: 1, verdict: "reject", stage: "verify", code: "ERR_X" };
    expect([accept, reject].flatMap((value) => complaints("conformance-response", value))).toEqual([]);
    for (const wrong of [
      { ...accept, code: "ERR_X" },
      { ...accept, stage: "parse" },
      { ...accept, failures: [] },
      { ...reject, code: null },
      { ...reject, stage: "done" },
      { ...reject, stage: "policy", code: "ERR_POLICY_REJECTED" },
    ]) {
      expect(complaints("conformance-response", wrong), JSON.stringify(wrong)).not.toEqual([]);
    }
  });
});
