/**
 * Every binding scheme, and its parts that a policy can allow to come from the evidence. A nonce never can: one that
 * the evidence brings along shows nothing.
 */
export const EVIDENCE_PARTS = {
  exact: [],
  nonce: [],
  "attestry-v1": ["publicKey", "context"],
  trustee: ["teePublicKey"],
  azure: ["runtimeData"],
  svsm: ["manifest"],
  "tinfoil-v2": ["tlsPublicKey", "hpkePublicKey"],
  atls: ["publicKey"],
} as const;

/** The name of one binding scheme. */
export type BindingSchemeName = keyof typeof EVIDENCE_PARTS;

/** A part of a scheme that can come from the evidence. */
export type EvidencePart<Name extends BindingSchemeName> = (typeof EVIDENCE_PARTS)[Name][number];

// The keys of the table are exactly the names; Object.keys forgets that.
/** The names of the binding schemes: how REPORT_DATA was made of what a verifier knows. */
export const BINDING_SCHEMES = /* @__PURE__ */ Object.keys(EVIDENCE_PARTS) as readonly BindingSchemeName[];

declare const expectedBrand: unique symbol;

/**
 * What REPORT_DATA must be, made by `bindReportData` alone; a cast object is refused at run time.
 *
 * Byte fields are fresh copies at each access; changing them changes nothing.
 */
export interface ExpectedReportData {
  readonly [expectedBrand]: true;
  /** How the bytes were made. */
  readonly scheme: BindingSchemeName;
  /** The 64 bytes. */
  readonly bytes: Uint8Array;
  /** The public key that the bytes bind, for a scheme that binds one and a caller who named one; else null. */
  readonly publicKey: Uint8Array | null;
  /** The parts that the caller took from the evidence; a policy must allow each. */
  readonly fromEvidence: readonly string[];
}

/** The private record behind an `ExpectedReportData`; its bytes are never handed out. */
export interface ExpectedRecord {
  readonly scheme: BindingSchemeName;
  readonly bytes: Uint8Array;
  readonly publicKey: Uint8Array | null;
  /** The nonce that went into the bytes; null for a scheme without one. Never out of the evidence. */
  readonly nonce: Uint8Array | null;
  readonly fromEvidence: readonly string[];
}

const records = new WeakMap<object, ExpectedRecord>();

/** Makes the handle of a record; called by `bindReportData` alone. */
export function keepExpected(record: ExpectedRecord): ExpectedReportData {
  const handle = Object.freeze({
    scheme: record.scheme,
    get bytes() {
      return record.bytes.slice();
    },
    get publicKey() {
      return record.publicKey?.slice() ?? null;
    },
    fromEvidence: record.fromEvidence,
  });
  records.set(handle, record);
  // The brand exists in types alone; at run time the WeakMap above is the brand.
  return handle as unknown as ExpectedReportData;
}

/**
 * The private record behind an expectation.
 *
 * @throws TypeError for anything that `bindReportData` did not make, whatever its shape.
 */
export function assertExpectedReportData(handle: unknown): ExpectedRecord {
  const record = typeof handle === "object" && handle !== null ? records.get(handle) : undefined;
  if (record !== undefined) return record;
  throw new TypeError(
    "reportData must be what bindReportData returned; raw bytes, a look-alike or a copy do not count",
  );
}
