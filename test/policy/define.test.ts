import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { canonicalJson } from "../../src/bytes/canonical-json.js";
import { isAttestationError } from "../../src/errors.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { definePolicy } from "../../src/policy/define.js";
import type { Json } from "../../src/policy/json.js";
import type { PolicyDocument } from "../../src/policy/schema.js";
import { snapshot } from "../../src/policy/snapshot.js";
import { blockPolicy, judged, OPEN } from "./support.js";

const DOCUMENT: PolicyDocument = {
  version: 1,
  id: "payments",
  require: {
    reason: "INC-1",
    allOf: [{ snp: OPEN }, { id: "fleet", anyOf: [{ snp: { vmpl: [0] } }, { snp: { vmpl: [1], reserved: "zero" } }] }],
  },
};

function digestOf(text: string): string {
  return createHash("sha384").update(text, "utf8").digest("hex");
}

describe("definePolicy", () => {
  it("shows id, digest and document", async () => {
    const policy = await definePolicy(DOCUMENT);
    expect(policy.id).toBe("payments");
    expect(policy.document).toEqual(DOCUMENT);
    expect(JSON.parse(JSON.stringify(policy))).toEqual(DOCUMENT);
    // Canonical form written out by hand: keys sorted, no spaces.
    expect(policy.digest).toBe(
      digestOf(
        '{"id":"payments","require":{"allOf":[{"snp":{"measurement":"any","minimumTcb":"any","reportData":"any"}},' +
          '{"anyOf":[{"snp":{"vmpl":[0]}},{"snp":{"reserved":"zero","vmpl":[1]}}],"id":"fleet"}],"reason":"INC-1"},' +
          '"version":1}',
      ),
    );
  });

  it("has one digest for one document, in whatever order its keys stand, by whatever engine", async () => {
    const turned = { snp: { ...OPEN, vmpl: [0] }, id: "x", version: 1 };
    const straight = { version: 1, id: "x", snp: { vmpl: [0], ...OPEN } };
    const first = await definePolicy(turned);
    expect((await definePolicy(straight)).digest).toBe(first.digest);
    expect((await definePolicy(turned, { engine: nobleEngine })).digest).toBe(first.digest);
    expect((await definePolicy({ ...turned, id: "y" })).digest).not.toBe(first.digest);
  });

  it("hands out a frozen policy and fresh copies of the document", async () => {
    const policy = await definePolicy(DOCUMENT);
    expect(Object.isFrozen(policy)).toBe(true);
    const copy = policy.document;
    Object.assign(copy, { id: "other" });
    expect(policy.document).toEqual(DOCUMENT);
    expect(policy.document).not.toBe(policy.document);
  });

  it("does not notice when the document changes, before or after it has answered", async () => {
    const document = { version: 1, id: "x", snp: { ...OPEN, vmpl: [0] } };
    const pending = definePolicy(document);
    document.snp.vmpl[0] = 1;
    const policy = await pending;
    document.snp.vmpl.push(1);
    expect(judged(policy).verdict).toBe("accept");
    expect(judged(policy, { report: { vmpl: 1 } }).verdict).toBe("reject");
    expect(policy.document).toMatchObject({ snp: { vmpl: [0] } });
  });

  it("reads each property once: a getter cannot answer twice", async () => {
    const answers = [[0], [1], [2]];
    const snp = {
      ...OPEN,
      get vmpl() {
        return answers.shift();
      },
    };
    const policy = await definePolicy({ version: 1, id: "x", snp });
    expect(answers).toHaveLength(2);
    expect(judged(policy).verdict).toBe("accept");
    expect(judged(policy, { report: { vmpl: 1 } }).verdict).toBe("reject");
    expect(policy.document).toMatchObject({ snp: { vmpl: [0] } });
  });

  it("is not misled by what somebody hung on Object.prototype", async () => {
    const hung = { snp: OPEN, required: false, vmpl: [3] };
    for (const [key, value] of Object.entries(hung)) {
      Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
    }
    try {
      await expect(definePolicy({ version: 1, id: "x" })).toFailWith("ERR_MALFORMED_POLICY", { pointer: "" });
      const policy = await blockPolicy({ idBlock: { idKeyDigests: ["01".repeat(48)] } });
      const ids = judged(policy).failures.map(({ id }) => id);
      expect(ids).toEqual(["snp.idBlock.required", "snp.idBlock.idKeyDigests"]);
    } finally {
      for (const key of Object.keys(hung)) Reflect.deleteProperty(Object.prototype, key);
    }
  });

  it.each([
    ["an unknown option", { engines: nobleEngine }, /options has no option "engines"/],
    ["no engine", { engine: {} }, /options\.engine must be a CryptoEngine/],
    ["options that are none", 1, /options must be an object/],
  ])("%s is a TypeError", async (_, options, message) => {
    const failure = await definePolicy(DOCUMENT, options as never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(message);
  });

  it("an engine that fails is told as such", async () => {
    const engine = {
      ...nobleEngine,
      digest() {
        throw new Error("no entropy today");
      },
    };
    await expect(definePolicy(DOCUMENT, { engine })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });
});

describe("a runtime without WebCrypto", () => {
  it.each([undefined, {}])("is told as such, and another engine helps: %o", async (crypto) => {
    vi.stubGlobal("crypto", crypto);
    await expect(definePolicy(DOCUMENT)).toFailWith("ERR_UNSUPPORTED_CRYPTO", {
      engine: "webcrypto",
      operation: "digest",
    });
    await expect(definePolicy(DOCUMENT, { engine: nobleEngine })).resolves.toBeDefined();
  });
});

describe("what JSON cannot say is refused with its place", () => {
  class Block {
    vmpl = [0];
  }
  const cyclic: Record<string, unknown> = { ...OPEN };
  cyclic["loop"] = cyclic;
  const rows: [string, unknown, string, RegExp][] = [
    ["undefined", { ...OPEN, vmpl: undefined }, "/snp/vmpl", /expected a JSON value, found undefined/],
    ["NaN", { ...OPEN, vmpl: [Number.NaN] }, "/snp/vmpl/0", /found number NaN/],
    ["infinity", { ...OPEN, vmpl: [0, Number.POSITIVE_INFINITY] }, "/snp/vmpl/1", /found number Infinity/],
    ["a bigint", { ...OPEN, vmpl: [0n] }, "/snp/vmpl/0", /found bigint 0/],
    ["a function", { ...OPEN, vmpl: () => [0] }, "/snp/vmpl", /found function/],
    ["a symbol", { ...OPEN, vmpl: Symbol("x") }, "/snp/vmpl", /found symbol Symbol\(x\)/],
    ["a Date", { ...OPEN, vmpl: new Date(0) }, "/snp/vmpl", /found an object that is not plain/],
    ["a Map", new Map([["vmpl", [0]]]), "/snp", /found an object that is not plain/],
    ["an instance", new Block(), "/snp", /found an object that is not plain/],
    ["bytes", { ...OPEN, measurement: [new Uint8Array(48)] }, "/snp/measurement/0", /not plain/],
    ["a hole in a list", { ...OPEN, vmpl: new Array(1) }, "/snp/vmpl/0", /found undefined/],
    ["a symbol key", { ...OPEN, [Symbol("vmpl")]: 1 }, "/snp", /expected text as keys, found Symbol\(vmpl\)/],
    ["__proto__", JSON.parse('{"__proto__":{}}'), "/snp/__proto__", /which is no key of the language/],
    ["constructor", { ...OPEN, constructor: 1 }, "/snp/constructor", /no key of the language/],
    ["prototype", { ...OPEN, minimumTcb: { prototype: {} } }, "/snp/minimumTcb/prototype", /no key of the language/],
    ["a lone surrogate", { ...OPEN, cspId: ["\ud800"] }, "/snp/cspId/0", /found a lone surrogate/],
    ["a lone surrogate in a key", { ...OPEN, "\udc00": 1 }, "/snp/\udc00", /found a lone surrogate/],
    ["a circle", cyclic, `/snp${"/loop".repeat(39)}/measurement`, /at most 40 levels of nesting/],
  ];
  it.each(rows)("%s", async (...[, snp, pointer, message]) => {
    const policy = { version: 1, id: "x", snp };
    await expect(definePolicy(policy)).toFailWith("ERR_MALFORMED_POLICY", { pointer });
    await expect(definePolicy(policy)).rejects.toThrow(message);
  });

  it("too many values", async () => {
    const blocks = Array.from({ length: 11 }, () => ({ snp: { vmpl: Array(9_999).fill(0) } }));
    await expect(definePolicy({ version: 1, id: "x", require: { allOf: blocks } })).rejects.toThrow(
      /at most 100000 values/,
    );
  });

  it("too much text", async () => {
    const id = "x".repeat(4_000_001);
    await expect(definePolicy({ version: 1, id, reason: id })).rejects.toThrow(/at most 8000000 characters/);
  });

  it("a list for a fleet is fine", async () => {
    const chips = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(128, "a"));
    const chipId = new Uint8Array(64).fill(0xaa);
    chipId.set([0x27, 0x0f], 62);
    const policy = await blockPolicy({ chipId: chips });
    expect(judged(policy, { report: { chipId } }).verdict).toBe("accept");
    expect(judged(policy).verdict).toBe("reject");
  });

  it("a property that throws, with its cause", async () => {
    const cause = new Error("no");
    const document = {
      get version() {
        throw cause;
      },
    };
    await expect(definePolicy(document)).toFailWith("ERR_MALFORMED_POLICY", { pointer: "" });
    await expect(definePolicy(document)).rejects.toMatchObject({ cause });
  });

  it("objects of another realm and without prototype are plain", async () => {
    const bare = Object.assign(Object.create(null), { version: 1, id: "x", snp: OPEN });
    await expect(definePolicy(bare)).resolves.toBeDefined();
    const { runInNewContext } = await import("node:vm");
    const foreign: unknown = runInNewContext(`(${JSON.stringify(DOCUMENT)})`);
    expect((await definePolicy(foreign)).digest).toBe((await definePolicy(DOCUMENT)).digest);
  });
});

describe("canonicalJson", () => {
  it("sorts keys by code units and writes numbers and strings as RFC 8785 says", () => {
    // The sorting example of RFC 8785 section 3.2.3.
    const keys = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
    expect(canonicalJson(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
    expect(canonicalJson([1e21, 1e-7, 0.5, -0, 100, "\u000f\n\u2028/"])).toBe(
      '[1e+21,1e-7,0.5,0,100,"\\u000f\\n\u2028/"]',
    );
    expect(canonicalJson([null, true, false, [], {}])).toBe("[null,true,false,[],{}]");
  });

  it("is the same for every order of the keys, and reads back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const turn = (part: unknown): unknown => {
          if (Array.isArray(part)) return part.map(turn);
          if (typeof part !== "object" || part === null) return part;
          return Object.fromEntries(
            Object.entries(part)
              .reverse()
              .map(([key, inner]) => [key, turn(inner)]),
          );
        };
        const text = canonicalJson(value as Json);
        expect(canonicalJson(turn(value) as Json)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("snapshot", () => {
  it("copies JSON as it is, but for the names that objects treat as their own affair", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
        fc.pre(!/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
        expect(JSON.stringify(snapshot(value))).toBe(JSON.stringify(value));
      }),
    );
  });
});

/** Mostly what fits, sometimes any JSON. */
function mostly(fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue() });
}

const floors = fc.dictionary(
  fc.constantFrom("Milan", "Turin", "0x19-0x11-0x01"),
  fc.record({ reported: fc.record({ snp: mostly(fc.nat(255)), fmc: fc.nat(255) }, { requiredKeys: ["snp"] }) }),
  { minKeys: 1 },
);

/** Documents near the language: its keys with values of the right and the wrong kind. */
const near = fc.record({
  version: mostly(fc.constant(1)),
  id: mostly(fc.string({ minLength: 1 })),
  snp: mostly(
    fc.record(
      {
        measurement: mostly(fc.oneof(fc.constant("any"), fc.array(fc.constant("ab".repeat(48)), { minLength: 1 }))),
        reportData: mostly(fc.oneof(fc.constant("any"), fc.record({ scheme: fc.constant("nonce") }))),
        minimumTcb: mostly(fc.oneof(fc.constant("any"), floors)),
        vmpl: mostly(fc.array(fc.nat(4))),
        signingKey: mostly(fc.subarray(["VCEK", "VLEK"])),
        guestPolicy: fc.jsonValue(),
      },
      { requiredKeys: ["measurement", "reportData", "minimumTcb"] },
    ),
  ),
});

describe("properties", () => {
  it("a document is a policy or ERR_MALFORMED_POLICY, and nothing else", async () => {
    const seen = { policy: 0, malformed: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(near, fc.anything({ withBigInt: true, withDate: true, withMap: true })),
        async (document) => {
          const outcome = await definePolicy(document).catch((error: unknown) => error);
          if (isAttestationError(outcome, "ERR_MALFORMED_POLICY")) {
            expect(outcome.detail.pointer).toMatch(/^(?:\/|$)/);
            seen.malformed += 1;
          } else {
            expect(outcome).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{96}$/) });
            seen.policy += 1;
          }
        },
      ),
      { numRuns: 1500, seed: 20261121 },
    );
    expect(seen.policy).toBeGreaterThan(5);
    expect(seen.malformed).toBeGreaterThan(500);
  });
});
