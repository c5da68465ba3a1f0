import { describe, expect, it } from "vitest";
import { makeOutputFolder, refuseExisting, writeOutput } from "../../src/cli/output.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { fakeIo, systemError } from "./fake-io.js";

const bytes = Uint8Array.of(1, 2, 3);

describe("refuseExisting", () => {
  const { io } = fakeIo({ files: { file: "x", "folder/inside": "x" } });

  it.each([true, false])("lets a place be that is free; force: %s", async (force) => {
    await expect(refuseExisting(io, ["new", "folder/new", "gone/new"], force)).resolves.toBeUndefined();
  });

  it("refuses a file, unless it may be written over", async () => {
    for (const path of ["file", "folder/inside"]) {
      await expect(refuseExisting(io, ["new", path], false)).rejects.toThrow(
        new UsageError(`${path} is there already; name another place, or write over it with --force`),
      );
      await expect(refuseExisting(io, ["new", path], true)).resolves.toBeUndefined();
    }
  });

  it.each([true, false])("refuses a folder; force: %s", async (force) => {
    await expect(refuseExisting(io, ["folder"], force)).rejects.toThrow(
      new UsageError("cannot write folder: a folder has this name"),
    );
  });

  it("leaves every other trouble to the writing", async () => {
    const troubled = { ...io, listFolder: () => Promise.reject(systemError("EACCES")) };
    await expect(refuseExisting(troubled, ["secret"], false)).resolves.toBeUndefined();
  });
});

describe("writeOutput", () => {
  it("writes each file", async () => {
    const { io, written } = fakeIo();
    const files = ["a", "b"].map((path) => ({ path, bytes }));
    await writeOutput(io, files, false);
    expect(written()).toEqual({ a: bytes, b: bytes });
  });

  it("stops at a file that is there, unless it may be written over", async () => {
    const { io, written } = fakeIo({ files: { b: "x" } });
    const files = ["a", "b", "c"].map((path) => ({ path, bytes }));
    await expect(writeOutput(io, files, false)).rejects.toThrow(/^b is there already/);
    expect(written()).toEqual({ a: bytes });
    await writeOutput(io, files, true);
    expect(written()).toEqual({ a: bytes, b: bytes, c: bytes });
  });

  it.each([
    ["ENOENT", "there is no such folder"],
    ["ENOTDIR", "a part of the path is no folder"],
    ["EISDIR", "a folder has this name"],
    ["EACCES", "permission denied"],
    ["EPERM", "permission denied"],
    ["EROFS", "the file system is read-only"],
    ["ENAMETOOLONG", "the name is too long"],
  ])("blames the place for %s", async (code, reason) => {
    const { io } = fakeIo({ fails: { "x\u001b": systemError(code) } });
    await expect(writeOutput(io, [{ path: "x\u001b", bytes }], true)).rejects.toThrow(
      new UsageError(`cannot write x\\u{1b}: ${reason}`),
    );
  });

  it.each([systemError("ENOSPC"), systemError("EIO"), new RangeError("a fault")])(
    "blames nobody for %s",
    async (fault) => {
      const { io } = fakeIo({ fails: { x: fault } });
      await expect(writeOutput(io, [{ path: "x", bytes }], true)).rejects.toBe(fault);
    },
  );
});

describe("makeOutputFolder", () => {
  it("makes one, or finds one", async () => {
    const { io } = fakeIo({ files: { "there/file": "x" } });
    await expect(makeOutputFolder(io, "new")).resolves.toBeUndefined();
    await expect(makeOutputFolder(io, "there")).resolves.toBeUndefined();
  });

  it("refuses a file, which no --force makes a folder", async () => {
    const { io } = fakeIo({ files: { there: "x" } });
    await expect(makeOutputFolder(io, "there")).rejects.toThrow(
      new UsageError("cannot write there: a file has this name"),
    );
  });
});
