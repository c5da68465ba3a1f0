import { describe, expect, it } from "vitest";
import { toBase64, toHex } from "../../src/bytes/codecs.js";
import { decodeReport, INPUT_LIMIT, readInput } from "../../src/cli/input.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { bytesOf, fakeIo, systemError } from "./fake-io.js";

const REPORT = Uint8Array.from({ length: 1184 }, (_, index) => (index * 7) & 0xff);
const HEX = toHex(REPORT);
const BASE64 = toBase64(REPORT);

function wrapped(text: string, width: number, end: string): string {
  return (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join(end);
}

describe("decodeReport", () => {
  it.each([
    ["raw bytes", REPORT],
    ["hex", HEX],
    ["hex in capitals", HEX.toUpperCase()],
    ["hex behind 0x", `0x${HEX}`],
    ["hex with a line feed", `${HEX}\n`],
    ["hex as xxd -p wraps it", `${wrapped(HEX, 60, "\n")}\n`],
    ["hex in pairs", wrapped(HEX, 2, " ")],
    ["base64", BASE64],
    ["base64 with a line feed", `${BASE64}\n`],
    ["base64 as base64(1) wraps it", `${wrapped(BASE64, 76, "\n")}\n`],
    ["base64 with CR LF and tabs", `\t${wrapped(BASE64, 64, "\r\n")}\r\n`],
  ])("reads %s", (_, content) => {
    expect(decodeReport(bytesOf(content))).toEqual(REPORT);
  });

  it("reads 1184 bytes as raw even where they are text", () => {
    const digits = bytesOf("ab".repeat(592));
    expect(decodeReport(digits)).toEqual(digits);
  });

  it("leaves bytes that are no text to the parser", () => {
    for (const length of [1, 1183, 1185, 5280]) {
      const bytes = new Uint8Array(length).fill(0x80);
      expect(decodeReport(bytes)).toEqual(bytes);
    }
    expect(decodeReport(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it.each([
    ["a digit too few", HEX.slice(1)],
    ["a digit too many", `${HEX}0`],
    ["a byte too few", HEX.slice(2)],
    ["no hex digit", `g${HEX.slice(1)}`],
    ["0X", `0X${HEX}`],
    ["base64 of a byte too few", toBase64(REPORT.slice(1)).slice(0, 1576)],
    ["base64 without padding", BASE64.replace("=", "")],
    ["base64 with a stray character", `*${BASE64.slice(1)}`],
    ["base64 with bits that mean nothing", `${BASE64.slice(0, -2)}B=`],
    ["base64url", `${BASE64.slice(0, 100)}-_${BASE64.slice(102)}`],
    ["JSON", JSON.stringify({ report: BASE64 })],
    ["two reports", HEX + HEX],
    ["a word", "report"],
  ])("refuses %s", (_, content) => {
    expect(() => decodeReport(bytesOf(content))).toFailWith("ERR_MALFORMED_ENCODING", { what: "report" });
  });
});

describe("readInput", () => {
  const big = (kind: keyof typeof INPUT_LIMIT, more: number) => new Uint8Array(INPUT_LIMIT[kind] + more);

  it("reads a file and stdin", async () => {
    const { io } = fakeIo({ files: { "a.bin": REPORT }, stdin: HEX });
    expect(await readInput(io, "a.bin", "report")).toEqual(REPORT);
    expect(await readInput(io, "-", "report")).toEqual(bytesOf(HEX));
  });

  it.each(["report", "certificates", "crl", "policy"] as const)("reads %s up to its limit", async (kind) => {
    const { io } = fakeIo({ files: { whole: big(kind, 0), more: big(kind, 1) }, stdin: big(kind, 1) });
    expect(await readInput(io, "whole", kind)).toHaveLength(INPUT_LIMIT[kind]);
    for (const path of ["more", "-"]) {
      await expect(readInput(io, path, kind)).toFailWith("ERR_MALFORMED_LENGTH", { what: kind });
    }
  });

  it("stops reading at the limit", async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given++;
        yield await Promise.resolve(new Uint8Array(1024));
      }
    }
    await expect(readInput(fakeIo({ stdin: endless() }).io, "-", "report")).toFailWith("ERR_MALFORMED_LENGTH");
    expect(given).toBe(1025);
  });

  it.each([
    ["ENOENT", "cannot read x: no such file"],
    ["EACCES", "cannot read x: permission denied"],
    ["EISDIR", "cannot read x: it is a folder"],
    ["EIO", "cannot read x: EIO"],
  ])("a file that cannot be opened (%s) is a usage error", async (code, message) => {
    const { io } = fakeIo({ fails: { x: systemError(code) } });
    await expect(readInput(io, "x", "report")).rejects.toThrow(new UsageError(message));
  });

  it("lets every other error through as it is", async () => {
    const fault = new RangeError("a fault");
    await expect(readInput(fakeIo({ fails: { x: fault } }).io, "x", "report")).rejects.toBe(fault);
  });
});
