import { encodeTcb, type Tcb } from "../amd/tcb.js";
import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import type { VerifiedRecord } from "../verify/record.js";

/** A field that a guest can have mixed into its key, by its name in this library. */
export type DerivedKeyField =
  | "policy"
  | "imageId"
  | "familyId"
  | "measurement"
  | "guestSvn"
  | "tcbVersion"
  | "launchMitVector";

/** The fields in the order of their bits. */
export const KEY_FIELD_NAMES: readonly DerivedKeyField[] = [
  "policy",
  "imageId",
  "familyId",
  "measurement",
  "guestSvn",
  "tcbVersion",
  "launchMitVector",
];

/** What the key is derived from: the chip's key, the provider's, or the root that a migration agent brings. */
export type DerivedKeyRoot = "VCEK" | "VLEK" | "VMRK";

/** What a guest asks firmware for (MSG_KEY_REQ); an unknown name is a TypeError. */
export interface DerivedKeySelection {
  rootKey: DerivedKeyRoot;
  /** What is to be mixed in; an empty list says that nothing is. */
  fields: readonly DerivedKeyField[];
  /** VMPL of the request, 0 to 3; always mixed in. */
  vmpl: number;
  /** Said exactly where `fields` has `guestSvn`. */
  guestSvn?: number;
  /** Said exactly where `fields` has `tcbVersion`: every component of the product line. */
  tcbVersion?: Tcb;
  /** Said exactly where `fields` has `launchMitVector`. */
  launchMitVector?: bigint;
}

/** A selection that was read and fits the product line; members that the fields do not ask for are zero or empty. */
export interface KeyRequest {
  readonly rootKey: DerivedKeyRoot;
  readonly fields: ReadonlySet<DerivedKeyField>;
  readonly vmpl: number;
  readonly guestSvn: number;
  readonly tcbVersion: Tcb | null;
  readonly tcbBytes: Uint8Array;
  readonly launchMitVector: bigint;
}

const NAMES = ["rootKey", "fields", "vmpl", "guestSvn", "tcbVersion", "launchMitVector"] as const;
const ROOTS: readonly unknown[] = ["VCEK", "VLEK", "VMRK"] satisfies DerivedKeyRoot[];

function isRoot(value: unknown): value is DerivedKeyRoot {
  return ROOTS.includes(value);
}

function rootOf(value: unknown): DerivedKeyRoot {
  if (isRoot(value)) return value;
  throw new TypeError(`selection.rootKey must be VCEK, VLEK or VMRK, found ${textOf(value)}`);
}

function isField(value: unknown): value is DerivedKeyField {
  return KEY_FIELD_NAMES.some((name) => name === value);
}

function fieldsOf(value: unknown): ReadonlySet<DerivedKeyField> {
  if (!Array.isArray(value)) throw new TypeError("selection.fields must be a list");
  const fields = new Set<DerivedKeyField>();
  for (const field of Array.from<unknown>(value)) {
    if (!isField(field)) {
      throw new TypeError(`selection.fields must be of ${KEY_FIELD_NAMES.join(", ")}; found ${textOf(field)}`);
    }
    if (fields.has(field)) throw new TypeError(`selection.fields must name ${field} once`);
    fields.add(field);
  }
  return fields;
}

function wholeNumber(value: unknown, name: string, greatest: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= greatest) return value;
  throw new TypeError(`selection.${name} must be a whole number of 0 to ${greatest}, found ${textOf(value)}`);
}

function tcbOf(value: unknown): Tcb {
  if (typeof value !== "object" || value === null) throw new TypeError("selection.tcbVersion must be a Tcb");
  // encodeTcb judges every component; the copy reads each once.
  return { ...value } as Tcb;
}

function vectorOf(value: unknown): bigint {
  if (typeof value === "bigint" && value >= 0n && value < 2n ** 64n) return value;
  throw new TypeError(`selection.launchMitVector must be a bigint of 64 bits, found ${textOf(value)}`);
}

/**
 * The selection, read once. A value that its field does not ask for is refused: firmware would not mix it in.
 *
 * @throws TypeError for whatever is wrong with it.
 */
export function readSelection(selection: unknown, { productLine }: VerifiedRecord): KeyRequest {
  const raw = readOptions(selection, "selection", NAMES);
  const fields = fieldsOf(raw.fields);
  for (const name of ["guestSvn", "tcbVersion", "launchMitVector"] as const) {
    if (fields.has(name) === (raw[name] !== undefined)) continue;
    const must = fields.has(name) ? "be said, since fields has it" : "not be said, since fields lacks it";
    throw new TypeError(`selection.${name} must ${must}`);
  }
  const tcbVersion = fields.has("tcbVersion") ? tcbOf(raw.tcbVersion) : null;
  return {
    rootKey: rootOf(raw.rootKey),
    fields,
    vmpl: wholeNumber(raw.vmpl, "vmpl", 3),
    guestSvn: fields.has("guestSvn") ? wholeNumber(raw.guestSvn, "guestSvn", 0xffff_ffff) : 0,
    tcbVersion,
    tcbBytes: tcbVersion === null ? new Uint8Array(0) : encodeTcb(productLine, tcbVersion),
    launchMitVector: fields.has("launchMitVector") ? vectorOf(raw.launchMitVector) : 0n,
  };
}
