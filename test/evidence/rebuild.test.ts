import { describe, expect, it } from "vitest";
import { unboundContainer } from "../../src/evidence/container-error.js";
import { rebuildReport, type SpelledReport } from "../../src/evidence/rebuild.js";
import { REPORT_LAYOUTS, REPORT_VERSIONS, type ReportVersion } from "../../src/report/layouts.js";
import { createForge } from "../../src/testing/index.js";
import { spelled } from "./spelled.js";

const forge = await createForge({ seed: "rebuild", now: new Date("2026-09-01T00:00:00Z") });
const reportOf = (version: ReportVersion) => forge.report({ version }).bytes;

const rebuilt = (version: ReportVersion, edit: Partial<Record<keyof SpelledReport, unknown>> = {}) =>
  // Wrong values come out of containers that were never checked against the type.
  rebuildReport("dump", { ...spelled(reportOf(version)), ...edit } as SpelledReport);

describe("rebuildReport", () => {
  it.each(REPORT_VERSIONS)("writes the bytes of a version %i report", (version) => {
    expect(rebuilt(version)).toEqual(reportOf(version));
  });

  it("copies the whole signature field, whatever stands in it", () => {
    const signature = Uint8Array.from({ length: 512 }, (_, index) => index & 0xff);
    expect(rebuilt(5, { signature }).subarray(0x2a0)).toEqual(signature);
  });

  it("leaves reserved bytes of the signed part zero", () => {
    const patched = forge.report({ patch: [{ offset: 0x18b, bytes: Uint8Array.of(7) }] }).bytes;
    const report = rebuildReport("dump", spelled(patched));
    expect(report[0x18b]).toBe(0);
    expect(Uint8Array.from(report, (byte, at) => (at === 0x18b ? 7 : byte))).toEqual(patched);
  });

  it.each([0, 1, 6, 2 ** 32, 2.5, Number.NaN])("does not know version %d", (version) => {
    expect(() => rebuilt(5, { version })).toFailWith("ERR_UNSUPPORTED_CONTAINER", {
      container: "dump",
      where: "version",
    });
  });

  it.each([
    ["a field gone", 5, "vmpl", undefined],
    ["a vector gone", 5, "launchMitVector", undefined],
    ["CPUID gone", 3, "cpuidStep", undefined],
    ["CPUID in version 2", 2, "cpuidFamId", 0],
    ["a vector in version 3", 3, "currentMitVector", 0n],
    ["a byte above its range", 5, "currentBuild", 256],
    ["a word above its range", 5, "guestSvn", 2 ** 32],
    ["a negative number", 5, "guestSvn", -1],
    ["a fraction", 5, "guestSvn", 0.5],
    ["no number", 5, "guestSvn", Number.NaN],
    ["a text", 5, "guestSvn", "1"],
    ["a bigint in 32 bits", 5, "guestSvn", 1n],
    ["a number in 64 bits", 5, "policy", 0x30000],
    ["2^64", 5, "policy", 2n ** 64n],
    ["a negative bigint", 5, "policy", -1n],
    ["a byte too few", 5, "reportData", new Uint8Array(63)],
    ["a byte too many", 5, "measurement", new Uint8Array(49)],
    ["a text for bytes", 5, "chipId", "00"],
    ["a signature cut off", 5, "signature", new Uint8Array(511)],
    ["a field that nobody knows", 5, "signatures", 1],
  ] as const)("refuses %s", (_, version, where, value) => {
    expect(() => rebuilt(version, { [where]: value })).toFailWith("ERR_MALFORMED_CONTAINER", {
      container: "dump",
      where,
    });
  });

  it.each([
    ["guestSvn", 2 ** 32 - 1],
    ["currentBuild", 255],
    ["policy", 2n ** 64n - 1n],
    ["policy", 0n],
  ] as const)("takes %s = %s", (where, value) => {
    expect(REPORT_LAYOUTS[5].parse(rebuilt(5, { [where]: value })).values[where]).toBe(value);
  });
});

describe("errors of containers", () => {
  it("never show more than a line of foreign text", () => {
    for (const vmpl of ["x".repeat(5000), "\n", [1], {}, null, Symbol("s")]) {
      try {
        rebuilt(5, { vmpl });
        expect.unreachable();
      } catch (error) {
        const { message } = error as Error;
        expect(message.length).toBeLessThan(250);
        expect(message).not.toContain("\n");
      }
    }
  });

  it("name what REPORT_DATA should be", () => {
    expect(() => {
      throw unboundContainer("dump", "00", "01");
    }).toFailWith("ERR_UNTRUSTED_CONTAINER_BINDING", { container: "dump", expected: "00", actual: "01" });
  });
});
