import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { afterAll, describe, expect, it } from "vitest";
import { processIo, textOutput } from "../../src/cli/process-io.js";

function stream(write: (text: string) => Error | null, more: object = {}) {
  const sink = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => done(write(String(chunk))),
  });
  // The parts of a WriteStream that an output uses.
  return Object.assign(sink, more) as unknown as WriteStream;
}

const failing = (code: string) => () => Object.assign(new Error(`write ${code}`), { code });

describe("textOutput", () => {
  it("writes in order and waits", async () => {
    const written: string[] = [];
    const output = textOutput(
      stream((text) => {
        written.push(text);
        return null;
      }),
    );
    await output.write("a");
    await output.write("b");
    expect(written).toEqual(["a", "b"]);
    expect(output).toMatchObject({ closed: false, isTerminal: false, columns: null });
  });

  it("knows a terminal and follows its width", () => {
    const terminal = stream(() => null, { isTTY: true, columns: 80 });
    const output = textOutput(terminal);
    expect(output).toMatchObject({ isTerminal: true, columns: 80 });
    terminal.columns = 50;
    expect(output.columns).toBe(50);
  });

  it.each(["EPIPE", "ERR_STREAM_DESTROYED", "EOF"])("takes %s for a reader who has gone", async (code) => {
    const output = textOutput(stream(failing(code)));
    await output.write("a");
    expect(output.closed).toBe(true);
    await output.write("b");
  });

  it("throws every other error of writing", async () => {
    const output = textOutput(stream(failing("ENOSPC")));
    await expect(output.write("a")).rejects.toThrow("write ENOSPC");
    expect(output.closed).toBe(false);
  });

  it("hears of a reader who leaves between two writes", () => {
    const pipe = stream(() => null);
    const output = textOutput(pipe);
    pipe.emit("error", failing("EPIPE")());
    expect(output.closed).toBe(true);
  });
});

describe("processIo", () => {
  const folder = mkdtempSync(join(tmpdir(), "attestry-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "certs", "inner"), { recursive: true });
  writeFileSync(join(folder, "certs", "ask.der"), "ask");
  symlinkSync("ask.der", join(folder, "certs", "vcek.der"));
  const io = processIo();

  async function read(path: string): Promise<string> {
    const parts: Uint8Array[] = [];
    for await (const part of io.openFile(path)) parts.push(part);
    return Buffer.concat(parts).toString();
  }

  it("lists the files of a folder, links among them, and no folders", async () => {
    expect([...((await io.listFolder(join(folder, "certs"))) ?? [])].sort()).toEqual(["ask.der", "vcek.der"]);
  });

  it("says null of a file and throws where nothing is", async () => {
    expect(await io.listFolder(join(folder, "certs", "ask.der"))).toBeNull();
    await expect(io.listFolder(join(folder, "gone"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("reads files, also through links", async () => {
    expect(await read(join(folder, "certs", "vcek.der"))).toBe("ask");
    await expect(read(join(folder, "gone"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(read(folder)).rejects.toMatchObject({ code: "EISDIR" });
  });

  it("reads the clock", () => {
    expect(Math.abs(io.now().getTime() - Date.now())).toBeLessThan(1000);
  });
});
