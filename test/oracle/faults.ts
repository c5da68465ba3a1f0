import { RULES, type Rules } from "./rules.js";

/** Mistakes that an evaluator could make, each one decision of the oracle taken wrongly. */
export const FAULTS: Readonly<Record<string, Partial<Rules>>> = {
  "a floor is met by the same number alone": { atLeast: (actual, floor) => actual === floor },
  "a floor has to be exceeded": { atLeast: (actual, floor) => actual > floor },
  "TEE is not compared": { compared: (component) => component !== "tee" },
  "a TCB of Turin is read like one of Genoa": { tcbBytes: () => RULES.tcbBytes("Genoa") },
  "one member of allOf is enough": { allOfIsAll: false },
  "bits are counted from one": { hasBit: (word, bit) => RULES.hasBit(word, bit - 1) },
  "one mitigation of several is enough": { hasAll: (word, bits) => bits.some((bit) => RULES.hasBit(word, bit)) },
  "a version 2 report escapes the floors of processors": { everyProcessor: false },
  "AUTHOR_KEY_EN is taken for set": { authorKeyEnabled: () => true },
  "debugging has no default": { defaults: RULES.defaults.filter((id) => id !== "snp.guestPolicy.debug") },
  "one part of a waiver's only is enough": { onlyHolds: "some" },
  "a waiver ends before its last moment": { stillCounts: (now, until) => now < until },
  "versions are compared part by part": {
    reaches: (actual, floor) => floor.every((wanted, index) => (actual[index] ?? 0) >= wanted),
  },
  "a stale list is as good as a current one": { revocationOrder: ["skipped", "unavailable", "checked", "stale"] },
  "reserved bytes are those of version 5 in every version": { reserved: () => RULES.reserved(5) },
};
