import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldBytes, renderSections, wrapText } from "../../src/cli/layout.js";
import { lookOf } from "../../src/cli/terminal.js";
import { fakeIo } from "./fake-io.js";

const plain = (columns: number) => lookOf({ ...fakeIo().io.stdout, isTerminal: true, columns }, { NO_COLOR: "1" });
const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index + 1);

describe("wrapText", () => {
  it.each([
    ["one two three", 20, ["one two three"]],
    ["one two three", 7, ["one two", "three"]],
    ["one  two   three", 9, ["one two", "three"]],
    ["abcdefghij k", 4, ["abcd", "efgh", "ij k"]],
    ["", 4, [""]],
  ])("%j in %i", (text, width, lines) => expect(wrapText(text, width)).toEqual(lines));

  it("keeps every word and never exceeds the width", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 1, max: 30 }), (words, width) => {
        const lines = wrapText(words.join(" "), width);
        expect(lines.join("").replaceAll(" ", "")).toBe(words.join(""));
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("foldBytes", () => {
  it.each([
    ["nothing", new Uint8Array(0), 40, []],
    ["what fits", counting(4), 40, ["01020304"]],
    ["zeros", new Uint8Array(32), 40, ["(32 zero bytes)"]],
    ["few zeros", new Uint8Array(4), 40, ["00000000"]],
    ["ones", new Uint8Array(32).fill(0xff), 40, ["(32 bytes of ff)"]],
    ["another run", new Uint8Array(8).fill(0xaa), 40, ["aaaaaaaaaaaaaaaa"]],
    [
      "a long tail of zeros",
      Uint8Array.of(...counting(8), ...new Uint8Array(24)),
      40,
      ["0102030405060708", "(then 24 zero bytes)"],
    ],
    [
      "a tail inside a group",
      Uint8Array.of(1, ...new Uint8Array(31)),
      40,
      ["0100000000000000", "(then 24 zero bytes)"],
    ],
    ["a short tail", Uint8Array.of(...counting(8), ...new Uint8Array(8)), 40, [`0102030405060708${"0".repeat(16)}`]],
  ])("%s", (...[, bytes, width, lines]) => expect(foldBytes(bytes, width)).toEqual(lines));

  it.each([
    [48, 96, [48]],
    [48, 95, [24, 24]],
    [48, 62, [24, 24]],
    [64, 62, [16, 16, 16, 16]],
    [64, 66, [32, 32]],
    [32, 62, [16, 16]],
    [52, 62, [28, 24]],
    [64, 3, Array(16).fill(4)],
  ])("%i bytes in %i characters", (length, width, counts) => {
    expect(foldBytes(counting(length), width).map((line) => line.length / 2)).toEqual(counts);
  });

  it("loses no byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.integer({ min: 8, max: 120 }), (bytes, width) => {
        const text = foldBytes(bytes, width)
          .join("")
          .replace(/\((?:then )?(\d+) zero bytes\)/, (_, count) => "00".repeat(Number(count)))
          .replace(/\((\d+) bytes of ff\)/, (_, count) => "ff".repeat(Number(count)));
        expect(text).toBe(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
      }),
    );
  });
});

describe("renderSections", () => {
  const sections = [
    { title: "First", aside: "said beside", rows: [{ place: "0x008", name: "POLICY", value: "0x30000" }] },
    {
      title: "Second",
      rows: [
        { place: "bit 0", name: "SMT_EN", value: "yes", tone: "strong" as const, note: "a short note" },
        { name: "DIGEST", value: counting(32) },
      ],
    },
  ];

  it("sets the columns of all sections in line", () => {
    expect(renderSections(sections, plain(60))).toBe(
      [
        "First  said beside",
        "  0x008  POLICY  0x30000",
        "",
        "Second",
        "  bit 0  SMT_EN  yes  a short note",
        "         DIGEST  0102030405060708090a0b0c0d0e0f10",
        "                 1112131415161718191a1b1c1d1e1f20",
        "",
      ].join("\n"),
    );
  });

  it("puts values below names where there is no room", () => {
    expect(renderSections(sections, plain(45))).toBe(
      [
        "First  said beside",
        "  0x008  POLICY",
        "    0x30000",
        "",
        "Second",
        "  bit 0  SMT_EN",
        "    yes  a short note",
        "         DIGEST",
        "    0102030405060708090a0b0c0d0e0f10",
        "    1112131415161718191a1b1c1d1e1f20",
        "",
      ].join("\n"),
    );
  });

  it("breaks a note beside its value, or sets it below", () => {
    const row = (value: string) => [
      { title: "T", rows: [{ name: "N", value, note: "a note that is far too long for one line of this page" }] },
    ];
    expect(renderSections(row("yes"), plain(50))).toBe(
      "T\n  N  yes  a note that is far too long for one line\n          of this page\n",
    );
    expect(renderSections(row("a value of some length"), plain(50))).toBe(
      "T\n  N  a value of some length\n     a note that is far too long for one line of\n     this page\n",
    );
  });

  it("is as wide as it may be, and no wider", () => {
    for (const columns of [10, 40, 60, 80, 120, 500]) {
      const widest = Math.max(
        ...renderSections(sections, plain(columns))
          .split("\n")
          .map((line) => line.length),
      );
      expect(widest).toBeLessThanOrEqual(Math.max(columns, 40));
    }
  });
});

describe("lookOf", () => {
  const look = (isTerminal: boolean, env: Record<string, string>, columns: number | null = 80) =>
    lookOf({ ...fakeIo().io.stdout, isTerminal, columns }, env);
  const painted = "\u001b[1;31mtext\u001b[0m";

  it.each([
    ["a terminal", true, {}, painted],
    ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, painted],
    ["a terminal with NO_COLOR", true, { NO_COLOR: "0" }, "text"],
    ["a dumb terminal", true, { TERM: "dumb" }, "text"],
    ["a pipe", false, {}, "text"],
    ["a pipe, whatever is asked for", false, { FORCE_COLOR: "1", TERM: "xterm" }, "text"],
  ])("on %s", (...[, isTerminal, env, text]) => {
    expect(look(isTerminal, env).paint("bad", "text")).toBe(text);
  });

  it("paints no empty text", () => expect(look(true, {}).paint("bad", "")).toBe(""));

  it.each([
    [true, 80, 80],
    [true, 20, 40],
    [true, 400, 120],
    [true, null, 108],
    [false, 80, 108],
  ])("terminal %s of %s columns: %i", (isTerminal, columns, width) => {
    expect(look(isTerminal, {}, columns).width).toBe(width);
  });
});
