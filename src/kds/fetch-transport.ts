import { copyBytes } from "../bytes/arguments.js";
import { concatBytes } from "../bytes/codecs.js";
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
  const { status, headers: named } = response;
  const body = status === 200 ? await readBody(response, maxBytes) : new Uint8Array();
  if (status !== 200) await response.body?.cancel();
  return { status, headers: Object.fromEntries(named), body };
};

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const reader = response.body?.getReader();
  for (let length = 0; length <= maxBytes; ) {
    const piece = (await reader?.read())?.value;
    if (piece === undefined) break;
    length += piece.length;
    pieces.push(piece);
  }
  await reader?.cancel();
  return copyBytes(concatBytes(...pieces), "body", maxBytes);
}
