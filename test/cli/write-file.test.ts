import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { processIo } from "../../src/cli/process-io.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { writeFileWhole } from "../../src/cli/write-file.js";

const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index & 0xff);
const other = Uint8Array.of(1, 2, 3);
const NEW = { replace: false };
const OVER = { replace: true };

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "attestry-write-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileWhole", () => {
  it.each([NEW, OVER])("writes a new file, and leaves nothing else behind: %o", async (options) => {
    await writeFileWhole(at("file"), bytes, options);
    expect(new Uint8Array(readFileSync(at("file")))).toEqual(bytes);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("leaves a file alone that is there, and says so by the system's code", async () => {
    writeFileSync(at("file"), other);
    await expect(writeFileWhole(at("file"), bytes, NEW)).rejects.toMatchObject({ code: "EEXIST" });
    expect(new Uint8Array(readFileSync(at("file")))).toEqual(other);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("writes over it where that is asked for", async () => {
    writeFileSync(at("file"), other);
    await writeFileWhole(at("file"), bytes, OVER);
    expect(new Uint8Array(readFileSync(at("file")))).toEqual(bytes);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("lets one of many writers win, whole", async () => {
    const writers = Array.from({ length: 8 }, (_, index) => new Uint8Array(50_000).fill(index));
    const outcomes = await Promise.allSettled(writers.map((each) => writeFileWhole(at("file"), each, NEW)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    expect(new Uint8Array(readFileSync(at("file")))).toEqual(writers[winner]);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it.each([
    ["EEXIST", NEW],
    ["EISDIR", OVER],
  ] as const)("does not replace a folder: %s", async (code, options) => {
    mkdirSync(at("file"));
    await expect(writeFileWhole(at("file"), bytes, options)).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it.each([NEW, OVER])("makes no folder: %o", async (options) => {
    await expect(writeFileWhole(at("gone/file"), bytes, options)).rejects.toMatchObject({ code: "ENOENT" });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the process", () => {
  it("writes files and makes folders", async () => {
    const io = processIo();
    await io.makeFolder(at("a/b"));
    await io.makeFolder(at("a/b"));
    await io.writeFile(at("a/b/file"), other, NEW);
    expect(new Uint8Array(readFileSync(at("a/b/file")))).toEqual(other);
    await expect(io.makeFolder(at("a/b/file"))).rejects.toMatchObject({ code: "EEXIST" });
  });

  it.each(["http_proxy", "https_proxy"])("blames %s where it is no URL, and does not repeat it", async (name) => {
    vi.stubEnv(name, "user:secret@proxy");
    const opening = processIo().openTransport();
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(new RegExp(`^${name} in the environment must be a URL of http or https$`));
  });

  it("opens a transport that can be closed", async () => {
    const transport = await processIo().openTransport();
    expect(transport).toBeTypeOf("function");
    await transport.close();
    const { signal } = new AbortController();
    const request = { url: "http://127.0.0.1:1/", headers: {}, signal, maxBytes: 1 };
    await expect(transport(request)).rejects.toThrow();
  });
});
