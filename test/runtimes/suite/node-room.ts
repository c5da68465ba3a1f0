import { createUndiciTransport, nodeDigests, nodeEngine, verifyEvidenceSync } from "attestry/node";
import { fails, said, same } from "./assert.js";
import { base64Of, evidenceOf, type Input, optionsOf } from "./input.js";
import { type Fetcher, kdsCases } from "./kds.js";
import type { Case, Suite } from "./suite.js";
import { questionCases } from "./verify.js";

function syncCases(input: Input): Case[] {
  return [...input.real, ...input.forged]
    .filter(({ report }) => report !== null)
    .map((question) => ({
      name: `${question.name}, at once`,
      run: async () => {
        const verifying = () => verifyEvidenceSync(evidenceOf(input, question), optionsOf(input, question));
        same(await said(verifying), question.expected);
      },
    }));
}

async function overUndici(): Promise<Fetcher> {
  const transport = await createUndiciTransport({ proxy: "none" });
  return { transport, close: () => transport.close() };
}

const digestCase: Case = {
  name: "digests",
  run: () => {
    const digest = nodeDigests.sha256();
    digest.update(new TextEncoder().encode("attestry"));
    same(base64Of(digest.digest()), "atFIbuOP8EJSFO6Ok1IOtCj6SYzMMxuXcVKBNcmWFXg=");
  },
};

/** Bun has an undici of its own that ignores what it is told; it is refused. */
const refusedTransport: Case = {
  name: "the transport is refused",
  run: () => fails(() => createUndiciTransport({ proxy: "none" }), "TypeError"),
};

/** `attestry/node`, for runtimes that have what it needs of Node; all but the transport where undici is a stand-in. */
export function nodeSuite(undici: "undici" | "stand-in"): Suite {
  const cases = (input: Input) => [
    ...questionCases(input, input.real, nodeEngine),
    ...questionCases(input, input.forged, nodeEngine),
    ...syncCases(input),
    digestCase,
    ...(undici === "undici" ? kdsCases(input, overUndici) : [refusedTransport]),
  ];
  return { name: "attestry/node", cases };
}

/**
 * `attestry/node` where the modules of Node are there but do not work with the keys that they make: it can be
 * imported, and accepts nothing.
 */
export const nodeRefusedSuite: Suite = {
  name: "attestry/node refuses",
  cases: (input) =>
    input.forges.map(({ evidence: question }) => ({
      name: question.name,
      run: async () => {
        const verifying = () => verifyEvidenceSync(evidenceOf(input, question), optionsOf(input, question));
        same(await said(verifying), "ERR_UNSUPPORTED_CRYPTO");
      },
    })),
};
