import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitLines } from "../../src/cli/lines.js";
import { pieces } from "./fake-io.js";

const decoder = new TextDecoder();

async function linesOf(text: string, limit: number, size: number): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  for await (const line of splitLines(pieces(text, size), limit)) {
    found.push(line.kind === "line" ? decoder.decode(line.bytes) : null);
  }
  return found;
}

describe("splitLines", () => {
  it.each([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["\n\na\n", ["", "", "a"]],
    ["a\r\n", ["a\r"]],
    ["1234567\n12345678\n123456789\n1\n", ["1234567", "12345678", null, "1"]],
    ["123456789", [null]],
    ["x\n123456789123456789123456789\ny", ["x", null, "y"]],
  ])("%j, whatever the pieces", async (text, lines) => {
    for (const size of [1, 2, 3, 7, 8, 9, 10, 100]) expect(await linesOf(text, 8, size)).toEqual(lines);
  });

  it("agrees with split", async () => {
    const line = fc.string({ maxLength: 5, unit: "grapheme" }).map((text) => text.replaceAll("\n", ""));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
        const text = lines.map((part) => `${part}\n`).join("");
        expect(await linesOf(text, 100, size)).toEqual(lines);
      }),
    );
  });

  it("keeps no more than the limit of an endless line", async () => {
    async function* endless() {
      const piece = new Uint8Array(1 << 16).fill(0x61);
      for (let count = 0; count < 4096; count++) yield await Promise.resolve(piece);
      yield Uint8Array.of(0x0a, 0x62);
    }
    const before = process.memoryUsage().arrayBuffers;
    const kinds: string[] = [];
    for await (const line of splitLines(endless(), 1 << 20)) kinds.push(line.kind);
    expect(kinds).toEqual(["too-long", "line"]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it("hands out bytes of its own", async () => {
    const shared = new Uint8Array([0x61, 0x62]);
    async function* reusing() {
      yield await Promise.resolve(shared);
      shared.fill(0x7a);
      yield Uint8Array.of(0x0a);
    }
    for await (const line of splitLines(reusing(), 8)) {
      expect(line.kind === "line" && decoder.decode(line.bytes)).toBe("ab");
    }
  });
});
