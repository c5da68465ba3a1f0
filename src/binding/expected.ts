/** The names of the binding schemes: how REPORT_DATA was made of what a verifier knows. */
export const BINDING_SCHEMES = ["exact", "nonce", "attestry-v1"] as const;

/** The name of one binding scheme. */
export type BindingSchemeName = (typeof BINDING_SCHEMES)[number];

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
}

/** The private record behind an `ExpectedReportData`; its bytes are never handed out. */
export interface ExpectedRecord {
  readonly scheme: BindingSchemeName;
  readonly bytes: Uint8Array;
  readonly publicKey: Uint8Array | null;
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
