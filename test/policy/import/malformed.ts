import { expect, it } from "vitest";
import { isAttestationError } from "../../../src/errors.js";
import type { Imported, ImportInput } from "../../../src/policy/import/index.js";

type Importer = (input: ImportInput) => Imported | Promise<Imported>;

/**
 * A value that makes a sound example unsound: what it is, where it goes, and the place that the error names, where that
 * is another. Undefined takes the member away.
 */
export type Mistake = readonly [title: string, path: string, value: unknown, where?: string];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A copy of a document with another value at a path. */
function changed(document: object, path: string, value: unknown): object {
  const copy = structuredClone(document);
  const keys = path.split("/");
  const last = keys.pop() ?? "";
  let target: unknown = copy;
  for (const key of keys) target = isObject(target) ? target[key] : undefined;
  if (!isObject(target)) throw new Error(`the example has nothing at ${path}`);
  if (value === undefined) delete target[last];
  else target[last] = value;
  return copy;
}

/** The place that the error of an importer names; throws for any other error, and for none. */
export async function placeOf(importer: Importer, input: ImportInput): Promise<string> {
  try {
    await importer(input);
  } catch (error) {
    if (isAttestationError(error, "ERR_MALFORMED_IMPORT")) return error.detail.where;
    throw error;
  }
  throw new Error("the importer took it");
}

/** Each mistake in turn, and what no importer of JSON takes. */
export function itRefuses(importer: Importer, sound: object, mistakes: readonly Mistake[]): void {
  for (const [title, path, value, where = path] of mistakes) {
    it(`malformed: ${title}`, async () => {
      expect(await placeOf(importer, JSON.stringify(changed(sound, path, value)))).toBe(where);
    });
  }

  it.each([
    ["no JSON", "{", ""],
    ["a key twice", '{"a":1,"a":2}', "a"],
    ["no object", "[1]".slice(1, 2), ""],
  ])("malformed: %s", async (_, text, where) => {
    expect(await placeOf(importer, text)).toBe(where);
  });

  it("malformed: not UTF-8, or too long", async () => {
    expect(await placeOf(importer, Uint8Array.of(0x7b, 0xff, 0x7d))).toBe("");
    await expect((async () => await importer(" ".repeat(262_145)))()).toFailWith("ERR_MALFORMED_LENGTH");
  });

  it("anything but text or bytes is the caller's mistake", async () => {
    for (const input of [undefined, null, 7, {}]) {
      await expect((async () => await importer(input as unknown as string))()).rejects.toThrow(TypeError);
    }
  });
}
