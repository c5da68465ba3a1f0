import { describe, expect, it } from "vitest";
import { MalformedError } from "../../src/errors.js";
import { definePolicy } from "../../src/policy/define.js";
import { BLOCK_MISTAKES, WHOLE_MISTAKES } from "./mistakes.js";
import { OPEN } from "./support.js";

describe("a mistake in a block", () => {
  it.each(BLOCK_MISTAKES)("%s", async (...[, snp, pointer, message]) => {
    const policy = { version: 1, id: "x", snp: { ...OPEN, ...snp } };
    await expect(definePolicy(policy)).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/snp${pointer}` });
    await expect(definePolicy(policy)).rejects.toThrow(message);
    const rule = { version: 1, id: "x", require: { anyOf: [{ snp: OPEN }, { snp: { ...OPEN, ...snp } }] } };
    await expect(definePolicy(rule)).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/require/anyOf/1/snp${pointer}` });
  });
});

describe("a mistake in a document", () => {
  it.each(WHOLE_MISTAKES)("%s", async (...[, document, pointer, message]) => {
    await expect(definePolicy(document)).toFailWith("ERR_MALFORMED_POLICY", { pointer });
    await expect(definePolicy(document)).rejects.toThrow(message);
  });

  it("is told in the error's reason and message alike", async () => {
    const error = await definePolicy({ version: 1, id: "x" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MalformedError);
    expect(String(error)).toBe(
      'MalformedError: the policy: expected exactly one of the keys "require", "snp", found an object; write what is expected',
    );
    expect(JSON.parse(JSON.stringify(error)).detail).toEqual({
      pointer: "",
      reason: 'expected exactly one of the keys "require", "snp", found an object; write what is expected',
    });
  });
});
