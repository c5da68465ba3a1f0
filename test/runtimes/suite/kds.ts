import { verifyEvidence } from "attestry";
import { createKdsClient, fetchTransport, type Transport } from "attestry/kds";
import { said, same } from "./assert.js";
import { evidenceOf, type Input, type KdsQuestion, optionsOf } from "./input.js";
import type { Case, Suite } from "./suite.js";

/** Quick enough for a test; a server that does not answer is given up after half a second. */
const PATIENCE = {
  retry: { attempts: 2, baseDelayMs: 1, attemptTimeoutMs: 500 },
  rate: { vcekIntervalMs: 0, otherIntervalMs: 0 },
  timeoutMs: 10_000,
};

function kdsCase(input: Input, { name, baseUrl, evidence, asked }: KdsQuestion): Case {
  const run = async () => {
    let requests = 0;
    const transport: Transport = (request) => {
      requests++;
      return fetchTransport(request);
    };
    const { now, ...options } = optionsOf(input, evidence);
    const { anchors = [] } = options;
    const collateral = createKdsClient({ now: () => now, anchors, baseUrl, transport, ...PATIENCE });
    const verify = () => verifyEvidence(evidenceOf(input, evidence), { now, ...options, collateral });
    same(await said(verify), evidence.expected);
    if (asked === null) return;
    same(`${requests} requests`, `${asked} requests`);
    same(await said(verify), evidence.expected);
    same(`${requests} requests`, `${asked} requests`);
  };
  return { name, run };
}

/** A key server over the runtime's own fetch: sound, and misbehaving in each way once. */
export const kdsSuite: Suite = {
  name: "kds",
  cases: (input) => input.kds.map((question) => kdsCase(input, question)),
};
