import { Ajv2020 } from "ajv/dist/2020.js";
import * as asn1js from "asn1js";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { DerCursor } from "../../src/der/cursor.js";
import { readTime } from "../../src/der/time.js";
import {
  readBigInteger,
  readBitStringBytes,
  readBoolean,
  readNamedBits,
  readNull,
  readOctetString,
  readOid,
  readText,
} from "../../src/der/values.js";
import { hex } from "../support/hex.js";
import { vectorJson } from "../vectors/files.js";

interface DerCase {
  tcId: number;
  comment: string;
  flags: readonly string[];
  der: string;
  result: "valid" | "invalid";
  value?: unknown;
}

interface Suite {
  numberOfTests: number;
  notes: Readonly<Record<string, string>>;
  testGroups: readonly { type: string; tests: readonly DerCase[] }[];
}

const suite = vectorJson<Suite>("der/values.json");
const BITS = Array.from({ length: 64 }, (_, bit) => bit);

/** What each type's bytes are read by, in the form in which the file writes a value. */
const READERS: Readonly<Record<string, (cursor: DerCursor) => unknown>> = {
  boolean: readBoolean,
  null: (cursor) => readNull(cursor) ?? null,
  integer: (cursor) => String(readBigInteger(cursor, 20)),
  octetString: (cursor) => toHex(readOctetString(cursor)),
  bitString: (cursor) => toHex(readBitStringBytes(cursor)),
  namedBits: (cursor) => BITS.filter(readNamedBits(cursor)),
  oid: readOid,
  text: readText,
  time: (cursor) => new Date(readTime(cursor)).toISOString().replace(".000Z", "Z"),
};

function read(type: string, der: string): unknown {
  const reader = READERS[type];
  if (reader === undefined) throw new Error(`nothing reads ${type}`);
  const cursor = DerCursor.over(hex(der), "case");
  const value = reader(cursor);
  cursor.finish();
  return value;
}

describe.each(suite.testGroups)("DER cases of $type", ({ type, tests }) => {
  it.each(tests)("$tcId $comment: $result", ({ der, result, value }) => {
    if (result === "valid") expect(read(type, der)).toEqual(value);
    else expect(() => read(type, der)).toFailWith("ERR_MALFORMED_DER", { what: "case" });
  });
});

describe("the file of DER cases", () => {
  const all = suite.testGroups.flatMap(({ tests }) => tests);

  it("keeps its schema, which refuses others", () => {
    const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(
      vectorJson<object>("der/schema.json"),
    );
    expect(validate(suite), JSON.stringify(validate.errors)).toBe(true);
    for (const spoil of [{ extra: 1 }, { result: "valid" }, { der: "0" }, { flags: [] }, { value: 1 }]) {
      const spoilt = vectorJson<{ testGroups: { tests: object[] }[] }>("der/values.json");
      const broken = spoilt.testGroups[0]?.tests.find((test) => "result" in test && test.result === "invalid");
      Object.assign(broken ?? {}, spoil);
      expect(validate(spoilt), JSON.stringify(spoil)).toBe(false);
    }
  });

  it("counts its cases, tells none twice and explains its flags", () => {
    expect(all.map(({ tcId }) => tcId)).toEqual(Array.from({ length: suite.numberOfTests }, (_, index) => index + 1));
    for (const { tests } of suite.testGroups) expect(new Set(tests.map(({ der }) => der)).size).toBe(tests.length);
    expect(new Set(all.flatMap(({ flags }) => flags))).toEqual(new Set(Object.keys(suite.notes)));
    expect(Object.keys(READERS)).toEqual(suite.testGroups.map(({ type }) => type));
  });

  it("calls nothing valid that asn1js cannot decode whole", () => {
    const valid = all.filter(({ result }) => result === "valid");
    expect(valid.length).toBeGreaterThan(40);
    for (const { comment, der } of valid) expect(asn1js.fromBER(hex(der)).offset, comment).toBe(der.length / 2);
  });

  it("calls much invalid that asn1js decodes: BER is not DER", () => {
    const decodes = (bytes: Uint8Array) => {
      try {
        return asn1js.fromBER(bytes).offset === bytes.length;
      } catch {
        // asn1js throws at some times that no calendar has.
        return false;
      }
    };
    const loose = all.filter(({ result, der }) => result === "invalid" && decodes(hex(der)));
    expect(loose.length).toBeGreaterThan(20);
  });
});
