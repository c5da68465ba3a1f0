import { malformedImport, shortLine } from "./malformed.js";
import { utf8Text } from "./part.js";
import { type ProtoReader, type ProtoTable, type RawValue, unknownField } from "./proto.js";
import { parseTextproto, type TextField, type TextValue } from "./textproto.js";

type RawText = RawValue<TextValue>;

const FLAGS: ReadonlyMap<string, boolean> = /* @__PURE__ */ new Map([
  ...["true", "True", "t", "1"].map((word) => [word, true] as const),
  ...["false", "False", "f", "0"].map((word) => [word, false] as const),
]);

/** A wrapper of google.protobuf is a message of one value. */
const WRAPPER: ProtoTable = { value: { type: "uint64" } };

function shown(value: TextValue): string {
  switch (value.kind) {
    case "word":
      return `the word ${shortLine(value.text)}`;
    case "number":
      return `the number ${shortLine(String(value.value))}`;
    case "bytes":
      return `a string of ${value.bytes.length} bytes`;
    default:
      return "a message";
  }
}

function refuse(format: string, { where, raw }: RawText, expected: string): Error {
  return malformedImport(format, where, `expected ${expected}, found ${shown(raw)}`);
}

/** The value of a field that is not repeated: no list, and no second field. */
function onlyValue(format: string, { values, list, line }: TextField, at: { where: string; second: boolean }): RawText {
  const [raw] = values;
  if (!list && !at.second && raw !== undefined) return { where: at.where, raw };
  const found = list ? "a list" : "a second";
  throw malformedImport(format, at.where, `expected one value, found ${found} in line ${line}`);
}

function fieldsOf(format: string, raw: RawText, table: ProtoTable): ReadonlyMap<string, readonly RawText[]> {
  if (raw.raw.kind !== "message") throw refuse(format, raw, "a message");
  const found = new Map<string, RawText[]>();
  for (const field of raw.raw.fields) {
    const where = raw.where === "" ? field.name : `${raw.where}/${field.name}`;
    const row = Object.hasOwn(table, field.name) ? table[field.name] : undefined;
    if (row === undefined) throw unknownField(format, where, table);
    const values = found.get(field.name) ?? [];
    found.set(field.name, values);
    if (row.repeated === true) {
      for (const value of field.values) values.push({ where: `${where}/${values.length}`, raw: value });
    } else {
      values.push(onlyValue(format, field, { where, second: values.length > 0 }));
    }
  }
  return found;
}

function integerOf(format: string, raw: RawText): bigint {
  if (raw.raw.kind === "number") return raw.raw.value;
  throw refuse(format, raw, "a whole number");
}

function wrappedOf(format: string, raw: RawText): bigint {
  const [value] = fieldsOf(format, raw, WRAPPER).get("value") ?? [];
  return value === undefined ? 0n : integerOf(format, value);
}

/** A word, or a number as one. */
function wordOf(value: TextValue): string {
  if (value.kind === "word") return value.text;
  return value.kind === "number" ? String(value.value) : "";
}

function flagOf(format: string, raw: RawText): boolean {
  const flag = FLAGS.get(wordOf(raw.raw));
  if (flag === undefined) throw refuse(format, raw, "true or false");
  return flag;
}

function bytesOf(format: string, raw: RawText): Uint8Array {
  if (raw.raw.kind === "bytes") return raw.raw.bytes;
  throw refuse(format, raw, "a string");
}

function textOf(format: string, raw: RawText): string {
  const text = utf8Text(bytesOf(format, raw));
  if (text === null) throw refuse(format, raw, "UTF-8");
  return text;
}

/** Values of a message in protobuf's text format. */
export function textReader(format: string): ProtoReader<TextValue> {
  return {
    format,
    fields: (raw, table) => fieldsOf(format, raw, table),
    integer: (raw) => integerOf(format, raw),
    wrapped: (raw) => wrappedOf(format, raw),
    flag: (raw) => flagOf(format, raw),
    bytes: (raw) => bytesOf(format, raw),
    text: (raw) => textOf(format, raw),
    choice: (raw) => (raw.raw.kind === "word" ? raw.raw.text : integerOf(format, raw)),
  };
}

/** The whole text as a message, and its fields as they are written. @throws as `parseTextproto` */
export function textMessage(format: string, text: string): { fields: readonly TextField[]; message: RawText } {
  const fields = parseTextproto(format, text);
  return { fields, message: { where: "", raw: { kind: "message", fields } } };
}
