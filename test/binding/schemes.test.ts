import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BINDING_SCHEMES, type BindingSchemeName, EVIDENCE_PARTS } from "../../src/binding/expected.js";
import { toHex } from "../../src/bytes/codecs.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { blockPolicy, failedIds, judged } from "../policy/support.js";
import { bindParts, MODELS, type Parts } from "./models.js";

const RUNS = { numRuns: 40, seed: 20261122 };

/** Parts of one scheme that fit, the same each time. */
function sampleOf(scheme: BindingSchemeName): Parts {
  const [first, second] = fc.sample(MODELS[scheme].parts, { numRuns: 2, seed: 7 });
  const whole = { ...first, ...second };
  for (const name of MODELS[scheme].optional) whole[name] ??= Uint8Array.of(1, 2, 3);
  return whole;
}

/** Parts as one text. To the scheme `nonce`, which fills up with zeros, zeros at its end are nothing. */
function meaningOf(scheme: BindingSchemeName, parts: Parts): string {
  const texts = Object.entries(parts).map(([name, part]): [string, string] => [name, toHex(part)]);
  const text = JSON.stringify(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
  return scheme === "nonce" ? text.replace(/(?:00)*"\]\]$/, "") : text;
}

/** The same bytes but for one bit. */
function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === at % bytes.length ? byte ^ (1 << bit) : byte));
}

describe.each(BINDING_SCHEMES)("%s against a second writing of it", (scheme) => {
  const model = MODELS[scheme];

  it("makes the same bytes and binds the same key, by either engine", async () => {
    await fc.assert(
      fc.asyncProperty(model.parts, async (parts) => {
        const expected = await bindParts(scheme, parts);
        expect(toHex(expected.bytes)).toBe(model.bytes(parts));
        expect(expected.publicKey === null ? null : toHex(expected.publicKey)).toBe(model.key(parts));
        const other = await bindParts(scheme, parts, { engine: nobleEngine });
        expect(other.bytes).toEqual(expected.bytes);
        expect(other.publicKey).toEqual(expected.publicKey);
      }),
      RUNS,
    );
  });

  it("makes other bytes of every part that differs in one bit", async () => {
    const parts = sampleOf(scheme);
    const { bytes } = await bindParts(scheme, parts);
    for (const [name, part] of Object.entries(parts)) {
      await fc.assert(
        fc.asyncProperty(fc.nat(part.length - 1), fc.nat(7), async (at, bit) => {
          const changed = { ...parts, [name]: flipped(part, at, bit) };
          // A key of another form is refused, and that is as good as other bytes.
          const other = await bindParts(scheme, changed).catch((error: unknown) => error);
          if (other instanceof Error) expect(other).toMatchObject({ code: expect.stringMatching(/^ERR_MALFORMED_/) });
          else expect(other).not.toMatchObject({ bytes });
        }),
        { numRuns: 12, seed: 20261122 },
      );
    }
  });

  it("tells parts that are not the same apart", async () => {
    await fc.assert(
      fc.asyncProperty(model.parts, model.parts, async (a, b) => {
        const [one, two] = await Promise.all([bindParts(scheme, a), bindParts(scheme, b)]);
        expect(toHex(one.bytes) === toHex(two.bytes)).toBe(meaningOf(scheme, a) === meaningOf(scheme, b));
      }),
      RUNS,
    );
  });

  it("takes every part that it must have, and no other", async () => {
    const parts = sampleOf(scheme);
    expect(Object.keys(parts).sort()).toEqual(Object.keys(model.lengths).sort());
    for (const name of Object.keys(parts)) {
      const rest = Object.fromEntries(Object.entries(parts).filter(([other]) => other !== name));
      const outcome = bindParts(scheme, rest);
      if (model.optional.includes(name)) await expect(outcome).resolves.toMatchObject({ scheme });
      else await expect(outcome).rejects.toThrow(`parts.${name} must be a Uint8Array`);
    }
    await expect(bindParts(scheme, { ...parts, salt: Uint8Array.of(1) })).rejects.toThrow(/parts has no option "salt"/);
  });
});

/** Lengths just outside what a part may have. */
const OUTSIDE = BINDING_SCHEMES.flatMap((scheme) =>
  Object.entries(MODELS[scheme].lengths).flatMap(([name, [least, greatest]]) =>
    [...new Set([least - 1, greatest + 1, 0])].map((length) => [scheme, name, length] as const),
  ),
);
/** Lengths just inside, of parts whose content does not matter. */
const INSIDE = BINDING_SCHEMES.flatMap((scheme) =>
  Object.entries(MODELS[scheme].lengths)
    .filter(([name]) => name !== "teePublicKey" && !(scheme === "atls" && name === "publicKey"))
    .flatMap(([name, lengths]) => [...new Set(lengths)].map((length) => [scheme, name, length] as const)),
);

describe("the length of a part", () => {
  it.each(OUTSIDE)("%s: %s of %i bytes is a TypeError", async (scheme, name, length) => {
    const parts = { ...sampleOf(scheme), [name]: new Uint8Array(length) };
    const outcome = await bindParts(scheme, parts).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(TypeError);
    expect(String(outcome)).toMatch(new RegExp(`parts\\.${name} must have [\\d to]+ bytes, found ${length}$`));
  });

  it.each(INSIDE)("%s: %s of %i bytes is taken", async (scheme, name, length) => {
    const parts = { ...sampleOf(scheme), [name]: new Uint8Array(length).fill(9) };
    expect(toHex((await bindParts(scheme, parts)).bytes)).toBe(MODELS[scheme].bytes(parts));
  });
});

describe.each(BINDING_SCHEMES)("a policy that names %s", (scheme) => {
  const parts = sampleOf(scheme);
  const known = EVIDENCE_PARTS[scheme];

  it("accepts the report that says so, and refuses one that is off in a bit", async () => {
    const policy = await blockPolicy({ reportData: { scheme } });
    const reportData = await bindParts(scheme, parts);
    expect(judged(policy, { report: { reportData: reportData.bytes } }, { reportData }).verdict).toBe("accept");
    for (const at of [0, 31, 32, 63]) {
      const off = { report: { reportData: flipped(reportData.bytes, at, at % 8) } };
      expect(failedIds(judged(policy, off, { reportData }))).toEqual(["snp.reportData"]);
    }
    expect(failedIds(judged(policy, { report: { reportData: reportData.bytes } }))).toEqual(["snp.reportData"]);
  });

  it("refuses the same bytes by another scheme", async () => {
    const { bytes } = await bindParts(scheme, parts);
    const policy = await blockPolicy({ reportData: { scheme } });
    const other = scheme === "exact" ? "nonce" : "exact";
    const reportData = await bindParts(other, other === "exact" ? { reportData: bytes } : { nonce: bytes });
    expect(reportData.bytes).toEqual(bytes);
    expect(failedIds(judged(policy, { report: { reportData: bytes } }, { reportData }))).toEqual(["snp.reportData"]);
    const names = await blockPolicy({ reportData: { scheme: other } });
    expect(judged(names, { report: { reportData: bytes } }, { reportData }).verdict).toBe("accept");
  });

  it("takes a part from the evidence where it allows that very part, and not where it allows another", async () => {
    for (const part of known) {
      const reportData = await bindParts(scheme, parts, { fromEvidence: [part] });
      const evidence = { report: { reportData: reportData.bytes } };
      const verdict = async (allowed: readonly string[]) => {
        const said = Object.fromEntries(allowed.map((name) => [name, "fromEvidence"]));
        const rule = allowed.length === 0 ? { scheme } : { scheme, parts: said };
        return judged(await blockPolicy({ reportData: rule }), evidence, { reportData }).verdict;
      };
      expect(await verdict([part])).toBe("accept");
      expect(await verdict(known)).toBe("accept");
      expect(await verdict(known.filter((name) => name !== part))).toBe("reject");
      expect(await verdict([])).toBe("reject");
    }
    const bare = Object.keys(parts).filter((name) => !known.some((part) => part === name));
    for (const part of bare) {
      await expect(bindParts(scheme, parts, { fromEvidence: [part] })).rejects.toThrow(/may come from evidence, found/);
    }
  });
});

describe("a relay that has seen another request", () => {
  it.each(BINDING_SCHEMES)("%s: a report for one set of parts is none for another", async (scheme) => {
    const policy = await blockPolicy({ reportData: { scheme } });
    const [a, b] = fc.sample(MODELS[scheme].parts, { numRuns: 2, seed: 11 });
    const [asked, seen] = [await bindParts(scheme, a), await bindParts(scheme, b)];
    const relayed = judged(policy, { report: { reportData: seen.bytes } }, { reportData: asked });
    expect(failedIds(relayed)).toEqual(["snp.reportData"]);
    expect(judged(policy, { report: { reportData: seen.bytes } }, { reportData: seen }).verdict).toBe("accept");
  });
});
