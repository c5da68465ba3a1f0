import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { toHex } from "../bytes/codecs.js";
import { reportToJson } from "../report/json.js";
import { type AttestationReport, parseReport } from "../report/report.js";
import { assertVerified, type CaRecord, type ChainRecord, SealedRecord, type VerifiedRecord } from "./record.js";
import type { OtherExtension, RevocationStatus, VerifiedCa, VerifiedCertificates, VerifiedEvidence } from "./types.js";

/**
 * What callers hold of verified evidence: everything is made anew from the private record at each access, so that
 * nothing they do to what they got reaches an appraisal.
 */
class Handle extends SealedRecord {
  get report(): AttestationReport {
    return parseReport(assertVerified(this).bytes);
  }

  get reportBytes(): Uint8Array {
    return Uint8Array.from(assertVerified(this).bytes);
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
    const { report, productLine, signingKey, chain } = assertVerified(this);
    const { productLine: _line, signingKey: _key, ...certificates } = jsonSafe(describeChain(chain));
    return { productLine, signingKey, ...certificates, report: reportToJson(report, productLine) };
  }
}

/** Makes the handle of a record. */
export function createHandle(record: VerifiedRecord): VerifiedEvidence {
  // The brand exists in the types alone; what it stands for is the record.
  return Object.freeze(new Handle(record)) as unknown as VerifiedEvidence;
}

/** A chain for callers: fresh copies of everything. */
export function describeChain(chain: ChainRecord): VerifiedCertificates {
  const { productLine, signingKey, anchors, leaf, verifiedAt } = chain;
  const described = {
    productLine,
    signingKey,
    anchors,
    leaf: Object.freeze({
      ...leaf,
      notBefore: new Date(leaf.notBefore),
      notAfter: new Date(leaf.notAfter),
      hwId: leaf.hwId === null ? null : Uint8Array.from(leaf.hwId),
      otherExtensions: describeExtensions(leaf.otherExtensions),
    }),
    intermediate: describeCa(chain.intermediate),
    root: describeCa(chain.root),
    revocation: describeRevocation(chain),
    verifiedAt: new Date(verifiedAt),
  };
  return Object.freeze({ ...described, toJSON: () => jsonSafe(described) });
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
  return extensions.map(({ oid, value }) => Object.freeze({ oid, value: Uint8Array.from(value) }));
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

/** The same with bytes as hex; dates become RFC 3339 by themselves. */
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
