import { createForge } from "attestry/testing";
import { same } from "./assert.js";
import { evidenceJson } from "./containers.js";
import { evidenceOf } from "./input.js";
import type { Suite } from "./suite.js";

/** The forge makes of a seed, here, the bytes that lie in vectors/. */
export const forgeSuite: Suite = {
  name: "forge",
  cases: (input) =>
    input.forges.map(({ seed, productLine, signingKey, reportVersion, evidence }) => ({
      name: evidence.name,
      run: async () => {
        const forge = await createForge({ seed, productLine, signingKey });
        const made = forge.evidence({ report: { version: reportVersion } });
        const known = evidenceJson(evidenceOf(input, evidence));
        same(JSON.stringify(evidenceJson(made.evidence)), JSON.stringify(known));
      },
    })),
};
