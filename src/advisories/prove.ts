import type { ByteRange } from "../bytes/layout.js";
import { hexWord, type Json } from "../policy/json.js";
import type { ReportField } from "../report/ranges.js";
import type { FirmwareVersion } from "../report/report.js";
import type { VerifiedRecord } from "../verify/record.js";
import type { AdvisoryProof, AdvisoryProofKind } from "./schema.js";

/** How a check went; `unseen` is a report that does not have the field. */
export type AdvisoryOutcome = "pass" | "fail" | "unseen";

/** One thing that the fix of an advisory shows by, and what this report says of it. JSON-safe. */
export interface AdvisoryCheck {
  readonly proof: AdvisoryProofKind;
  /** JSON Pointer into the data set. */
  readonly pointer: string;
  /** Which field was judged, as in `reportedTcb.snp`. */
  readonly field: string;
  /** The bytes of the report that were judged; null where this version of the report does not have the field. */
  readonly range: ByteRange | null;
  readonly expected: Json;
  /** Null where the report does not have the field. */
  readonly actual: Json;
  readonly outcome: AdvisoryOutcome;
  /** Half a sentence for a person. */
  readonly reason: string;
  readonly confidence: AdvisoryProof["confidence"];
  /** Names in `sources` of the data set. */
  readonly sources: readonly string[];
}

/** What a report says: which field, its name in the results, and whether it is enough. */
interface Seen {
  readonly from: ReportField;
  readonly field: string;
  readonly expected: Json;
  readonly actual: Json;
  readonly outcome: AdvisoryOutcome;
  readonly reason: string;
}

type Of<Kind extends AdvisoryProofKind> = Extract<AdvisoryProof, { check: Kind }>;

/**
 * A floor counts for three TCBs, and the lowest decides: REPORTED, which the signing key is bound to, COMMITTED, to
 * which a host can go back at any time, and LAUNCH, under which the guest began.
 */
function seeTcb({ component, minimum }: Of<"tcb">, { tcb }: VerifiedRecord): Seen {
  const levels = (["reported", "committed", "launch"] as const).map((name) => ({
    from: `${name}Tcb` as const,
    // A component that the TCB lacks is NaN here and falls short.
    level: Number(tcb[name][component]),
  }));
  const lowest = levels.reduce((least, next) => (least.level <= next.level ? least : next));
  const { from, level } = lowest;
  const field = `${from}.${component}`;
  const enough = level >= minimum;
  const reason = enough ? `${field} ${level} reaches ${minimum}` : `${field} ${level} is below ${minimum}`;
  return { from, field, expected: minimum, actual: level, outcome: enough ? "pass" : "fail", reason };
}

function versionText({ major, minor, build }: FirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}

/** COMMITTED is never above CURRENT in verified evidence, so it is the one that counts. */
function seeFirmware({ minimum }: Of<"firmware">, { report }: VerifiedRecord): Seen {
  const { major, minor, build } = report.committedFirmware;
  const [least = [], found] = [minimum.split(".").map(Number), [major, minor, build]];
  const differing = found.findIndex((part, index) => part !== least[index]);
  const enough = differing < 0 || Number(found[differing]) > Number(least[differing]);
  const actual = versionText(report.committedFirmware);
  const reason = `the committed firmware ${actual} ${enough ? "reaches" : "is below"} ${minimum}`;
  const from = "committedFirmware";
  return { from, field: from, expected: minimum, actual, outcome: enough ? "pass" : "fail", reason };
}

/** A bit by its state. */
interface Bit {
  readonly from: "policy" | "platformInfo";
  readonly field: string;
  readonly wanted: "set" | "clear";
  readonly found: boolean;
}

function seeBit({ from, field, wanted, found }: Bit): Seen {
  const actual = found ? "set" : "clear";
  const reason = `${field} is ${actual}${actual === wanted ? "" : `, must be ${wanted}`}`;
  return { from, field, expected: wanted, actual, outcome: actual === wanted ? "pass" : "fail", reason };
}

function hasBit(vector: bigint, bit: number): boolean {
  return ((vector >> BigInt(bit)) & 1n) === 1n;
}

/** Both vectors must have the bit; below report version 5 there is none, which is no success. */
function seeMitigation({ bit }: Of<"mitigation">, { report }: VerifiedRecord): Seen {
  const { launchMitVector: launch, currentMitVector: current } = report;
  const expected = `bit ${bit}`;
  if (launch === null || current === null) {
    const reason = `a report of version ${report.version} names no mitigations; it takes version 5`;
    return { from: "launchMitVector", field: "launchMitVector", expected, actual: null, outcome: "unseen", reason };
  }
  const [from, vector] = hasBit(launch, bit)
    ? (["currentMitVector", current] as const)
    : (["launchMitVector", launch] as const);
  const enough = hasBit(vector, bit);
  const actual = hexWord(vector);
  const reason = `${from} ${actual} ${enough ? "has" : "lacks"} bit ${bit}`;
  return { from, field: from, expected, actual, outcome: enough ? "pass" : "fail", reason };
}

function see(proof: AdvisoryProof, record: VerifiedRecord): Seen {
  switch (proof.check) {
    case "tcb":
      return seeTcb(proof, record);
    case "firmware":
      return seeFirmware(proof, record);
    case "platformInfo": {
      const found = record.report.platformInfo[proof.bit];
      return seeBit({ from: "platformInfo", field: `platformInfo.${proof.bit}`, wanted: proof.state, found });
    }
    case "guestPolicy": {
      const found = record.report.policy[proof.bit];
      return seeBit({ from: "policy", field: `guestPolicy.${proof.bit}`, wanted: proof.state, found });
    }
    case "mitigation":
      return seeMitigation(proof, record);
  }
}

/** What a verified report says of one proof. Pure and total. */
export function prove(proof: AdvisoryProof, pointer: string, record: VerifiedRecord): AdvisoryCheck {
  const { from, ...seen } = see(proof, record);
  const { check, confidence, sources } = proof;
  return { proof: check, pointer, range: record.rangeOf(from), confidence, sources, ...seen };
}
