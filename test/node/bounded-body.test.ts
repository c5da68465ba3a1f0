import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readBounded } from "../../src/node/bounded-body.js";

const pieces = (...lengths: readonly number[]) => Readable.from(lengths.map((length) => Buffer.alloc(length, length)));

describe("readBounded", () => {
  it.each<[string, readonly number[], number]>([
    ["no pieces", [], 0],
    ["one piece", [10], 10],
    ["several", [3, 4, 5], 12],
    ["as many bytes as there may be", [60, 40], 100],
  ])("reads %s", async (_, lengths, total) => {
    const bytes = await readBounded(pieces(...lengths), {}, 100);
    expect(bytes).toHaveLength(total);
    expect(bytes.constructor).toBe(Uint8Array);
    expect([...bytes]).toEqual(lengths.flatMap((length) => Array<number>(length).fill(length)));
  });

  it.each<[string, readonly number[]]>([
    ["one byte more", [60, 41]],
    ["all at once", [101]],
    ["the first of many", [50, 50, 1, 1_000_000]],
  ])("stops at %s, and lets go of the body", async (_, lengths) => {
    const body = pieces(...lengths);
    await expect(readBounded(body, {}, 100)).toFailWith("ERR_MALFORMED_LENGTH", { expected: "at most 100" });
    expect(body.destroyed).toBe(true);
  });

  it("takes no more from a body than it has to", async () => {
    let made = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          made++;
          yield Buffer.alloc(10);
        }
      })(),
      { highWaterMark: 1 },
    );
    await expect(readBounded(endless, {}, 100)).toFailWith("ERR_MALFORMED_LENGTH", { actual: 110 });
    expect(made).toBeLessThan(20);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["announces too much", { "content-length": "101" }, "ERR_MALFORMED_LENGTH"],
    ["is compressed", { "content-encoding": "gzip" }, "ERR_MALFORMED_ENCODING"],
    ["is compressed twice", { "content-encoding": "identity, br" }, "ERR_MALFORMED_ENCODING"],
  ])("reads nothing of a body that %s", async (_, headers, code) => {
    const body = pieces(10);
    await expect(readBounded(body, headers, 100)).rejects.toMatchObject({ code });
    expect(body.destroyed).toBe(true);
  });

  it.each([
    { "content-length": "100" },
    { "content-length": "12" },
    { "content-encoding": "identity" },
    // What a header says too little of, the bytes say.
    { "content-length": "1" },
    { "content-length": "many" },
  ])("reads a body that says %j", async (headers) => {
    expect(await readBounded(pieces(12), headers, 100)).toHaveLength(12);
  });

  it("believes the bytes, not the announcement", async () => {
    await expect(readBounded(pieces(101), { "content-length": "5" }, 100)).toFailWith("ERR_MALFORMED_LENGTH");
  });

  it("fails as the body fails", async () => {
    const broken = new Error("the line is cut");
    const body = Readable.from(
      (function* () {
        yield Buffer.alloc(5);
        throw broken;
      })(),
    );
    await expect(readBounded(body, {}, 100)).rejects.toBe(broken);
  });
});
