import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzz } from "../../scripts/support/fuzzer.js";
import { MalformedError } from "../../src/errors.js";
import { mutated } from "./mutate.js";
import { seedsOf } from "./seeds.js";
import { PLANTED, probe, TARGETS, targetOf } from "./targets.js";

const OPTIONS = { seconds: 60, seed: 7, patienceMs: 3000 };

describe("the guided fuzzer", () => {
  it("finds an error that is none of ours, with the input that shows it", async () => {
    const target = targetOf("planted-error");
    const { finding, executions, last, first } = await fuzz(target, OPTIONS);
    expect(finding?.error).toMatch(/^TypeError: /);
    expect(executions).toBeGreaterThan(0);
    expect(last).toBeGreaterThanOrEqual(first);
    await expect(probe(target, finding?.input ?? new Uint8Array(0))).rejects.toThrow(TypeError);
  }, 120_000);

  it("finds a reader that does not come back, with the input that holds it", async () => {
    const { finding } = await fuzz(targetOf("planted-loop"), OPTIONS);
    expect(finding?.error).toBe("no answer within 3 s");
    await expect(probe(targetOf("planted-error"), finding?.input ?? new Uint8Array(0))).rejects.toThrow(TypeError);
  }, 120_000);

  it("reaches more code than sound input does, and finds nothing in a sound reader", async () => {
    const { finding, first, last, news } = await fuzz(targetOf("report"), { ...OPTIONS, seconds: 2 });
    expect(finding).toBeNull();
    expect(last).toBeGreaterThan(first);
    expect(news).toBeGreaterThan(0);
  }, 60_000);
});

describe("the mutants", () => {
  it("find the planted error as well", async () => {
    const [target = targetOf("")] = PLANTED;
    const found = fc.check(
      fc.asyncProperty(mutated(seedsOf(target)), (bytes) => probe(target, bytes)),
      { numRuns: 20_000, seed: 7 },
    );
    expect((await found).failed).toBe(true);
  });
});

describe("a probe", () => {
  it("takes one of our errors for an answer and lets every other one through", async () => {
    const refusal = new MalformedError("ERR_MALFORMED_ENCODING", "no", { what: "it", reason: "no" });
    const throwing = (error: unknown) => ({
      name: "x",
      read: () => {
        throw error;
      },
    });
    await expect(probe(throwing(refusal), new Uint8Array(0))).resolves.toBeUndefined();
    for (const error of [new TypeError("x"), new RangeError("x"), "text"]) {
      await expect(probe(throwing(error), new Uint8Array(0))).rejects.toBe(error);
    }
  });

  it("has a target for every reader, each with a name of its own", () => {
    const names = TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(20);
    expect(() => targetOf("nothing")).toThrow(/there are report, der/);
  });
});
