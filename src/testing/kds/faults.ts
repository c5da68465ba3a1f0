import type { ServerResponse } from "node:http";
import type { Answer } from "./material.js";
import { textAnswer } from "./material.js";

/** How an answer goes wrong. */
export type FakeKdsFault =
  /** Another status; `retryAfter` is the header as it stands. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string }
  /** 200 with this body. */
  | { readonly kind: "body"; readonly body: Uint8Array }
  /** The sound answer, this late. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The sound answer in small pieces. */
  | { readonly kind: "drip"; readonly pieceBytes: number; readonly everyMs: number }
  /** 200 with so many zeros, announced in Content-Length or not. */
  | { readonly kind: "oversized"; readonly bytes: number; readonly announced: boolean }
  /** The sound answer, cut after so many bytes of the announced length. */
  | { readonly kind: "truncated"; readonly bytes: number }
  | { readonly kind: "redirect"; readonly status: 301 | 302 | 303 | 307 | 308; readonly location: string }
  /** No answer; the connection stays open. */
  | { readonly kind: "silence" }
  /** The connection is cut before an answer. */
  | { readonly kind: "reset" };

const ZEROS = new Uint8Array(65_536);

function head(response: ServerResponse, answer: Answer, length: number | null): void {
  const size = length === null ? {} : { "content-length": String(length) };
  response.writeHead(answer.status, { "content-type": answer.contentType, ...size });
}

/** Sends an answer whole. */
export function send(response: ServerResponse, answer: Answer): void {
  head(response, answer, answer.body.length);
  response.end(answer.body);
}

function drip(
  response: ServerResponse,
  answer: Answer,
  { pieceBytes, everyMs }: FakeKdsFault & { kind: "drip" },
): void {
  head(response, answer, answer.body.length);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(answer.body.subarray(sent, sent + pieceBytes));
    sent += pieceBytes;
    if (sent < answer.body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on("close", () => clearInterval(timer));
}

/** Writes no faster than the other side reads, and stops when it goes away. */
function sendZeros(response: ServerResponse, { bytes, announced }: FakeKdsFault & { kind: "oversized" }): void {
  head(response, textAnswer(200, ""), announced ? bytes : null);
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const piece = ZEROS.subarray(0, left);
      left -= piece.length;
      if (!response.write(piece)) {
        response.once("drain", more);
        return;
      }
    }
    response.end();
  };
  more();
}

function truncate(response: ServerResponse, answer: Answer, bytes: number): void {
  head(response, answer, answer.body.length);
  response.write(answer.body.subarray(0, bytes), () => response.destroy());
}

function sendLate(response: ServerResponse, answer: Answer, ms: number): void {
  const timer = setTimeout(() => send(response, answer), ms);
  response.on("close", () => clearTimeout(timer));
}

function sendStatus(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  send(response, textAnswer(status, "on demand\n"));
}

/** Answers badly, in the way that the fault says. */
export function sendFault(response: ServerResponse, fault: FakeKdsFault, answer: Answer): void {
  switch (fault.kind) {
    case "status":
      sendStatus(response, fault.status, fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter });
      break;
    case "redirect":
      sendStatus(response, fault.status, { location: fault.location });
      break;
    case "body":
      send(response, { ...textAnswer(200, ""), body: fault.body });
      break;
    case "delay":
      sendLate(response, answer, fault.ms);
      break;
    case "drip":
      drip(response, answer, fault);
      break;
    case "oversized":
      sendZeros(response, fault);
      break;
    case "truncated":
      truncate(response, answer, fault.bytes);
      break;
    case "silence":
      break;
    case "reset":
      response.destroy();
  }
}
