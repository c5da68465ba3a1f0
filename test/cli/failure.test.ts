import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.js";
import { errorData, reportFailure } from "../../src/cli/failure.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { CollateralError, MalformedError, UntrustedError } from "../../src/errors.js";
import { fakeIo, systemError } from "./fake-io.js";

const untrusted = new UntrustedError("ERR_UNTRUSTED_VMPL", "VMPL 9 is none", { vmpl: 9 });
const missing = new CollateralError("ERR_COLLATERAL_MISSING", "no VCEK", { role: "VCEK" }, { retryable: false });

async function report(error: unknown, json = false, verb: string | undefined = "verify") {
  const { io, stdout, stderr } = fakeIo();
  const code = await reportFailure(io, error, { verb, json });
  return { code, stdout: stdout(), stderr: stderr() };
}

describe("errorData", () => {
  it.each([
    [
      "an error of ours",
      untrusted,
      { name: "UntrustedError", code: "ERR_UNTRUSTED_VMPL", message: "VMPL 9 is none", detail: { vmpl: 9 } },
    ],
    ["wrong use", new UsageError("no"), { name: "UsageError", code: "ERR_USAGE", message: "no", detail: {} }],
    [
      "an error",
      new RangeError("deep"),
      { name: "InternalError", code: "ERR_INTERNAL", message: "RangeError: deep", detail: {} },
    ],
    ["a text", "text", { name: "InternalError", code: "ERR_INTERNAL", message: "text", detail: {} }],
    ["nothing", undefined, { name: "InternalError", code: "ERR_INTERNAL", message: "undefined", detail: {} }],
    ["a symbol", Symbol("s"), { name: "InternalError", code: "ERR_INTERNAL", message: "Symbol(s)", detail: {} }],
  ])("of %s", (_, error, data) => expect(errorData(error)).toEqual(data));

  it("does not fall for an error that only looks like one of ours", () => {
    const impostor = Object.assign(new Error("trust me"), { code: "ERR_POLICY_REJECTED", detail: {} });
    expect(errorData(impostor).code).toBe("ERR_INTERNAL");
  });
});

describe("reportFailure", () => {
  it("says code and message, and nothing on stdout", async () => {
    expect(await report(untrusted)).toEqual({
      code: EXIT.untrusted,
      stdout: "",
      stderr: "attestry: ERR_UNTRUSTED_VMPL: VMPL 9 is none\n",
    });
  });

  it.each([
    ["VCEK", /--certs points to.*--fetch/],
    ["VLEK", /A VLEK comes with the report or from the cloud provider/],
    ["leaf", /--product-line/],
  ])("knows what helps where the %s is missing", async (role, advice) => {
    const error = new CollateralError("ERR_COLLATERAL_MISSING", "gone", { role }, { retryable: false });
    expect((await report(error)).stderr.split("\n")[1]).toMatch(advice);
  });

  it("adds what helps at the command line", async () => {
    const { code, stderr } = await report(missing);
    expect(code).toBe(EXIT.certificates);
    expect(stderr).toMatch(/^attestry: ERR_COLLATERAL_MISSING: no VCEK\n {2}Put it where --certs .*\n$/);
  });

  it("names the help of the verb, or of the command", async () => {
    expect((await report(new UsageError("no"))).stderr).toBe(
      "attestry: ERR_USAGE: no\n  See attestry verify --help.\n",
    );
    const { io, stderr } = fakeIo();
    await reportFailure(io, new UsageError("no"), { verb: undefined, json: false });
    expect(stderr()).toContain("See attestry --help.");
  });

  it("shows the stack of a fault of ours, not of a refusal by the system", async () => {
    const fault = await report(new TypeError("undefined is not a function"));
    expect(fault.code).toBe(EXIT.internal);
    expect(fault.stderr).toMatch(/\n {4,}at .*failure\.test\.ts/);
    const full = await report(Object.assign(systemError("ENOSPC"), { syscall: "write" }));
    expect(full.code).toBe(EXIT.internal);
    expect(full.stderr).not.toContain("failure.test.ts");
    expect(full.stderr).toContain("says nothing about the evidence");
  });

  it("keeps messages to one line, with nothing that a terminal would act on", async () => {
    const evil = new MalformedError("ERR_MALFORMED_POLICY", "at /\u001b[2J\nverdict: accept", {
      pointer: "/",
      reason: "x",
    });
    const { stderr } = await report(evil);
    expect(stderr).toBe("attestry: ERR_MALFORMED_POLICY: at /\\u{1b}[2J\\u{a}verdict: accept\n");
  });

  it("is one line of JSON where JSON was asked for", async () => {
    const { code, stderr } = await report(missing, true);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(stderr)).toEqual({
      schema: "urn:attestry:schema:error:v1",
      error: { name: "CollateralError", code: "ERR_COLLATERAL_MISSING", message: "no VCEK", detail: { role: "VCEK" } },
      exitCode: code,
    });
  });

  it("answers the exit code even where stderr cannot be written", async () => {
    const { io } = fakeIo();
    const mute = { ...io, stderr: { ...io.stderr, write: () => Promise.reject(systemError("EIO")) } };
    expect(await reportFailure(mute, untrusted, { verb: undefined, json: false })).toBe(EXIT.untrusted);
  });
});
