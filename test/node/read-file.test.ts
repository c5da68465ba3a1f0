import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { MalformedError } from "../../src/errors.js";
import { fileErrorCode, readPlainFile } from "../../src/node/read-file.js";

const folder = await mkdtemp(join(tmpdir(), "attestry-read-"));
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

describe("readPlainFile", () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
    "reads all of %d bytes, and not with a byte less allowed",
    async (length) => {
      const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
      await writeFile(at("file"), bytes);
      expect(await readPlainFile(at("file"), length)).toEqual({ bytes });
      expect(await readPlainFile(at("file"), length + 1)).toEqual({ bytes });
      if (length > 0) expect(await readPlainFile(at("file"), length - 1)).toEqual({ refused: "too-long" });
    },
  );

  it("reads what says that it is empty and is not", async () => {
    const reading = await readPlainFile("/proc/self/status", 65_536);
    expect("bytes" in reading && reading.bytes.length > 100).toBe(true);
    expect(await readPlainFile("/proc/self/status", 100)).toEqual({ refused: "too-long" });
  });

  it("bounds a file that grows while it is read", async () => {
    await writeFile(at("growing"), new Uint8Array(1000));
    let growing = true;
    const grow = (async () => {
      while (growing) await appendFile(at("growing"), new Uint8Array(50_000));
    })();
    const readings = [];
    for (let turn = 0; turn < 20; turn++) readings.push(await readPlainFile(at("growing"), 100_000));
    growing = false;
    await grow;
    expect(readings.at(-1)).toEqual({ refused: "too-long" });
    expect(readings.every((reading) => !("bytes" in reading) || reading.bytes.length <= 100_000)).toBe(true);
  });

  it.each<[string, (path: string) => unknown]>([
    ["a folder", (path) => mkdir(path)],
    ["a pipe", (path) => execFileSync("mkfifo", [path], { encoding: "utf8" })],
  ])("does not read %s", async (name, make) => {
    await make(at(name));
    expect(await readPlainFile(at(name), 10)).toEqual({ refused: "no-file" });
  });

  it("does not read a device", async () => {
    expect(await readPlainFile("/dev/zero", 10)).toEqual({ refused: "no-file" });
  });

  it("follows no link at the end of a path, and follows those on the way", async () => {
    await mkdir(at("real"));
    await writeFile(at("real/file"), "x");
    await symlink(at("real/file"), at("link"));
    await symlink(at("real"), at("way"));
    await expect(readPlainFile(at("link"), 10)).rejects.toMatchObject({ code: "ELOOP" });
    expect(await readPlainFile(at("way/file"), 10)).toEqual({ bytes: Uint8Array.of(0x78) });
  });

  it("leaves no file open", async () => {
    await writeFile(at("often"), "x");
    for (let turn = 0; turn < 3000; turn++) {
      await readPlainFile(turn % 2 === 0 ? at("often") : folder, turn % 3 === 0 ? 0 : 10);
    }
    expect(execFileSync("ls", [`/proc/${process.pid}/fd`], { encoding: "utf8" }).split("\n").length).toBeLessThan(500);
  });
});

describe("fileErrorCode", () => {
  it.each<[string, unknown, string | null]>([
    ["an error of the file system", Object.assign(new Error("x"), { code: "ENOENT", syscall: "open" }), "ENOENT"],
    ["an error of Node's arguments", Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" }), null],
    ["an error of ours", new MalformedError("ERR_MALFORMED_LENGTH", "x", { what: "x", expected: 1, actual: 2 }), null],
    ["an error with a number", Object.assign(new Error("x"), { code: 2, syscall: "open" }), null],
    ["any error", new Error("x"), null],
    ["what is no error", { code: "ENOENT", syscall: "open" }, null],
    ["nothing", undefined, null],
  ])("of %s", (_, error, code) => expect(fileErrorCode(error)).toBe(code));
});
