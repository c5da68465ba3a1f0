import { MalformedError, UnsupportedError } from "../errors.js";
import { crc32 } from "./crc32.js";
import { FIXED_HEADER, FIXED_HEADER_2, VARIABLE_HEADER } from "./igvm-layouts.js";
import { IGVM_TYPES, type IgvmType, sectionOfType } from "./igvm-types.js";
import { PAGE_BYTES } from "./pages.js";

/** A variable header of a type that is known. */
export interface IgvmHeader {
  readonly type: IgvmType;
  readonly content: Uint8Array;
  /** Of the header, from the start of the file. */
  readonly offset: number;
}

/** Reads a file anywhere. */
export interface IgvmFile {
  readonly size: number;
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}

const MAGIC = 0x4d56_4749;
const MAY_BE_PASSED_OVER = 0x8000_0000;
const ALIGNMENT = 8;
const CHECKSUM_AT = 20;
/** Files with 64 MiB of pages have 400 kB of headers. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** As many as there can be pages, and some; 16 MiB of headers without content would be two millions. */
const MAX_HEADERS = 300_000;

/** The error for a file that breaks its format. */
export function malformedIgvm(offset: number | null, reason: string): MalformedError {
  const place = offset === null ? "" : `, at offset 0x${offset.toString(16)}`;
  return new MalformedError("ERR_MALFORMED_IGVM", `IGVM file: ${reason}${place}`, { offset, reason });
}

/** The error for a file that is not handled. */
export function unsupportedIgvm(where: string, found: string): UnsupportedError {
  return new UnsupportedError("ERR_UNSUPPORTED_IGVM", `IGVM file: ${where}: ${found}`, { where, found });
}

/** The error for a directive whose effect is not known. */
export function unsupportedDirective(directive: string, offset: number, reason: string): UnsupportedError {
  const [number] = [...IGVM_TYPES].find(([, { name }]) => name === directive) ?? [null];
  const type = number === null ? directive : `0x${number.toString(16)}`;
  const message = `IGVM file: ${directive} at offset 0x${offset.toString(16)}: ${reason}`;
  return new UnsupportedError("ERR_UNSUPPORTED_IGVM_DIRECTIVE", message, { directive, type, offset, reason });
}

function checkPlatformOf2(bytes: Uint8Array): void {
  const { architecture, pageSize } = FIXED_HEADER_2.parse(bytes).values;
  if (architecture !== 0) throw unsupportedIgvm("architecture", `${architecture}, expected 0 (x86-64)`);
  if (pageSize !== PAGE_BYTES) throw unsupportedIgvm("page size", `${pageSize}, expected ${PAGE_BYTES}`);
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Checks the fixed header; answers where the variable headers stand. */
async function variableHeaderPlace(file: IgvmFile): Promise<Place> {
  if (file.size < FIXED_HEADER.size) throw malformedIgvm(0, `${file.size} bytes are too few for a header`);
  const bytes = (await file.read(0, FIXED_HEADER.size)).slice();
  const { magic, version, headerOffset, headerSize, fileSize } = FIXED_HEADER.parse(bytes).values;
  if (magic !== MAGIC) throw malformedIgvm(0, 'the file does not begin with "IGVM"');
  if (version !== 1 && version !== 2) throw unsupportedIgvm("format version", `${version}, expected 1 or 2`);
  if (fileSize !== file.size) throw malformedIgvm(16, `the header says ${fileSize} bytes, the file has ${file.size}`);
  const fixed = FIXED_HEADER.size + (version === 2 ? FIXED_HEADER_2.size : 0);
  const end = headerOffset + headerSize;
  if (headerOffset < fixed || headerOffset % ALIGNMENT !== 0 || end > file.size) {
    throw malformedIgvm(8, `variable headers of ${headerSize} bytes at ${headerOffset} do not fit`);
  }
  if (end > MAX_HEADER_BYTES) throw unsupportedIgvm("variable headers", `more than ${MAX_HEADER_BYTES} bytes`);
  if (version === 2) checkPlatformOf2((await file.read(FIXED_HEADER.size, FIXED_HEADER_2.size)).slice());
  return { start: headerOffset, end };
}

/** The bytes of fixed and variable headers. @throws MalformedError where their checksum does not hold. */
async function headerBytes(file: IgvmFile, { end }: Place): Promise<Uint8Array> {
  const bytes = (await file.read(0, end)).slice();
  const view = new DataView(bytes.buffer);
  const expected = view.getUint32(CHECKSUM_AT, true);
  view.setUint32(CHECKSUM_AT, 0, true);
  const actual = crc32(bytes);
  if (actual === expected) return bytes;
  throw malformedIgvm(CHECKSUM_AT, `the headers' CRC-32 is 0x${actual.toString(16)}, not 0x${expected.toString(16)}`);
}

interface RawHeader {
  readonly number: number;
  readonly content: Uint8Array;
  readonly offset: number;
  /** Where the next one begins. */
  readonly next: number;
}

function rawHeader(bytes: Uint8Array, offset: number): RawHeader {
  const start = offset + VARIABLE_HEADER.size;
  if (start > bytes.length) throw malformedIgvm(offset, "a variable header without its type and length");
  const { type, length } = VARIABLE_HEADER.parse(bytes.subarray(offset, start)).values;
  const next = start + Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  if (next > bytes.length) throw malformedIgvm(offset, `a variable header of ${length} bytes goes beyond their end`);
  if (bytes.subarray(start + length, next).some((byte) => byte !== 0)) {
    throw malformedIgvm(offset, "the padding of a variable header is not zero");
  }
  return { number: type, content: bytes.slice(start, start + length), offset, next };
}

/** The header with its type, or null for one that may be passed over. */
function known({ number, content, offset }: RawHeader): IgvmHeader | null {
  const type = IGVM_TYPES.get(number);
  if (type === undefined) {
    // A known type that may be passed over: some loaders would, others would not.
    const passedOver = number >= MAY_BE_PASSED_OVER && !IGVM_TYPES.has(number - MAY_BE_PASSED_OVER);
    if (passedOver) return null;
    throw unsupportedDirective(`0x${number.toString(16)}`, offset, "a type that is not known");
  }
  if (type.length === null || type.length === content.length) return { type, content, offset };
  throw malformedIgvm(offset, `${type.name} has ${content.length} bytes, expected ${type.length}`);
}

/**
 * Unverified: the variable headers of a file, in order, but for those of an unknown type that a loader may pass over.
 *
 * @throws MalformedError `ERR_MALFORMED_IGVM` for sizes that do not fit, a checksum that does not hold, or headers of
 * an earlier section behind those of a later one.
 * @throws UnsupportedError `ERR_UNSUPPORTED_IGVM` for another version, architecture or page size;
 * `ERR_UNSUPPORTED_IGVM_DIRECTIVE` for an unknown type that must not be passed over.
 */
export async function readIgvmHeaders(file: IgvmFile): Promise<readonly IgvmHeader[]> {
  const place = await variableHeaderPlace(file);
  const bytes = await headerBytes(file, place);
  const headers: IgvmHeader[] = [];
  let section = 0;
  let count = 0;
  for (let offset = place.start; offset < place.end; ) {
    const raw = rawHeader(bytes, offset);
    offset = raw.next;
    if (++count > MAX_HEADERS) throw unsupportedIgvm("variable headers", `more than ${MAX_HEADERS}`);
    const header = known(raw);
    if (header === null) continue;
    const at = sectionOfType(raw.number);
    if (at < section)
      throw malformedIgvm(raw.offset, `${header.type.name} stands behind the headers of a later section`);
    section = at;
    headers.push(header);
  }
  return headers;
}
