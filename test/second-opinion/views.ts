import * as asn1js from "asn1js";
import {
  type AlgorithmIdentifier,
  type AttributeTypeAndValue,
  Certificate,
  CertificateRevocationList,
  type Extension,
  type PublicKeyInfo,
  type RelativeDistinguishedNames,
  RSASSAPSSParams,
} from "pkijs";
import { toHex } from "../../src/bytes/codecs.js";
import type { P384PublicKey, RsaPublicKey } from "../../src/crypto/engine.js";
import type { Certificate as OurCertificate } from "../../src/x509/certificate.js";
import type { Crl as OurCrl } from "../../src/x509/crl.js";
import type { Extension as OurExtension } from "../../src/x509/extensions.js";
import type { DistinguishedName } from "../../src/x509/name.js";

/** What two readers must agree about, in a form that neither of them has. */
interface SignedView {
  tbs: string;
  algorithm: string;
  signature: string;
  issuer: NameView;
  extensions: readonly string[];
}

interface NameView {
  der: string;
  commonName: string | null;
  organization: string | null;
}

export interface CertificateView extends SignedView {
  serial: bigint;
  subject: NameView;
  notBefore: number;
  notAfter: number;
  publicKey: readonly string[];
}

export interface CrlView extends SignedView {
  thisUpdate: number;
  nextUpdate: number | null;
  /** Serial and time of each entry, in the order of the list. */
  revoked: readonly (readonly [bigint, number])[];
  criticalEntryExtensions: readonly string[];
}

// Ours.

function ourExtension({ oid, critical, value }: OurExtension): string {
  return `${oid} ${critical} ${toHex(value)}`;
}

function ourName({ der, commonName, organization }: DistinguishedName): NameView {
  return { der: toHex(der), commonName, organization };
}

function ourKey(key: RsaPublicKey | P384PublicKey): string[] {
  return key.kind === "rsa" ? ["rsa", toHex(key.modulus), toHex(key.exponent)] : ["P-384", toHex(key.point)];
}

function ourSigned(signed: OurCertificate | OurCrl): SignedView {
  return {
    tbs: toHex(signed.tbs),
    // Either form says the same.
    algorithm: "RSASSA-PSS SHA-384 MGF1-SHA-384 48 1",
    signature: toHex(signed.signature),
    issuer: ourName(signed.issuer),
    extensions: signed.extensions.map(ourExtension),
  };
}

/** A certificate as `parseCertificate` reads it. */
export function ourCertificateView(certificate: OurCertificate): CertificateView {
  const { serial, subject, notBefore, notAfter, publicKey } = certificate;
  return {
    ...ourSigned(certificate),
    serial,
    subject: ourName(subject),
    notBefore,
    notAfter,
    publicKey: ourKey(publicKey),
  };
}

/** A CRL as `parseCrl` reads it. */
export function ourCrlView(crl: OurCrl): CrlView {
  const { thisUpdate, nextUpdate, revoked, criticalEntryExtensions } = crl;
  return { ...ourSigned(crl), thisUpdate, nextUpdate, revoked: [...revoked], criticalEntryExtensions };
}

// Theirs.

function theirExtension({ extnID, critical, extnValue }: Extension): string {
  return `${extnID} ${critical} ${toHex(extnValue.valueBlock.valueHexView)}`;
}

function only(attributes: readonly AttributeTypeAndValue[], type: string): string | null {
  const found = attributes.filter((attribute) => attribute.type === type);
  const value: unknown = found[0]?.value.valueBlock.value;
  return found.length === 1 && typeof value === "string" ? value : null;
}

function theirName(name: RelativeDistinguishedNames): NameView {
  return {
    der: toHex(new Uint8Array(name.valueBeforeDecode)),
    commonName: only(name.typesAndValues, "2.5.4.3"),
    organization: only(name.typesAndValues, "2.5.4.10"),
  };
}

/** A non-negative INTEGER's bytes without the zero that only says that it is not negative. */
function magnitude(integer: asn1js.Integer): string {
  return toHex(integer.valueBlock.valueHexView).replace(/^00(?=.)/, "");
}

function theirKey(info: PublicKeyInfo): string[] {
  const key = info.parsedKey;
  if (key === undefined) return [info.algorithm.algorithmId];
  if ("modulus" in key) return ["rsa", magnitude(key.modulus), magnitude(key.publicExponent)];
  return [key.namedCurve, `04${toHex(new Uint8Array(key.x))}${toHex(new Uint8Array(key.y))}`];
}

const NAMES: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.8": "MGF1",
  "1.2.840.113549.1.1.10": "RSASSA-PSS",
  "2.16.840.1.101.3.4.2.2": "SHA-384",
};
const nameOf = (oid: string) => NAMES[oid] ?? oid;

function theirAlgorithm({ algorithmId, algorithmParams }: AlgorithmIdentifier): string {
  const { hashAlgorithm, maskGenAlgorithm, saltLength, trailerField } = new RSASSAPSSParams({
    schema: algorithmParams,
  });
  const maskHash: unknown = maskGenAlgorithm.algorithmParams?.valueBlock.value[0]?.valueBlock.toString();
  const mask = `${nameOf(maskGenAlgorithm.algorithmId)}-${nameOf(String(maskHash))}`;
  return [nameOf(algorithmId), nameOf(hashAlgorithm.algorithmId), mask, saltLength, trailerField].join(" ");
}

function decode(der: Uint8Array): asn1js.AsnType {
  const { offset, result } = asn1js.fromBER(der);
  if (offset === -1) throw new Error(result.error);
  return result;
}

/** A certificate as asn1js and pkijs read it; throws where they cannot. */
export function theirCertificateView(der: Uint8Array): CertificateView {
  const certificate = new Certificate({ schema: decode(der) });
  const { signatureAlgorithm, signatureValue, serialNumber, subjectPublicKeyInfo } = certificate;
  return {
    tbs: toHex(certificate.tbsView),
    algorithm: theirAlgorithm(signatureAlgorithm),
    signature: toHex(signatureValue.valueBlock.valueHexView),
    issuer: theirName(certificate.issuer),
    extensions: (certificate.extensions ?? []).map(theirExtension),
    serial: serialNumber.toBigInt(),
    subject: theirName(certificate.subject),
    notBefore: certificate.notBefore.value.getTime(),
    notAfter: certificate.notAfter.value.getTime(),
    publicKey: theirKey(subjectPublicKeyInfo),
  };
}

/** A CRL as asn1js and pkijs read it; throws where they cannot. */
export function theirCrlView(der: Uint8Array): CrlView {
  const crl = new CertificateRevocationList({ schema: decode(der) });
  const entries = crl.revokedCertificates ?? [];
  const entryExtensions = entries.flatMap(({ crlEntryExtensions }) => crlEntryExtensions?.extensions ?? []);
  return {
    tbs: toHex(crl.tbsView),
    algorithm: theirAlgorithm(crl.signatureAlgorithm),
    signature: toHex(crl.signatureValue.valueBlock.valueHexView),
    issuer: theirName(crl.issuer),
    extensions: (crl.crlExtensions?.extensions ?? []).map(theirExtension),
    thisUpdate: crl.thisUpdate.value.getTime(),
    nextUpdate: crl.nextUpdate?.value.getTime() ?? null,
    revoked: entries.map(({ userCertificate, revocationDate }) => [
      userCertificate.toBigInt(),
      revocationDate.value.getTime(),
    ]),
    criticalEntryExtensions: entryExtensions.filter(({ critical }) => critical).map(({ extnID }) => extnID),
  };
}
