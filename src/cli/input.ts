import { fromBase64, fromHex } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { asciiText } from "./sniff.js";
import { UsageError } from "./usage-error.js";

/** The most bytes that are read of each kind of input; genuine ones are far below. */
export const INPUT_LIMIT = {
  /** A report with certificates spelled out as JSON numbers has under 100 kB. */
  report: 1024 * 1024,
  /** AMD's certificates have under 2 kB each; a bundle holds three and a CRL. */
  certificates: 256 * 1024,
  crl: 256 * 1024,
  policy: 1024 * 1024,
  /** What the importers take. */
  "foreign policy": 256 * 1024,
  /** The built-in data set has under 20 kB. */
  advisories: 1024 * 1024,
  /** An ID_AUTH in hex has 8 kB. */
  "ID block": 16 * 1024,
  /** A P-384 key in PEM has under 400 bytes. */
  key: 16 * 1024,
} as const;

/** A kind of input. */
export type InputKind = keyof typeof INPUT_LIMIT;

const REPORT_BYTES = 1184;
const REPORT_HEX_DIGITS = 2 * REPORT_BYTES;
const REPORT_BASE64_DIGITS = 4 * Math.ceil(REPORT_BYTES / 3);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
};

/** The usage error for a path that the system would not open; any other error comes back as it is. */
export function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const reason = REASONS[error.code] ?? error.code;
  return new UsageError(`cannot read ${printable(path)}: ${reason}`, { cause: error });
}

async function collect(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(limit);
  let length = 0;
  for await (const piece of source) {
    if (length + piece.length > limit) return null;
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.slice(0, length);
}

/**
 * All bytes of a file, or of stdin for `-`.
 *
 * @throws UsageError where the file cannot be read; MalformedError `ERR_MALFORMED_LENGTH` where it is bigger than
 * its kind may be.
 */
export async function readInput(io: CliIo, path: string, kind: InputKind): Promise<Uint8Array> {
  const limit = INPUT_LIMIT[kind];
  let bytes: Uint8Array | null;
  try {
    bytes = await collect(path === "-" ? io.stdin : io.openFile(path), limit);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (bytes !== null) return bytes;
  const what = path === "-" ? `${kind} on stdin` : `${kind} ${printable(path)}`;
  throw new MalformedError("ERR_MALFORMED_LENGTH", `${what} is bigger than ${limit} bytes; is it the right file?`, {
    what: kind,
    expected: `at most ${limit}`,
    actual: limit + 1,
  });
}

/**
 * Unverified: the 1184 bytes of a report that stands raw, as hex or as base64; text may be wrapped and spaced.
 *
 * The length decides, so that no input has two readings: 1184 bytes are raw, 2368 characters are hex
 * (after `0x`, if it is there), 1580 characters are base64 (padded, standard alphabet). Bytes that are no text are handed on as they are, for
 * `parseReport` to refuse.
 *
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for text of another length or with a stray character.
 */
export function decodeReport(bytes: Uint8Array): Uint8Array {
  if (bytes.length === REPORT_BYTES || bytes.length === 0) return bytes;
  const text = asciiText(bytes);
  if (text === null) return bytes;
  const hex = text.startsWith("0x") ? text.slice(2) : text;
  if (hex.length === REPORT_HEX_DIGITS) return fromHex(hex, "report");
  if (text.length === REPORT_BASE64_DIGITS) return fromBase64(text, "report");
  const reason =
    `expected ${REPORT_BYTES} raw bytes, ${REPORT_HEX_DIGITS} hex digits or ${REPORT_BASE64_DIGITS} base64 ` +
    `characters, found text of ${text.length} characters`;
  throw new MalformedError("ERR_MALFORMED_ENCODING", `report: ${reason}`, { what: "report", reason });
}
