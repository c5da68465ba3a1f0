import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../../src/errors.js";
import { definePolicy } from "../../../src/policy/define.js";
import * as importers from "../../../src/policy/import/index.js";
import { EXAMPLES } from "./examples.js";

const SEED = 20261122;

type Name = keyof typeof EXAMPLES;
type Importer = (input: importers.ImportInput) => importers.Imported | Promise<importers.Imported>;
const IMPORTERS: Readonly<Record<Name, Importer>> = importers;
const NAMES = Object.keys(EXAMPLES) as readonly Name[];

/** Every place of a document, as the keys that lead there. */
function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

/** A copy of a document with another value, or another key, at a place; undefined takes it away. */
function put(document: unknown, [key, ...path]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(document)
    ? [...document]
    : { ...(document as object) };
  Reflect.set(copy, key, put(Reflect.get(copy, key), path, value));
  return copy;
}

/** What importers may trip over, at places where they expect something else. */
const oddities = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    255,
    256,
    2 ** 53,
    1e300,
    "",
    "0",
    "latest",
    "any",
  ),
  fc.constantFrom<unknown>([], {}, [[]], { __proto__: null, a: 1 }, "00".repeat(48), "00".repeat(64), "\u202e", "é"),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** An example in which a few places are odd. */
function nearly(name: Name): fc.Arbitrary<string> {
  const places = placesIn(EXAMPLES[name]);
  const change = fc.tuple(fc.constantFrom(...places), oddities);
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<unknown>((document, [path, value]) => put(document, path, value), EXAMPLES[name]))
    .map((document) => JSON.stringify(document) ?? "");
}

/** An example as text in which a piece is cut out or replaced; Constellation reads what begins otherwise as YAML. */
function torn(name: Name): fc.Arbitrary<string> {
  const text = JSON.stringify(EXAMPLES[name], null, 1);
  const piece = fc.constantFrom(
    "",
    "{",
    "]",
    '"',
    "\\",
    ":",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!!x ",
    "%",
    "#",
    "|",
    "\t",
    "\0",
  );
  return fc
    .tuple(fc.nat(text.length), fc.nat(12), piece, fc.constantFrom("", "a: 1\n"))
    .map(([at, length, instead, before]) => before + text.slice(0, at) + instead + text.slice(at + length));
}

/** Runs an importer: a policy that `definePolicy` takes, or an error of ours that says what is malformed. */
async function answers(name: Name, input: string | Uint8Array): Promise<"read" | "refused"> {
  let made: importers.Imported;
  try {
    made = await IMPORTERS[name](input);
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    expect(error.code).toMatch(/^ERR_MALFORMED_(IMPORT|LENGTH)$/);
    expect(error.message).toMatch(/^[ -~]{1,1000}$/);
    return "refused";
  }
  await definePolicy(made.policy);
  for (const { where, text } of made.notes) expect(`${where}${text}`).toMatch(/^[ -~]+$/);
  return "read";
}

describe.each(NAMES)("%s", (name) => {
  it("reads its example", async () => {
    expect(await answers(name, JSON.stringify(EXAMPLES[name]))).toBe("read");
  });

  it("answers any input with a policy that can be defined, or an error of ours", { timeout: 120_000 }, async () => {
    const inputs = fc.oneof({ weight: 4, arbitrary: nearly(name) }, torn(name), fc.string(), fc.uint8Array());
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => void seen.add(await answers(name, input))),
      { numRuns: 1000, seed: SEED },
    );
    expect([...seen].sort()).toEqual(["read", "refused"]);
  });

  it("refuses what the others read", async () => {
    for (const other of NAMES) {
      if (other !== name) expect(await answers(name, JSON.stringify(EXAMPLES[other])), other).toBe("refused");
    }
  });
});
