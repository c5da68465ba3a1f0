import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readArguments } from "../../src/cli/arguments.js";
import { ID_BLOCK_HELP } from "../../src/cli/id-block-help.js";
import { hexOption, readAuthFile, readBlockFile, readSigner } from "../../src/cli/id-block-input.js";
import { ID_BLOCK_VERIFY_OPTIONS, readIdBlockPlan } from "../../src/cli/id-block-plan.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { counting, pairOf } from "../id-block/support.js";
import { fakeIo } from "./fake-io.js";
import { runCli } from "./run-cli.js";

const plan = (...args: readonly string[]) => readIdBlockPlan(readArguments(args, ID_BLOCK_VERIFY_OPTIONS));
const FILES = ["--block", "b", "--auth", "a"];
const DIGEST = "11".repeat(48);
const ANY = ["--id-key-digest", "any", "--author-key-digest", "any"];

describe("readIdBlockPlan", () => {
  it("is about the signatures alone where there is no report", () => {
    expect(plan(...FILES)).toEqual({ block: "b", auth: "a", json: false, match: null });
    expect(plan(...FILES, "--json").json).toBe(true);
  });

  it("takes every option of a verification with a report", () => {
    const more = ["--certs", "c", "--crl", "l", "--anchors", "r", "--product-line", "Milan", "--revocation", "skip"];
    const { match } = plan("report.bin", ...FILES, ...ANY, ...more, "--at", "2026-06-01T00:00:00Z", "--fetch");
    expect(match).toMatchObject({
      report: "report.bin",
      certs: "c",
      crl: "l",
      anchors: "r",
      productLine: "Milan",
      revocation: "skip",
      at: new Date("2026-06-01T00:00:00Z"),
      kds: { baseUrl: undefined },
      idKeyDigests: "any",
      authorKeyDigests: "any",
    });
    expect(plan("report.bin", ...FILES, ...ANY).match).toMatchObject({ revocation: "require", kds: undefined });
  });

  it("reads lists of digests, in either case", () => {
    const list = `${DIGEST},${"aB".repeat(48)}`;
    const { match } = plan("r", ...FILES, "--id-key-digest", list, "--author-key-digest", DIGEST);
    expect(match?.idKeyDigests).toEqual([new Uint8Array(48).fill(0x11), new Uint8Array(48).fill(0xab)]);
    expect(match?.authorKeyDigests).toEqual([new Uint8Array(48).fill(0x11)]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no block", ["--auth", "a"], /--block is missing/],
    ["no auth", ["--block", "b"], /--auth is missing/],
    ["an empty block", ["--block", "", "--auth", "a"], /--block is missing/],
    ["no ID keys", ["r", ...FILES, "--author-key-digest", "any"], /--id-key-digest is missing/],
    ["no author keys", ["r", ...FILES, "--id-key-digest", "any"], /--author-key-digest is missing/],
    ["zeros", ["r", ...FILES, ...ANY.slice(0, 3), "00".repeat(48)], /--author-key-digest: all zero/],
    ["zeros behind others", ["r", ...FILES, ...ANY.slice(0, 3), `${DIGEST},${"00".repeat(48)}`], /all zero/],
    ["a comma at the end", ["r", ...FILES, ...ANY.slice(0, 3), `${DIGEST},`], /found 0 characters/],
    ["a comma at the start", ["r", ...FILES, ...ANY.slice(0, 3), `,${DIGEST}`], /found 0 characters/],
    ["the word among digests", ["r", ...FILES, ...ANY.slice(0, 3), `any,${DIGEST}`], /found 3 characters/],
    ["the word in capitals", ["r", ...FILES, ...ANY.slice(0, 3), "ANY"], /found 3 characters/],
    ["two digests without comma", ["r", ...FILES, ...ANY.slice(0, 3), DIGEST + DIGEST], /found 192 characters/],
    ["an option said twice", [...FILES, "--block", "c"], /--block stands twice/],
    ["two reports", ["r", "s", ...FILES, ...ANY], /expected one REPORT/],
    ["an empty report", ["", ...FILES, ...ANY], /REPORT is missing/],
    ["block and auth on stdin", ["--block", "-", "--auth", "-"], /only one of the files can be -/],
    ["block and report on stdin", ["-", "--block", "-", "--auth", "a", ...ANY], /only one of the files can be -/],
    ["a server without --fetch", ["r", ...FILES, ...ANY, "--kds", "https://kds.example"], /without --fetch/],
    ["a word of another verb", [...FILES, "--signature-only"], /Unknown option/],
    ["a policy", [...FILES, "--policy", "p"], /Unknown option/],
  ])("refuses %s", (_, args, message) => {
    expect(() => plan(...args)).toThrow(UsageError);
    expect(() => plan(...args)).toThrow(message);
  });

  it.each(Object.keys(ID_BLOCK_VERIFY_OPTIONS))("the help tells of --%s", (name) => {
    expect(ID_BLOCK_HELP).toContain(`--${name}`);
  });
});

describe("hexOption", () => {
  it.each([0, 1, 16, 48])("reads %i bytes", (length) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: length, maxLength: length }), fc.boolean(), (bytes, upper) => {
        const text = Buffer.from(bytes).toString("hex");
        expect(hexOption(upper ? text.toUpperCase() : text, "--x", length)).toEqual(bytes);
      }),
    );
  });

  it("refuses every other text by the option's name", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        fc.pre(!/^[0-9a-f]{32}$/i.test(text));
        expect(() => hexOption(text, "--image-id", 16)).toThrow(
          /^--image-id: expected 32 hex digits \(16 bytes\), found/,
        );
      }),
    );
  });
});

const PAIR = await pairOf();
const spellings = (bytes: Uint8Array): readonly (Uint8Array | string)[] => {
  const buffer = Buffer.from(bytes);
  const [hex, base64] = [buffer.toString("hex"), buffer.toString("base64")];
  return [
    bytes,
    hex,
    hex.toUpperCase(),
    `${hex}\n`,
    base64,
    `${base64}\r\n`,
    base64.replace(/.{76}/g, "$&\n"),
    `  ${hex}`,
  ];
};

describe("reading the structures", () => {
  it("knows every spelling", async () => {
    for (const content of spellings(PAIR.block)) {
      expect(await readBlockFile(fakeIo({ files: { f: content } }).io, "f")).toEqual(PAIR.block);
    }
    for (const content of spellings(PAIR.auth)) {
      expect(await readAuthFile(fakeIo({ files: { f: content } }).io, "f")).toEqual(PAIR.auth);
    }
  });

  it.each<[string, string]>([
    ["hex of a byte less", Buffer.from(PAIR.block.slice(1)).toString("hex")],
    ["hex with a prefix", `0x${Buffer.from(PAIR.block).toString("hex")}`],
    ["base64 in the other alphabet", `${"_".repeat(128)}`],
    ["unpadded base64", "A".repeat(127)],
    ["words", "not an ID block"],
  ])("refuses %s", async (_, content) => {
    const { io } = fakeIo({ files: { f: content } });
    await expect(readBlockFile(io, "f")).toFailWith("ERR_MALFORMED_ENCODING", { what: "ID_BLOCK" });
  });

  it("hands on what is no text, for the parser to refuse", async () => {
    const bytes = counting(95, 200);
    expect(await readBlockFile(fakeIo({ files: { f: bytes } }).io, "f")).toEqual(bytes);
  });
});

describe("reading a key", () => {
  it.each(["--id-key", "--author-key"])("names %s, and nothing of what it found", async (option) => {
    const content = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    const { io } = fakeIo({ files: { k: content } });
    const error: unknown = await readSigner(io, "k", option).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toBe(`UsageError: ${option}: expected a private key on P-384, in PEM and not encrypted`);
    expect((error as UsageError).cause).toBeUndefined();
  });
});

describe("any command line", () => {
  const words = [
    "build",
    "inspect",
    "verify",
    "--block",
    "--auth",
    "--json",
    "--id-key",
    "--policy",
    "b",
    "a",
    "-",
    "--measurement",
    "--at",
    "--fetch",
    "any",
    "--id-key-digest",
    "\u0000",
    "--",
  ];

  it("ends with an exit code and without a fault of our own", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 8 }), async (args) => {
        const { code, stderr } = await runCli(["id-block", ...args], { files: { b: PAIR.block, a: PAIR.auth } });
        expect([0, 1, 2, 6, 7], stderr).toContain(code);
        if (code !== 0) expect(stderr).toMatch(/ERR_/);
      }),
      { numRuns: 300 },
    );
  });

  it("any bytes for block and ID_AUTH are shown or refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, swap) => {
        const files = swap ? { b: PAIR.block, a: bytes } : { b: bytes, a: PAIR.auth };
        for (const verb of ["inspect", "verify"]) {
          const { code, stderr } = await runCli(["id-block", verb, ...FILES], { files });
          expect([0, 2, 6, 7], stderr).toContain(code);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("on a terminal", () => {
  it.each([40, 60, 120])("keeps to %i columns", async (columns) => {
    const files = { b: PAIR.block, a: PAIR.auth };
    const setting = { files, isTerminal: true, columns, env: { NO_COLOR: "1" } };
    for (const verb of ["inspect", "verify"]) {
      const { stdout } = await runCli(["id-block", verb, ...FILES], setting);
      const longest = Math.max(...stdout.split("\n").map((line) => line.length));
      expect(longest).toBeLessThanOrEqual(Math.max(columns, 43));
    }
  });

  it("says in the colour of alarm what has not been checked, and in that of warning what was not compared", async () => {
    const setting = { files: { b: PAIR.block, a: PAIR.auth }, isTerminal: true, columns: 120 };
    const { stdout } = await runCli(["id-block", "inspect", ...FILES], setting);
    expect(stdout.startsWith("\u001b[1;31mUNVERIFIED")).toBe(true);
    const verified = await runCli(["id-block", "verify", ...FILES], setting);
    expect(verified.stdout.startsWith("\u001b[33msignatures hold")).toBe(true);
  });
});
