import type { Readable } from "node:stream";
import { MalformedError } from "../errors.js";

type Headers = Readonly<Record<string, string>>;

const WHAT = "the answer's body";

function tooLong(maxBytes: number, actual: number): MalformedError {
  const expected = `at most ${maxBytes}`;
  return new MalformedError("ERR_MALFORMED_LENGTH", `${WHAT}: expected ${expected} bytes, found ${actual}`, {
    what: WHAT,
    expected,
    actual,
  });
}

/** Why a body is not read at all; null where nothing speaks against it. */
function objection(headers: Headers, maxBytes: number): MalformedError | null {
  const { "content-length": announced, "content-encoding": encoding = "identity" } = headers;
  if (Number(announced ?? 0) > maxBytes) return tooLong(maxBytes, Number(announced));
  if (encoding === "identity") return null;
  const reason = `expected plain bytes, found content-encoding ${encoding}`;
  return new MalformedError("ERR_MALFORMED_ENCODING", `${WHAT}: ${reason}`, { what: WHAT, reason });
}

/** Lets go of the connection that the rest of the body would come over. */
function abandon(body: Readable): void {
  // Destroyed before its end, the body reports that as an error, which nobody else listens for.
  body.on("error", () => undefined);
  body.destroy();
}

/**
 * The whole body of an answer, at most `maxBytes`.
 *
 * @throws MalformedError ERR_MALFORMED_LENGTH for a longer body, as soon as that is known;
 * ERR_MALFORMED_ENCODING for a compressed one
 * @throws Error where the network fails.
 */
export async function readBounded(body: Readable, headers: Headers, maxBytes: number): Promise<Uint8Array> {
  const error = objection(headers, maxBytes);
  if (error !== null) {
    abandon(body);
    throw error;
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    // A body without an encoding hands out bytes.
    const bytes: Uint8Array = piece;
    length += bytes.length;
    // Leaving the loop destroys the body, and the connection with it.
    if (length > maxBytes) throw tooLong(maxBytes, length);
    pieces.push(bytes);
  }
  return Uint8Array.from(Buffer.concat(pieces));
}
