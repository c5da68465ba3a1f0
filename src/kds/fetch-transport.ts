import { concatBytes } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import type { Transport } from "./types.js";

/**
 * The transport on the runtime's own `fetch`.
 *
 * Redirects are not followed: their status is the answer. The body of a status other than 200 is not read.
 *
 * @throws MalformedError ERR_MALFORMED_LENGTH (a rejection) as soon as a body is longer than `maxBytes`
 */
export const fetchTransport: Transport = async ({ url, headers, signal, maxBytes }) => {
  // "manual" and nothing else: not every runtime knows the other settings of a request, or "error".
  const response = await fetch(url, { headers, signal, redirect: "manual" });
  const { status } = response;
  const named: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    named[name] = value;
  });
  if (status === 200) return { status, headers: named, body: await readBody(response, maxBytes) };
  await response.body?.cancel();
  return { status, headers: named, body: new Uint8Array() };
};

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || value === undefined) return concatBytes(...pieces);
    length += value.length;
    pieces.push(value);
    if (length <= maxBytes) continue;
    await reader?.cancel();
    throw tooLong(maxBytes, length);
  }
}

/** The error of a body that is longer than it may be. */
export function tooLong(maxBytes: number, actual: number): MalformedError {
  const what = "the answer's body";
  return new MalformedError("ERR_MALFORMED_LENGTH", `${what}: expected at most ${maxBytes} bytes, found ${actual}`, {
    what,
    expected: `at most ${maxBytes}`,
    actual,
  });
}
