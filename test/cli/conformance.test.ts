import { afterEach, describe, expect, it, vi } from "vitest";
import { toBase64, toHex } from "../../src/bytes/codecs.js";
import { MAX_LINE_BYTES } from "../../src/cli/conformance.js";
import type { EvidenceOptions } from "../../src/testing/index.js";
import * as evidence from "../../src/verify/evidence.js";
import { corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { type FakeSetting, fakeIo, pieces } from "./fake-io.js";
import { forge } from "./forged.js";
import { runCli } from "./run-cli.js";

const { forged } = await forge();
const NOW = "2026-06-01T00:00:00Z";
const ANY = { version: 1, id: "any", snp: { measurement: "any", reportData: "any", minimumTcb: "any" } };

type Line = Record<string, unknown>;

function lineOf({ evidence: { report, certificates = {} }, anchors }: typeof forged, more: Line = {}): Line {
  const parts = Object.entries(certificates).map(([name, der]) => [name, toBase64(der)]);
  return {
    id: "1",
    report: toBase64(report),
    ...Object.fromEntries(parts),
    anchors: anchors.map(toBase64),
    now: NOW,
    ...more,
  };
}

const GOOD = lineOf(forged);
const without = (name: string): Line => Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));

async function answers(lines: readonly (Line | string)[], setting: FakeSetting = {}) {
  const stdin = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
  const { code, stdout, stderr } = await runCli(["conformance"], { stdin, ...setting });
  return {
    code,
    stderr,
    answers: stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line): Line => JSON.parse(line)),
  };
}

async function answer(line: Line | string): Promise<Line> {
  const { answers: all } = await answers([line]);
  expect(all).toHaveLength(1);
  return all[0] ?? {};
}

async function answerForged(options: EvidenceOptions): Promise<Line> {
  return answer(lineOf((await forge({}, options)).forged));
}

describe("verdicts of attestry conformance", () => {
  it("accepts evidence without a policy at stage verify, and with one at stage done", async () => {
    expect(await answers([GOOD, { ...GOOD, id: 2, policy: ANY }])).toEqual({
      code: 0,
      stderr: "",
      answers: [
        { id: "1", verdict: "accept", stage: "verify", code: null },
        { id: 2, verdict: "accept", stage: "done", code: null },
      ],
    });
  });

  it("rejects by a policy with the failed checks", async () => {
    const policy = { ...ANY, snp: { ...ANY.snp, vmpl: [3] } };
    expect(await answer({ ...GOOD, policy })).toEqual({
      id: "1",
      verdict: "reject",
      stage: "policy",
      code: "ERR_POLICY_REJECTED",
      failures: [expect.objectContaining({ pointer: "/snp/vmpl", outcome: "fail" })],
    });
  });

  it.each<[string, string, EvidenceOptions]>([
    ["ERR_UNTRUSTED_REPORT_SIGNATURE", "verify", { report: { signature: "none" } }],
    ["ERR_UNTRUSTED_CHIP_ID", "verify", { report: { chipId: new Uint8Array(64).fill(7) } }],
    ["ERR_COLLATERAL_MISSING", "verify", { omit: ["leaf"] }],
    ["ERR_COLLATERAL_CRL_MISSING", "verify", { omit: ["crl"] }],
    ["ERR_UNSUPPORTED_REPORT_VERSION", "parse", { report: { version: 99 } }],
    ["ERR_MALFORMED_RESERVED", "parse", { report: { patch: [{ offset: 0x4c, bytes: Uint8Array.of(1) }] } }],
  ])("%s at stage %s", async (code, stage, options) => {
    expect(await answerForged(options)).toEqual({ id: "1", verdict: "reject", stage, code });
  });

  it.each<[string, Line, string, string]>([
    ["a short report", { ...GOOD, report: toBase64(new Uint8Array(1183)) }, "parse", "ERR_MALFORMED_LENGTH"],
    ["an empty report", { ...GOOD, report: "" }, "parse", "ERR_MALFORMED_LENGTH"],
    ["a report in hex", { ...GOOD, report: `${toHex(forged.evidence.report)}!` }, "parse", "ERR_MALFORMED_ENCODING"],
    ["a CRL that is no base64", { ...GOOD, crl: "AA=" }, "parse", "ERR_MALFORMED_ENCODING"],
    ["an anchor that is no base64", { ...GOOD, anchors: ["*"] }, "parse", "ERR_MALFORMED_ENCODING"],
    ["a leaf that is no DER", { ...GOOD, leaf: "AAAA" }, "verify", "ERR_MALFORMED_DER"],
    ["a policy that is none", { ...GOOD, policy: { version: 2 } }, "policy", "ERR_MALFORMED_POLICY"],
    ["a policy of null", { ...GOOD, policy: null }, "policy", "ERR_MALFORMED_POLICY"],
    ["AMD as the anchor", { ...GOOD, anchors: "amd" }, "verify", "ERR_UNTRUSTED_ROOT"],
    ["a clock behind the CRL", { ...GOOD, now: "2027-06-01T00:00:00Z" }, "verify", "ERR_COLLATERAL_CRL_STALE"],
    ["another product line", { ...GOOD, productLine: "Genoa" }, "verify", "ERR_UNTRUSTED_PRODUCT_LINE"],
  ])("%s", async (...[, line, stage, code]) => {
    expect(await answer(line)).toEqual({ id: "1", verdict: "reject", stage, code });
  });

  it("takes revocation as a word or with limits", async () => {
    const late = { ...GOOD, now: "2026-08-01T00:00:00Z" };
    const codes = await answers([
      { ...late, revocation: "require" },
      { ...late, revocation: { mode: "require", maxStaleMs: 366 * 86_400_000 } },
      { ...without("crl"), revocation: "if-available" },
      { ...GOOD, revocation: { mode: "require", maxAgeMs: 0 } },
      { ...without("crl"), revocation: "skip" },
    ]);
    expect(codes.answers.map(({ code }) => code)).toEqual([
      "ERR_COLLATERAL_CRL_STALE",
      null,
      null,
      "ERR_COLLATERAL_CRL_STALE",
      null,
    ]);
  });
});

describe("broken lines", () => {
  const USAGE = { verdict: "reject", stage: "parse", code: "ERR_USAGE" };

  it.each<[string, Line | string, unknown]>([
    ["no JSON", "{", null],
    ["an empty line", "", null],
    ["a word", "hello", null],
    ["null", "null", null],
    ["a number", "7", null],
    ["a list", "[]", null],
    ["a string", '"id"', null],
    ["an empty object", "{}", null],
    ["an unknown member", { ...GOOD, intermdiate: "AA==" }, "1"],
    ["a member of the prototype", `{"__proto__":1,${JSON.stringify(GOOD).slice(1)}`, "1"],
    ["no id", without("id"), null],
    ["an id of null", { ...GOOD, id: null }, null],
    ["an id that is an object", { ...GOOD, id: {} }, null],
    ["an id that is no whole number", { ...GOOD, id: 1.5 }, null],
    ["a long id", { ...GOOD, id: "x".repeat(1025) }, null],
    ["no report", without("report"), "1"],
    ["a report that is a number", { ...GOOD, report: 1 }, "1"],
    ["a report that is a list", { ...GOOD, report: [1] }, "1"],
    ["a leaf of null", { ...GOOD, leaf: null }, "1"],
    ["no anchors", without("anchors"), "1"],
    ["anchors of nobody", { ...GOOD, anchors: [] }, "1"],
    ["anchors of another word", { ...GOOD, anchors: "AMD" }, "1"],
    ["anchors that are numbers", { ...GOOD, anchors: [1] }, "1"],
    ["an anchor that is no root", { ...GOOD, anchors: [GOOD["intermediate"]] }, "1"],
    ["an anchor that is no certificate", { ...GOOD, anchors: ["AAAA"] }, "1"],
    ["no now", without("now"), "1"],
    ["a now that is a number", { ...GOOD, now: 1 }, "1"],
    ["a now that is no time", { ...GOOD, now: "2026-06-01" }, "1"],
    ["a now long ago", { ...GOOD, now: "1999-06-01T00:00:00Z" }, "1"],
    ["an unknown revocation", { ...GOOD, revocation: "maybe" }, "1"],
    ["a revocation of null", { ...GOOD, revocation: null }, "1"],
    ["a revocation without a mode", { ...GOOD, revocation: { maxStaleMs: 1 } }, "1"],
    ["a revocation with an unknown limit", { ...GOOD, revocation: { mode: "require", maxStale: 1 } }, "1"],
    ["a revocation with a negative limit", { ...GOOD, revocation: { mode: "require", maxAgeMs: -1 } }, "1"],
    ["a revocation with a limit in words", { ...GOOD, revocation: { mode: "require", maxAgeMs: "1" } }, "1"],
    ["an unknown product line", { ...GOOD, productLine: "Rome" }, "1"],
    ["a product line that is a number", { ...GOOD, productLine: 1 }, "1"],
    ["a key twice", `{"report":"",${JSON.stringify(GOOD).slice(1)}`, null],
    ["a key of the policy twice", `{"policy":{"id":"a","id":"b"},${JSON.stringify(GOOD).slice(1)}`, null],
    ["the id twice", `{"id":"2",${JSON.stringify(GOOD).slice(1)}`, null],
    ["a byte order mark", `\ufeff${JSON.stringify(GOOD)}`, null],
    [
      "a policy of great depth",
      `{"policy":${"[".repeat(200_000)}${"]".repeat(200_000)},${JSON.stringify(GOOD).slice(1)}`,
      null,
    ],
  ])("%s", async (_, line, id) => {
    const result = await answers([line, GOOD]);
    expect(result.code).toBe(0);
    expect(result.answers).toEqual([
      { id, ...USAGE },
      { id: "1", verdict: "accept", stage: "verify", code: null },
    ]);
    expect(result.stderr).toMatch(/^attestry: line 1: ERR_USAGE: .+\n$/);
  });

  it("a line that is too long", async () => {
    const fits = JSON.stringify(GOOD).padEnd(MAX_LINE_BYTES, " ");
    const result = await answers([`${fits} `, fits, GOOD]);
    expect(result.answers).toEqual([
      { id: null, ...USAGE },
      { id: "1", verdict: "accept", stage: "verify", code: null },
      { id: "1", verdict: "accept", stage: "verify", code: null },
    ]);
  });

  it("bytes that are not UTF-8", async () => {
    const stdin = Uint8Array.of(0x22, 0xff, 0x22, 0x0a);
    const { code, stdout } = await runCli(["conformance"], { stdin });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ id: null, ...USAGE });
  });

  it("nothing at all is nothing to answer", async () => {
    expect(await runCli(["conformance"], { stdin: "" })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("writes nothing of a line to the terminal as it is", async () => {
    const { stdout, stderr } = await runCli(["conformance"], {
      stdin: '{"id":"\u009b31m","\u001b[2J":1,"\u202e":2}\n',
    });
    for (const text of [stdout, stderr]) expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(stdout)).toMatchObject({ id: null });
  });
});

describe("faults of our own", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are rejects with ERR_INTERNAL, a word on stderr, and exit code 70 in the end", async () => {
    vi.spyOn(evidence, "verifyEvidence").mockRejectedValueOnce(new TypeError("undefined is not a function"));
    const result = await answers([GOOD, { ...GOOD, id: "2" }]);
    expect(result.code).toBe(70);
    expect(result.answers).toEqual([
      { id: "1", verdict: "reject", stage: "verify", code: "ERR_INTERNAL" },
      { id: "2", verdict: "accept", stage: "verify", code: null },
    ]);
    expect(result.stderr).toBe("attestry: line 1: ERR_INTERNAL: TypeError: undefined is not a function\n");
  });
});

describe("streaming", () => {
  it("answers each line before it reads the next", async () => {
    const seen: string[] = [];
    async function* patient() {
      for (const id of ["1", "2", "3"]) {
        yield* pieces(`${JSON.stringify({ ...GOOD, id })}\n`);
        // By the time that more is asked for, this line has its answer.
        expect(seen).toHaveLength(Number(id));
      }
    }
    const onWrite = (text: string) => seen.push(text);
    const { io } = fakeIo({ stdin: patient(), onWrite });
    const { run } = await import("../../src/cli/run.js");
    expect(await run(["conformance"], io)).toBe(0);
  });

  it("stops when nobody listens any more, and does not pretend to have answered", async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given++;
        yield* pieces(`${JSON.stringify(GOOD)}\n`);
      }
    }
    const { code, stderr } = await runCli(["conformance"], { stdin: endless(), closesAfter: 2 });
    expect({ code, stderr, given }).toEqual({ code: 70, stderr: "", given: 2 });
  });

  it("says that stdin broke", async () => {
    async function* breaking() {
      yield* pieces(`${JSON.stringify(GOOD)}\n`);
      throw new Error("the cable");
    }
    const { code, stdout, stderr } = await runCli(["conformance"], { stdin: breaking() });
    expect(code).toBe(70);
    expect(stdout).toContain('"accept"');
    expect(stderr).toContain("the cable");
  });
});

describe.runIf(needs("corpus"))("attestry conformance on real evidence", () => {
  it("agrees with the index of the corpus", async () => {
    const sets = corpusSets().filter((set) => /^(valid|invalid(:.*)?)$/.test(set.expected) && set.has("report.bin"));
    const lines = sets.map((set) => {
      const part = (...names: string[]) =>
        names.filter((name) => set.has(name)).map((name) => toBase64(set.read(name)))[0];
      const parts = {
        leaf: part("vcek.der", "vlek.der"),
        intermediate: part("ask.der", "asvk.der"),
        root: part("ark.der"),
        crl: part("crl.der"),
      };
      const { id, at, revocation } = set;
      return { id, report: part("report.bin"), ...parts, anchors: "amd", now: at.toISOString(), revocation };
    });
    const result = await answers(lines);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.answers).toEqual(
      sets.map(({ id, expected, code }) =>
        expected === "valid"
          ? { id, verdict: "accept", stage: "verify", code: null }
          : { id, verdict: "reject", stage: "verify", code: code ?? expect.stringMatching(/^ERR_UNTRUSTED_/) },
      ),
    );
  });
});
