import { describe, expect, it } from "vitest";
import { decodeTcb } from "../../src/amd/tcb.js";
import { toHex } from "../../src/bytes/codecs.js";
import { reportToJson } from "../../src/report/json.js";
import { parseReport } from "../../src/report/report.js";
import { patched, patternReport, VERSIONS } from "./pattern.js";

const TCBS = ["currentTcb", "reportedTcb", "committedTcb", "launchTcb"] as const;

/** Version 5 of a processor by its CPUID bytes. */
const ofCpu = (family: number, model: number) => parseReport(patched(patternReport(5), 0x188, [family, model, 1]));

describe("reportToJson", () => {
  it.each([...VERSIONS])("gives version %i as plain data that survives JSON", (version) => {
    const json = reportToJson(parseReport(patternReport(version)));
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });

  it.each([...VERSIONS])("says every field of version %i", (version) => {
    const report = parseReport(patternReport(version));
    const json = reportToJson(report);
    expect(Object.keys(json).sort()).toEqual([...Object.keys(report), "productLine"].sort());
  });

  it("writes bytes as lower-case hex", () => {
    const report = parseReport(patternReport(5));
    const json = reportToJson(report);
    expect(json.measurement).toBe(toHex(report.measurement));
    expect(json.reportData).toMatch(/^[0-9a-f]{128}$/);
    expect(json.signature).toEqual({ r: toHex(report.signature.r), s: toHex(report.signature.s) });
  });

  it("writes 64-bit numbers as hex strings, 32-bit fields as numbers", () => {
    const bytes = patched(patternReport(5), 0x1f8, [1, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(reportToJson(parseReport(patched(bytes, 4, [0xff, 0xff, 0xff, 0xff])))).toMatchObject({
      guestSvn: 0xffffffff,
      launchMitVector: "0x8000000000000001",
      currentMitVector: "0x0",
    });
  });

  it("writes null for what the version does not have", () => {
    expect(reportToJson(parseReport(patternReport(2)))).toMatchObject({
      cpuid: null,
      launchMitVector: null,
      currentMitVector: null,
    });
  });

  it("names bits and shows the unknown ones", () => {
    const words = [0, 0, 0x0a, 0, 0, 0, 0, 0x80];
    const bytes = patched(patched(patternReport(3), 0x40, [0x41, 0, 0, 0, 0, 0, 0, 0]), 0x48, [0x25, 0, 0, 0]);
    const json = reportToJson(parseReport(patched(bytes, 8, words)));
    expect(json.policy).toMatchObject({
      raw: "0x80000000000a0000",
      debug: true,
      smt: false,
      reservedOne: true,
      unknownBits: "0x8000000000000000",
    });
    expect(json.platformInfo).toMatchObject({ raw: "0x41", smtEn: true, tsmeEn: false, unknownBits: "0x40" });
    expect(json.keyInfo).toEqual({
      raw: "0x25",
      authorKeyEn: true,
      maskChipKey: false,
      signingKey: 1,
      unknownBits: "0x20",
    });
  });

  it("shows reserved bytes that are not zero", () => {
    const report = parseReport(patched(patternReport(5), 0x1eb, [0xab]));
    expect(reportToJson(report).reserved).toEqual([{ offset: 0x1eb, bytes: "ab" }]);
  });
});

describe("the TCBs", () => {
  it.each([
    [0x19, 0x01, "Milan"],
    [0x19, 0xa0, "Genoa"],
    [0x1a, 0x02, "Turin"],
  ] as const)("of CPUID %i, %i are decoded as of %s", (family, model, line) => {
    const report = ofCpu(family, model);
    const json = reportToJson(report);
    expect(json.productLine).toBe(line);
    for (const name of TCBS) {
      expect(json[name]).toEqual({ raw: toHex(report[name]), components: decodeTcb(line, report[name]) });
    }
  });

  it.each([
    ["Venice", 0x1a, 0x50],
    ["an unknown processor", 0x17, 0x31],
  ])("of %s stay raw", (_, family, model) => {
    const report = ofCpu(family, model);
    const json = reportToJson(report);
    expect(json.productLine).toBeNull();
    for (const name of TCBS) expect(json[name]).toEqual({ raw: toHex(report[name]), components: null });
  });

  it("of version 2 stay raw until someone says the line", () => {
    const report = parseReport(patternReport(2));
    expect(reportToJson(report)).toMatchObject({ productLine: null, currentTcb: { components: null } });
    expect(reportToJson(report, "Turin")).toMatchObject({
      productLine: "Turin",
      currentTcb: { components: decodeTcb("Turin", report.currentTcb) },
    });
  });

  it("follow the caller where the report says otherwise", () => {
    expect(reportToJson(ofCpu(0x19, 0x01), "Turin").currentTcb.components).toHaveProperty("fmc");
  });

  it("of a line that does not exist are a TypeError", () => {
    // The cast stands for a caller without types.
    expect(() => reportToJson(ofCpu(0x19, 0x01), "Venice" as "Turin")).toThrow(/^productLine must be a product line/);
  });
});
