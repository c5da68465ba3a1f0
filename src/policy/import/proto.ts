import { malformedImport } from "./malformed.js";

/** What a field can be; `opaque` is a message that is not looked into. The wrappers are those of google.protobuf. */
export type ProtoType =
  | "uint32"
  | "uint64"
  | "bool"
  | "string"
  | "bytes"
  | "opaque"
  | "UInt32Value"
  | "UInt64Value"
  | { readonly enum: Readonly<Record<string, number>> }
  | { readonly message: ProtoTable };

/** A field of a message. */
export interface ProtoRow {
  readonly type: ProtoType;
  readonly repeated?: true;
}

/** A message: its fields by the names that its .proto file gives them. */
export type ProtoTable = Readonly<Record<string, ProtoRow>>;

/** A value that was found, and where. */
export interface Located<Value> {
  /** The names of the fields on the way, joined by slashes. */
  readonly where: string;
  readonly value: Value;
}

type TypeOf<Type> = Type extends "uint32" | "UInt32Value"
  ? number
  : Type extends "uint64" | "UInt64Value"
    ? bigint
    : Type extends "bool" | "opaque"
      ? boolean
      : Type extends "string"
        ? string
        : Type extends "bytes"
          ? Uint8Array
          : Type extends { readonly enum: Readonly<Record<infer Name, number>> }
            ? Name
            : Type extends { readonly message: infer Table }
              ? MessageOf<Table>
              : never;

type FieldOf<Row> = Row extends { readonly type: infer Type }
  ? Row extends { readonly repeated: true }
    ? readonly Located<TypeOf<Type>>[]
    : Located<TypeOf<Type>> | undefined
  : never;

/** What a message of a table holds: undefined for a field that is not there. */
export type MessageOf<Table> = { readonly [Name in keyof Table]: FieldOf<Table[Name]> };

/** A value as one of the formats has it. */
export interface RawValue<Raw> {
  readonly where: string;
  readonly raw: Raw;
}

/** The two ways to write a message, text format and JSON, differ in these. */
export interface ProtoReader<Raw> {
  readonly format: string;
  /** The fields of a message by the names of the table; each at least one value but for an empty list. */
  fields(raw: RawValue<Raw>, table: ProtoTable): ReadonlyMap<string, readonly RawValue<Raw>[]>;
  /** An integer. */
  integer(raw: RawValue<Raw>): bigint;
  /** A wrapped integer. */
  wrapped(raw: RawValue<Raw>): bigint;
  flag(raw: RawValue<Raw>): boolean;
  bytes(raw: RawValue<Raw>): Uint8Array;
  text(raw: RawValue<Raw>): string;
  /** The name or the number of an enum's value. */
  choice(raw: RawValue<Raw>): string | bigint;
}

const MAX_32 = 0xffff_ffffn;
const MAX_64 = 0xffff_ffff_ffff_ffffn;

function within(value: bigint, greatest: bigint, refuse: (reason: string) => Error): bigint {
  if (value >= 0n && value <= greatest) return value;
  throw refuse(`expected a whole number of 0 to ${greatest}, found ${value}`);
}

function choiceOf(names: Readonly<Record<string, number>>, found: string | bigint): string | undefined {
  const entry = Object.entries(names).find(([name, number]) => name === found || BigInt(number) === found);
  return entry?.[0];
}

function readValue<Raw>(reader: ProtoReader<Raw>, raw: RawValue<Raw>, type: ProtoType): unknown {
  const refuse = (reason: string) => malformedImport(reader.format, raw.where, reason);
  switch (type) {
    case "uint32":
      return Number(within(reader.integer(raw), MAX_32, refuse));
    case "uint64":
      return within(reader.integer(raw), MAX_64, refuse);
    case "UInt32Value":
      return Number(within(reader.wrapped(raw), MAX_32, refuse));
    case "UInt64Value":
      return within(reader.wrapped(raw), MAX_64, refuse);
    case "bool":
      return reader.flag(raw);
    case "string":
      return reader.text(raw);
    case "bytes":
      return reader.bytes(raw);
    case "opaque":
      return true;
    default:
      break;
  }
  if ("message" in type) return readProto(reader, raw, type.message);
  const name = choiceOf(type.enum, reader.choice(raw));
  if (name === undefined) throw refuse(`expected one of ${Object.keys(type.enum).join(", ")}, found another value`);
  return name;
}

/**
 * The message that a table describes. A field that the table does not have is refused, and so is one that stands
 * twice and is not repeated.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of the first mistake.
 */
export function readProto<Raw, const Table extends ProtoTable>(
  reader: ProtoReader<Raw>,
  raw: RawValue<Raw>,
  table: Table,
): MessageOf<Table> {
  const found = reader.fields(raw, table);
  const entries = Object.entries(table).map(([name, { type, repeated }]) => {
    const values = (found.get(name) ?? []).map((each) => ({
      where: each.where,
      value: readValue(reader, each, type),
    }));
    return [name, repeated === true ? values : values[0]] as const;
  });
  // Each value was read by the type of its row.
  return Object.fromEntries(entries) as MessageOf<Table>;
}

/** The error of a field that a message does not have. */
export function unknownField(format: string, where: string, table: ProtoTable): Error {
  const names = Object.keys(table).join(", ");
  return malformedImport(format, where, `expected one of the fields ${names}, found another; remove it`);
}
