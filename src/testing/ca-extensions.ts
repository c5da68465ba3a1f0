import { sha1 } from "@noble/hashes/legacy.js";
import { OctetString } from "asn1js";
import { AuthorityKeyIdentifier, BasicConstraints, CRLDistributionPoints, DistributionPoint, GeneralName } from "pkijs";
import { X509_EXTENSION } from "../amd/oids.js";
import { bitString, octetString } from "./der.js";
import type { ForgedExtension } from "./extension.js";
import type { ForgedRsaKey } from "./rsa.js";
import { rsaPublicKey } from "./spki.js";

/** The bits of keyUsage by their names in RFC 5280, bit 0 first. */
export const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
] as const;

/** One bit of keyUsage. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** What differs in a CA's basicConstraints; `pathLen: null` leaves the length out. */
export interface BasicConstraintsOption {
  critical?: boolean;
  ca?: boolean;
  pathLen?: number | null;
}

/** What differs in a CA's keyUsage. */
export interface KeyUsageOption {
  critical?: boolean;
  usages?: readonly KeyUsage[];
}

const CRL_DISTRIBUTION_POINTS = "2.5.29.31";

function bytesOf(schema: { toBER(): ArrayBuffer }): Uint8Array {
  return new Uint8Array(schema.toBER());
}

/** basicConstraints with the values given. */
export function basicConstraints(option: Required<BasicConstraintsOption>): ForgedExtension {
  const { critical, ca, pathLen } = option;
  const length = pathLen === null ? {} : { pathLenConstraint: pathLen };
  const value = bytesOf(new BasicConstraints({ cA: ca, ...length }).toSchema());
  return { oid: X509_EXTENSION.basicConstraints, critical, value };
}

/** keyUsage with the values given. AMD writes seven bits always, where DER would cut off zeros at the end. */
export function keyUsage(option: Required<KeyUsageOption>): ForgedExtension {
  const bits = option.usages.reduce((sum, usage) => sum | (0x80 >> KEY_USAGES.indexOf(usage)), 0);
  return { oid: X509_EXTENSION.keyUsage, critical: option.critical, value: bitString(Uint8Array.of(bits), 1) };
}

/** AMD's key identifier: SHA-1 of the RSAPublicKey. */
export function keyIdentifier(key: ForgedRsaKey): Uint8Array {
  return sha1(rsaPublicKey(key.modulus, key.exponent));
}

/** subjectKeyIdentifier. */
export function subjectKeyIdentifier(id: Uint8Array): ForgedExtension {
  return { oid: X509_EXTENSION.subjectKeyIdentifier, critical: false, value: octetString(id) };
}

/** authorityKeyIdentifier, the key identifier alone. */
export function authorityKeyIdentifier(id: Uint8Array): ForgedExtension {
  const identifier = new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: id.slice().buffer }) });
  return { oid: X509_EXTENSION.authorityKeyIdentifier, critical: false, value: bytesOf(identifier.toSchema()) };
}

/** cRLDistributionPoints with one address. */
export function crlDistributionPoint(url: string): ForgedExtension {
  const URI = 6;
  const point = new DistributionPoint({ distributionPoint: [new GeneralName({ type: URI, value: url })] });
  const points = new CRLDistributionPoints({ distributionPoints: [point] });
  return { oid: CRL_DISTRIBUTION_POINTS, critical: false, value: bytesOf(points.toSchema()) };
}
