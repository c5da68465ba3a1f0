import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Cache } from "../../src/kds/types.js";
import { decodeEntry, encodeEntry, entryFileName } from "../../src/node/cache-entry.js";
import { createFileCache, type FileCacheOptions } from "../../src/node/index.js";

const root = await mkdtemp(join(tmpdir(), "attestry-file-cache-"));
afterAll(() => rm(root, { recursive: true }));

let folder = root;
let turn = 0;
beforeEach(() => {
  folder = join(root, String(turn++), "cache");
});

const NOW = Date.UTC(2026, 5, 1);
const now = () => new Date(NOW);
const later = (ms = 1) => ({ expiresAt: new Date(NOW + ms) });
const bytes = Uint8Array.from({ length: 1400 }, (_, index) => index);
const open = (options: FileCacheOptions = {}) => createFileCache(folder, { now, ...options });
const fileOf = (key: string) => join(folder, entryFileName(key));
const entries = async () => (await readdir(folder)).filter((name) => name.endsWith(".entry"));

describe("a file cache", () => {
  it("gives back what it was given, also to another one on the folder", async () => {
    const cache = open();
    expect(await cache.get("key")).toBeUndefined();
    await cache.set("key", bytes, later());
    expect(await cache.get("key")).toEqual(bytes);
    expect(await open().get("key")).toEqual(bytes);
    expect(await cache.get("another")).toBeUndefined();
  });

  it("replaces an entry, and keeps one without content", async () => {
    const cache = open();
    await cache.set("key", bytes, later());
    await cache.set("key", new Uint8Array(), later());
    expect(await cache.get("key")).toEqual(new Uint8Array());
    expect(await entries()).toHaveLength(1);
  });

  it("takes a copy before anything can change it", async () => {
    const own = bytes.slice();
    const done = open().set("key", own, later());
    own.fill(0);
    await done;
    expect(await open().get("key")).toEqual(bytes);
  });

  it("forgets at the time of expiry, not before", async () => {
    let time = NOW;
    const cache = open({ now: () => new Date(time) });
    await cache.set("key", bytes, { expiresAt: new Date(NOW + 10) });
    time = NOW + 9;
    expect(await cache.get("key")).toEqual(bytes);
    time = NOW + 10;
    expect(await cache.get("key")).toBeUndefined();
  });

  it("never had what expired before 1970", async () => {
    await open().set("key", bytes, { expiresAt: new Date(-1) });
    expect(await open().get("key")).toBeUndefined();
  });

  it("asks the machine's clock where it is given none", async () => {
    const cache = createFileCache(folder);
    await cache.set("key", bytes, { expiresAt: new Date(Date.now() + 60_000) });
    await cache.set("old", bytes, { expiresAt: new Date(Date.now() - 1) });
    expect(await cache.get("key")).toEqual(bytes);
    expect(await cache.get("old")).toBeUndefined();
  });

  it("stays in its folder whatever a key says", async () => {
    const keys = ["../../escape", "/etc/passwd", "a/b", "..", ".", "", "\0", "ключ", "x".repeat(4096), "C:\\x"];
    const cache = open();
    for (const [index, key] of keys.entries()) await cache.set(key, Uint8Array.of(index), later());
    for (const [index, key] of keys.entries()) expect(await cache.get(key), key).toEqual(Uint8Array.of(index));
    expect((await readdir(folder)).every((name) => /^[0-9a-f]{64}\.entry$/.test(name))).toBe(true);
    expect(await readdir(join(folder, ".."))).toEqual(["cache"]);
  });

  it.each(["\ud800", "\udfff", "a\udc00\ud800"])("takes no key that has no UTF-8: %j", async (key) => {
    const cache = open();
    // What UTF-8 has in the place of a lone surrogate is a key of its own.
    const written = key.replaceAll(/[\ud800-\udfff]/g, "\ufffd");
    await cache.set(written, bytes, later());
    await expect(cache.set(key, Uint8Array.of(7), later())).rejects.toBeInstanceOf(TypeError);
    await expect(cache.get(key)).rejects.toBeInstanceOf(TypeError);
    expect(await cache.get(written)).toEqual(bytes);
  });

  it("writes for its owner alone", async () => {
    await open().set("key", bytes, later());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(fileOf("key"))).mode & 0o777).toBe(0o600);
  });

  it("keeps its place when the process goes elsewhere", async () => {
    const before = process.cwd();
    await mkdir(folder, { recursive: true });
    process.chdir(folder);
    const cache = createFileCache("inner", { now });
    process.chdir(before);
    await cache.set("key", bytes, later());
    expect(await readdir(join(folder, "inner"))).toHaveLength(1);
  });

  it("bears many writers of one key at a time", async () => {
    const values = Array.from({ length: 40 }, (_, index) => bytes.map((byte) => byte ^ index));
    await Promise.all(values.map((value) => open().set("key", value, later())));
    expect(values).toContainEqual(await open().get("key"));
    expect(await readdir(folder)).toEqual([entryFileName("key")]);
  });
});

describe("a file that is not as it was written", () => {
  const write = async (change: (file: Buffer) => Uint8Array | Promise<unknown>) => {
    const cache = open();
    await cache.set("key", bytes, later());
    const changed = await change(await readFile(fileOf("key")));
    if (changed instanceof Uint8Array) await writeFile(fileOf("key"), changed);
    return cache;
  };
  const isMiss = async (cache: Cache) => {
    expect(await cache.get("key")).toBeUndefined();
    await cache.set("key", bytes, later());
    expect(await cache.get("key")).toEqual(bytes);
  };

  it.each<[string, (file: Buffer) => Uint8Array]>([
    ["empty", () => new Uint8Array()],
    ["cut in its head", (file) => file.subarray(0, 20)],
    ["cut in its content", (file) => file.subarray(0, 700)],
    ["cut by a byte", (file) => file.subarray(0, -1)],
    ["longer by a byte", (file) => Buffer.concat([file, Buffer.alloc(1)])],
    ["of zeros, as after a crash", (file) => Buffer.alloc(file.length)],
    ["half of zeros", (file) => Buffer.concat([file.subarray(0, 600), Buffer.alloc(file.length - 600)])],
    ["much too long", () => Buffer.alloc(5_000_000)],
    ["of another key", () => Buffer.from(encodeEntry({ key: "other", expiresAt: NOW + 1, bytes }))],
    ["of the next version", (file) => resealed(file, (body) => body.write("2", 15))],
    ["of a content that is longer than the file", (file) => resealed(file, (body) => body.writeUInt32BE(1401, 29))],
    ["of a key that is longer than the file", (file) => resealed(file, (body) => body.writeUInt32BE(2 ** 32 - 1, 25))],
    ["with key and content shared out otherwise", (file) => resealed(file, moveBorder)],
  ])("is a miss: %s", async (_, change) => await isMiss(await write(change)));

  it("is a miss: any bit of it turned", () => {
    const file = Buffer.from(encodeEntry({ key: "key", expiresAt: NOW + 1, bytes: bytes.subarray(0, 40) }));
    expect(decodeEntry(file)).not.toBeNull();
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const turned = Buffer.from(file);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeEntry(turned), `bit ${bit}`).toBeNull();
    }
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a link to a sound entry", () => rm(fileOf("key")).then(() => symlink(fileOf("other"), fileOf("key")))],
    ["a link to nowhere", () => rm(fileOf("key")).then(() => symlink("/nowhere/at/all", fileOf("key")))],
    ["a link to a device", () => rm(fileOf("key")).then(() => symlink("/dev/zero", fileOf("key")))],
    [
      "a pipe that nobody writes to",
      () => rm(fileOf("key")).then(() => execFileSync("mkfifo", [fileOf("key")], { encoding: "utf8" })),
    ],
  ])("is a miss: %s", async (_, change) => {
    await open().set("other", bytes, later());
    await isMiss(await write(change));
  });

  it("is a miss: a folder, which stays one", async () => {
    const cache = await write(() => rm(fileOf("key")).then(() => mkdir(fileOf("key"))));
    expect(await cache.get("key")).toBeUndefined();
    await expect(cache.set("key", bytes, later())).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect((await readdir(folder)).filter((name) => name.endsWith(".writing"))).toEqual([]);
  });

  it("is never anything but a miss or itself, whatever stands there", async () => {
    await open().set("key", bytes, later());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (noise) => {
        await writeFile(fileOf("key"), noise);
        expect(await open().get("key")).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  function resealed(file: Buffer, change: (body: Buffer) => unknown): Buffer {
    const body = Buffer.from(file.subarray(0, -32));
    change(body);
    return Buffer.concat([body, createHash("sha256").update(body).digest()]);
  }

  /** A key of one letter more, a content of one byte less: the same length, whole and sealed. */
  function moveBorder(body: Buffer): void {
    body.writeUInt32BE(4, 25);
    body.writeUInt32BE(1399, 29);
  }
});

describe("what cannot be read or written", () => {
  it("is a miss where there is no folder, and where the folder is a file", async () => {
    expect(await createFileCache("/nowhere/at/all").get("key")).toBeUndefined();
    expect(await createFileCache("/dev/null").get("key")).toBeUndefined();
  });

  it("rejects at writing, and leaves nothing half-written", async () => {
    await expect(createFileCache("/dev/null").set("key", bytes, later())).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(createFileCache("/dev/null/x").set("key", bytes, later())).rejects.toThrow(/ENOTDIR/);
  });

  it("is a miss where the file may not be read", async () => {
    const cache = open();
    await cache.set("key", bytes, later());
    await chmod(fileOf("key"), 0);
    // Root may read everything.
    expect(await cache.get("key")).toEqual(process.getuid?.() === 0 ? bytes : undefined);
  });
});

describe("the limits", () => {
  const age = (key: string, days: number) => {
    const time = new Date(Date.now() - days * 86_400_000);
    return utimes(fileOf(key), time, time);
  };

  it("drop the oldest entries when there are too many", async () => {
    const cache = open({ maxEntries: 10 });
    for (let index = 0; index < 10; index++) {
      await cache.set(`key ${index}`, bytes, later());
      await age(`key ${index}`, 20 - index);
    }
    expect(await entries()).toHaveLength(10);
    await cache.set("key 10", bytes, later());
    expect(await entries()).toHaveLength(9);
    expect(await cache.get("key 0")).toBeUndefined();
    expect(await cache.get("key 1")).toBeUndefined();
    expect(await cache.get("key 2")).toEqual(bytes);
    expect(await cache.get("key 10")).toEqual(bytes);
  });

  it("drop the oldest entries when they are too long together", async () => {
    const cache = open({ maxBytes: 10_000 });
    for (let index = 0; index < 30; index++) {
      await cache.set(`key ${index}`, bytes, later());
      await age(`key ${index}`, 60 - index);
    }
    const sizes = await Promise.all((await entries()).map(async (name) => (await stat(join(folder, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(10_000);
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    expect(await cache.get("key 29")).toEqual(bytes);
  });

  it("hold for what other processes wrote before", async () => {
    const many = open();
    for (let index = 0; index < 20; index++) await many.set(`key ${index}`, bytes, later());
    await open({ maxEntries: 5 }).set("last", bytes, later());
    expect((await entries()).length).toBeLessThanOrEqual(5);
    expect(await many.get("last")).toEqual(bytes);
  });

  it("leave one entry where only one may be", async () => {
    const cache = open({ maxEntries: 1 });
    for (let index = 0; index < 5; index++) {
      await cache.set(`key ${index}`, bytes, later());
      await age(`key ${index}`, 9 - index);
    }
    expect(await entries()).toHaveLength(1);
    expect(await cache.get("key 4")).toEqual(bytes);
  });

  it.each([
    ["an entry in place of another costs no look at all the others", "key 2", true],
    ["a further entry does", "key 3", false],
  ])("when all places are taken, %s", async (_, key, isLeft) => {
    const cache = open({ maxEntries: 3 });
    for (let index = 0; index < 3; index++) await cache.set(`key ${index}`, bytes, later());
    const left = join(folder, "11111111-1111-4111-8111-111111111111.writing");
    await writeFile(left, "x");
    await utimes(left, new Date(0), new Date(0));
    await cache.set(key, bytes, later());
    expect(await cache.get(key)).toEqual(bytes);
    expect((await readdir(folder)).includes("11111111-1111-4111-8111-111111111111.writing")).toBe(isLeft);
  });

  it("count an entry that grows in its place", async () => {
    const cache = open({ maxBytes: 2500 });
    for (const key of ["a", "b", "c"]) await cache.set(key, new Uint8Array(600), later());
    expect(await entries()).toHaveLength(3);
    await cache.set("a", new Uint8Array(1500), later());
    expect((await entries()).length).toBeLessThan(3);
    expect(await cache.get("a")).toHaveLength(1500);
  });

  it("hold while many write at a time", async () => {
    const cache = open({ maxEntries: 20 });
    const writes = Array.from({ length: 200 }, (_, index) => cache.set(`key ${index}`, bytes, later()));
    await Promise.all(writes);
    await cache.set("last", bytes, later());
    expect((await entries()).length).toBeLessThanOrEqual(20);
  });

  it("do not keep what is too long for one entry, and keep what is just not", async () => {
    const cache = open({ maxEntryBytes: 1400 });
    await cache.set("longer", new Uint8Array(1401), later());
    await cache.set("just", bytes, later());
    expect(await cache.get("longer")).toBeUndefined();
    expect(await cache.get("just")).toEqual(bytes);
    await open({ maxBytes: 100 }).set("longer", bytes, later());
    expect(await cache.get("longer")).toBeUndefined();
  });

  it("sweep away what a killed writer left, and nothing that is young or of another name", async () => {
    await mkdir(folder, { recursive: true });
    const [old, young] = [1, 2].map((digit) => `${String(digit).repeat(8)}-1111-4111-8111-111111111111.writing`);
    const names = [old, young, "notes.txt", "entry"].map((name) => join(folder, String(name)));
    for (const name of names) {
      await writeFile(name, "x");
      const time = new Date(Date.now() - (name.includes("22222222") ? 1000 : 3_600_000));
      await utimes(name, time, time);
    }
    await open({ maxEntries: 1 }).set("key", bytes, later());
    expect((await readdir(folder)).sort()).toEqual([String(young), entryFileName("key"), "entry", "notes.txt"].sort());
  });
});

describe("arguments of a file cache", () => {
  it.each<[string, unknown, unknown]>([
    ["a folder that is no text", 7, {}],
    ["no folder", "", {}],
    ["a folder with a zero in it", "a\0b", {}],
    ["an unknown option", "a", { max: 1 }],
    ["no entries", "a", { maxEntries: 0 }],
    ["half a byte", "a", { maxBytes: 0.5 }],
    ["a limit as text", "a", { maxEntryBytes: "64" }],
    ["a clock that is none", "a", { now: new Date() }],
  ])("are refused: %s", (_, directory, options) => {
    expect(() => createFileCache(directory as string, options as FileCacheOptions)).toThrow(TypeError);
  });

  it.each<[string, (cache: Cache) => unknown]>([
    ["a key that is no text", (cache) => cache.get(7 as unknown as string)],
    ["a key without end", (cache) => cache.get("x".repeat(4097))],
    ["a key without end, written", (cache) => cache.set("x".repeat(4097), bytes, later())],
    ["bytes that are none", (cache) => cache.set("key", "abc" as unknown as Uint8Array, later())],
    ["no time", (cache) => cache.set("key", bytes, { expiresAt: new Date(Number.NaN) })],
    ["a time that is a number", (cache) => cache.set("key", bytes, { expiresAt: NOW as unknown as Date })],
  ])("are refused by its functions: %s", async (_, call) => {
    await expect(call(open())).rejects.toBeInstanceOf(TypeError);
  });

  it("are refused where the clock goes wrong", async () => {
    await open().set("key", bytes, later());
    await expect(open({ now: () => new Date(Number.NaN) }).get("key")).rejects.toBeInstanceOf(TypeError);
  });
});
