import type { Notes } from "./imported.js";

/** What a policy demands where nobody speaks, and a source that is silent does not. */
const DEFAULTS = {
  signingKey:
    "A VCEK must have signed: the source takes VLEKs too and names no provider. Write signingKey and cspId to accept " +
    "a provider's.",
  revocation: "A current CRL is asked for, which the source does not look at. Write revocation to accept less.",
  vmpl: "VMPL must be 0 to 3: the source does not look at it, and takes reports that the host asked for.",
  debug: "DEBUG must be clear in POLICY: the source does not look at it. Write guestPolicy.debug to accept it.",
  migrateMa: "MIGRATE_MA must be clear in POLICY: the source does not look at it. Write guestPolicy.migrateMa.",
  unknownBits: "POLICY may have no bits set that are not known here: the source does not look at them.",
  reserved: "Reserved bytes and KEY_INFO 31:5 must be zero: the source does not look at them. Write reserved.",
  dates: "Certificates must be in their time: the source does not look at their dates. No policy can turn this off.",
} as const;

/** A strict default. */
export type StrictDefault = keyof typeof DEFAULTS;

/** Notes the strict defaults that hold because the source says nothing of what they are about. */
export function noteStrictDefaults(notes: Notes, names: readonly StrictDefault[]): void {
  for (const name of names) notes.add("tightened", { where: "", pointer: null, text: DEFAULTS[name] });
}

/** What a policy must decide, and a source may leave open. */
const DECISIONS = {
  measurement: "Any measurement passes, as in the source. List launch digests, or whatever is launched is trusted.",
  reportData:
    "Any REPORT_DATA passes, as in the source. Name the scheme that your guests bind it by, or a report that somebody " +
    "else asked for passes too.",
  minimumTcb: "Any TCB passes, as in the source. Write floors, or firmware with known weaknesses is trusted.",
} as const;

/** Notes a decision that the source leaves open, and the policy with it. */
export function noteOpen(notes: Notes, name: keyof typeof DECISIONS, block = "/snp"): void {
  notes.add("meant", { where: "", pointer: `${block}/${name}`, text: DECISIONS[name] });
}
