import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { readPayload } from "../../src/result/read-payload.js";
import { splitToken } from "../../src/result/token.js";
import { appraisal, issue, type Part, partsOf, signed, verify } from "./support.js";

const token = await issue();
const RUNS = { numRuns: 300 };

/** The code of whatever was thrown; fails the test for anything that is no error of ours. */
async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    throw error;
  }
  return "none";
}

/** Every place in a JSON value, as paths. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy with another value at a path. */
function replaced(value: unknown, [step, ...rest]: readonly string[], by: unknown): unknown {
  if (step === undefined) return by;
  const copy: Part = Array.isArray(value) ? (value.slice() as unknown as Part) : { ...(value as Part) };
  copy[step] = replaced(copy[step], rest, by);
  return copy;
}

describe("any change", () => {
  it("of any character of a token is refused with an error of ours", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \u0000é";
    const place = fc.nat(token.length - 1);
    await fc.assert(
      fc.asyncProperty(place, fc.constantFrom(...alphabet), async (index, character) => {
        fc.pre(token[index] !== character);
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        expect(await codeOf(() => verify(changed))).toMatch(/^ERR_RESULT_/);
      }),
      RUNS,
    );
  });

  it("of any value in a payload to another kind of value is refused, signed or not", async () => {
    const { payload } = partsOf(token);
    const paths = pathsOf(payload);
    const foreign = fc.constantFrom<unknown>(null, true, -1, 1.5, "", "\u0000", [], {}, [[]], { a: 1 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), foreign, async (path, value) => {
        const changed = replaced(payload, path, value);
        fc.pre(JSON.stringify(changed) !== JSON.stringify(payload));
        // Values that are sound in their place: the lists that may be empty, and what may be null.
        const last = path.at(-1) ?? "";
        const sound = ["cspId", "cpuid", "idKeyDigest", "advisories", "chipId"].includes(last) && value === null;
        const text = ["build", "developer", "id", "cspId"].includes(last) && typeof value === "string" && value !== "";
        const empty =
          ["waivers", "failures", "fromEvidence"].includes(last) && Array.isArray(value) && value.length === 0;
        fc.pre(!sound && !text && !empty);
        expect(await codeOf(async () => verify(await signed(changed as Part)))).toMatch(/^ERR_RESULT_/);
      }),
      RUNS,
    );
  });

  it("of any kind of input never throws anything but an error of ours", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.stringMatching(/^[\w-]*\.[\w-]*\.[\w-]*$/)), async (text) => {
        expect(await codeOf(() => splitToken(text))).toMatch(/^ERR_RESULT_/);
      }),
      RUNS,
    );
    await fc.assert(
      fc.asyncProperty(fc.object(), async (object) => {
        expect(await codeOf(() => readPayload(object, "ear-03"))).toBe("ERR_RESULT_PROFILE");
        const profiled = { ...object, eat_profile: "tag:ietf.org,2026:rats/ear#03" };
        expect(await codeOf(() => readPayload(profiled, "ear-03"))).toBe("ERR_RESULT_MALFORMED");
      }),
      RUNS,
    );
  });
});

describe("what is issued", () => {
  it("is always accepted, by either profile and with or without the platform's identity", async () => {
    const arbitrary = fc.record({
      profile: fc.constantFrom("ear-03" as const, "ear-deployed" as const),
      platformIdentity: fc.constantFrom("include" as const, "leave-out" as const),
      version: fc.constantFrom(2 as const, 3 as const, 4 as const, 5 as const),
      vmpl: fc.integer({ min: 0, max: 3 }),
      hostData: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ profile, platformIdentity, ...report }) => {
        const issued = await issue({ profile, platformIdentity }, appraisal(report));
        await expect(verify(issued, { profile })).resolves.toMatchObject({ profile, claims: { vmpl: report.vmpl } });
      }),
      { numRuns: 40 },
    );
  });
});
