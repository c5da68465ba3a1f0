import { fromBase64 } from "../../bytes/codecs.js";
import { malformedImport } from "./malformed.js";
import { flagOf, itemsOf, membersOf, type Part, textOf, wrong } from "./part.js";
import type { ProtoReader, ProtoTable, RawValue } from "./proto.js";
import { unknownField } from "./proto.js";

const DIGITS = /^(?:0|[1-9]\d{0,19})$/;

/** A field's name in JSON, where `minimum_tcb` may be `minimumTcb`. */
function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function asPart(format: string, { where, raw }: RawValue<unknown>): Part {
  return { format, where, value: raw };
}

/** A part of a JSON input as a value of a message. */
export function asRaw({ where, value }: Part): RawValue<unknown> {
  return { where, raw: value };
}

/** Base64 of either alphabet, padded or not, as protobuf's readers of JSON take it. */
function decodeBase64(part: Part): Uint8Array {
  const digits = textOf(part)
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/={1,2}$/, "");
  try {
    return fromBase64(digits.padEnd(Math.ceil(digits.length / 4) * 4, "="));
  } catch {
    throw malformedImport(part.format, part.where, "expected base64, found other text");
  }
}

/**
 * Values of a message in protobuf's JSON: names in camelCase or as the .proto file has them, 64-bit integers as text
 * or number, bytes in base64, null for a field that is absent.
 *
 * Source: protobuf.dev, ProtoJSON Format.
 */
export function jsonReader(format: string): ProtoReader<unknown> {
  function fields(raw: RawValue<unknown>, table: ProtoTable): ReadonlyMap<string, readonly RawValue<unknown>[]> {
    const names = new Map(
      Object.keys(table).flatMap((name) => [[name, name] as const, [camelCase(name), name] as const]),
    );
    const found = new Map<string, readonly RawValue<unknown>[]>();
    for (const [key, part] of membersOf(asPart(format, raw))) {
      const name = names.get(key);
      if (name === undefined) throw unknownField(format, part.where, table);
      if (found.has(name))
        throw malformedImport(format, part.where, "expected one value, found the field by both names");
      found.set(name, (table[name]?.repeated === true ? itemsOf(part) : [part]).map(asRaw));
    }
    return found;
  }

  function integer(raw: RawValue<unknown>): bigint {
    const part = asPart(format, raw);
    const { value } = part;
    // Readers of JSON round numbers above 2^53, so what was written is not known.
    if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
    if (typeof value === "string" && DIGITS.test(value)) return BigInt(value);
    throw wrong(part, "a whole number, or text of one");
  }

  return {
    format,
    fields,
    integer,
    wrapped: integer,
    flag: (raw) => flagOf(asPart(format, raw)),
    bytes: (raw) => decodeBase64(asPart(format, raw)),
    text: (raw) => textOf(asPart(format, raw)),
    choice(raw) {
      return typeof raw.raw === "string" ? raw.raw : integer(raw);
    },
  };
}
