import { malformedContainer, unsupportedContainer } from "./container-error.js";

/** A field of a protobuf message. Numbers are varints; bytes stand for strings and messages as well. */
export interface WireField {
  readonly name: string;
  readonly number: number;
  readonly type: "u32" | "u64" | "bytes" | "repeated bytes";
}

interface WireTypes {
  u32: number;
  u64: bigint;
  bytes: Uint8Array | undefined;
  "repeated bytes": readonly Uint8Array[];
}

/** The values of a message: absent numbers are zero, as proto3 has it; bytes are views of the input. */
export type WireValues<Fields extends readonly WireField[]> = {
  readonly [Field in Fields[number] as Field["name"]]: WireTypes[Field["type"]];
};

/** The message that is read: where its bytes are, and what to call it in errors. */
export interface WireMessage {
  readonly container: string;
  /** The message's name. */
  readonly where: string;
  readonly bytes: Uint8Array;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const WIRE_TYPES = ["varint", "64 bits", "length-delimited", "group start", "group end", "32 bits"] as const;
/** A varint of 64 bits takes ten bytes, the last of which holds one bit. */
const MAX_VARINT_BYTES = 10;
const GREATEST: Readonly<Record<"u32" | "u64", bigint>> = { u32: 0xffff_ffffn, u64: 2n ** 64n - 1n };
/** The biggest field number is 2^29 - 1, so a tag has at most 32 bits. */
const GREATEST_TAG = 0xffff_ffffn;
const MAX_REPEATED = 64;

/** A place in a message; moves forward only. */
class WireCursor {
  private at = 0;
  private readonly message: WireMessage;

  constructor(message: WireMessage) {
    this.message = message;
  }

  isDone(): boolean {
    return this.at === this.message.bytes.length;
  }

  /** A varint in its shortest form, not above `greatest`. */
  varint(what: string, greatest: bigint): bigint {
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = this.message.bytes[this.at];
      if (byte === undefined) throw this.broken(`${what}: a varint is cut`);
      this.at++;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte >= 0x80) continue;
      if (byte === 0 && index > 0) throw this.broken(`${what}: a varint that is not minimal`);
      if (value > greatest) throw this.broken(`${what}: expected at most ${greatest}, found ${value}`);
      return value;
    }
    throw this.broken(`${what}: a varint of more than ${MAX_VARINT_BYTES} bytes`);
  }

  /** Bytes behind their length, not copied. */
  bytes(what: string): Uint8Array {
    const { bytes } = this.message;
    const length = Number(this.varint(`${what}: length`, GREATEST.u64));
    if (length > bytes.length - this.at) throw this.broken(`${what}: its length reaches beyond the message`);
    this.at += length;
    return bytes.subarray(this.at - length, this.at);
  }

  broken(reason: string) {
    const { container, where } = this.message;
    return malformedContainer(container, where, `${reason}, before byte ${this.at}`);
  }
}

function readTag(cursor: WireCursor, { container, where }: WireMessage, fields: readonly WireField[]): WireField {
  const tag = Number(cursor.varint("a tag", GREATEST_TAG));
  const number = Math.floor(tag / 8);
  const wireType = tag % 8;
  if (number === 0) throw cursor.broken("field number 0");
  const name = WIRE_TYPES[wireType];
  if (name === undefined || name.startsWith("group")) throw cursor.broken(`wire type ${name ?? wireType}`);
  const field = fields.find((candidate) => candidate.number === number);
  if (field === undefined) throw unsupportedContainer(container, where, `a field of number ${number}`);
  const wanted = field.type === "u32" || field.type === "u64" ? VARINT : LENGTH_DELIMITED;
  if (wireType !== wanted) throw cursor.broken(`${field.name}: expected a ${WIRE_TYPES[wanted]}, found ${name}`);
  return field;
}

type Value = WireTypes[WireField["type"]];

const ABSENT: Readonly<Record<WireField["type"], () => Value>> = {
  u32: () => 0,
  u64: () => 0n,
  bytes: () => undefined,
  "repeated bytes": () => [],
};

function readValue(cursor: WireCursor, { name, type }: WireField, before: Value | undefined): Value {
  switch (type) {
    case "u32":
      return Number(cursor.varint(name, GREATEST.u32));
    case "u64":
      return cursor.varint(name, GREATEST.u64);
    case "bytes":
      return cursor.bytes(name);
    case "repeated bytes": {
      const list = Array.isArray(before) ? before : [];
      if (list.length === MAX_REPEATED) throw cursor.broken(`${name}: more than ${MAX_REPEATED} entries`);
      return [...list, cursor.bytes(name)];
    }
  }
}

/**
 * Unverified: a protobuf message by a table of its fields, stricter than protobuf itself. Groups, a varint that is
 * cut, too long, not minimal or out of its field's range, a length beyond the message and a singular field that stands
 * twice (the last would silently win) are refused; so is a field that the table does not have.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER`
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a field that is not known.
 *
 * Source: protobuf.dev, Encoding.
 */
export function readMessage<const Fields extends readonly WireField[]>(
  message: WireMessage,
  fields: Fields,
): WireValues<Fields> {
  const cursor = new WireCursor(message);
  const found = new Map<string, Value>();
  while (!cursor.isDone()) {
    const field = readTag(cursor, message, fields);
    const before = found.get(field.name);
    if (before !== undefined && field.type !== "repeated bytes")
      throw cursor.broken(`${field.name} stands there twice`);
    found.set(field.name, readValue(cursor, field, before));
  }
  const values = fields.map(({ name, type }) => [name, found.get(name) ?? ABSENT[type]()] as const);
  // Filled from the very fields that the type is computed from.
  return Object.fromEntries(values) as WireValues<Fields>;
}
