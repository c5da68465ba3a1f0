import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADVISORIES_SCHEMA_PATH, makeAdvisoriesSchema } from "../../scripts/support/advisories-schema.js";
import { ADVISORIES } from "../../src/advisories/built-in/data-set.js";
import { parseAdvisories } from "../../src/advisories/parse.js";
import { isAttestationError, MalformedError } from "../../src/errors.js";
import { COPY_MISTAKES, FORM_MISTAKES, SENSE_MISTAKES } from "./mistakes.js";
import { advisory, dataSet, floor, ORIGIN, proofsOf } from "./support.js";

const published: object = JSON.parse(readFileSync(ADVISORIES_SCHEMA_PATH, "utf8"));
const fits = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(published);

/** Everything that the language can say. */
const whole = dataSet(
  [
    advisory({
      cves: ["CVE-2024-21944"],
      published: "2024-12-10",
      reference: "https://example.com",
      note: "a note",
      affected: ["Milan", "Turin"],
      notAffected: [{ for: ["Genoa", "0x19-0x01-0x02"], ...ORIGIN }],
      proofs: [
        {
          for: ["Milan", "0x19-0x01-0x01"],
          anyOf: [
            [floor("snp", 1), { check: "firmware", minimum: "1.55.0", ...ORIGIN }],
            [
              { check: "platformInfo", bit: "tioEn", state: "clear", ...ORIGIN },
              { check: "guestPolicy", bit: "debug", state: "clear", ...ORIGIN },
              { check: "mitigation", bit: 63, ...ORIGIN },
            ],
          ],
        },
      ],
    }),
    {
      id: "A-2",
      title: "t",
      cves: [],
      published: null,
      affected: ["Turin"],
      provable: false,
      why: "w",
      sources: ["s"],
    },
  ],
  {
    $schema: "https://example.com/advisories.v1.schema.json",
    sources: { s: { title: "t", url: "https://a.example" } },
  },
);

describe("parseAdvisories", () => {
  it.each([
    ["the least data set", dataSet()],
    ["the whole language", whole],
    ["the built-in one", ADVISORIES],
  ])("takes %s, whole and frozen, as the published schema does", (_, document) => {
    const parsed = parseAdvisories(document);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(JSON.parse(JSON.stringify(document)));
    expect(parsed).not.toBe(document);
    expect(Object.isFrozen(parsed.advisories[0]?.affected)).toBe(true);
    expect(fits(document)).toBe(true);
  });

  it.each(FORM_MISTAKES)("refuses %s, as the published schema does", (_, document, pointer, message) => {
    expect(() => parseAdvisories(document)).toFailWith("ERR_MALFORMED_ADVISORIES", { pointer });
    expect(() => parseAdvisories(document)).toThrow(message);
    expect(fits(JSON.parse(JSON.stringify(document)))).toBe(false);
  });

  it.each(SENSE_MISTAKES)("refuses %s", (_, document, pointer, message) => {
    expect(() => parseAdvisories(document)).toFailWith("ERR_MALFORMED_ADVISORIES", { pointer });
    expect(() => parseAdvisories(document)).toThrow(message);
  });

  it.each(COPY_MISTAKES)("refuses %s", (_, document, pointer, message) => {
    expect(() => parseAdvisories(document)).toFailWith("ERR_MALFORMED_ADVISORIES", { pointer });
    expect(() => parseAdvisories(document)).toThrow(message);
  });

  it("refuses nesting without end, and a property that throws", () => {
    const deep: unknown[] = [];
    deep.push(deep);
    expect(() => parseAdvisories(deep)).toFailWith("ERR_MALFORMED_ADVISORIES");
    const thrower = Object.defineProperty({}, "version", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(() => parseAdvisories(thrower)).toFailWith("ERR_MALFORMED_ADVISORIES", { pointer: "" });
  });

  it("tells place, expectation and advice in one line", () => {
    const document = dataSet([advisory({ proofs: proofsOf([floor("snp", 999)]) })]);
    let error: unknown;
    try {
      parseAdvisories(document);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(MalformedError);
    expect(String(error)).toBe(
      "MalformedError: the advisories at /advisories/0/proofs/0/anyOf/0/0/minimum: " +
        "expected a whole number of 1 to 255, found 999; write what is expected",
    );
  });

  it("throws nothing but its own error, whatever is passed", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (value) => {
        try {
          parseAdvisories(value);
          return false;
        } catch (error) {
          return isAttestationError(error, "ERR_MALFORMED_ADVISORIES");
        }
      }),
    );
  });
});

/** Every place of a document. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key]))];
}

/** A copy with another value at one place. */
function changed(document: object, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy: unknown = JSON.parse(JSON.stringify(document));
  let at = copy as Record<string, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  at[rest.at(-1) ?? key] = value;
  return copy;
}

describe("the published schema", () => {
  it("is made of the validator: npm run schema:advisories makes it anew", () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(makeAdvisoriesSchema())));
  });

  it("refuses nothing that the validator takes, and takes what it refuses only for its sense", () => {
    const places = placesOf(whole);
    const odd = fc.oneof(
      fc.constantFrom<unknown>(null, true, 0, 1, 2, 64, 256, -1, 1.5, "", "set", "any", "Milan", "fmc", "low", [], {}),
      fc.constantFrom<unknown>(["Milan"], ["s"], ["s", "s"], "1.55.40", "2024-02-31", "CVE-2024-1234"),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), odd, (path, value) => {
        const document = changed(whole, path, value);
        let pointer: string | null = null;
        try {
          parseAdvisories(document);
        } catch (error) {
          if (!isAttestationError(error, "ERR_MALFORMED_ADVISORIES")) throw error;
          pointer = error.detail.reason.match(/a day|each|that "affected"|name of|component of|at most 255/)
            ? null
            : "";
        }
        expect(fits(document)).toBe(pointer === null);
      }),
      { numRuns: 2000 },
    );
  });
});
