import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import { makePolicySchema, SCHEMA_PATH } from "../../scripts/support/policy-schema.js";
import { isAttestationError } from "../../src/errors.js";
import { definePolicy } from "../../src/policy/define.js";
import { expandLists } from "../../src/policy/lists.js";
import { checkDocument } from "../../src/policy/schema.js";
import { snapshot } from "../../src/policy/snapshot.js";
import { BLOCK_MISTAKES, WHOLE_MISTAKES } from "./mistakes.js";
import { OPEN } from "./support.js";
import { TWINS } from "./twins.js";

const published: object = JSON.parse(readFileSync(SCHEMA_PATH, "utf8"));
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
const fits = ajv.compile(published);

/** What the validator says of the form of a document; places, ways and numbers that belong together come later. */
function isWellFormed(document: unknown): boolean {
  try {
    checkDocument(expandLists(snapshot(document)).document);
    return true;
  } catch (error) {
    if (isAttestationError(error, "ERR_MALFORMED_POLICY")) return false;
    throw error;
  }
}

/** What a text of JSON can say of a value; undefined where it cannot. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

const block = (snp: object) => ({ version: 1, id: "x", snp: { ...OPEN, ...snp } });
const waiver = { check: "/snp/cpu", until: "2026-06-02T00:00:00Z", reason: "why", only: { chipId: ["ab".repeat(8)] } };

describe("the published schema", () => {
  it("is made of the validator: npm run schema:policy makes it anew", () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(makePolicySchema())));
  });

  it("says something of every key", () => {
    const { $defs } = JSON.parse(JSON.stringify(published));
    const properties: Record<string, { description?: string }> = $defs.snp.properties;
    expect(Object.keys(properties).sort()).toEqual(Object.keys(WHOLE_BLOCK).sort());
    for (const { description } of Object.values(properties)) expect(description).toMatch(/^.{20,}/);
  });

  const good: [title: string, document: object][] = [
    ["the whole block", block(WHOLE_BLOCK)],
    ...TWINS.map(({ title, snp }): [string, object] => [title, block(snp)]),
    ["rules", { version: 1, id: "x", require: { allOf: [{ anyOf: [{ id: "a", reason: "b", snp: OPEN }] }] } }],
    ["a schema", { $schema: "https://example.com/policy.v1.schema.json", ...block({}) }],
    [
      "lists",
      {
        ...block({ hostData: { list: "l" }, idBlock: { idKeyDigests: { list: "m" } } }),
        lists: { l: ["ab".repeat(32)], m: ["cd".repeat(48)] },
      },
    ],
    ["validity", { ...block({}), validity: { notBefore: "2026-01-01T00:00:00Z", notAfter: "2027-12-31T23:59:59Z" } }],
    [
      "waivers",
      {
        ...block({ cpu: ["0x19-0x01-0x01"] }),
        waivers: [waiver],
        warn: [{ ...waiver, only: { chipId: { list: "c" } } }],
        lists: { c: ["ab".repeat(64)] },
      },
    ],
    [
      "report data from the evidence",
      block({ reportData: { scheme: "azure", parts: { runtimeData: "fromEvidence" } } }),
    ],
  ];
  it.each(good)("takes as the validator does: %s", async (_, document) => {
    expect(fits(document), JSON.stringify(fits.errors)).toBe(true);
    await expect(definePolicy(document)).resolves.toBeDefined();
  });

  const bad: [title: string, document: unknown][] = [
    ...BLOCK_MISTAKES.map(([title, snp]): [string, unknown] => [title, block(snp)]),
    ...WHOLE_MISTAKES.map(([title, document]): [string, unknown] => [title, document]),
    ["no name of a list", block({ hostData: { list: 1 } })],
    ["a list and more", { ...block({ hostData: { list: "l", more: 1 } }), lists: { l: ["ab"] } }],
    ["a named list of numbers", { ...block({ vmpl: { list: "l" } }), lists: { l: ["0"] } }],
    ["a list in a list", { ...block({}), lists: { l: { list: "m" }, m: ["a"] } }],
    ["lists as a list", { ...block({}), lists: [["a"]] }],
    ["a validity of nothing", { ...block({}), validity: {} }],
    ["a date", { ...block({}), validity: { notAfter: "2026-01-01" } }],
    ["a waiver for nobody", { ...block({}), waivers: [{ ...waiver, only: {} }] }],
    ["a waiver without end", { ...block({}), warn: [{ ...waiver, until: "never" }] }],
    ["a waiver without check", { ...block({}), warn: [{ until: waiver.until, reason: "x", only: waiver.only }] }],
    ["a schema that is no text", { $schema: 1, ...block({}) }],
  ];
  it.each(bad)("refuses as the validator does: %s", async (_, document) => {
    await expect(definePolicy(document)).toFailWith("ERR_MALFORMED_POLICY");
    const json = asJson(document);
    if (json !== undefined) expect(fits(json)).toBe(isWellFormed(json));
  });

  it("refuses most mistakes by itself", () => {
    const refused = bad.filter(([, document]) => asJson(document) !== undefined && !fits(asJson(document)));
    expect(refused.length / bad.length).toBeGreaterThan(0.8);
  });

  it("agrees with the validator on documents near the language", () => {
    const seen = { true: 0, false: 0 };
    const check = (snp: object) => {
      const text = JSON.stringify(snp);
      fc.pre(!text.includes('{"list":"l"}') && !/"(?:__proto__|constructor|prototype)":/.test(text));
      const document = { version: 1, id: "x", snp };
      const answer = fits(document);
      expect(answer, text).toBe(isWellFormed(document));
      seen[answer ? "true" : "false"] += 1;
    };
    const key = fc.constantFrom(...Object.entries<unknown>(WHOLE_BLOCK));
    const words = ["any", [], {}, [0], ["ab".repeat(32)], { list: "l" }, null, 3];
    const odd = fc.oneof(fc.constantFrom<unknown>(...words), fc.jsonValue({ maxDepth: 2 }));
    const changes = fc.constantFrom((value: unknown) => value, replaceWhole, replaceFirst, append);
    fc.assert(
      fc.property(fc.array(key, { maxLength: 4 }), key, odd, changes, (keys, [name, inner], value, change) =>
        check({ ...OPEN, ...Object.fromEntries(keys), [name]: change(inner, value) }),
      ),
      { numRuns: 1500, seed: 20261122 },
    );
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(200);
  });
});

function replaceWhole(_: unknown, value: unknown): unknown {
  return value;
}

function replaceFirst(inner: unknown, value: unknown): unknown {
  if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
  const [first = "x"] = Object.keys(inner);
  return { ...inner, [first]: value };
}

function append(inner: unknown, value: unknown): unknown {
  return Array.isArray(inner) ? [...inner, value] : inner;
}
