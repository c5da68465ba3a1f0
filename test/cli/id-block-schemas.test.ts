import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { keyDigest } from "../../src/id-block/index.js";
import { createForge } from "../../src/testing/index.js";
import { AUTHOR_SIGNER, fieldsWith, ID_SIGNER, pairOf } from "../id-block/support.js";
import { filesOf } from "./forged.js";
import { runCli } from "./run-cli.js";
import { complaints, strictComplaints } from "./schemas.js";

type Json = Record<string, unknown>;

const FILES = ["--block", "b", "--auth", "a"];
const WHERE = ["report.bin", "--certs", "certs", "--anchors", "anchor.der", "--at", "2026-06-01T00:00:00Z"];
const ANY = ["--id-key-digest", "any", "--author-key-digest", "any"];

/** Every object of a value, but those of evidence, which have a schema and tests of their own. */
function objectsIn(value: unknown): Json[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  const inner = Object.entries(value).flatMap(([name, item]) => (name === "evidence" ? [] : objectsIn(item)));
  return [value as Json, ...inner];
}

const outputs = new Map<string, { schema: string; json: Json }>();

beforeAll(async () => {
  const key = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ format: "pem", type: "pkcs8" });
  const pair = await pairOf();
  const digests = {
    idKeyDigest: await keyDigest(ID_SIGNER.publicKey),
    authorKeyDigest: await keyDigest(AUTHOR_SIGNER.publicKey),
  };
  const maker = await createForge({ seed: "attestry/cli/id-block/schemas" });
  const forged = maker.evidence({ report: { ...fieldsWith(), ...digests, keyInfo: 1 } });
  const files = { k: String(key), b: pair.block, a: pair.auth, ...filesOf(forged) };
  const build = ["build", "--measurement", "ab".repeat(48), "--policy", "30000", "--id-key", "k"];
  const strict = ["--id-key-digest", "11".repeat(48), "--author-key-digest", toHex(digests.authorKeyDigest)];
  const runs: readonly (readonly [string, string, readonly string[]])[] = [
    ["a block without author", "id-block-build", build],
    ["a block with author", "id-block-build", [...build, "--author-key", "k"]],
    ["an inspection", "id-block-inspect", ["inspect", ...FILES]],
    ["an inspection of a block alone", "id-block-inspect", ["inspect", "--block", "b"]],
    ["signatures", "id-block-verify", ["verify", ...FILES]],
    ["a match", "id-block-verify", ["verify", ...WHERE, ...FILES, ...ANY]],
    ["a mismatch", "id-block-verify", ["verify", ...WHERE, ...FILES, ...strict]],
  ];
  for (const [title, schema, args] of runs) {
    const { stdout, stderr } = await runCli(["id-block", ...args, "--json"], { files });
    expect(stderr, title).toBe("");
    outputs.set(title, { schema, json: JSON.parse(stdout) });
  }
});

/** The output of a run, and the name of its schema. */
function output(title: string): { schema: string; json: Json } {
  const found = outputs.get(title);
  if (found === undefined) throw new Error(`no run ${title}`);
  return { schema: found.schema, json: structuredClone(found.json) };
}

const TITLES = [
  "a block without author",
  "a block with author",
  "an inspection",
  "an inspection of a block alone",
  "signatures",
  "a match",
  "a mismatch",
];

describe.each(TITLES)("%s", (title) => {
  it("fits its schema to the last member", () => {
    const { schema, json } = output(title);
    expect(strictComplaints(schema, json)).toEqual([]);
    expect(json["schema"]).toBe(`urn:attestry:schema:${schema}:v1`);
  });

  it("needs every member, and surprises nobody with another", () => {
    const { schema, json } = output(title);
    for (const object of objectsIn(json)) {
      for (const [name, value] of Object.entries(object)) {
        delete object[name];
        expect(complaints(schema, json), `without ${name}`).not.toEqual([]);
        object[name] = value;
      }
      object["surprise"] = 1;
      expect(complaints(schema, json)).toEqual([]);
      expect(strictComplaints(schema, json)).not.toEqual([]);
      delete object["surprise"];
    }
    expect(strictComplaints(schema, json)).toEqual([]);
  });

  it("is refused by the schemas of the others", () => {
    const { schema, json } = output(title);
    for (const other of ["id-block-build", "id-block-inspect", "id-block-verify", "inspect", "verify"]) {
      if (other !== schema) expect(complaints(other, json), other).not.toEqual([]);
    }
  });

  it("has digests as a report has them", () => {
    const { schema, json } = output(title);
    for (const name of ["idKeyDigest", "authorKeyDigest"]) {
      if (typeof json[name] !== "string") continue;
      for (const wrong of ["", "00", `${json[name]}00`, String(json[name]).toUpperCase().replaceAll(/\d/g, "A"), 5]) {
        expect(complaints(schema, { ...json, [name]: wrong }), `${name} ${wrong}`).not.toEqual([]);
      }
    }
  });
});

describe("the schema of verify", () => {
  it.each([
    ["signatures", "match"],
    ["signatures", "mismatch"],
    ["a match", "mismatch"],
    ["a match", "signatures hold, NOT compared with a report"],
    ["a mismatch", "match"],
    ["a mismatch", "signatures hold, NOT compared with a report"],
    ["a match", "accept"],
    ["a match", true],
  ])("ties checks and evidence of %s to the verdict: refuses %s", (title, verdict) => {
    const { schema, json } = output(title);
    expect(complaints(schema, { ...json, verdict })).not.toEqual([]);
  });

  it("does not let a match be without checks, or a check without outcome", () => {
    const { schema, json } = output("a match");
    for (const checks of [null, [], [{}]]) expect(complaints(schema, { ...json, checks })).not.toEqual([]);
    expect(complaints(schema, { ...json, evidence: null })).not.toEqual([]);
    const [first] = json["checks"] as Json[];
    expect(complaints(schema, { ...json, checks: [{ ...first, outcome: "waived" }] })).not.toEqual([]);
    expect(complaints(schema, { ...json, checks: [{ ...first, outcome: "fail" }] })).not.toEqual([]);
  });
});
