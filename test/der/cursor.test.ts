import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { DerCursor, TAG } from "../../src/der/cursor.js";
import { hex } from "../support/hex.js";

const zeros = (length: number) => new Uint8Array(length);

/** Takes one element of the tag and demands that nothing follows. */
function takeOnly(bytes: Uint8Array, tag: number): Uint8Array {
  const cursor = DerCursor.over(bytes, "thing");
  const content = cursor.contentOf(cursor.take(tag));
  cursor.finish();
  return content;
}

interface LengthRow {
  why: string;
  /** The header, and how many bytes of content follow it. */
  sound: [header: string, content: number];
  broken: [header: string, content: number];
  offset: number;
  reason: RegExp;
}

const LENGTHS: readonly LengthRow[] = [
  {
    why: "indefinite length is BER's way of not saying where a value ends",
    sound: ["04 00", 0],
    broken: ["04 80 0000", 0],
    offset: 1,
    reason: /^indefinite length$/,
  },
  {
    why: "indefinite length of a constructed value, the form that asn1js reads",
    sound: ["24 02", 2],
    broken: ["24 80 0000", 0],
    offset: 1,
    reason: /^indefinite length$/,
  },
  {
    why: "127 fits the short form, so 81 7f is a second way to write it",
    sound: ["04 7f", 127],
    broken: ["04 81 7f", 127],
    offset: 1,
    reason: /not minimal/,
  },
  {
    why: "the smallest length of the long form is 128",
    sound: ["04 81 80", 128],
    broken: ["04 82 0080", 128],
    offset: 1,
    reason: /not minimal/,
  },
  {
    why: "255 fits one byte",
    sound: ["04 81 ff", 255],
    broken: ["04 82 00ff", 255],
    offset: 1,
    reason: /not minimal/,
  },
  {
    why: "256 is the first length of two bytes",
    sound: ["04 82 0100", 256],
    broken: ["04 83 000100", 256],
    offset: 1,
    reason: /not minimal/,
  },
  {
    why: "65535 fits two bytes",
    sound: ["04 82 ffff", 65_535],
    broken: ["04 83 00ffff", 65_535],
    offset: 1,
    reason: /not minimal/,
  },
  {
    why: "65536 is the first length of three bytes",
    sound: ["04 83 010000", 65_536],
    broken: ["04 84 00010000", 65_536],
    offset: 1,
    reason: /more than 24 bits/,
  },
  {
    why: "zero has one form",
    sound: ["04 00", 0],
    broken: ["04 81 00", 0],
    offset: 1,
    reason: /not minimal/,
  },
  {
    why: "four bytes of length would reach 2^31 and a sign bit",
    sound: ["04 03", 3],
    broken: ["04 84 80000003", 3],
    offset: 1,
    reason: /more than 24 bits/,
  },
  {
    why: "127 bytes of length overflow every number",
    sound: ["04 03", 3],
    broken: ["04 ff", 127],
    offset: 1,
    reason: /more than 24 bits/,
  },
  {
    why: "content one byte short: a value that was cut",
    sound: ["04 03", 3],
    broken: ["04 03", 2],
    offset: 0,
    reason: /reaches beyond/,
  },
  {
    why: "the greatest length that can be written, with nothing behind it",
    sound: ["04 00", 0],
    broken: ["04 83 ffffff", 0],
    offset: 0,
    reason: /reaches beyond/,
  },
  {
    why: "one byte after the value: something that nobody looked at",
    sound: ["04 03", 3],
    broken: ["04 03", 4],
    offset: 5,
    reason: /^1 bytes left over$/,
  },
  {
    why: "end-of-contents octets after a definite length",
    sound: ["04 01", 1],
    broken: ["04 01", 3],
    offset: 3,
    reason: /^2 bytes left over$/,
  },
];

describe("lengths", () => {
  it.each(LENGTHS)("$why", ({ sound, broken, offset, reason }) => {
    const [soundBytes, brokenBytes] = [sound, broken].map(([header, size]) => concatBytes(hex(header), zeros(size)));
    if (soundBytes === undefined || brokenBytes === undefined) throw new Error("two rows make two inputs");
    const tag = Number(soundBytes[0]);
    expect(takeOnly(soundBytes, tag)).toHaveLength(sound[1]);
    expect(() => takeOnly(brokenBytes, tag)).toFailWith("ERR_MALFORMED_DER", {
      what: "thing",
      offset,
      reason: expect.stringMatching(reason),
    });
  });

  it("reads each length from 0 to 700 in its own form and in no other", () => {
    for (let length = 0; length <= 700; length++) {
      const forms = [
        [length],
        [0x81, length],
        [0x82, length >> 8, length & 0xff],
        [0x83, 0, length >> 8, length & 0xff],
      ];
      const fitting = [0x80, 0x100, 0x1_0000, 0x100_0000].map((beyond) => length < beyond);
      const shortest = fitting.indexOf(true);
      for (const [index, form] of forms.entries()) {
        // A length that does not fit the form would be another length.
        if (!fitting[index]) continue;
        const bytes = concatBytes(Uint8Array.of(TAG.octetString, ...form), zeros(length));
        if (index === shortest) expect(takeOnly(bytes, TAG.octetString)).toHaveLength(length);
        else expect(() => takeOnly(bytes, TAG.octetString), `${length}`).toFailWith("ERR_MALFORMED_DER", { offset: 1 });
      }
    }
  });
});

interface CutRow {
  why: string;
  bytes: string;
  offset: number;
}

const CUTS: readonly CutRow[] = [
  { why: "nothing at all", bytes: "", offset: 0 },
  { why: "a tag and no length", bytes: "04", offset: 1 },
  { why: "a long form without its length", bytes: "04 81", offset: 2 },
  { why: "a long form with half of its length", bytes: "04 82 01", offset: 3 },
  { why: "a long form with two thirds of its length", bytes: "04 83 0100", offset: 4 },
];

describe("truncated headers", () => {
  it.each(CUTS)("$why", ({ bytes, offset }) => {
    expect(() => takeOnly(hex(bytes), TAG.octetString)).toFailWith("ERR_MALFORMED_DER", {
      offset,
      reason: "the element ends too early",
    });
  });

  it("every prefix of a sound value is refused", () => {
    const sound = concatBytes(hex("04 82 0100"), zeros(256));
    expect(takeOnly(sound, TAG.octetString)).toHaveLength(256);
    for (let end = 0; end < sound.length; end++) {
      expect(() => takeOnly(sound.subarray(0, end), TAG.octetString), `${end}`).toFailWith("ERR_MALFORMED_DER");
    }
  });

  it("a header does not borrow bytes from behind its enclosing element", () => {
    // The SEQUENCE ends behind 04; the byte that would be the length belongs to nobody.
    const outer = DerCursor.over(hex("30 01 04 00"), "thing");
    const inner = outer.enter(TAG.sequence);
    expect(() => inner.take(TAG.octetString)).toFailWith("ERR_MALFORMED_DER", { offset: 3 });
  });

  it("a value does not borrow content from behind its enclosing element", () => {
    const within = DerCursor.over(hex("30 03 04 01 aa bb"), "thing").enter(TAG.sequence);
    expect(within.take(TAG.octetString)).toEqual({ tag: 0x04, start: 2, content: 4, end: 5 });
    const beyond = DerCursor.over(hex("30 03 04 02 aa bb"), "thing").enter(TAG.sequence);
    expect(() => beyond.take(TAG.octetString)).toFailWith("ERR_MALFORMED_DER", { offset: 2 });
  });
});

describe("tags", () => {
  it.each([
    ["primitive where constructed is due", TAG.sequence, "10 00", "expected tag 0x30, found 0x10"],
    [
      "constructed OCTET STRING, BER's way of cutting one up",
      TAG.octetString,
      "24 00",
      "expected tag 0x04, found 0x24",
    ],
    ["application class", TAG.integer, "42 01 00", "expected tag 0x02, found 0x42"],
    ["context class", TAG.integer, "82 01 00", "expected tag 0x02, found 0x82"],
    ["private class", TAG.sequence, "f0 00", "expected tag 0x30, found 0xf0"],
    ["another number in brackets", TAG.explicit(0), "a1 00", "expected tag 0xa0, found 0xa1"],
    ["implicit where explicit is due", TAG.explicit(0), "80 00", "expected tag 0xa0, found 0x80"],
    ["high tag number that spells SEQUENCE", TAG.sequence, "3f 10 00", "expected tag 0x30, found 0x3f"],
    ["high tag number of several bytes", TAG.integer, "1f 82 01 00", "expected tag 0x02, found 0x1f"],
    ["end of contents", TAG.null, "00 00", "expected tag 0x05, found 0x00"],
  ])("%s", (...[, tag, bytes, reason]) => {
    expect(takeOnly(Uint8Array.of(tag, 0), tag)).toHaveLength(0);
    expect(() => takeOnly(hex(bytes), tag)).toFailWith("ERR_MALFORMED_DER", { offset: 0, reason });
  });

  it("numbers in brackets count from zero", () => {
    expect([TAG.explicit(0), TAG.explicit(3), TAG.implicit(0), TAG.implicit(2)]).toEqual([0xa0, 0xa3, 0x80, 0x82]);
  });

  it("takes every one of the 256 tag bytes for itself alone", () => {
    for (let tag = 0; tag < 256; tag++) {
      expect(takeOnly(Uint8Array.of(tag, 0), tag)).toHaveLength(0);
      expect(() => takeOnly(Uint8Array.of(tag, 0), tag ^ 1)).toFailWith("ERR_MALFORMED_DER");
    }
  });
});

/** `depth` SEQUENCEs inside one another; only for contents below 128 bytes. */
function nested(depth: number): Uint8Array {
  let bytes = new Uint8Array(0);
  for (let level = 0; level < depth; level++) bytes = Uint8Array.of(TAG.sequence, bytes.length, ...bytes);
  return bytes;
}

function descend(bytes: Uint8Array): number {
  let cursor = DerCursor.over(bytes, "thing");
  let depth = 0;
  while (cursor.peek() !== undefined) {
    cursor = cursor.enter(TAG.sequence);
    depth++;
  }
  return depth;
}

describe("nesting", () => {
  it("goes as deep as the budget and not deeper", () => {
    expect(descend(nested(12))).toBe(12);
    expect(() => descend(nested(13))).toFailWith("ERR_MALFORMED_DER", { reason: "nested deeper than 12" });
    expect(() => descend(nested(60))).toFailWith("ERR_MALFORMED_DER", { reason: "nested deeper than 12" });
  });

  it("counts DER inside an OCTET STRING as a level as well", () => {
    let cursor = DerCursor.over(hex("04 00"), "thing");
    for (let level = 0; level < 12; level++) cursor = cursor.inside(0, 2);
    expect(() => cursor.inside(0, 2)).toFailWith("ERR_MALFORMED_DER", { reason: "nested deeper than 12" });
  });

  it("counts depth and not elements: a thousand side by side pass", () => {
    const many = concatBytes(...Array.from({ length: 1000 }, () => hex("30 00")));
    const cursor = DerCursor.over(many, "thing");
    for (let i = 0; i < 1000; i++) cursor.enter(TAG.sequence).finish();
    expect(() => cursor.finish()).not.toThrow();
  });
});

describe("a cursor", () => {
  const bytes = hex("30 06 020105 0401aa 05 00");

  it("goes forward and ends where its element ends", () => {
    const outer = DerCursor.over(bytes, "thing");
    const inner = outer.enter(TAG.sequence);
    expect(inner.peek()).toBe(TAG.integer);
    inner.take(TAG.integer);
    expect(inner.peek()).toBe(TAG.octetString);
    expect(() => inner.finish()).toFailWith("ERR_MALFORMED_DER", { offset: 5, reason: "3 bytes left over" });
    inner.take(TAG.octetString);
    expect(inner.peek()).toBeUndefined();
    expect(() => inner.finish()).not.toThrow();
    expect(outer.peek()).toBe(TAG.null);
    outer.take(TAG.null);
    expect(outer.peek()).toBeUndefined();
  });

  it("gives content and whole of an element as views, not copies", () => {
    const cursor = DerCursor.over(bytes, "thing");
    const element = cursor.take(TAG.sequence);
    expect(cursor.wholeOf(element)).toEqual(hex("30 06 020105 0401aa"));
    expect(cursor.contentOf(element)).toEqual(hex("020105 0401aa"));
    expect(cursor.contentOf(element).buffer).toBe(bytes.buffer);
  });

  it("stays where it is when it refuses", () => {
    const cursor = DerCursor.over(bytes, "thing");
    expect(() => cursor.take(TAG.set)).toFailWith("ERR_MALFORMED_DER", { offset: 0 });
    expect(cursor.take(TAG.sequence).end).toBe(8);
  });

  it("counts offsets in the whole input, also within", () => {
    const inner = DerCursor.over(bytes, "thing").enter(TAG.sequence);
    inner.take(TAG.integer);
    expect(() => inner.take(TAG.integer)).toFailWith("ERR_MALFORMED_DER", { what: "thing", offset: 5 });
  });

  it("says what, where and why in one line", () => {
    const action = () => DerCursor.over(hex("05 01 00"), "the leaf").take(TAG.integer);
    expect(action).toThrow(
      "the leaf is not strict DER at byte 0: expected tag 0x02, found 0x05; take the bytes from their source again",
    );
  });

  it("reads a view of a larger buffer as it reads a copy", () => {
    const large = concatBytes(hex("ff ff ff"), bytes, hex("ff"));
    const view = DerCursor.over(large.subarray(3, 3 + bytes.length), "thing");
    expect(view.wholeOf(view.take(TAG.sequence))).toEqual(bytes.subarray(0, 8));
    view.take(TAG.null);
    expect(() => view.take(TAG.null)).toFailWith("ERR_MALFORMED_DER", { offset: bytes.length });
  });
});
