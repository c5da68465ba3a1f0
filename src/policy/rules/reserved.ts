import * as v from "valibot";
import type { Test } from "../check.js";
import { accepts, defineRule, isZero } from "../rule.js";

const KEY_INFO = { id: "snp.reserved.keyInfo", at: "/reserved", claim: "keyInfo.unknownBits" } as const;
const BYTES = { id: "snp.reserved.bytes", at: "/reserved", claim: "reservedBytes" } as const;
const ADVICE = 'use a version of this library that knows them, or write "reserved": "any"';

/** The reserved bytes that are not zero, or all that is signed. */
function readsBytes(test: Test): Test {
  return {
    ...test,
    run(subject) {
      const first = subject.record.report.reserved[0];
      const finding = test.run(subject);
      if (first === undefined) return finding;
      return { ...finding, source: { kind: "report", offset: first.offset, length: first.bytes.length } };
    },
  };
}

function zero(): readonly Test[] {
  return [
    isZero({ ...KEY_INFO, zero: "0x0", advice: ADVICE }),
    readsBytes(isZero({ ...BYTES, zero: [], advice: ADVICE })),
  ];
}

/** `reserved`: whether KEY_INFO 31:5 and the reserved bytes of the signed range must be zero, as they are by default. */
export const reserved = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ v.picklist(["zero", "any"]),
  tests: (said) => (said === "zero" ? zero() : [accepts(KEY_INFO), readsBytes(accepts(BYTES))]),
  defaults: /* @__PURE__ */ zero(),
});
