import { toHex } from "../bytes/codecs.js";
import type { VerifiedRecord } from "../verify/record.js";
import { type DerivedKeyField, KEY_FIELD_NAMES, type KeyRequest } from "./sealing-selection.js";

/** A field that goes into the key, with its value: frozen and JSON-safe. */
export interface MixedField {
  readonly field: DerivedKeyField | "vmpl";
  /** The bit of GUEST_FIELD_SELECT; null for what always goes in. */
  readonly bit: number | null;
  /** `launch`: firmware takes it from the guest; `request`: the guest says it, within limits. */
  readonly from: "launch" | "request";
  /** Bytes as lower-case hex, 64-bit values as hex with 0x. */
  readonly value: string | number;
}

/** One bit of GUEST_FIELD_SELECT. */
interface FieldRow {
  readonly bit: number;
  readonly from: MixedField["from"];
  /** AMD's name. */
  readonly label: string;
  value(record: VerifiedRecord, request: KeyRequest): string | number;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Source: AMD 56860, MSG_KEY_REQ, GUEST_FIELD_SELECT. */
export const KEY_FIELDS: Readonly<Record<DerivedKeyField, FieldRow>> = {
  policy: { bit: 0, from: "launch", label: "POLICY", value: ({ report }) => hex(report.policy.raw) },
  imageId: { bit: 1, from: "launch", label: "IMAGE_ID", value: ({ report }) => toHex(report.imageId) },
  familyId: { bit: 2, from: "launch", label: "FAMILY_ID", value: ({ report }) => toHex(report.familyId) },
  measurement: { bit: 3, from: "launch", label: "MEASUREMENT", value: ({ report }) => toHex(report.measurement) },
  guestSvn: { bit: 4, from: "request", label: "GUEST_SVN", value: (_, { guestSvn }) => guestSvn },
  tcbVersion: { bit: 5, from: "request", label: "TCB_VERSION", value: (_, { tcbBytes }) => toHex(tcbBytes) },
  launchMitVector: {
    bit: 6,
    from: "request",
    label: "LAUNCH_MIT_VECTOR",
    value: (_, { launchMitVector }) => hex(launchMitVector),
  },
};

/** GUEST_FIELD_SELECT of a request, as hex with 0x. */
export function fieldSelectOf({ fields }: KeyRequest): string {
  return hex([...fields].reduce((mask, field) => mask | (1n << BigInt(KEY_FIELDS[field].bit)), 0n));
}

/** What goes into the key: the fields chosen, in the order of their bits, and the VMPL, which always does. */
export function mixedFields(record: VerifiedRecord, request: KeyRequest): readonly MixedField[] {
  const chosen = KEY_FIELD_NAMES.filter((field) => request.fields.has(field)).map((field): MixedField => {
    const { bit, from, value } = KEY_FIELDS[field];
    return Object.freeze({ field, bit, from, value: value(record, request) });
  });
  return Object.freeze([...chosen, Object.freeze({ field: "vmpl", bit: null, from: "request", value: request.vmpl })]);
}
