import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { anchorsPath, needs } from "../support/needs.js";

const project = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "attestry-anchors-"));
const input = join(folder, "anchors.json");
const output = join(folder, "anchors.data.ts");

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(output, { force: true }));

type Facts = { anchors: Record<string, string | number>[] };

function make(facts: Facts) {
  writeFileSync(input, JSON.stringify(facts));
  const script = join(project, "scripts/make-anchors.mjs");
  return spawnSync(process.execPath, [script, input, output], { encoding: "utf8" });
}

describe.runIf(needs("amd-anchors"))("scripts/make-anchors.mjs", () => {
  const published = (): Facts => JSON.parse(readFileSync(anchorsPath, "utf8"));

  it("makes the file that src/ holds", () => {
    expect(make(published()).status).toBe(0);
    expect(readFileSync(output, "utf8")).toBe(readFileSync(join(project, "src/amd/anchors.data.ts"), "utf8"));
  });

  const slips: [string, (anchor: Record<string, string | number>, facts: Facts) => void, RegExp][] = [
    ["a digit of a modulus", (anchor) => replaceLast(anchor, "modulus"), /key and spkiSha256 disagree/],
    ["a digit of an SPKI digest", (anchor) => replaceLast(anchor, "spkiSha256"), /key and spkiSha256 disagree/],
    ["a short modulus", (anchor) => cut(anchor, "modulus"), /not of 4096 bits/],
    ["another exponent", (anchor) => Object.assign(anchor, { publicExponent: 3 }), /exponent 3/],
    ["a line that does not exist", (anchor) => Object.assign(anchor, { productLine: "Venice" }), /line Venice/],
    ["the role of another", (anchor) => Object.assign(anchor, { role: "ASVK" }), /is not the subject of ASVK/],
    ["another issuer", (anchor) => Object.assign(anchor, { issuer: "ARK-Turin" }), /issuer ARK-Turin/],
    ["a date of no format", (anchor) => Object.assign(anchor, { notAfter: "2045-10-22" }), /date 2045-10-22/],
    ["a serial in decimal", (anchor) => Object.assign(anchor, { serial: "65536" }), /serial 65536/],
    ["a short certificate digest", (anchor) => cut(anchor, "certificateSha256"), /no SHA-256/],
    ["a short key identifier", (anchor) => cut(anchor, "subjectKeyIdentifier"), /no SHA-1/],
    ["an anchor twice", (anchor, facts) => facts.anchors.push(anchor), /stands there twice/],
    ["an anchor too few", (_, facts) => facts.anchors.pop(), /8 anchors/],
  ];

  it.each(slips)("refuses %s and writes nothing", (_, change, message) => {
    const facts = published();
    const [first] = facts.anchors;
    if (first === undefined) throw new Error("no anchors");
    change(first, facts);
    const { status, stderr } = make(facts);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(existsSync(output)).toBe(false);
  });
});

function replaceLast(anchor: Record<string, string | number>, name: string): void {
  const text = String(anchor[name]);
  anchor[name] = text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
}

function cut(anchor: Record<string, string | number>, name: string): void {
  anchor[name] = String(anchor[name]).slice(0, -2);
}
