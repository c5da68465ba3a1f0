import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import type { Policy } from "../../src/policy/policy.js";
import { checkOf, failedIds, judged, OPEN } from "./support.js";

const A = "aa".repeat(48);
const B = "bb".repeat(48);

function listPolicy(lists: unknown, snp: object, more: object = {}): Promise<Policy> {
  return definePolicy({ version: 1, id: "test", lists, snp: { ...OPEN, ...snp }, ...more });
}

const measured = (byte: number) => ({ report: { measurement: new Uint8Array(48).fill(byte) } });

describe("a named list", () => {
  it("stands for its entries", async () => {
    const policy = await listPolicy({ images: [A, B.toUpperCase()] }, { measurement: { list: "images" } });
    expect(judged(policy, measured(0xbb)).verdict).toBe("accept");
    expect(failedIds(judged(policy, measured(0xcc)))).toEqual(["snp.measurement"]);
    expect(checkOf(judged(policy), "snp.measurement")).toMatchObject({ pointer: "/snp/measurement", expected: [A, B] });
  });

  it("stays a name in the document and its digest", async () => {
    const named = await listPolicy({ images: [A] }, { measurement: { list: "images" } });
    expect(named.document).toMatchObject({ lists: { images: [A] }, snp: { measurement: { list: "images" } } });
    const written = await listPolicy({ images: [A] }, { measurement: [A] });
    expect(written.digest).not.toBe(named.digest);
  });

  it("may be used wherever a list of text may stand", async () => {
    const lists = {
      lines: ["Milan"],
      keys: ["VCEK", "VLEK"],
      cpus: ["0x19-0x01-0x01"],
      providers: ["CN=one.example"],
      chips: ["ab".repeat(64)],
      digests: [A],
      data: ["00".repeat(32)],
      ids: ["00".repeat(16)],
      "a/b~c": ["A"],
    };
    const list = (name: keyof typeof lists) => ({ list: name });
    const snp = {
      productLine: list("lines"),
      signingKey: list("keys"),
      cpu: list("cpus"),
      cspId: list("providers"),
      chipId: list("chips"),
      denyChips: list("chips"),
      denyCertificates: list("data"),
      measurement: list("digests"),
      hostData: list("data"),
      familyId: list("ids"),
      imageId: list("ids"),
      reportId: list("data"),
      reportIdMa: list("data"),
      idBlock: { idKeyDigests: list("digests"), authorKeyDigests: list("digests") },
      advisories: { ids: list("a/b~c"), dataSet: A, maxAgeSeconds: 1 },
    };
    const only = { chipId: list("chips"), cspId: list("providers"), productLine: list("lines") };
    const waivers = [{ check: "/snp/cpu", until: "2026-06-02T00:00:00Z", reason: "x", only }];
    await expect(listPolicy(lists, snp, { waivers })).resolves.toBeDefined();
  });

  it("may be unused, and may be used twice and in every rule", async () => {
    const lists = { images: [A], others: [B] };
    const rule = { snp: { ...OPEN, measurement: { list: "images" } } };
    const policy = await definePolicy({ version: 1, id: "x", lists, require: { anyOf: [rule, { allOf: [rule] }] } });
    expect(judged(policy, measured(0xaa)).verdict).toBe("accept");
  });
});

describe("a mistake in lists", () => {
  const rows: [title: string, lists: unknown, snp: object, pointer: string, message: RegExp][] = [
    [
      "no such list",
      { images: [A] },
      { measurement: { list: "image" } },
      "/snp/measurement/list",
      /the name of a list/,
    ],
    ["no lists at all", undefined, { measurement: { list: "images" } }, "/snp/measurement/list", /name of a list/],
    [
      "a name of Object.prototype",
      { images: [A] },
      { measurement: { list: "toString" } },
      "/snp/measurement/list",
      /name/,
    ],
    ["a name that is no text", { images: [A] }, { measurement: { list: 1 } }, "/snp/measurement", /found an object/],
    [
      "a list and more",
      { images: [A] },
      { hostData: { list: "images", also: "x" } },
      "/snp/hostData",
      /expected Array, found an object/,
    ],
    ["an entry of the wrong kind", { x: [A, "ab"] }, { measurement: { list: "x" } }, "/lists/x/1", /96 hex digits/],
    [
      "an entry that a rule refuses",
      { "x/y": ["00".repeat(8)] },
      { chipId: { list: "x/y" } },
      "/lists/x~1y/0",
      /zeros/,
    ],
    ["a list of text for numbers", { x: ["0"] }, { vmpl: { list: "x" } }, "/lists/x/0", /expected number/],
    ["a list within a list", { x: [A] }, { measurement: [{ list: "x" }] }, "/lists/x", /expected string/],
    ["a list for an object", { x: [A] }, { guestPolicy: { list: "x" } }, "/lists/x/0", /a key of the language/],
    ["an empty list", { x: [] }, {}, "/lists/x", /at least one entry/],
    ["no list", { x: A }, {}, "/lists/x", /expected Array/],
    ["text for a list that is used", { x: A }, { measurement: { list: "x" } }, "/lists/x", /expected|string/],
    ["lists as a number", 1, {}, "/lists", /expected Object, found 1/],
    ["lists as nothing, and used", null, { measurement: { list: "x" } }, "/lists", /expected Object, found null/],
    ["a list of numbers", { x: [1] }, {}, "/lists/x/0", /expected string/],
    ["lists as a list", [[A]], {}, "/lists", /expected Object, found a list/],
    ["no lists in lists", {}, {}, "/lists", /at least one key/],
    ["a list without a name", { "": [A] }, {}, "/lists/", /not empty/],
    ["a reference in lists", { x: { list: "y" }, y: [A] }, {}, "/lists/x", /expected Array/],
  ];
  it.each(rows)("%s", async (...[, lists, snp, pointer, message]) => {
    const more = lists === undefined ? {} : { lists };
    const policy = definePolicy({ version: 1, id: "test", snp: { ...OPEN, ...snp }, ...more });
    await expect(policy).toFailWith("ERR_MALFORMED_POLICY", { pointer });
    await expect(policy).rejects.toThrow(message);
  });

  it("a list that stands outside of any rule is none", async () => {
    await expect(definePolicy({ list: "x" })).toFailWith("ERR_MALFORMED_POLICY", { pointer: "/list" });
  });

  it("more entries in use than the budget", async () => {
    const lists = { x: Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(96, "0")) };
    const rule = { snp: { measurement: { list: "x" } } };
    const define = (count: number) => {
      const allOf = [{ snp: OPEN }, ...Array.from({ length: count }, () => rule)];
      return definePolicy({ version: 1, id: "x", lists, require: { allOf } });
    };
    await expect(define(10)).resolves.toBeDefined();
    await expect(define(11)).rejects.toThrow(/at most 100000 entries of lists in use/);
  });
});
