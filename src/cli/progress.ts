import type { Transport, TransportResponse } from "../kds/types.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { sizeText } from "./size.js";
import { lookOf } from "./terminal.js";

const CHAIN = /\/(vcek|vlek)\/v1\/[A-Za-z]+\/cert_chain$/;
const CRL = /\/crl$/;
const TOO_MANY = 429;
const SECONDS = /^\d{1,9}$/;
/** How often somebody who waits hears that nothing has happened. */
const PATIENCE_MS = 5000;

/** What a URL of the key server is for, as people call it. */
function subjectOf(url: string): string {
  const [, branch] = CHAIN.exec(url) ?? [];
  if (branch !== undefined) return branch === "vcek" ? "ASK and ARK" : "ASVK and ARK";
  return CRL.test(url) ? "CRL" : "VCEK";
}

/** How long the server wants to be left alone, in its own words. */
function waitText(retryAfter: string | undefined): string {
  if (retryAfter === undefined) return "and does not say for how long";
  return SECONDS.test(retryAfter)
    ? `and wants ${retryAfter} s of rest`
    : `and wants rest until ${printable(retryAfter, 40)}`;
}

function answerText({ status, headers, body }: TransportResponse): string {
  if (status === 200) return sizeText(body.length);
  if (status === TOO_MANY) return `the server is asked too often (429) ${waitText(headers["retry-after"])}`;
  return status === 404 ? "not known there (404)" : `the server answers ${status}`;
}

/** A transport whose work is told to a person, until `stop`. */
export interface ToldTransport {
  readonly transport: Transport;
  stop(): void;
}

/** Says what is under way; and every few seconds, while nothing happens, what is waited for. */
function createTeller(say: (text: string) => Promise<unknown>) {
  let waitingFor: string | null = null;
  let seconds = 0;
  const timer = setInterval(() => {
    if (waitingFor === null) return;
    seconds += PATIENCE_MS / 1000;
    void say(`${waitingFor}, ${seconds} s so far`);
  }, PATIENCE_MS);
  return {
    tell: async (text: string, next: string | null) => {
      waitingFor = next;
      seconds = 0;
      timer.refresh();
      await say(text);
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * A transport that tells a person at a terminal what is asked, what comes back, and what is waited for: an answer,
 * or the time when the server may be asked again. Where stderr is no terminal it says nothing.
 */
export function tellProgress(io: CliIo, transport: Transport): ToldTransport {
  if (!io.stderr.isTerminal) return { transport, stop: () => undefined };
  const { paint } = lookOf(io.stderr, io.env);
  // Nobody is left to tell where stderr cannot be written.
  const { tell, stop } = createTeller((text) => io.stderr.write(`${paint("dim", text)}\n`).catch(() => undefined));
  const told: Transport = async (request) => {
    const subject = subjectOf(request.url);
    const { host } = new URL(request.url);
    await tell(`${subject}: asking ${host}`, `${subject}: waiting for an answer`);
    try {
      const response = await transport(request);
      const goesOn = response.status === TOO_MANY || response.status >= 500;
      await tell(`${subject}: ${answerText(response)}`, goesOn ? `${subject}: waiting to ask again` : null);
      return response;
    } catch (error) {
      await tell(`${subject}: no answer from ${host}`, `${subject}: waiting to ask again`);
      throw error;
    }
  };
  return { transport: told, stop };
}
