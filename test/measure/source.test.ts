import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { assertGoing, digestsOf, type Job, type MeasureProgress, readJob } from "../../src/measure/job.js";
import { nobleDigests } from "../../src/measure/noble-digests.js";
import { chunksOf, openSource } from "../../src/measure/source.js";
import { nodeDigests } from "../../src/node/index.js";
import { piecesOf, readerOf, slowPieces } from "./images.js";

const QUIET: Job = { digests: nodeDigests, signal: undefined, onProgress: undefined };
const pattern = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);

async function collect(source: unknown, job: Job = QUIET): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(openSource(source, "kernel"), "kernel", job)) chunks.push(chunk.slice());
  return chunks;
}

/** A reader with its methods on the prototype, as classes have them. */
class FileLike {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.slice(offset, offset + length);
  }
}

describe("the chunks of a source", () => {
  it("are its bytes in order, whatever it is", async () => {
    const bytes = pattern(50_000);
    const sources: unknown[] = [
      bytes,
      bytes.subarray(0),
      Buffer.from(bytes),
      readerOf(bytes),
      new FileLike(bytes),
      [bytes],
      new Set([bytes.subarray(0, 7), bytes.subarray(7)]),
      piecesOf(bytes, 999),
      slowPieces(bytes, 4097),
    ];
    for (const source of sources) expect(concatBytes(...(await collect(source)))).toEqual(bytes);
  });

  it.each([0, 1, 16_383, 16_384, 16_385, 40_000])("of a reader of %i bytes are at most 16 KiB each", async (length) => {
    const reader = readerOf(pattern(length));
    const chunks = await collect(reader);
    expect(chunks.map((chunk) => chunk.length)).toEqual(reader.asked.map((asked) => asked.length));
    expect(chunks).toHaveLength(Math.ceil(length / 16_384));
    expect(Math.max(0, ...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(16_384);
  });

  it("of bytes are views and no copies, at most 256 KiB each", async () => {
    const bytes = pattern(600_000);
    const lengths: number[] = [];
    for await (const chunk of chunksOf(openSource(bytes, "kernel"), "kernel", QUIET)) {
      expect(chunk.buffer).toBe(bytes.buffer);
      lengths.push(chunk.length);
    }
    expect(lengths).toEqual([262_144, 262_144, 600_000 - 2 * 262_144]);
  });

  it("of nothing are none", async () => {
    for (const source of [new Uint8Array(0), readerOf(new Uint8Array(0)), [], slowPieces(new Uint8Array(0), 1)]) {
      expect(await collect(source)).toEqual([]);
    }
  });

  it("take any pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 20 })), async (pieces) => {
        expect(concatBytes(...(await collect(pieces)))).toEqual(concatBytes(...pieces));
      }),
    );
  });

  it("close a stream that nobody reads to its end", async () => {
    let closed = false;
    function* endless() {
      try {
        for (;;) yield new Uint8Array(10);
      } finally {
        closed = true;
      }
    }
    for await (const chunk of chunksOf(openSource(endless(), "kernel"), "kernel", QUIET)) {
      if (chunk.length > 0) break;
    }
    expect(closed).toBe(true);
  });
});

describe("openSource refuses", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["text, though it can be iterated", "vmlinuz"],
    ["an ArrayBuffer", new ArrayBuffer(8)],
    ["a DataView", new DataView(new ArrayBuffer(8))],
    ["an object", {}],
    ["a reader without a size", { read: () => new Uint8Array(0) }],
    ["a function", () => new Uint8Array(0)],
  ])("%s", (_, source) => {
    expect(() => openSource(source, "firmware")).toThrow(TypeError);
    expect(() => openSource(source, "firmware")).toThrow(/^firmware must be a Uint8Array, a reader/);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "8", undefined])("a size of %s", (size) => {
    const reader = { size, read: () => new Uint8Array(0) };
    expect(() => openSource(reader, "firmware")).toThrow(/^firmware\.size must be a whole number/);
  });

  it("what only says that it is a Uint8Array", () => {
    const fake = { [Symbol.toStringTag]: "Uint8Array", length: 8 };
    expect(() => openSource(fake, "firmware")).toThrow(TypeError);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["text", () => "x".repeat(8), /what kernel\.read answered must be a Uint8Array/],
    ["too few bytes", () => new Uint8Array(7), /kernel\.read was asked for 8 bytes and answered 7/],
    ["too many bytes", () => new Uint8Array(9), /asked for 8 bytes and answered 9/],
    ["nothing", () => undefined, /must be a Uint8Array/],
  ])("a reader that answers %s", async (_, read, message) => {
    await expect(collect({ size: 8, read })).rejects.toThrow(TypeError);
    await expect(collect({ size: 8, read: async () => await Promise.resolve(read()) })).rejects.toThrow(message);
  });

  it.each<[string, unknown]>([
    ["numbers", [1, 2, 3]],
    ["words", new Uint16Array(4)],
    ["text", ["abc"]],
  ])("a stream of %s", async (_, source) => {
    await expect(collect(source)).rejects.toThrow(/a piece of kernel must be a Uint8Array/);
  });
});

describe("a job", () => {
  it("takes the digests of JavaScript where none are named", () => {
    expect(readJob({})).toEqual({ digests: nobleDigests, signal: undefined, onProgress: undefined });
    expect(readJob({ digests: nodeDigests }).digests).toBe(nodeDigests);
    expect(digestsOf(undefined)).toBe(nobleDigests);
  });

  it.each<[string, unknown, RegExp]>([
    ["an unknown option", { hash: nodeDigests }, /options has no option "hash"/],
    ["an engine for digests", { digests: { digest: () => 1 } }, /options\.digests must be SyncDigests/],
    ["half of the digests", { digests: { sha384: () => 1 } }, /options\.digests must be SyncDigests/],
    ["text for digests", { digests: "node" }, /options\.digests must be SyncDigests/],
    ["null for digests", { digests: null }, /options\.digests must be SyncDigests/],
    ["a controller for its signal", { signal: new AbortController() }, /options\.signal must be an AbortSignal/],
    ["null for a signal", { signal: null }, /options\.signal must be/],
    ["an object for onProgress", { onProgress: {} }, /options\.onProgress must be a function/],
    ["nothing", undefined, /options must be an object/],
    ["a list", [], /options must be an object/],
  ])("refuses %s", (_, options, message) => {
    expect(() => readJob(options)).toThrow(TypeError);
    expect(() => readJob(options)).toThrow(message);
  });

  it("tells progress after each chunk, and waits", async () => {
    const told: MeasureProgress[] = [];
    const onProgress = async (progress: MeasureProgress) => {
      await Promise.resolve();
      told.push(progress);
    };
    await collect(readerOf(pattern(20_000)), readJob({ onProgress }));
    await collect(piecesOf(pattern(5), 3), readJob({ onProgress }));
    expect(told).toEqual([
      { part: "kernel", done: 16_384, total: 20_000 },
      { part: "kernel", done: 20_000, total: 20_000 },
      { part: "kernel", done: 3, total: null },
      { part: "kernel", done: 5, total: null },
    ]);
  });

  it("ends when its signal fires, and says why", async () => {
    const controller = new AbortController();
    const job = readJob({ signal: controller.signal });
    expect(() => assertGoing(job)).not.toThrow();
    controller.abort("the tab was closed");
    expect(() => assertGoing(job)).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "the tab was closed" });
    await expect(collect([], job)).toFailWith("ERR_COLLATERAL_ABORTED");
    try {
      assertGoing(job);
    } catch (error) {
      expect(error).toMatchObject({ retryable: true, cause: "the tab was closed" });
    }
  });

  it("reads no further than the chunk during which it ended", async () => {
    const controller = new AbortController();
    const reader = readerOf(pattern(100_000));
    const onProgress = ({ done }: MeasureProgress) => {
      if (done >= 32_768) controller.abort("enough");
    };
    const ended = collect(reader, readJob({ signal: controller.signal, onProgress }));
    await expect(ended).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "enough" });
    expect(reader.asked).toHaveLength(2);
  });
});
