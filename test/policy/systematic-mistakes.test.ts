import { describe, expect, it } from "vitest";
import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import { definePolicy } from "../../src/policy/define.js";
import { pointerTo } from "../../src/policy/malformed.js";

const UNTIL = "2026-12-24T00:00:00Z";
const waiver = (check: string) => ({ check, until: UNTIL, reason: "INC-1", only: { productLine: ["Milan"] } });

/** A document that says everything that a document can, with every key of the block. */
const WHOLE = {
  $schema: "https://example.com/policy.v1.schema.json",
  version: 1,
  id: "whole",
  validity: { notBefore: "2026-01-01T00:00:00Z", notAfter: "2027-01-31T00:00:00Z" },
  lists: { images: ["5a".repeat(48)] },
  require: {
    id: "all",
    reason: "everything at once",
    allOf: [
      { id: "the block", reason: "every key", snp: WHOLE_BLOCK },
      { anyOf: [{ snp: { measurement: { list: "images" } } }, { snp: { vmpl: [0, 1] } }] },
    ],
  },
  waivers: [waiver("/require/allOf/0/snp/minimumTcb")],
  warn: [waiver("/require/allOf/0/snp/cpu")],
};

interface Place {
  readonly pointer: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Every value of a document with its place, the document itself first. */
function placesOf(value: unknown, pointer = "", path: readonly (string | number)[] = []): readonly Place[] {
  const own = { pointer, path, value };
  if (Array.isArray(value)) {
    return [own, ...value.flatMap((inner, at) => placesOf(inner, pointerTo(pointer, at), [...path, at]))];
  }
  if (typeof value !== "object" || value === null) return [own];
  return [
    own,
    ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, pointerTo(pointer, key), [...path, key])),
  ];
}

/** A copy of the whole document with another value at one place; undefined takes it away. */
function withAt(path: Place["path"], value: unknown): unknown {
  // By way of JSON: parts that the document shares are then its own each.
  const copy: unknown = JSON.parse(JSON.stringify(WHOLE));
  const last = path.at(-1);
  if (last === undefined) return value;
  const around: unknown = path.slice(0, -1).reduce((inner: unknown, key) => Reflect.get(inner as object, key), copy);
  if (value === undefined) Reflect.deleteProperty(around as object, last);
  else Reflect.set(around as object, last, value);
  return copy;
}

const PLACES = placesOf(WHOLE);
const isObject = ({ value }: Place) => typeof value === "object" && value !== null && !Array.isArray(value);
const named = (places: readonly Place[]) => places.map((place) => [place.pointer, place] as const);
const inLists = ({ pointer }: Place) => pointer.startsWith("/lists");

/** Objects whose keys the language knows; the names of lists and floors are the author's or processors. */
const OBJECTS = PLACES.filter((place) => isObject(place) && !inLists(place) && !/\/minimumTcb$/.test(place.pointer));
const LEAVES = PLACES.filter(({ value }) => typeof value !== "object" && value !== undefined);
const LISTS = PLACES.filter(({ value }) => Array.isArray(value));

describe("the whole document", () => {
  it("is a policy, and has places of every kind", async () => {
    await expect(definePolicy(WHOLE)).resolves.toBeDefined();
    expect(OBJECTS.length).toBeGreaterThan(25);
    expect(LEAVES.length).toBeGreaterThan(90);
    expect(LISTS.length).toBeGreaterThan(20);
  });
});

describe("a key that nobody knows", () => {
  // Beside { "list": NAME } it makes an object of what was a list.
  const places = OBJECTS.filter(({ pointer }) => !/\/anyOf\/0\/snp\/measurement$/.test(pointer));
  it.each(named(places))("in %s: the error names its place", async (pointer, { path, value }) => {
    for (const key of ["unknown", "Version", "toString", "a/b~c"]) {
      const document = withAt(path, { ...(value as object), [key]: 1 });
      await expect(definePolicy(document)).toFailWith("ERR_MALFORMED_POLICY", { pointer: pointerTo(pointer, key) });
    }
  });

  it("beside the name of a list is no longer one", async () => {
    const path = ["require", "allOf", 1, "anyOf", 0, "snp", "measurement"];
    const document = withAt(path, { list: "images", more: 1 });
    await expect(definePolicy(document)).toFailWith("ERR_MALFORMED_POLICY", {
      pointer: "/require/allOf/1/anyOf/0/snp/measurement",
    });
  });
});

describe("a value of another kind", () => {
  it.each(named(PLACES.filter(({ pointer }) => pointer !== "")))("at %s: null", async (pointer, { path }) => {
    // Nothing takes null.
    const error = definePolicy(withAt(path, null));
    await expect(error).toFailWith("ERR_MALFORMED_POLICY", { pointer: placeOfNull(pointer) });
    await expect(error).rejects.toThrow(/^the policy at [^\n]+: expected [^\n]+; [^\n]+$/);
  });

  /** Where a list that is used is wrong, it is told where it is used or where it stands; the same for its name. */
  function placeOfNull(pointer: string): string {
    return pointer.endsWith("/measurement/list") ? pointer.slice(0, -"/list".length) : pointer;
  }

  it.each(named(LEAVES))("at %s: an object, a list, and a value that JSON has not", async (pointer, { path }) => {
    for (const value of [{ odd: 1 }, [[]], Number.NaN, 1n, new Date(0), () => 1, Symbol.iterator]) {
      const error: unknown = await definePolicy(withAt(path, value)).catch((thrown: unknown) => thrown);
      const { pointer: place } = (error as { detail: { pointer: string } }).detail;
      expect(error).toMatchObject({ code: "ERR_MALFORMED_POLICY" });
      // At the value, inside it, or at what holds it.
      expect(place.startsWith(pointer) || pointer.startsWith(place), `${place} for ${pointer}`).toBe(true);
    }
  });

  it.each(named(LISTS))("at %s: a list of nothing", async (pointer, { path }) => {
    await expect(definePolicy(withAt(path, []))).toFailWith("ERR_MALFORMED_POLICY", { pointer });
  });

  it.each(named(OBJECTS))("at %s: an object of nothing", async (pointer, { path }) => {
    const error: unknown = await definePolicy(withAt(path, {})).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_MALFORMED_POLICY" });
    const { pointer: place } = (error as { detail: { pointer: string } }).detail;
    // The object itself, or the first key that it must have.
    expect(place.startsWith(pointer), `${place} for ${pointer}`).toBe(true);
  });
});

describe("a key that must be there", () => {
  const musts = [
    "/version",
    "/id",
    "/waivers/0/check",
    "/waivers/0/until",
    "/waivers/0/reason",
    "/waivers/0/only",
    "/warn/0/check",
    "/warn/0/until",
    "/require/allOf/0/snp/guestSvn/minimum",
    "/require/allOf/0/snp/guestPolicy/minimumAbi/major",
    "/require/allOf/0/snp/guestPolicy/minimumAbi/minor",
    "/require/allOf/0/snp/minimumFirmware/current/major",
    "/require/allOf/0/snp/minimumFirmware/current/minor",
    "/require/allOf/0/snp/minimumFirmware/committed/build",
    "/require/allOf/0/snp/advisories/ids",
    "/require/allOf/0/snp/advisories/dataSet",
    "/require/allOf/0/snp/advisories/maxAgeSeconds",
  ];
  it.each(named(PLACES.filter(({ pointer }) => musts.includes(pointer))))("%s", async (pointer, { path }) => {
    await expect(definePolicy(withAt(path, undefined))).toFailWith("ERR_MALFORMED_POLICY", { pointer });
  });

  /** Keys without which the document asks for less, or for other things, and is a policy all the same. */
  const free = PLACES.filter(({ path, pointer }) => {
    const [top, , , block, key, inner] = path;
    if (path.length === 1) return /^\/(?:\$schema|validity|waivers|warn)$/.test(pointer);
    if (top === "validity") return true;
    return block === "snp" && path.length === 5 && inner === undefined && !NEEDED.includes(String(key));
  });
  it.each(named(free))("and not %s", async (_, { path }) => {
    await expect(definePolicy(withAt(path, undefined))).resolves.toBeDefined();
  });
});

/** What others ask for, what is a decision, and what a waiver of the document speaks of. */
const NEEDED: readonly string[] = ["cspId", "idBlock", "measurement", "reportData", "minimumTcb", "cpu"];

describe("a key that another asks for", () => {
  const block = ["require", "allOf", 0, "snp"];
  it.each([
    ["cspId", "/require/allOf/0/snp/signingKey"],
    ["idBlock", "/require/allOf/0/snp/familyId"],
  ])("%s: without it the error names who asks", async (key, pointer) => {
    await expect(definePolicy(withAt([...block, key], undefined))).toFailWith("ERR_MALFORMED_POLICY", { pointer });
  });

  it.each(["familyId", "imageId", "guestSvn"])("%s alone asks for the ID keys", async (key) => {
    const { idBlock, familyId, imageId, guestSvn, ...rest } = WHOLE_BLOCK;
    const said = { familyId, imageId, guestSvn };
    const define = (more: object) => definePolicy({ version: 1, id: "x", snp: { ...rest, ...more } });
    const one = { [key]: Reflect.get(said, key) };
    const place = { pointer: `/snp/${key}` };
    await expect(define(one)).toFailWith("ERR_MALFORMED_POLICY", place);
    await expect(define({ ...one, idBlock: { required: true } })).toFailWith("ERR_MALFORMED_POLICY", place);
    const { idKeyDigests, authorKeyDigests } = idBlock;
    await expect(define({ ...one, idBlock: { authorKeyDigests } })).toFailWith("ERR_MALFORMED_POLICY", place);
    await expect(define({ ...one, idBlock: { idKeyDigests } })).resolves.toBeDefined();
    await expect(define({ ...one, idBlock: { required: false, idKeyDigests } })).resolves.toBeDefined();
  });
});
