import { describe, expect, it } from "vitest";
import { corpusFile, corpusFolder, corpusSet, corpusSets, corpusWhere } from "./corpus.js";
import { anchorsPath, needs } from "./needs.js";

describe.runIf(needs("corpus"))("corpus", () => {
  it("holds the 46 genuine sets, each with a report and a leaf", () => {
    const valid = corpusWhere((expected) => expected === "valid");
    expect(valid).toHaveLength(46);
    for (const set of valid) {
      expect(set.read("report.bin"), set.id).toHaveLength(1184);
      expect(set.has("vcek.der") !== set.has("vlek.der"), set.id).toBe(true);
    }
  });

  it("reads files, expectations and dates", () => {
    const set = corpusSet("tav-v5-turin");
    expect(set.version).toBe(5);
    expect(set.at.toISOString()).toBe("2026-09-01T00:00:00.000Z");
    expect(set.expectedJson()["id"]).toBe(set.id);
    expect(set.files).toContain("crl.der");
    expect(() => set.read("nothing.der")).toThrow(/ENOENT/);
    expect(corpusFile("amd/Milan/ark.der").length).toBeGreaterThan(1000);
    expect(corpusFolder("amd")).toContain("Turin");
  });

  it("knows every set by its id and no other", () => {
    for (const set of corpusSets()) expect(corpusSet(set.id)).toBe(set);
    expect(() => corpusSet("no-such-set")).toThrow(/no set "no-such-set"/);
  });
});

describe.runIf(needs("amd-anchors"))("anchors", () => {
  it("lie beside the corpus", () => expect(anchorsPath).toMatch(/amd\/anchors\.json$/));
});
