import { concatBytes } from "../bytes/codecs.js";
import { malformedContainer, unsupportedContainer } from "./container-error.js";

/** What a gzip stream is, and what it must come to. */
export interface GunzipTask {
  readonly container: string;
  readonly where: string;
  /** The length that the content must have. */
  readonly length: number;
}

/** The last four bytes of a gzip member: the length of what went in (RFC 1952 section 2.3.1). */
const SIZE_BYTES = 4;
/** Header and trailer of a member, and an empty block between them. */
const LEAST_BYTES = 20;

function declaredLength(bytes: Uint8Array): number {
  const end = bytes.length - SIZE_BYTES;
  return new DataView(bytes.buffer, bytes.byteOffset + end, SIZE_BYTES).getUint32(0, true);
}

/** Everything that comes out, up to the first piece that goes beyond `limit`; then the rest is never made. */
async function readUpTo(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length <= limit) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  return concatBytes(...pieces);
}

function unzipped(bytes: Uint8Array): ReadableStream<Uint8Array> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
  return source.pipeThrough(new DecompressionStream("gzip"));
}

/** What comes out, up to the piece that goes beyond `limit`; null for what the runtime does not take for gzip. */
async function contentOf(bytes: Uint8Array, limit: number): Promise<Uint8Array | null> {
  const reader = unzipped(bytes).getReader();
  let content: Uint8Array;
  try {
    content = await readUpTo(reader, limit);
  } catch {
    // Runtimes throw errors of their own here, and the bytes are the only thing that can be at fault.
    return null;
  }
  // Stops the decompressor; that it cannot be stopped changes nothing about the container.
  if (content.length > limit) await reader.cancel().catch(() => undefined);
  return content;
}

/**
 * The content of a gzip stream of which the length is known beforehand.
 *
 * The caller bounds the input. Reading stops with the first piece beyond the length, so that a stream that swells
 * costs no more than a sound one and the runtime's piece. Empty members before the one with the content are the
 * runtime's to take (Node) or to refuse (browsers); the content is the same.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for what is no gzip, is cut, has bytes behind its end, or has
 * content of another length.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` in a runtime that cannot unpack gzip.
 *
 * Source: RFC 1952.
 */
export async function gunzip(task: GunzipTask, bytes: Uint8Array): Promise<Uint8Array> {
  const { container, where, length } = task;
  const fail = (reason: string) => malformedContainer(container, where, reason);
  if (bytes.length < LEAST_BYTES) throw fail(`expected gzip, found ${bytes.length} bytes`);
  // Runtimes differ in what they say to bytes behind the end; the length there is checked by ourselves first.
  const declared = declaredLength(bytes);
  if (declared !== length) throw fail(`expected gzip of ${length} bytes, found ${declared} at its end`);
  if (typeof DecompressionStream === "undefined") {
    throw unsupportedContainer(container, where, "gzip in a runtime without DecompressionStream");
  }
  const content = await contentOf(bytes, length);
  if (content === null) throw fail("expected gzip, found what is none, is cut, or goes on behind its end");
  if (content.length !== length) throw fail(`expected gzip of ${length} bytes, found other than that`);
  // Node reads over whatever follows a zero behind the end; a stream that is whole does not bear the loss of a byte.
  const shortened = await contentOf(bytes.subarray(0, -1), length);
  if (shortened !== null) throw fail("expected gzip, found bytes behind its end");
  return content;
}
