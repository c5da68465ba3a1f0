import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { evidenceOf, PARTS, suiteOf } from "./files.js";

describe.each(PARTS)("cases on the %s", (part) => {
  const { testGroups } = suiteOf(part);
  const tests = testGroups.flatMap(({ base, tests }) =>
    tests.map((test) => ({
      base,
      test,
      title: `${test.tcId} ${base}: ${test.comment}`,
      code: test.code ?? "accepted",
    })),
  );

  it.each(tests)("$title: $code", async ({ base, test, code }) => {
    const { evidence, options } = evidenceOf(base, test);
    const outcome = await verifyEvidence(evidence, options).then(
      () => "accepted",
      (error: unknown) => (isAttestationError(error) ? error.code : error),
    );
    expect(outcome).toBe(code);
  });
});
