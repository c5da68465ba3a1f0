import { viewBytes } from "../bytes/arguments.js";
import { assertGoing, type Job, type MeasuredPart } from "./job.js";

/** An image that is read where one likes, such as a file or a `Blob`. */
export interface ImageReader {
  /** In bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`, both within `size`. The bytes may be overwritten once the next are asked for. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}

/**
 * An image: its bytes, a reader, or a stream of pieces of any size. Bytes are not copied: leave them alone until the
 * answer is there. A stream costs 48 bytes a page more, since the address of its first page depends on its length.
 */
export type ImageSource = Uint8Array | ImageReader | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A source, told apart. */
export type Opened =
  | { readonly kind: "reader"; readonly size: number; readonly chunk: number; readonly read: ImageReader["read"] }
  | { readonly kind: "stream"; readonly pieces: AsyncIterable<unknown> | Iterable<unknown> };

/** Of bytes that are there already: often enough to notice a signal, seldom enough to cost nothing. */
const CHUNK_OF_BYTES = 256 * 1024;
/** Of what must be read first: four pages of memory. */
const CHUNK_OF_READER = 16 * 1024;

function isBytes(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function exactly(length: number, bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new TypeError(`${name}.read was asked for ${length} bytes and answered ${bytes.length}`);
}

function checkedRead(source: ImageReader, name: string): ImageReader["read"] {
  const view = (answer: unknown) => viewBytes(answer, `what ${name}.read answered`);
  return async (offset, length) => exactly(length, view(await source.read(offset, length)), name);
}

function openReader(source: object, name: string): Opened {
  const size: unknown = Reflect.get(source, "size");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new TypeError(`${name}.size must be a whole number of bytes`);
  }
  // `read` was seen to be a function; what it answers is checked at each call.
  return { kind: "reader", size, chunk: CHUNK_OF_READER, read: checkedRead(source as ImageReader, name) };
}

/**
 * The source of an image.
 *
 * @param name - the argument's name, for errors
 * @throws TypeError for anything that is no `ImageSource`.
 */
export function openSource(source: unknown, name: string): Opened {
  if (typeof source === "object" && source !== null) {
    if (isBytes(source)) {
      const bytes = viewBytes(source, name);
      // Fewer where the buffer was made smaller in the meantime.
      const read = (offset: number, length: number) => exactly(length, bytes.subarray(offset, offset + length), name);
      return { kind: "reader", size: bytes.length, chunk: CHUNK_OF_BYTES, read };
    }
    if (typeof Reflect.get(source, "read") === "function" && "size" in source) return openReader(source, name);
    // A thing with an iterator, whatever comes out of it: each piece is checked when it comes.
    if (Symbol.asyncIterator in source) return { kind: "stream", pieces: source as AsyncIterable<unknown> };
    if (Symbol.iterator in source) return { kind: "stream", pieces: source as Iterable<unknown> };
  }
  throw new TypeError(`${name} must be a Uint8Array, a reader with size and read, or an iterable of Uint8Arrays`);
}

async function* readerChunks({ size, chunk, read }: Extract<Opened, { kind: "reader" }>): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; offset += chunk) yield await read(offset, Math.min(chunk, size - offset));
}

/**
 * The bytes of a source in order, in chunks of any size; the signal is looked at before each and progress told after
 * it has been taken.
 */
export async function* chunksOf(source: Opened, part: MeasuredPart, job: Job): AsyncGenerator<Uint8Array> {
  const total = source.kind === "reader" ? source.size : null;
  let done = 0;
  assertGoing(job);
  for await (const piece of source.kind === "reader" ? readerChunks(source) : source.pieces) {
    const chunk = viewBytes(piece, `a piece of ${part}`);
    yield chunk;
    done += chunk.length;
    await job.onProgress?.({ part, done, total });
    assertGoing(job);
  }
}
