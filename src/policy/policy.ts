import type { CompiledPolicy } from "./compile.js";
import type { PolicyDocument } from "./schema.js";

declare const policyBrand: unique symbol;

/** A policy that `definePolicy` has checked. A cast object is refused at run time. */
export interface Policy {
  readonly [policyBrand]: true;
  /** The `id` of the document. */
  readonly id: string;
  /** SHA-384 of the document's canonical form (RFC 8785), lower-case hex. */
  readonly digest: string;
  /** The document; a fresh copy at each access. */
  readonly document: PolicyDocument;
  /** The same as `document`. */
  toJSON(): PolicyDocument;
}

/** What stands behind a policy; never handed out. */
export interface PolicyRecord {
  readonly id: string;
  readonly digest: string;
  /** The document as JSON text. */
  readonly text: string;
  readonly compiled: CompiledPolicy;
}

const records = new WeakMap<object, PolicyRecord>();

/** Makes the handle of a record; called by `definePolicy` alone. */
export function createPolicy(record: PolicyRecord): Policy {
  const copy = (): PolicyDocument => JSON.parse(record.text);
  const handle = Object.freeze({
    id: record.id,
    digest: record.digest,
    get document() {
      return copy();
    },
    toJSON: copy,
  });
  records.set(handle, record);
  // The brand exists in types alone; at run time the WeakMap above is the brand.
  return handle as unknown as Policy;
}

/**
 * The private record behind a policy.
 *
 * @throws TypeError for anything that `definePolicy` did not make, whatever its shape.
 */
export function assertPolicy(handle: unknown): PolicyRecord {
  const record = typeof handle === "object" && handle !== null ? records.get(handle) : undefined;
  if (record !== undefined) return record;
  throw new TypeError("policy must be what definePolicy returned; a document, a look-alike or a copy does not count");
}
