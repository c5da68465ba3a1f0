import { crc32 } from "node:zlib";
import { concatBytes } from "../../src/bytes/codecs.js";

/** The bit of SEV-SNP in the files of these tests. */
export const SNP = 0x1;
/** The bit of another platform. */
export const TDX = 0x2;

type Value = readonly [size: 1 | 2 | 4 | 8, value: number | bigint];

/** Numbers of these sizes, little-endian. */
export function packed(...values: readonly Value[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of values) {
    for (let index = 0; index < size; index++) bytes[at++] = Number((BigInt(value) >> BigInt(8 * index)) & 0xffn);
  }
  return bytes;
}

/** A variable header, padded to 8 bytes. */
export function header(type: number, content: Uint8Array): Uint8Array {
  const padding = new Uint8Array((8 - (content.length % 8)) % 8);
  return concatBytes(packed([4, type], [4, content.length]), content, padding);
}

export const platform = (mask = SNP, type = 2, version = 1) =>
  header(0x1, packed([4, mask], [1, 0], [1, type], [2, version], [8, 0]));

export const guestPolicy = (mask = SNP) => header(0x101, packed([8, 0x30000], [4, mask], [4, 0]));

export const relocation = (mask = SNP) =>
  header(0x102, packed([4, mask], [2, 0], [2, 0], [8, 0x1000], [8, 0], [8, 0x1000], [8, 0], [8, 0]));

export const parameterArea = (bytes: number | bigint, index: number) =>
  header(0x301, packed([8, bytes], [4, index], [4, 0]));

export const parameterInsert = (gpa: number | bigint, index: number, mask = SNP) =>
  header(0x303, packed([8, gpa], [4, mask], [4, index]));

interface PageOptions {
  gpa: number | bigint;
  mask?: number;
  fileOffset?: number;
  flags?: number;
  dataType?: number;
  reserved?: number;
}

export const pageData = ({ gpa, mask = SNP, fileOffset = 0, flags = 0, dataType = 0, reserved = 0 }: PageOptions) =>
  header(0x302, packed([8, gpa], [4, mask], [4, fileOffset], [4, flags], [2, dataType], [2, reserved]));

export const vpContext = (gpa: number | bigint, fileOffset: number, { mask = SNP, vpIndex = 0, reserved = 0 } = {}) =>
  header(0x304, packed([8, gpa], [4, mask], [4, fileOffset], [2, vpIndex], [2, reserved]));

export interface FileOptions {
  version?: number;
  architecture?: number;
  pageSize?: number;
  /** Changes the fixed header before its checksum is computed. */
  patch?: (view: DataView) => void;
  /** Added to the checksum. */
  checksumOff?: number;
}

/** A file of some headers and the data behind them; directives name data by `dataAt`. */
export function igvmFile(
  headers: readonly Uint8Array[],
  data: Uint8Array = new Uint8Array(0),
  options: FileOptions = {},
) {
  const { version = 1, architecture = 0, pageSize = 4096, patch, checksumOff = 0 } = options;
  const variable = concatBytes(...headers);
  const extra = version === 2 ? packed([4, architecture], [4, pageSize]) : new Uint8Array(0);
  const start = 24 + extra.length;
  const end = start + variable.length;
  const total = end + data.length;
  const fixed = packed([4, 0x4d564749], [4, version], [4, start], [4, variable.length], [4, total], [4, 0]);
  patch?.(new DataView(fixed.buffer));
  const heads = concatBytes(fixed, extra, variable);
  new DataView(heads.buffer).setUint32(20, crc32(heads) + checksumOff, true);
  return concatBytes(heads, data);
}

/** Where the data of a file of version 1 begin. */
export function dataAt(headers: readonly Uint8Array[]): number {
  return 24 + headers.reduce((sum, { length }) => sum + length, 0);
}
