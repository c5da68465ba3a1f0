import * as v from "valibot";
import { Refusal } from "./refusal.js";

/** The longest body, packed and unpacked. */
export const MAX_BODY_BYTES = 65_536;

function tooLarge(): Refusal {
  return new Refusal("ERR_REQUEST_TOO_LARGE", `expected at most ${MAX_BODY_BYTES} bytes, before and after gzip`);
}

/** Reads a stream to its end, and no further than the limit. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream, so that a body which is too long is not read to its end.
  for await (const piece of iterate(stream)) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw tooLarge();
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** Not every runtime can iterate over a stream by itself. */
async function* iterate(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let finished = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      finished = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!finished) await reader.cancel().catch(() => undefined);
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** Unpacks as far as the limit: a small body that unpacks to gigabytes costs 64 kB. */
async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  // The types of Node and of the DOM disagree on what a transform writes.
  const unpacker = new DecompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  try {
    return await collect(streamOf(bytes).pipeThrough(unpacker));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("ERR_REQUEST_ENCODING", "the body is not gzip");
  }
}

/** The body as it came. HTTP ends one of an announced length there; only others have to be counted as they come. */
async function readPacked(request: Request): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (!(announced <= MAX_BODY_BYTES || Number.isNaN(announced))) throw tooLarge();
  if (Number.isNaN(announced)) return request.body === null ? new Uint8Array() : collect(request.body);
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > MAX_BODY_BYTES) throw tooLarge();
  return body;
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  const body = await readPacked(request);
  if (encoding === "identity") return body;
  if (encoding === "gzip") return gunzip(body);
  throw new Refusal("ERR_REQUEST_ENCODING", `expected gzip or nothing, found ${JSON.stringify(encoding)}`);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal("ERR_REQUEST_BODY", "expected JSON in UTF-8");
  }
}

/** What is wrong with a body, and where; never what it says, since that is the client's and may be secret. */
function complaint(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? "the body";
  return `${place}: expected ${issue.expected ?? "another form"}`;
}

/**
 * The body of a request, bounded, unpacked, parsed and checked.
 *
 * @throws Refusal ERR_REQUEST_* for whatever is wrong with it
 */
export async function readBody<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Refusal("ERR_REQUEST_MEDIA_TYPE", `expected application/json, found ${JSON.stringify(type)}`);
  }
  const result = v.safeParse(schema, parse(await readBytes(request)), { abortEarly: true });
  if (result.success) return result.output;
  throw new Refusal("ERR_REQUEST_BODY", complaint(result.issues[0]));
}
