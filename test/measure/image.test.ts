import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measureImage, type Placement } from "../../src/measure/image.js";
import type { ImageSource } from "../../src/measure/index.js";
import { readJob } from "../../src/measure/job.js";
import { LaunchChain, PAGE_BYTES } from "../../src/measure/pages.js";
import { openSource } from "../../src/measure/source.js";
import { nodeDigests } from "../../src/node/index.js";
import { numbersFrom, piecesOf, readerOf, slowPieces } from "./images.js";

const JOB = readJob({ digests: nodeDigests });
const END = 2 ** 32;

function noise(seed: number, pages: number): Uint8Array {
  const next = numbersFrom(seed);
  return Uint8Array.from({ length: pages * PAGE_BYTES }, () => next() & 0xff);
}

async function measured(source: ImageSource, end = END, what: Placement["what"] = "firmware") {
  const chain = new LaunchChain(nodeDigests);
  const { gpa, window } = await measureImage(openSource(source, what), { what, end, chain }, JOB);
  return { gpa, window, digest: chain.hex(), steps: chain.steps };
}

function expected(image: Uint8Array, end = END): string {
  const chain = new LaunchChain(nodeDigests);
  for (const [index, page] of [...piecesOf(image, PAGE_BYTES)].entries()) {
    chain.addPage("normal", end - image.length + index * PAGE_BYTES, page);
  }
  return chain.hex();
}

describe("the pages of an image", () => {
  it.each([1, 2, 4, 5, 64, 65, 130])("%i of them end at the end, from whatever source", async (pages) => {
    const image = noise(pages, pages);
    for (const source of [image, readerOf(image), piecesOf(image, 5000), slowPieces(image, 12_288)]) {
      const { gpa, digest, steps } = await measured(source);
      expect(gpa).toBe(END - image.length);
      expect(steps).toBe(pages);
      expect(digest).toBe(expected(image));
    }
  });

  it("end where they are told to", async () => {
    const image = noise(7, 3);
    for (const end of [0x3000, 0x8000_0000, END - 0x84000]) {
      expect(await measured(image, end)).toMatchObject({ gpa: end - 0x3000, digest: expected(image, end) });
    }
  });

  it("are the same however a stream is cut", async () => {
    const image = noise(9, 6);
    const whole = expected(image);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: image.length }), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...[...cuts].sort((a, b) => a - b), image.length];
        const pieces = places.slice(1).map((place, index) => image.subarray(places[index], place));
        expect((await measured(pieces)).digest).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the window on an image", () => {
  it("of bytes or a reader shows all of it", async () => {
    const image = noise(3, 8);
    for (const source of [image, readerOf(image)]) {
      const { window } = await measured(source);
      expect(window).toMatchObject({ what: "firmware", size: image.length });
      expect(await window.read(0, 100)).toEqual(image.slice(0, 100));
      expect(await window.read(image.length - 5, 5)).toEqual(image.slice(-5));
    }
  });

  it.each([1, 3, 4, 5, 9])("of a stream of %i pages shows the last four", async (pages) => {
    const image = noise(4, pages);
    const { window } = await measured(slowPieces(image, 3000));
    const start = Math.max(0, image.length - 4 * PAGE_BYTES);
    expect(await window.read(start, image.length - start)).toEqual(image.slice(start));
    expect(await window.read(image.length - 50, 18)).toEqual(image.slice(-50, -32));
    if (start > 0) {
      expect(() => window.read(start - 1, 10)).toFailWith("ERR_UNSUPPORTED_FIRMWARE", { where: "a stream" });
    }
  });

  it("of a stream is of its own: the pieces may be used again", async () => {
    const image = noise(5, 6);
    const piece = new Uint8Array(PAGE_BYTES);
    function* again() {
      for (const page of piecesOf(image, PAGE_BYTES)) {
        piece.set(page);
        yield piece;
      }
      piece.fill(0);
    }
    const { window, digest } = await measured(again());
    expect(digest).toBe(expected(image));
    expect(await window.read(image.length - 16, 16)).toEqual(image.slice(-16));
  });
});

describe("an image of a wrong size", () => {
  it.each([0, 1, 4095, 4097, 8191])("of %i bytes is refused from every source", async (length) => {
    const image = new Uint8Array(length);
    for (const source of [image, readerOf(image), slowPieces(image, 1000)]) {
      await expect(measured(source, END, "svsm")).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "svsm", offset: null });
    }
  });

  it("that does not fit below its end is refused", async () => {
    const image = new Uint8Array(0x3000);
    expect(await measured(image, 0x3000)).toMatchObject({ gpa: 0 });
    for (const source of [image, readerOf(image), [image]]) {
      await expect(measured(source, 0x2000)).toFailWith("ERR_MALFORMED_FIRMWARE");
    }
  });

  it("above 64 MiB is refused before it is read, or as soon as a stream is longer", async () => {
    const reader = { size: 64 * 1024 * 1024 + PAGE_BYTES, read: () => Promise.reject(new Error("nobody may read")) };
    await expect(measured(reader)).toFailWith("ERR_MALFORMED_FIRMWARE");
    const quick = { ...nodeDigests, sha384: () => new Uint8Array(48) };
    const chain = new LaunchChain(quick);
    let given = 0;
    function* endless() {
      const piece = new Uint8Array(1024 * 1024);
      for (; ; given++) yield piece;
    }
    const ended = measureImage(openSource(endless(), "firmware"), { what: "firmware", end: END, chain }, JOB);
    await expect(ended).toFailWith("ERR_MALFORMED_FIRMWARE");
    expect(given).toBe(64);
  });

  it("of 64 MiB is taken", async () => {
    const quick = { ...nodeDigests, sha384: () => new Uint8Array(48) };
    const chain = new LaunchChain(quick);
    const piece = new Uint8Array(1024 * 1024);
    const source = openSource(
      Array.from({ length: 64 }, () => piece),
      "firmware",
    );
    expect(await measureImage(source, { what: "firmware", end: END, chain }, JOB)).toMatchObject({
      gpa: END - 2 ** 26,
    });
  });
});
