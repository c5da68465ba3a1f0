import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { toHex } from "../bytes/codecs.js";
import { reportToJson } from "../report/json.js";
import { type AttestationReport, parseReport } from "../report/report.js";
import {
  assertVerified,
  type CaRecord,
  type ChainRecord,
  hideConstructor,
  type LeafRecord,
  SealedRecord,
  type VerifiedRecord,
} from "./record.js";
import type {
  OtherExtension,
  RevocationStatus,
  VerifiedCa,
  VerifiedCertificates,
  VerifiedEvidence,
  VerifiedLeaf,
} from "./types.js";

/**
 * What callers hold of verified evidence: everything is made anew from the private record at each access, so that
 * nothing they do to what they got reaches an appraisal. All handles share it, so it is frozen.
 */
class Handle extends SealedRecord {
  static {
    hideConstructor(Handle);
  }

  get report(): AttestationReport {
    return parseReport(assertVerified(this).bytes);
  }

  get reportBytes(): Uint8Array {
    return assertVerified(this).bytes.slice();
  }

  get productLine(): ProductLine {
    return assertVerified(this).productLine;
  }

  get signingKey(): SigningKey {
    return assertVerified(this).signingKey;
  }

  get tcb(): VerifiedEvidence["tcb"] {
    return assertVerified(this).tcb;
  }

  get certificates(): VerifiedCertificates {
    return describeChain(assertVerified(this).chain);
  }

  get revocation(): RevocationStatus {
    return describeRevocation(assertVerified(this).chain);
  }

  get verifiedAt(): Date {
    return new Date(assertVerified(this).chain.verifiedAt);
  }

  toJSON(): unknown {
    const { bytes, productLine, chain } = assertVerified(this);
    return { ...chainToJson(chain), report: reportToJson(parseReport(bytes), productLine) };
  }
}

/** Makes the handle of a record. */
export function createHandle(record: VerifiedRecord): VerifiedEvidence {
  // The brand exists in the types alone; what it stands for is the private field.
  return Object.freeze(new Handle(record)) as unknown as VerifiedEvidence;
}

/** A chain for callers: bytes and dates are fresh copies at each access. */
export function describeChain(chain: ChainRecord): VerifiedCertificates {
  const { productLine, signingKey, anchors } = chain;
  return Object.freeze({
    productLine,
    signingKey,
    anchors,
    get leaf() {
      return describeLeaf(chain.leaf);
    },
    get intermediate() {
      return describeCa(chain.intermediate);
    },
    get root() {
      return describeCa(chain.root);
    },
    get revocation() {
      return describeRevocation(chain);
    },
    get verifiedAt() {
      return new Date(chain.verifiedAt);
    },
    toJSON: () => chainToJson(chain),
  });
}

function chainToJson(chain: ChainRecord): Record<string, unknown> {
  const { toJSON: _toJson, ...facts } = describeChain(chain);
  return jsonSafe(facts);
}

function describeLeaf(leaf: LeafRecord): VerifiedLeaf {
  return Object.freeze({
    ...leaf,
    notBefore: new Date(leaf.notBefore),
    notAfter: new Date(leaf.notAfter),
    hwId: leaf.hwId === null ? null : leaf.hwId.slice(),
    otherExtensions: describeExtensions(leaf.otherExtensions),
  });
}

function describeCa(ca: CaRecord): VerifiedCa {
  return Object.freeze({
    ...ca,
    serial: hex(ca.serial),
    notBefore: new Date(ca.notBefore),
    notAfter: new Date(ca.notAfter),
    otherExtensions: describeExtensions(ca.otherExtensions),
  });
}

function describeExtensions(extensions: readonly OtherExtension[]): readonly OtherExtension[] {
  return Object.freeze(extensions.map(({ oid, value }) => Object.freeze({ oid, value: value.slice() })));
}

function describeRevocation({ revocation }: ChainRecord): RevocationStatus {
  const { status, number, thisUpdate, nextUpdate, source } = revocation;
  return Object.freeze({
    status,
    number: number === null ? null : hex(number),
    thisUpdate: thisUpdate === null ? null : new Date(thisUpdate),
    nextUpdate: nextUpdate === null ? null : new Date(nextUpdate),
    source,
  });
}

/** The same with bytes as hex and dates as RFC 3339. */
function jsonSafe(value: object): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => [name, jsonItem(item)]);
  return Object.fromEntries(entries);
}

function jsonItem(item: unknown): unknown {
  if (item instanceof Uint8Array) return toHex(item);
  if (item instanceof Date) return item.toISOString();
  if (Array.isArray(item)) return item.map(jsonItem);
  return typeof item === "object" && item !== null ? jsonSafe(item) : item;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
