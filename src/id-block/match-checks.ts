import { isZero, toHex } from "../bytes/codecs.js";
import type { AttestationReport } from "../report/report.js";
import type { JudgedPair } from "./verify-id-auth.js";

/** The checks by name, in their order. */
export type IdBlockCheckId =
  | "idBlock.signature"
  | "idKey.signature"
  | "idKeyDigest"
  | "idKeyDigest.trusted"
  | "authorKey.present"
  | "authorKeyDigest"
  | "authorKeyDigest.trusted"
  | "measurement"
  | "familyId"
  | "imageId"
  | "guestSvn"
  | "policy";

/** One check: frozen and JSON-safe; bytes as lower-case hex, POLICY as hex with 0x. */
export interface IdBlockCheck {
  /** Stable over versions. */
  readonly id: IdBlockCheckId;
  /** What the ID block, ID_AUTH or the caller says. */
  readonly expected: string | number | boolean | null | readonly string[];
  /** What the report, or the signature, says. */
  readonly actual: string | number | boolean | null;
  /** `not-applicable`: there is nothing to check, such as the signature of an author key that is not there. */
  readonly outcome: "pass" | "fail" | "not-applicable";
  /** A sentence for a person. */
  readonly reason: string;
}

/** What the checks look at. */
export interface MatchSubject {
  readonly pair: JudgedPair;
  readonly report: AttestationReport;
  readonly idKeys: readonly string[] | "any";
  readonly authorKeys: readonly string[] | "any";
}

type Check = (subject: MatchSubject) => IdBlockCheck;

/** A check that passes when both sides are one value. */
function equal(
  id: IdBlockCheckId,
  label: string,
  sides: (subject: MatchSubject) => readonly [string | number | boolean, string | number | boolean],
): Check {
  return (subject) => {
    const [expected, actual] = sides(subject);
    const outcome = expected === actual ? "pass" : "fail";
    const reason =
      outcome === "pass"
        ? `Found ${label} as the ID block has it.`
        : `Expected ${label} to be ${expected}, found ${actual}: the guest was launched with another ID block.`;
    return { id, expected, actual, outcome, reason };
  };
}

/** A signature that holds, does not, or is not there (undefined). */
function signature(id: IdBlockCheckId, label: string, fault: string | null | undefined): IdBlockCheck {
  if (fault === undefined) {
    return { id, expected: null, actual: null, outcome: "not-applicable", reason: `There is no ${label}.` };
  }
  const holds = fault === null;
  const reason = holds ? `Found ${label} to hold.` : `Expected ${label} to hold; it does not: ${fault}.`;
  return { id, expected: true, actual: holds, outcome: holds ? "pass" : "fail", reason };
}

/** Makes a check of what was compared, once it is known how it ended. */
function checkOf(compared: Pick<IdBlockCheck, "id" | "expected" | "actual">) {
  return (outcome: IdBlockCheck["outcome"], reason: string): IdBlockCheck => ({ ...compared, outcome, reason });
}

/** A digest of the report against that of block or ID_AUTH; zeros in the report never match. */
function digest(id: IdBlockCheckId, label: string, sides: { expected: Uint8Array | null; found: Uint8Array }) {
  const [expected, actual] = [sides.expected === null ? null : toHex(sides.expected), toHex(sides.found)];
  const none = isZero(sides.found);
  const make = checkOf({ id, expected, actual });
  if (expected === null && none) return make("not-applicable", `There is no ${label}, and none to compare it with.`);
  if (none) return make("fail", `Expected ${label} ${expected}, found zeros, which match nothing.`);
  if (expected === actual) return make("pass", `Found ${label} to be the expected one.`);
  return make("fail", `Expected ${label} ${expected ?? "to be zero"}, found ${actual}.`);
}

/** The digest of the report against the caller's list; zeros are on no list. */
function trusted(id: IdBlockCheckId, label: string, sides: { list: readonly string[] | "any"; found: Uint8Array }) {
  const { list: expected, found } = sides;
  const actual = toHex(found);
  const make = checkOf({ id, expected, actual });
  if (expected === "any") return make("not-applicable", `The caller accepts any ${label}.`);
  if (isZero(found)) return make("fail", `Expected a trusted ${label}, found zeros, which no list can trust.`);
  if (expected.includes(actual)) return make("pass", `Found ${label} on the caller's list.`);
  return make("fail", `Expected ${label} on the caller's list, found ${actual}.`);
}

const hex = (policy: bigint): string => `0x${policy.toString(16)}`;

/** AUTHOR_KEY_DIGEST means something only where KEY_INFO says that there is an author key. */
function authorDigest({ keyInfo, authorKeyDigest }: AttestationReport): Uint8Array {
  return keyInfo.authorKeyEn ? authorKeyDigest : new Uint8Array(authorKeyDigest.length);
}

/** All checks, in the order in which they are reported. */
export const CHECKS: readonly Check[] = [
  ({ pair }) => signature("idBlock.signature", "the ID key's signature of the ID block", pair.blockFault),
  ({ pair: { auth, authorFault } }) =>
    signature("idKey.signature", "the author key's signature of the ID key", auth.author ? authorFault : undefined),
  ({ pair, report }) =>
    digest("idKeyDigest", "ID_KEY_DIGEST", { expected: pair.idKeyDigest, found: report.idKeyDigest }),
  ({ report, idKeys }) => trusted("idKeyDigest.trusted", "ID_KEY_DIGEST", { list: idKeys, found: report.idKeyDigest }),
  equal("authorKey.present", "AUTHOR_KEY_EN in KEY_INFO", ({ pair, report }) => [
    pair.auth.author !== null,
    report.keyInfo.authorKeyEn,
  ]),
  ({ pair, report }) =>
    digest("authorKeyDigest", "AUTHOR_KEY_DIGEST", { expected: pair.authorKeyDigest, found: report.authorKeyDigest }),
  ({ report, authorKeys }) =>
    trusted("authorKeyDigest.trusted", "AUTHOR_KEY_DIGEST", { list: authorKeys, found: authorDigest(report) }),
  ({ pair, report }) =>
    digest("measurement", "MEASUREMENT", { expected: pair.block.measurement, found: report.measurement }),
  equal("familyId", "FAMILY_ID", ({ pair, report }) => [toHex(pair.block.familyId), toHex(report.familyId)]),
  equal("imageId", "IMAGE_ID", ({ pair, report }) => [toHex(pair.block.imageId), toHex(report.imageId)]),
  equal("guestSvn", "GUEST_SVN", ({ pair, report }) => [pair.block.guestSvn, report.guestSvn]),
  equal("policy", "POLICY", ({ pair, report }) => [hex(pair.block.policy.raw), hex(report.policy.raw)]),
];
