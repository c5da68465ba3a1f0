import { concatBytes } from "../../src/bytes/codecs.js";
import { der, type ForgedRsaKey } from "../../src/testing/index.js";

/** The elements inside a constructed value, each whole. For well-formed DER alone. */
export function elementsOf(value: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let rest = der.contentOf(value); rest.length > 0; rest = rest.subarray(elements.at(-1)?.length)) {
    const short = Number(rest[1]);
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
    const length = rest.subarray(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    elements.push(rest.subarray(0, 2 + lengthBytes + (short < 0x80 ? short : length)));
  }
  return elements;
}

const OUTER = ["tbs", "outerAlgorithm", "signature"] as const;
const CERTIFICATE = [
  "version",
  "serial",
  "algorithm",
  "issuer",
  "validity",
  "subject",
  "publicKey",
  "extensions",
] as const;
const CRL = ["version", "algorithm", "issuer", "thisUpdate", "nextUpdate", "revoked", "extensions"] as const;

type OuterPart = (typeof OUTER)[number];
/** What becomes of a part: other bytes, which may be several elements or none; or a change of what is there. */
export type Change = Uint8Array | ((part: Uint8Array) => Uint8Array);
type Changes<Part extends string> = Partial<Record<Part, Change>>;

export type CertificateChanges = Changes<OuterPart | (typeof CERTIFICATE)[number]>;
export type CrlChanges = Changes<OuterPart | (typeof CRL)[number]>;

function apply(change: Change | undefined, part: Uint8Array): Uint8Array {
  if (change === undefined) return part;
  return change instanceof Uint8Array ? change : change(part);
}

function changeAll<Part extends string>(elements: Uint8Array[], names: readonly Part[], changes: Changes<Part>) {
  if (elements.length !== names.length) throw new Error(`${elements.length} elements where ${names.join(", ")} stand`);
  return names.map((name, index) => apply(changes[name], elements[index] ?? new Uint8Array(0)));
}

function rebuild<Part extends string>(signed: Uint8Array, names: readonly Part[], changes: Changes<OuterPart | Part>) {
  const [tbs = new Uint8Array(0), ...outer] = elementsOf(signed);
  const changed = der.sequence(...changeAll<Part | OuterPart>(elementsOf(tbs), names, changes));
  return der.sequence(...changeAll<Part | OuterPart>([changed, ...outer], OUTER, changes));
}

/** A certificate with some parts changed, its signature left as it is: reading looks at no signature. */
export function changeCertificate(certificate: Uint8Array, changes: CertificateChanges): Uint8Array {
  return rebuild(certificate, CERTIFICATE, changes);
}

/** A CRL with at least one entry, with some parts changed, its signature left as it is. */
export function changeCrl(crl: Uint8Array, changes: CrlChanges): Uint8Array {
  return rebuild(crl, CRL, changes);
}

/** Both AlgorithmIdentifiers replaced by the same other one. */
export function withAlgorithm(algorithm: Uint8Array): { algorithm: Uint8Array; outerAlgorithm: Uint8Array } {
  return { algorithm, outerAlgorithm: algorithm };
}

/** Bytes put behind a part. */
export function append(...more: readonly Uint8Array[]): (part: Uint8Array) => Uint8Array {
  return (part) => concatBytes(part, ...more);
}

/** Bytes put behind the content of a constructed part, inside it. */
export function appendInside(...more: readonly Uint8Array[]): (part: Uint8Array) => Uint8Array {
  return (part) => der.tlv(Number(part[0]), der.contentOf(part), ...more);
}

export const NOTHING = new Uint8Array(0);

/** Stands for a key that signs, in no time and with zeros: what only reads or judges a profile looks at no signature. */
export const ZERO_SIGNER: ForgedRsaKey = {
  kind: "rsa",
  modulus: NOTHING,
  exponent: NOTHING,
  spki: NOTHING,
  signPss: () => new Uint8Array(512),
  signPkcs1: () => new Uint8Array(512),
};
