import { describe, expect, it } from "vitest";
import { runModule } from "./support/run.js";

/** Forged evidence, and a policy that accepts it. */
const SETTING = `
  import * as main from "attestry";
  import * as policyRoom from "attestry/policy";
  import * as noble from "attestry/noble";
  import * as node from "attestry/node";
  import { createForge } from "attestry/testing";
  import assert from "node:assert/strict";

  const { evidence, anchors, now } = (await createForge({ seed: "package test" })).evidence();
  const options = { now, anchors };
  const policy = await main.definePolicy({
    version: 1,
    id: "package-test",
    snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
  });
`;

/** Bytes that every verifier must refuse as too short. */
const SHORT = "{ report: new Uint8Array(3) }";

describe("the subpaths share one copy of everything", () => {
  it.each([
    ["attestry/noble", "noble.verifyEvidenceSync(evidence, options)"],
    ["attestry/node", "node.verifyEvidenceSync(evidence, options)"],
    ["attestry", "await main.verifyEvidence(evidence, options)"],
  ])("what %s verified is appraised by attestry and attestry/policy", (_, verified) => {
    const ended = runModule(`${SETTING}
      const verified = ${verified};
      for (const { appraise } of [main, policyRoom]) {
        assert.equal(appraise(verified, policy, { now }).verdict, "accept");
        assert.throws(() => appraise({ ...verified }, policy, { now }), TypeError);
      }
    `);
    expect(ended).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["attestry/noble", `noble.verifyEvidenceSync(${SHORT}, options)`],
    ["attestry/node", `node.verifyEvidenceSync(${SHORT}, options)`],
  ])("errors of %s are instances of the classes that attestry exports", (_, call) => {
    const ended = runModule(`${SETTING}
      assert.throws(() => ${call}, (error) => {
        assert(error instanceof main.MalformedError && error instanceof main.AttestationError);
        assert(main.isAttestationError(error, "ERR_MALFORMED_LENGTH"));
        return true;
      });
    `);
    expect(ended).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
