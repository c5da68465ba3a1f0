import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromBase64, fromHex, toBase64, toHex } from "../../src/bytes/codecs.js";
import { ID_BLOCK_BUILD_SCHEMA } from "../../src/cli/id-block-build.js";
import { ID_BLOCK_INSPECT_SCHEMA } from "../../src/cli/id-block-inspect.js";
import { ID_BLOCK_VERIFY_SCHEMA } from "../../src/cli/id-block-verify.js";
import { keyDigest, verifyIdAuth } from "../../src/id-block/index.js";
import { nodeSigner } from "../../src/node/signer.js";
import { createForge, type ReportOptions } from "../../src/testing/index.js";
import { AUTHOR_SIGNER, fieldsWith, flipped, ID_SIGNER, pairOf, patched } from "../id-block/support.js";
import { filesOf } from "./forged.js";
import { runCli } from "./run-cli.js";
import { commandSchemas, complaints, strictComplaints } from "./schemas.js";

const LD = "ab".repeat(48);
const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey;
const pem = (key: KeyObject, type: "pkcs8" | "sec1" = "pkcs8") => String(key.export({ format: "pem", type }));
const [ID_KEY, AUTHOR_KEY] = [ec("P-384"), ec("P-384")];
const KEYS = { "id.pem": pem(ID_KEY), "author.pem": pem(AUTHOR_KEY) };
const BUILD = ["id-block", "build", "--measurement", LD, "--policy", "0x30000", "--id-key", "id.pem"];

const digestOf = async (key: KeyObject): Promise<string> => toHex(await keyDigest(nodeSigner(key).publicKey));
const linesOf = (stdout: string): Record<string, string> =>
  Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

describe("attestry id-block", () => {
  it.each([
    ["id-block", "--help"],
    ["id-block", "build", "--help"],
    ["id-block", "inspect", "--help"],
    ["id-block", "verify", "--help"],
  ])("%s %s shows the help", async (...args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^attestry id-block: /);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
  });

  it.each<[readonly string[], RegExp]>([
    [["id-block"], /a verb of id-block is missing: build, inspect, verify/],
    [["id-block", "sign"], /expected one of build, inspect, verify after id-block, found sign/],
    [["id-block", "--json"], /after id-block, found --json/],
  ])("%j is a usage error", async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(args.includes("--json") ? /found --json/ : message);
  });
});

describe("attestry id-block build", () => {
  it("prints a pair whose signatures hold, and the digests", async () => {
    const more = ["--author-key", "author.pem", "--family-id", "01".repeat(16), "--image-id", "02".repeat(16)];
    const { code, stdout, stderr } = await runCli([...BUILD, ...more, "--guest-svn", "9"], { files: KEYS });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = linesOf(stdout);
    expect(Object.keys(lines)).toEqual(["id-block", "id-auth", "id-key-digest", "author-key-digest"]);
    const pair = { block: fromBase64(lines["id-block"] ?? ""), auth: fromBase64(lines["id-auth"] ?? "") };
    const { block, idKeyDigest, authorKeyDigest } = await verifyIdAuth(pair);
    expect(lines["id-key-digest"]).toBe(toHex(idKeyDigest));
    expect(lines["author-key-digest"]).toBe(toHex(authorKeyDigest ?? new Uint8Array(0)));
    expect([lines["id-key-digest"], lines["author-key-digest"]]).toEqual([
      await digestOf(ID_KEY),
      await digestOf(AUTHOR_KEY),
    ]);
    expect(block).toMatchObject({
      measurement: fromHex(LD),
      familyId: fromHex("01".repeat(16)),
      imageId: fromHex("02".repeat(16)),
      guestSvn: 9,
      policy: { raw: 0x30000n },
    });
  });

  it("leaves out what is not asked for", async () => {
    const { stdout } = await runCli(BUILD, { files: KEYS });
    const lines = linesOf(stdout);
    expect(Object.keys(lines)).toEqual(["id-block", "id-auth", "id-key-digest"]);
    expect(fromBase64(lines["id-block"] ?? "").slice(48, 0x58)).toEqual(patched(new Uint8Array(40), 32, 1));
  });

  it("reads SEC1 keys, keys on stdin, and policies without 0x", async () => {
    const args = BUILD.map((arg) => (arg === "id.pem" ? "-" : arg.replace(/^0x/, "")));
    const { code, stdout } = await runCli(args, { stdin: pem(ID_KEY, "sec1") });
    expect(code).toBe(0);
    expect(linesOf(stdout)["id-key-digest"]).toBe(await digestOf(ID_KEY));
  });

  it("--json fits its schema, with and without author key", async () => {
    for (const more of [[], ["--author-key", "author.pem"]]) {
      const { stdout } = await runCli([...BUILD, "--json", ...more], { files: KEYS });
      const json = JSON.parse(stdout);
      expect(strictComplaints("id-block-build", json)).toEqual([]);
      expect(json.schema).toBe(ID_BLOCK_BUILD_SCHEMA);
      expect(json.authorKeyDigest === null).toBe(more.length === 0);
      expect(complaints("id-block-build", { ...json, auth: json.block })).not.toEqual([]);
    }
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no measurement", ["--measurement", ""], /--measurement is missing/],
    ["a short measurement", ["--measurement", "ab"], /--measurement: expected 96 hex digits \(48 bytes\), found 2/],
    ["no hex", ["--measurement", "xy".repeat(48)], /--measurement: expected 96 hex digits .* found xyxy/],
    ["a measurement of zeros", ["--measurement", "00".repeat(48)], /measurement must not be all zero/],
    ["no policy", ["--policy", ""], /--policy is missing/],
    ["a policy that is no hex", ["--policy", "strict"], /--policy: expected up to 16 hex digits/],
    ["a policy of 65 bits", ["--policy", "0x10000000000030000"], /--policy: expected up to 16 hex digits/],
    ["a policy without bit 17", ["--policy", "0x10000"], /policy must have bit 17 set/],
    ["a family id of 15 bytes", ["--family-id", "01".repeat(15)], /--family-id: expected 32 hex digits/],
    ["an image id of 17 bytes", ["--image-id", "01".repeat(17)], /--image-id: expected 32 hex digits/],
    ["an SVN below zero", ["--guest-svn=-1"], /--guest-svn: expected a whole number/],
    ["an SVN of 33 bits", ["--guest-svn", "4294967296"], /guestSvn must be a whole number/],
    ["no ID key", ["--id-key", ""], /--id-key is missing/],
    ["a key that is not there", ["--id-key", "gone.pem"], /cannot read gone\.pem: no such file/],
    ["an author key that is not there", ["--author-key", "gone.pem"], /cannot read gone\.pem/],
    ["two keys on stdin", ["--id-key", "-", "--author-key", "-"], /only one of the files can be -/],
    ["an operand", ["report.bin"], /expected no operand, found report\.bin/],
    ["an unknown option", ["--force"], /Unknown option '--force'/],
  ])("refuses %s", async (_, more, message) => {
    const named = more.map((arg) => arg.split("=")[0]);
    const kept = BUILD.filter((_arg, at) => !named.includes(BUILD[at]) && !named.includes(BUILD[at - 1]));
    const { code, stdout, stderr } = await runCli([...kept, ...more], { files: KEYS });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it.each<[string, string]>([
    [
      "a public key",
      String(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "pem", type: "spki" })),
    ],
    ["P-256", pem(ec("P-256"))],
    ["P-521", pem(ec("P-521"))],
    ["RSA", pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)],
    ["Ed25519", pem(generateKeyPairSync("ed25519").privateKey)],
    [
      "an encrypted key",
      String(ID_KEY.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "secret" })),
    ],
    ["nothing", ""],
    ["no PEM", "key"],
  ])("refuses %s as a key, and says nothing of it", async (_, content) => {
    for (const option of ["--id-key", "--author-key"]) {
      const args = option === "--id-key" ? BUILD.map((arg) => (arg === "id.pem" ? "k" : arg)) : [...BUILD, option, "k"];
      const { code, stdout, stderr } = await runCli(args, { files: { ...KEYS, k: content } });
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      const usage = `attestry: ERR_USAGE: ${option}: expected a private key on P-384, in PEM and not encrypted`;
      expect(stderr.split("\n")[0]).toBe(usage);
    }
  });

  it("prints nothing of a private key, whatever happens", async () => {
    const scalar = Buffer.from(String(createPrivateKey(KEYS["id.pem"]).export({ format: "jwk" }).d), "base64url");
    const runs = [
      BUILD,
      [...BUILD, "--json"],
      [...BUILD, "--author-key", "id.pem"],
      [...BUILD, "--author-key", "gone"],
    ];
    for (const args of runs) {
      const { stdout, stderr } = await runCli(args, { files: KEYS });
      for (const form of ["hex", "base64", "base64url"] as const) {
        expect(stdout + stderr).not.toContain(scalar.toString(form).replaceAll("=", ""));
      }
      expect(stdout + stderr).not.toContain("PRIVATE KEY");
    }
  });

  it("refuses a key file that is too big", async () => {
    const { code, stderr } = await runCli(BUILD, { files: { "id.pem": "x".repeat(16_385) } });
    expect(code).toBe(6);
    expect(stderr).toContain("ERR_MALFORMED_LENGTH");
  });
});

const PAIR = await pairOf();
const ALONE = await pairOf({ author: false });
const PAIR_FILES = { b: PAIR.block, a: PAIR.auth };
const INSPECT = ["id-block", "inspect", "--block", "b"];

describe("attestry id-block inspect", () => {
  it("shows the fields of a block, and the keys of its ID_AUTH", async () => {
    const { code, stdout, stderr } = await runCli([...INSPECT, "--auth", "a"], { files: PAIR_FILES });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^UNVERIFIED: /);
    expect(stdout).toMatch(/^ +GUEST_SVN +7$/m);
    expect(stdout).toMatch(/^ +POLICY +0x30000$/m);
    expect(stdout.replaceAll(/\s/g, "")).toContain(toHex(await keyDigest(ID_SIGNER.publicKey)));
    expect(stdout.replaceAll(/\s/g, "")).toContain(toHex(await keyDigest(AUTHOR_SIGNER.publicKey)));
    const alone = await runCli(INSPECT, { files: PAIR_FILES });
    expect(alone.stdout).not.toContain("ID_KEY_DIGEST");
    const without = await runCli([...INSPECT, "--auth", "a"], { files: { b: ALONE.block, a: ALONE.auth } });
    expect(without.stdout).toMatch(/^ +Author key +none$/m);
  });

  it("names DEBUG", async () => {
    const { block } = await pairOf({ fields: fieldsWith({ policy: 0xb0000n }) });
    expect((await runCli(INSPECT, { files: { b: block } })).stdout).toMatch(/POLICY +0xb0000 +DEBUG is allowed/);
  });

  it("reads raw bytes, hex and base64, wrapped or not", async () => {
    const { stdout } = await runCli([...INSPECT, "--auth", "a"], { files: PAIR_FILES });
    const wrap = (text: string) => (text.match(/.{1,60}/g) ?? []).join("\n");
    for (const spell of [
      toHex,
      toBase64,
      (bytes: Uint8Array) => wrap(toHex(bytes)),
      (bytes: Uint8Array) => wrap(toBase64(bytes)),
    ]) {
      const files = { b: spell(PAIR.block), a: spell(PAIR.auth) };
      expect((await runCli([...INSPECT, "--auth", "a"], { files })).stdout).toBe(stdout);
    }
    const piped = ["id-block", "inspect", "--block", "-", "--auth", "a"];
    expect((await runCli(piped, { files: PAIR_FILES, stdin: PAIR.block })).stdout).toBe(stdout);
  });

  it("--json fits its schema and says what is there", async () => {
    for (const [pair, author] of [
      [PAIR, true],
      [ALONE, false],
    ] as const) {
      const { stdout } = await runCli([...INSPECT, "--auth", "a", "--json"], {
        files: { b: pair.block, a: pair.auth },
      });
      const json = JSON.parse(stdout);
      expect(strictComplaints("id-block-inspect", json)).toEqual([]);
      expect(json).toMatchObject({ schema: ID_BLOCK_INSPECT_SCHEMA, verified: false, block: { guestSvn: 7 } });
      expect(json.auth.author !== null).toBe(author);
      expect(json.auth.idKey.digest).toBe(toHex(await keyDigest(ID_SIGNER.publicKey)));
      expect(complaints("id-block-inspect", { ...json, verified: true })).not.toEqual([]);
    }
    const { stdout } = await runCli([...INSPECT, "--json"], { files: PAIR_FILES });
    expect(JSON.parse(stdout).auth).toBeNull();
  });

  it.each<[string, Record<string, Uint8Array | string>, readonly string[], number, string]>([
    ["no block", {}, ["id-block", "inspect"], 1, "--block is missing"],
    ["an operand", PAIR_FILES, [...INSPECT, "a"], 1, "expected no operand"],
    ["two files on stdin", {}, ["id-block", "inspect", "--block", "-", "--auth", "-"], 1, "only one of the files"],
    ["a block of 95 bytes", { b: PAIR.block.slice(1) }, INSPECT, 6, "ERR_MALFORMED_LENGTH"],
    ["a block of version 2", { b: patched(PAIR.block, 0x50, 2) }, INSPECT, 7, "ERR_UNSUPPORTED_ID_BLOCK"],
    ["text of another length", { b: "abcd" }, INSPECT, 6, "ERR_MALFORMED_ENCODING"],
    ["hex with a stray digit", { b: `x${toHex(PAIR.block).slice(1)}` }, INSPECT, 6, "ERR_MALFORMED_ENCODING"],
    [
      "ID_AUTH with a reserved byte",
      { b: PAIR.block, a: patched(PAIR.auth, 8, 1) },
      [...INSPECT, "--auth", "a"],
      6,
      "ERR_MALFORMED_RESERVED",
    ],
    ["a block in the place of ID_AUTH", PAIR_FILES, [...INSPECT, "--auth", "b"], 6, "ERR_MALFORMED_LENGTH"],
    ["a file that is too big", { b: "0".repeat(16_385) }, INSPECT, 6, "ERR_MALFORMED_LENGTH"],
  ])("refuses %s", async (_, files, args, code, text) => {
    const result = await runCli(args, { files });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    expect(result.stderr).toContain(text);
  });
});

const VERIFY = ["id-block", "verify", "--block", "b", "--auth", "a"];

describe("attestry id-block verify without a report", () => {
  it("says that the signatures hold, and that nothing was compared", async () => {
    const { code, stdout, stderr } = await runCli(VERIFY, { files: PAIR_FILES });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe("signatures hold, NOT compared with a report");
    const json = JSON.parse((await runCli([...VERIFY, "--json"], { files: PAIR_FILES })).stdout);
    expect(strictComplaints("id-block-verify", json)).toEqual([]);
    expect(json).toMatchObject({ schema: ID_BLOCK_VERIFY_SCHEMA, checks: null, evidence: null });
    expect(json.idKeyDigest).toBe(toHex(await keyDigest(ID_SIGNER.publicKey)));
    expect(complaints("id-block-verify", { ...json, verdict: "match" })).not.toEqual([]);
    const alone = await runCli([...VERIFY, "--json"], { files: { b: ALONE.block, a: ALONE.auth } });
    expect(JSON.parse(alone.stdout).authorKeyDigest).toBeNull();
  });

  it.each<[string, Record<string, Uint8Array>]>([
    ["another block", { b: flipped(PAIR.block, 0), a: PAIR.auth }],
    ["another signature of the block", { b: PAIR.block, a: flipped(PAIR.auth, 8 * 0x40) }],
    ["another signature of the author", { b: PAIR.block, a: flipped(PAIR.auth, 8 * 0x680) }],
  ])("ends with 2 for %s", async (_, files) => {
    const { code, stdout, stderr } = await runCli(VERIFY, { files });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("ERR_UNTRUSTED_ID_BLOCK_SIGNATURE");
  });

  it.each([
    ["--id-key-digest", "any"],
    ["--author-key-digest", "any"],
    ["--certs", "certs"],
    ["--fetch", undefined],
    ["--at", "2026-06-01T00:00:00Z"],
    ["--revocation", "skip"],
    ["--anchors", "anchor.der"],
  ])("refuses %s, which nothing would look at", async (option, value) => {
    const more = value === undefined ? [option] : [option, value];
    const { code, stderr } = await runCli([...VERIFY, ...more], { files: PAIR_FILES });
    expect(code).toBe(1);
    expect(stderr).toContain(`${option} is about a report; name one, or leave it out`);
  });

  it("wants both files", async () => {
    expect((await runCli(["id-block", "verify", "--block", "b"], { files: PAIR_FILES })).stderr).toContain("--auth is");
    expect((await runCli(["id-block", "verify", "--auth", "a"], { files: PAIR_FILES })).stderr).toContain("--block is");
  });
});

describe("attestry id-block verify with a report", () => {
  const at = ["--at", "2026-06-01T00:00:00Z"];
  const where = ["report.bin", "--certs", "certs", "--anchors", "anchor.der", ...at];
  const any = ["--id-key-digest", "any", "--author-key-digest", "any"];

  async function launched(change: ReportOptions = {}) {
    const digests = {
      idKeyDigest: await keyDigest(ID_SIGNER.publicKey),
      authorKeyDigest: await keyDigest(AUTHOR_SIGNER.publicKey),
    };
    const maker = await createForge({ seed: "attestry/cli/id-block" });
    const forged = maker.evidence({ report: { ...fieldsWith(), ...digests, keyInfo: 1, ...change } });
    return { files: { ...filesOf(forged), ...PAIR_FILES }, digests };
  }

  it("lists every check and ends with 0 for the guest of the block", async () => {
    const { files, digests } = await launched();
    const trust = [
      "--id-key-digest",
      `${"11".repeat(48)},${toHex(digests.idKeyDigest)}`,
      "--author-key-digest",
      toHex(digests.authorKeyDigest).toUpperCase(),
    ];
    const { code, stdout, stderr } = await runCli([...VERIFY, ...where, ...trust], { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe("match");
    expect(stdout).toMatch(/^ +idKeyDigest\.trusted +pass/m);
    const json = JSON.parse((await runCli([...VERIFY, ...where, ...trust, "--json"], { files })).stdout);
    expect(strictComplaints("id-block-verify", json)).toEqual([]);
    expect(json).toMatchObject({ verdict: "match", idKeyDigest: toHex(digests.idKeyDigest) });
    expect(json.checks).toHaveLength(12);
    for (const verdict of ["mismatch", "signatures hold, NOT compared with a report"]) {
      expect(complaints("id-block-verify", { ...json, verdict })).not.toEqual([]);
    }
  });

  it.each<[string, ReportOptions, readonly string[]]>([
    ["measurement", { measurement: new Uint8Array(48).fill(9) }, any],
    ["guestSvn", { guestSvn: 8 }, any],
    ["policy", { policy: 0xb0000n }, any],
    ["idKeyDigest.trusted", {}, ["--id-key-digest", "11".repeat(48), "--author-key-digest", "any"]],
    ["authorKeyDigest.trusted", {}, ["--id-key-digest", "any", "--author-key-digest", "11".repeat(48)]],
  ])("ends with 2 where %s fails", async (id, change, trust) => {
    const { files } = await launched(change);
    const { code, stdout } = await runCli([...VERIFY, ...where, ...trust], { files });
    expect(code).toBe(2);
    expect(stdout.split("\n")[0]).toBe("mismatch");
    const json = JSON.parse((await runCli([...VERIFY, ...where, ...trust, "--json"], { files })).stdout);
    expect(strictComplaints("id-block-verify", json)).toEqual([]);
    const failures = json.checks.filter(({ outcome }: { outcome: string }) => outcome === "fail");
    expect(failures.map((check: { id: string }) => check.id)).toEqual([id]);
    expect(complaints("id-block-verify", { ...json, verdict: "match" })).not.toEqual([]);
  });

  it("judges by the machine's clock, a named line and a guest without author key", async () => {
    const { files } = await launched({ keyInfo: 0, authorKeyDigest: new Uint8Array(48) });
    const args = [...VERIFY, "report.bin", "--certs", "certs", "--anchors", "anchor.der", ...any, "--json"];
    const setting = { files: { ...files, b: ALONE.block, a: ALONE.auth }, now: new Date("2026-06-01T00:00:00Z") };
    const { code, stdout } = await runCli([...args, "--product-line", "Milan"], setting);
    expect(code).toBe(0);
    expect(strictComplaints("id-block-verify", JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "match", authorKeyDigest: null });
    const other = await runCli([...args, "--product-line", "Turin"], setting);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("ERR_UNTRUSTED_PRODUCT_LINE");
    const amd = await runCli([...VERIFY, "report.bin", "--certs", "certs", ...any], setting);
    expect(amd.code).toBe(2);
    expect(amd.stderr).toContain("ERR_UNTRUSTED_ROOT");
  });

  it("compares nothing with a report that does not verify", async () => {
    const files: Record<string, Uint8Array> = (await launched()).files;
    const report = flipped(files["report.bin"] ?? new Uint8Array(1184), 8 * 0x90);
    const { code, stdout, stderr } = await runCli([...VERIFY, ...where, ...any], {
      files: { ...files, "report.bin": report },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no ID keys", ["--author-key-digest", "any"], /--id-key-digest is missing/],
    ["no author keys", ["--id-key-digest", "any"], /--author-key-digest is missing/],
    ["zeros", ["--id-key-digest", "00".repeat(48), "--author-key-digest", "any"], /all zero is what a report without/],
    ["a short digest", ["--id-key-digest", "00", "--author-key-digest", "any"], /expected 96 hex digits/],
    ["an empty item", ["--id-key-digest", `${"11".repeat(48)},`, "--author-key-digest", "any"], /found 0 characters/],
    ["another word", ["--id-key-digest", "all", "--author-key-digest", "any"], /expected 96 hex digits/],
    ["two files on stdin", [...any, "--certs", "-", "--crl", "-"], /only one of the files can be/],
    ["two reports", [...any, "second.bin"], /expected one REPORT/],
    ["a mode that there is not", [...any, "--revocation", "never"], /--revocation: expected/],
  ])("refuses %s", async (_, more, message) => {
    const { files } = await launched();
    const { code, stdout, stderr } = await runCli([...VERIFY, "report.bin", ...more], { files });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
  });
});

it("its schemas are among those of the command", () => {
  const ids = [...commandSchemas().values()].map(({ $id }) => $id);
  expect(ids).toEqual(expect.arrayContaining([ID_BLOCK_BUILD_SCHEMA, ID_BLOCK_INSPECT_SCHEMA, ID_BLOCK_VERIFY_SCHEMA]));
});
