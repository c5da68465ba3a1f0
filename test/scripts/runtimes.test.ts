import { beforeAll, describe, expect, it } from "vitest";
import { createForge } from "../../src/testing/index.js";
import { fails, said, same, that } from "../runtimes/suite/assert.js";
import type { Input, Question } from "../runtimes/suite/input.js";
import { type Finish, type Outcome, runSuites, type Suite } from "../runtimes/suite/suite.js";
import { forgedSuites } from "../runtimes/suite/verify.js";
import { outcomesOf } from "../runtimes/support/news.js";
import { BlobPool, question } from "../runtimes/support/questions.js";
import { markdownOf, withMatrix } from "../runtimes/support/table.js";

const NOTHING: Input = {
  ...{ blobs: [], reports: [], real: [], forged: [], containers: [], policies: [], kds: [], launches: [], forges: [] },
  firmware: 0,
};

async function told(suites: readonly Suite[], input = NOTHING): Promise<(Outcome | Finish)[]> {
  const news: (Outcome | Finish)[] = [];
  await runSuites(suites, input, (one) => news.push(one));
  return news;
}

describe("the runtimes' own assertions", () => {
  it("object to what is not so", async () => {
    expect(() => same("abc", "abd")).toThrow('expected "abd", found "abc"');
    expect(() => same("abc", "ab")).toThrow();
    expect(() => that(false, "it holds")).toThrow("it is not so that it holds");
    await expect(fails(() => 1, "TypeError")).rejects.toThrow("expected a TypeError, found the answer 1");
    await expect(fails(() => Promise.reject(new RangeError("no")), "TypeError")).rejects.toThrow("RangeError");
    await expect(said(() => Promise.reject(new RangeError("no")))).rejects.toThrow("no");
  });

  it("let pass what is", async () => {
    same("abc", "abc");
    that(true, "it holds");
    await fails(() => Promise.reject(new TypeError("no")), "TypeError");
    expect(await said(() => ({ a: 1 }))).toBe('{"a":1}');
  });
});

describe("runSuites", () => {
  it("goes on after a case that fails, and counts all of them", async () => {
    const cases = [
      { name: "throws", run: () => same("a", "b") },
      { name: "rejects", run: () => Promise.reject(new Error("no")) },
      { name: "holds", run: () => undefined },
    ];
    expect(await told([{ name: "s", cases: () => cases }])).toEqual([
      { suite: "s", name: "throws", complaint: expect.stringContaining('expected "b"') },
      { suite: "s", name: "rejects", complaint: "Error: no" },
      { suite: "s", name: "holds", complaint: null },
      { finished: 3 },
    ]);
  });
});

describe("the suites on forged evidence", () => {
  let blobs: readonly string[];
  let sound: Question;

  beforeAll(async () => {
    const { evidence, anchors, now } = (await createForge({ seed: "runtimes" })).evidence();
    const pool = new BlobPool();
    sound = await question(pool, { name: "sound", evidence, options: { anchors, now }, ends: "accepted" });
    blobs = pool.list();
  });

  it("complain, with either engine, about an answer that is not the expected one", async () => {
    const wrong = { ...sound, name: "wrong", expected: sound.expected.replace("Milan", "Genoa") };
    const refused = { ...sound, name: "refused", expected: "ERR_UNTRUSTED_ROOT" };
    const news = await told(forgedSuites, { ...NOTHING, blobs, forged: [sound, wrong, refused] });
    const complaints = news.filter((one) => "suite" in one && one.complaint !== null);
    const named = complaints.map((one) => ("suite" in one ? `${one.suite}: ${one.name}` : ""));
    expect(named).toEqual([
      "forged evidence, WebCrypto: wrong",
      "forged evidence, WebCrypto: refused",
      "forged evidence, noble: wrong",
      "forged evidence, noble: refused",
      "forged evidence, noble: wrong, at once",
    ]);
  });

  it("are asked nothing whose answer here is not the one that others gave", async () => {
    const asked = { name: "x", evidence: { report: new Uint8Array(3) }, options: { now: new Date() } };
    const pool = new BlobPool();
    await expect(question(pool, { ...asked, ends: "accepted" })).rejects.toThrow("ends with ERR_MALFORMED_LENGTH");
    expect(await question(pool, { ...asked, ends: null })).toMatchObject({ expected: "ERR_MALFORMED_LENGTH" });
  });
});

describe("outcomesOf", () => {
  const one: Outcome = { suite: "s", name: "n", complaint: null };
  const ended = (...news: object[]) => {
    const stdout = ["noise", ...news.map((line) => JSON.stringify(line)), ""].join("\n");
    return outcomesOf("Engine", { stdout, stderr: "why", end: "exit code 1" });
  };

  it("reads what an engine told to its end", () => expect(ended(one, one, { finished: 2 })).toEqual([one, one]));

  it.each([
    ["nothing", [], "before its first case (exit code 1): why"],
    ["no end", [one], 'after "s: n"'],
    ["a line less", [one, { finished: 2 }], "broke off"],
    ["no case at all", [{ finished: 0 }], "broke off"],
  ])("objects to an engine that told %s", (_, news, message) => {
    expect(() => ended(...news)).toThrow(message);
  });
});

describe("the matrix", () => {
  const outcomes: Outcome[] = [
    { suite: "a", name: "1", complaint: null },
    { suite: "a", name: "2", complaint: "no" },
    { suite: "b", name: "1", complaint: null },
  ];
  const rows = [
    { title: "X", outcomes },
    { title: "Y", outcomes: null },
  ];

  it("shows what holds, what fails, what is not for a runtime, and what is missing", () => {
    expect(markdownOf(rows, ["a", "b", "c"])).toBe(
      "| runtime | a | b | c |\n| --- | ---: | ---: | ---: |\n| X | **1 of 2 fail** | 1 | – |\n| Y | missing | missing | missing |\n",
    );
  });

  it("replaces what is between the marks of a page, and objects to a page without", () => {
    const begin = "<!-- matrix: written by npm run test:runtimes -- --update -->";
    const page = `before\n${begin}\nold\n<!-- end of matrix -->\nafter\n`;
    expect(withMatrix(page, "new\n")).toBe(page.replace("old", "new"));
    expect(() => withMatrix("before", "new")).toThrow("marks");
  });
});
