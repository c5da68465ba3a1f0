import { verifyEvidence } from "attestry";
import { createKdsClient, fetchTransport, type Transport } from "attestry/kds";
import { said, same } from "./assert.js";
import { evidenceOf, type Input, type KdsQuestion, optionsOf } from "./input.js";
import type { Case, Suite } from "./suite.js";

/** A server that answers nothing is given up quickly; a sound one may be slow, on a machine that is busy. */
const attemptTimeoutMs = (asked: number | null) => (asked === null ? 500 : 30_000);

/** Somebody who fetches, made for one case, and what ends it. */
export interface Fetcher {
  readonly transport: Transport;
  readonly close: () => Promise<void>;
}

async function ask(input: Input, { baseUrl, evidence, asked }: KdsQuestion, fetcher: Transport): Promise<void> {
  let requests = 0;
  const transport: Transport = (request) => {
    requests++;
    return fetcher(request);
  };
  const { now, ...options } = optionsOf(input, evidence);
  const { anchors = [] } = options;
  const retry = { attempts: 2, baseDelayMs: 1, attemptTimeoutMs: attemptTimeoutMs(asked) };
  const rate = { vcekIntervalMs: 0, otherIntervalMs: 0 };
  const collateral = createKdsClient({ now: () => now, anchors, baseUrl, transport, retry, rate });
  const verify = () => verifyEvidence(evidenceOf(input, evidence), { now, ...options, collateral });
  same(await said(verify), evidence.expected);
  if (asked === null) return;
  same(`${requests} requests`, `${asked} requests`);
  same(await said(verify), evidence.expected);
  same(`${requests} requests`, `${asked} requests`);
}

/** Each key server, asked over a transport; a second verification asks for nothing. */
export function kdsCases(input: Input, open: () => Promise<Fetcher>): Case[] {
  return input.kds.map((question) => ({
    name: question.name,
    run: async () => {
      const { transport, close } = await open();
      await ask(input, question, transport).finally(close);
    },
  }));
}

const ownFetch = (): Promise<Fetcher> => Promise.resolve({ transport: fetchTransport, close: () => Promise.resolve() });

/** A key server over the runtime's own fetch: sound, and misbehaving in each way once. */
export const kdsSuite: Suite = { name: "kds", cases: (input) => kdsCases(input, ownFetch) };
