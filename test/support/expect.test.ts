import { describe, expect, it } from "vitest";
import { MalformedError } from "../../src/errors.js";

const short = new MalformedError("ERR_MALFORMED_LENGTH", "too short", { what: "report", expected: 4, actual: 3 });
const fail = () => {
  throw short;
};
const failLater = () => Promise.reject(short);

describe("toFailWith", () => {
  it("sees the code of a function that throws", () => {
    expect(fail).toFailWith("ERR_MALFORMED_LENGTH");
    expect(fail).toFailWith("ERR_MALFORMED_LENGTH", { what: "report", actual: 3 });
    expect(fail).not.toFailWith("ERR_MALFORMED_DER");
  });

  it("sees the code of a promise and of a function that returns one", async () => {
    await expect(failLater()).toFailWith("ERR_MALFORMED_LENGTH");
    await expect(failLater).toFailWith("ERR_MALFORMED_LENGTH", { expected: 4 });
    await expect(failLater).not.toFailWith("ERR_MALFORMED_DER");
  });

  const impostor = Object.assign(new Error("no"), { code: "ERR_MALFORMED_LENGTH", detail: short.detail });
  it.each([
    ["nothing thrown", () => 1, /it did not fail/],
    ["another code", () => Promise.reject(short), /wanted ERR_MALFORMED_DER, but it failed with ERR_MALFORMED_LENGTH/],
    [
      "a stranger",
      () => {
        throw new RangeError("deep");
      },
      /no error of ours but RangeError: deep/,
    ],
    [
      "a stranger with a code of ours",
      () => {
        throw impostor;
      },
      /no error of ours/,
    ],
  ])("fails on %s and says what came instead", async (_, action, message) => {
    await expect(async () => {
      await expect(action).toFailWith("ERR_MALFORMED_DER");
    }).rejects.toThrow(message);
  });

  it("fails on a right code with a wrong detail", () => {
    expect(() => expect(fail).toFailWith("ERR_MALFORMED_LENGTH", { actual: 4 })).toThrow(/detail .*"actual":3/);
  });
});
