import { describe, expect, it } from "vitest";
import { sourcesOf, viewOf } from "../../src/policy/record-view.js";
import { makeRecord } from "../support/records.js";

describe("sourcesOf", () => {
  it("names bytes of the report, fields of certificates, and what only the verification knows", () => {
    const sources = sourcesOf(makeRecord({ report: { version: 3 } }));
    expect(sources).toMatchObject({
      measurement: { kind: "report", offset: 0x90, length: 48 },
      cpuid: { kind: "report", offset: 0x188, length: 3 },
      launchMitVector: { kind: "verification", field: "launchMitVector" },
      cspId: { kind: "certificate", field: "leaf.cspId" },
      leafSha256: { kind: "certificate", field: "leaf" },
      "revocation.thisUpdate": { kind: "crl", field: "thisUpdate" },
      "revocation.status": { kind: "verification", field: "revocation.status" },
      now: { kind: "verification", field: "now" },
      advisories: { kind: "verification", field: "advisories" },
    });
    expect(Object.isFrozen(sources)).toBe(true);
  });

  it("differs by the version of the report, and is worked out once for each", () => {
    const [two, three, five] = [2, 3, 5].map((version) => sourcesOf(makeRecord({ report: { version } })));
    expect(two?.cpuid).toEqual({ kind: "verification", field: "cpuid" });
    expect(three?.cpuid).toEqual({ kind: "report", offset: 0x188, length: 3 });
    expect(five?.launchMitVector).toEqual({ kind: "report", offset: 0x1f8, length: 8 });
    expect(sourcesOf(makeRecord({ report: { version: 5 } }))).toBe(five);
  });
});

describe("viewOf", () => {
  it("reads a claim once, and keeps the view with its record", () => {
    const record = makeRecord();
    const view = viewOf(record);
    expect(viewOf(record)).toBe(view);
    expect(viewOf(makeRecord())).not.toBe(view);
    expect(view.claims.get("cpuid")).toBe("0x19-0x01-0x01");
    expect(view.claims.get("guestPolicy.abi")).toBe(view.claims.get("guestPolicy.abi"));
    expect(view.claims.get("cspId")).toBeNull();
    expect(view.evidence()).toBe(view.evidence());
    expect(view.evidence().claims["guestPolicy.abi"]).toBe(view.claims.get("guestPolicy.abi"));
    expect(Object.isFrozen(view.evidence().claims)).toBe(true);
    expect(Object.isFrozen(view.evidence().claims["guestPolicy.abi"])).toBe(true);
  });
});
