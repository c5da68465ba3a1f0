import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EXIT, exitCodeOf } from "../../src/cli/exit-codes.js";
import { UsageError } from "../../src/cli/usage-error.js";
import {
  AttestationError,
  ChallengeError,
  CollateralError,
  type ErrorCode,
  MalformedError,
  PolicyError,
  UnsupportedError,
  UntrustedError,
} from "../../src/errors.js";

const retryable = { retryable: false };

describe("exitCodeOf", () => {
  it.each([
    ["a usage error", new UsageError("no"), 1],
    ["untrusted", new UntrustedError("ERR_UNTRUSTED_VMPL", "no", { vmpl: 9 }), 2],
    ["a CRL that is not the ARK's", new UntrustedError("ERR_UNTRUSTED_CRL_SIGNATURE", "no", { issuer: "ARK" }), 2],
    ["a missing certificate", new CollateralError("ERR_COLLATERAL_MISSING", "no", { role: "leaf" }, retryable), 3],
    [
      "an unavailable certificate",
      new CollateralError("ERR_COLLATERAL_UNAVAILABLE", "no", { role: "leaf", reason: "x" }, retryable),
      3,
    ],
    ["an end before the answer", new CollateralError("ERR_COLLATERAL_ABORTED", "no", { reason: "x" }, retryable), 3],
    [
      "an unavailable CRL",
      new CollateralError("ERR_COLLATERAL_UNAVAILABLE", "no", { role: "crl", reason: "x" }, retryable),
      4,
    ],
    ["a missing CRL", new CollateralError("ERR_COLLATERAL_CRL_MISSING", "no", { productLine: "Milan" }, retryable), 4],
    [
      "an old number",
      new CollateralError("ERR_COLLATERAL_CRL_ROLLBACK", "no", { number: "0x1", seen: "0x2" }, retryable),
      4,
    ],
    ["a refusal", new PolicyError("ERR_POLICY_REJECTED", "no", { policyId: "p", failures: [] }), 5],
    ["a challenge that was spent", new ChallengeError("ERR_CHALLENGE_SPENT", "no", { id: "1" }, retryable), 2],
    ["malformed", new MalformedError("ERR_MALFORMED_POLICY", "no", { pointer: "", reason: "x" }), 6],
    ["unsupported", new UnsupportedError("ERR_UNSUPPORTED_SIGNING_KEY", "no", { signingKey: 7 }), 7],
    ["a TypeError", new TypeError("options.now must be"), 70],
    ["a look-alike", Object.assign(new Error("no"), { code: "ERR_UNTRUSTED_VMPL" }), 70],
    ["no error at all", "ERR_UNTRUSTED_VMPL", 70],
    ["nothing", undefined, 70],
  ])("%s", (_, error, code) => expect(exitCodeOf(error)).toBe(code));

  const codes = [
    ...readFileSync(new URL("../../src/errors.ts", import.meta.url), "utf8").matchAll(/^ {2}(ERR_\w+): \{/gm),
  ];

  it("knows a reason for every code that there is", () => {
    expect(codes.length).toBeGreaterThan(40);
    for (const [, code] of codes) {
      const error = new AttestationError(code as ErrorCode, "no", { reason: "x" } as never);
      expect(exitCodeOf(error), code).not.toBe(EXIT.internal);
    }
  });

  it("has a number of its own for each meaning", () => {
    const numbers = Object.values(EXIT);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
