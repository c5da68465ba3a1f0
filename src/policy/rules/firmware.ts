import * as v from "valibot";
import type { FirmwareVersion } from "../../report/report.js";
import type { Test } from "../check.js";
import { accepts, defineRule, demand, named } from "../rule.js";
import { byteNumber, eachOf, listOf, saying, wholeNumber } from "../words.js";

const UPDATE = "update the host's firmware";
const BUILDS = ["current", "committed"] as const;
const VECTORS = ["launch", "current"] as const;
const PARTS = ["major", "minor", "build"] as const;

/** Compared as (major, minor, build): the first part that differs decides. */
function reaches(actual: FirmwareVersion, floor: FirmwareVersion): boolean {
  const part = PARTS.find((name) => actual[name] !== floor[name]);
  return part === undefined || actual[part] > floor[part];
}

function minimumVersion(name: (typeof BUILDS)[number], floor: FirmwareVersion): Test {
  const expected = PARTS.map((part) => floor[part]).join(".");
  return demand(
    {
      ...named(`${name}Firmware`, `minimumFirmware.${name}`),
      operator: "atLeast",
      expected,
      wanted: `of at least ${expected}`,
      advice: UPDATE,
    },
    ({ record: { report } }) => reaches(report[`${name}Firmware`], floor),
  );
}

/** `minimumFirmware`: the least firmware versions, the running one and the one it cannot go back behind. */
export const minimumFirmware = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying(
    eachOf(BUILDS, v.strictObject({ major: byteNumber(), minor: byteNumber(), build: byteNumber() })),
  ),
  excusable: true,
  tests: (said) =>
    BUILDS.flatMap((name) => {
      const floor = said[name];
      return floor === undefined ? [] : [minimumVersion(name, floor)];
    }),
});

const PROVISIONAL = [
  ["committedTcb", "currentTcb", "tcb"],
  ["committedFirmware", "currentFirmware", "version"],
] as const;

/** `provisionalFirmware`: whether firmware may run that is not committed yet, so that the host can go back. */
export const provisionalFirmware = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ v.picklist(["forbidden", "any"]),
  excusable: true,
  tests: (said) =>
    PROVISIONAL.map(([claim, other, name]) => {
      const parts = { id: `snp.provisionalFirmware.${name}`, at: "/provisionalFirmware", claim };
      if (said === "any") return accepts(parts);
      const wanted = "to equal the current one";
      const advice = "commit the firmware, or wait until the host has";
      return demand({ ...parts, operator: "equals", expected: other, reads: [other], wanted, advice }, ({ claims }) => {
        return JSON.stringify(claims.get(claim)) === JSON.stringify(claims.get(other));
      });
    }),
});

/** Bits as a word; a vector that the report does not have holds none, not even none of them. */
function mitigated(name: (typeof VECTORS)[number], bits: readonly number[]): Test {
  const mask = bits.reduce((word, at) => word | (1n << BigInt(at)), 0n);
  const field = `${name}MitVector` as const;
  return demand(
    {
      ...named(field, `mitigations.${name}`),
      operator: "includes",
      expected: bits,
      wanted: `to have the bits ${bits.join(", ")}`,
      advice: `${UPDATE}; reports below version 5 have no such vector`,
    },
    ({ record: { report } }) => {
      const vector = report[field];
      return vector !== null && (vector & mask) === mask;
    },
  );
}

/** `mitigations`: bits that LAUNCH_MIT_VECTOR and CURRENT_MIT_VECTOR must have, by their numbers. */
export const mitigations = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying(eachOf(VECTORS, listOf(wholeNumber(0, 63)))),
  excusable: true,
  tests: (said) =>
    VECTORS.flatMap((name) => {
      const bits = said[name];
      return bits === undefined ? [] : [mitigated(name, bits)];
    }),
});
