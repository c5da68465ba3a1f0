import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { textOf } from "../../src/bytes/text.js";
import { webCryptoEngine } from "../../src/crypto/webcrypto.js";
import { UntrustedError } from "../../src/errors.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { only, runAsync, runSync, type Step, type Steps, sha256, together } from "../../src/verify/steps.js";
import { verifyEvidenceWith } from "../../src/verify/sync.js";

const forge = await createForge({ seed: "steps" });
const { evidence, now, anchors } = forge.evidence();
const options = { now, anchors };

/** A verification of two steps that forgives an error of the first. */
function* twoSteps(first: Step): Steps<string> {
  let answer: unknown;
  try {
    answer = yield first;
  } catch (error) {
    answer = `caught ${String(error)}`;
  }
  return `${String(answer)}, ${String(yield () => "second")}`;
}

const fails: Step = () => {
  throw new RangeError("no");
};

describe("steps", () => {
  it("go on with each answer, waiting for it or not", async () => {
    expect(
      runSync(
        twoSteps(() => "first"),
        nodeEngine,
      ),
    ).toBe("first, second");
    expect(
      await runAsync(
        twoSteps(() => Promise.resolve("first")),
        nodeEngine,
      ),
    ).toBe("first, second");
  });

  it("give an error back to the verification, waiting for it or not", async () => {
    expect(runSync(twoSteps(fails), nodeEngine)).toBe("caught RangeError: no, second");
    expect(await runAsync(twoSteps(fails), nodeEngine)).toBe("caught RangeError: no, second");
    const rejects: Step = () => Promise.reject(new RangeError("later"));
    expect(await runAsync(twoSteps(rejects), nodeEngine)).toBe("caught RangeError: later, second");
  });

  it("are handed the engine", () => {
    expect(
      runSync(
        twoSteps(({ name }) => name),
        nodeEngine,
      ),
    ).toBe("node, second");
  });
});

describe("steps together", () => {
  const answer =
    (value: unknown): Step =>
    () =>
      value;

  it("answer in their order, at once where all are there at once", async () => {
    const both = together(answer(1), answer("two"));
    expect(runSync(only(both), nodeEngine)).toEqual([1, "two"]);
    expect(await runAsync(only(both), nodeEngine)).toEqual([1, "two"]);
  });

  it("are waited for where one of them comes later", async () => {
    const later = together(answer(Promise.resolve(1)), answer("two"));
    expect(await runAsync(only(later), nodeEngine)).toEqual([1, "two"]);
  });

  it("are all begun before any is waited for", async () => {
    const begun: string[] = [];
    const noted =
      (name: string): Step =>
      () => {
        begun.push(name);
        return new Promise((resolve) => setTimeout(resolve, 0, [...begun]));
      };
    const [first] = (await runAsync(only(together(noted("a"), noted("b"))), nodeEngine)) as [string[]];
    expect(first).toEqual(["a"]);
    expect(begun).toEqual(["a", "b"]);
  });

  it("fail with the one that fails, and leave no rejection behind", async () => {
    const rejects = answer(Promise.reject(new RangeError("later")));
    await expect(runAsync(only(together(rejects, answer(1))), nodeEngine)).rejects.toThrow("later");
    const alsoRejects = () => Promise.reject(new RangeError("unheard"));
    await expect(runAsync(only(together(answer(1), alsoRejects, fails)), nodeEngine)).rejects.toThrow("no");
  });
});

describe("sha256", () => {
  it("is lower-case hex, of every engine", async () => {
    const abc = new TextEncoder().encode("abc");
    const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (const engine of [webCryptoEngine, nodeEngine, nobleEngine]) {
      expect(await runAsync(only(sha256(abc)), engine)).toBe(expected);
    }
    expect(runSync(only(sha256(abc)), nodeEngine)).toBe(expected);
  });

  it.each([new Uint8Array(31), new Uint8Array(33), "ba", undefined, Promise.resolve(null)])(
    "takes nothing but 32 bytes: %s",
    async (digest) => {
      const engine = { ...nodeEngine, name: "crooked", digest: () => digest as Uint8Array };
      const detail = { engine: "crooked", operation: "digest" };
      await expect(runAsync(only(sha256(new Uint8Array())), engine)).toFailWith("ERR_UNSUPPORTED_CRYPTO", detail);
    },
  );
});

const verbs = ["verifyEcdsaP384", "verifyRsaPss"] as const;
const operations = { verifyEcdsaP384: "verify ECDSA", verifyRsaPss: "verify RSA-PSS" };
const refusals = {
  verifyEcdsaP384: "ERR_UNTRUSTED_REPORT_SIGNATURE",
  verifyRsaPss: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
} as const;

/** An engine whose one verb does something else. */
const engineThat = (verb: (typeof verbs)[number], answer: () => unknown) => ({
  ...nodeEngine,
  name: "crooked",
  [verb]: answer,
});

describe.each(verbs)("an engine whose %s", (verb) => {
  it("throws has not decided", async () => {
    const engine = engineThat(verb, () => {
      throw new RangeError("out of memory");
    });
    const detail = { engine: "crooked", operation: operations[verb] };
    await expect(verifyEvidence(evidence, { ...options, engine })).toFailWith("ERR_UNSUPPORTED_CRYPTO", detail);
    expect(() => verifyEvidenceWith(engine, evidence, options)).toFailWith("ERR_UNSUPPORTED_CRYPTO", detail);
  });

  it("rejects has not decided, and its error is the cause", async () => {
    const cause = new RangeError("no device");
    const engine = engineThat(verb, () => Promise.reject(cause));
    const failure = verifyEvidence(evidence, { ...options, engine });
    await expect(failure).rejects.toMatchObject({ code: "ERR_UNSUPPORTED_CRYPTO", cause });
  });

  it("answers a promise of another realm is waited for", async () => {
    const foreign = (code: string) => engineThat(verb, () => runInNewContext(code));
    const yes = foreign("Promise.resolve(true)");
    await expect(verifyEvidence(evidence, { ...options, engine: yes })).resolves.toBeDefined();
    const no = foreign("Promise.resolve(false)");
    await expect(verifyEvidence(evidence, { ...options, engine: no })).toFailWith(refusals[verb]);
    const fails = foreign("Promise.reject(new RangeError('no device'))");
    await expect(verifyEvidence(evidence, { ...options, engine: fails })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });

  it("fails with an error of ours is heard", async () => {
    const engine = engineThat(verb, () => {
      throw new UntrustedError("ERR_UNTRUSTED_VMPL", "mine", { vmpl: 9 });
    });
    await expect(verifyEvidence(evidence, { ...options, engine })).toFailWith("ERR_UNTRUSTED_VMPL", { vmpl: 9 });
    expect(() => verifyEvidenceWith(engine, evidence, options)).toFailWith("ERR_UNTRUSTED_VMPL");
  });

  it.each([false, 1, "true", {}, undefined, null, new Boolean(true)])(
    "answers %s says no: only true is a yes",
    async (answer) => {
      const engine = engineThat(verb, () => answer);
      await expect(verifyEvidence(evidence, { ...options, engine })).toFailWith(refusals[verb]);
      expect(() => verifyEvidenceWith(engine, evidence, options)).toFailWith(refusals[verb]);
    },
  );

  it("answers a promise where no one waits says no", () => {
    const engine = engineThat(verb, () => Promise.resolve(true));
    expect(() => verifyEvidenceWith(engine as never, evidence, options)).toFailWith(refusals[verb]);
  });
});

describe("all engines", () => {
  const engines = [webCryptoEngine, nodeEngine, nobleEngine];
  it.each(engines)("verify the same evidence: $name", async (engine) => {
    const verified = await verifyEvidence(evidence, { ...options, engine });
    expect(verified.toJSON()).toEqual(verifyEvidenceWith(nodeEngine, evidence, options).toJSON());
  });

  it.each(engines)("refuse the same signature: $name", async (engine) => {
    const wrong = forge.evidence({ report: { patchSigned: [{ offset: 0x50, bytes: Uint8Array.of(1) }] } });
    const verification = verifyEvidence(wrong.evidence, { ...options, engine });
    await expect(verification).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});

describe("textOf", () => {
  it("shows what can be shown", () => {
    expect(textOf(new RangeError("no"))).toBe("RangeError: no");
    expect(textOf(Symbol("s"))).toBe("Symbol(s)");
    expect(textOf(undefined)).toBe("undefined");
  });

  it("survives what cannot", () => {
    const hostile = {
      toString() {
        throw new RangeError("no text");
      },
    };
    for (const value of [Object.create(null), hostile]) expect(textOf(value)).toMatch(/^a value of type object/);
  });
});
