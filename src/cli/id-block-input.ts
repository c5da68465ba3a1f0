import { createPrivateKey, type KeyObject } from "node:crypto";
import { fromBase64, fromHex } from "../bytes/codecs.js";
import type { P384Signer } from "../crypto/signer.js";
import { isAttestationError, MalformedError } from "../errors.js";
import { ID_AUTH_LENGTH, ID_BLOCK_LENGTH } from "../id-block/layouts.js";
import { nodeSigner } from "../node/signer.js";
import { readInput } from "./input.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { asciiText } from "./sniff.js";
import { UsageError } from "./usage-error.js";

/** One of the two structures, as a file may hold it. */
interface Structure {
  readonly what: "ID_BLOCK" | "ID_AUTH";
  readonly length: number;
}

/** Bytes as they are, or spelled as hex or base64; the length decides, so that no file has two readings. */
function decode(bytes: Uint8Array, { what, length }: Structure): Uint8Array {
  const text = bytes.length === length ? null : asciiText(bytes);
  // What is no text is for the parser to refuse.
  if (text === null) return bytes;
  if (text.length === 2 * length) return fromHex(text, what);
  if (text.length === 4 * Math.ceil(length / 3)) return fromBase64(text, what);
  const reason = `expected ${length} bytes, raw or as hex or base64 text; found text of ${text.length} characters`;
  throw new MalformedError("ERR_MALFORMED_ENCODING", `${what}: ${reason}`, { what, reason });
}

/** Unverified: the 96 bytes of an ID block, from a file. */
export async function readBlockFile(io: CliIo, path: string): Promise<Uint8Array> {
  return decode(await readInput(io, path, "ID block"), { what: "ID_BLOCK", length: ID_BLOCK_LENGTH });
}

/** Unverified: the 4096 bytes of an ID_AUTH, from a file. */
export async function readAuthFile(io: CliIo, path: string): Promise<Uint8Array> {
  return decode(await readInput(io, path, "ID block"), { what: "ID_AUTH", length: ID_AUTH_LENGTH });
}

function openKey(pem: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pem.buffer, pem.byteOffset, pem.length), format: "pem" });
  } catch {
    // OpenSSL's reason is about bytes that nobody should quote.
    return undefined;
  } finally {
    pem.fill(0);
  }
}

/**
 * The private key of a file, ready to sign. No error says anything of what the file holds.
 *
 * @param option - the option that names the file
 * @throws UsageError for anything but a private key on P-384 in PEM that is not encrypted.
 */
export async function readSigner(io: CliIo, path: string, option: string): Promise<P384Signer> {
  const key = openKey(await readInput(io, path, "key"));
  const usage = new UsageError(`${option}: expected a private key on P-384, in PEM and not encrypted`);
  if (key === undefined) throw usage;
  try {
    return nodeSigner(key);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usage;
  }
}

/**
 * Bytes of a known length from an option.
 *
 * @throws UsageError for anything but so many bytes in hex.
 */
export function hexOption(text: string, option: string, length: number): Uint8Array {
  const usage = (found: string) =>
    new UsageError(`${option}: expected ${2 * length} hex digits (${length} bytes), found ${found}`);
  if (text.length !== 2 * length) throw usage(`${text.length} characters`);
  try {
    return fromHex(text, option);
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    throw usage(printable(text));
  }
}
