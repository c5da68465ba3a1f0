import { type Certificate, type Crl, parseCertificate, parseCrl, pemToDer } from "attestry";
import { type EvidenceCertificates, openThim, parseCertificateTable } from "attestry/evidence";
import { bytesOf, fromBase64, fromHex, textOf } from "./bytes.js";

/** The part that a certificate or a CRL plays. */
export type PartRole = keyof EvidenceCertificates;

/** A certificate or CRL that was found, and its part; `role` is null for one that plays none here. */
export interface Part {
  readonly role: PartRole | null;
  readonly der: Uint8Array;
}

/** Unverified: a certificate as far as it parses, else null. */
export function readCertificate(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der);
  } catch {
    return null;
  }
}

/** Unverified: a CRL as far as it parses, else null. */
export function readCrl(der: Uint8Array): Crl | null {
  try {
    return parseCrl(der);
  } catch {
    return null;
  }
}

/** The part that a DER structure plays by its own name; nothing vouches for it. */
function roleOf(der: Uint8Array): PartRole | null {
  const certificate = readCertificate(der);
  if (certificate === null) return readCrl(der) === null ? null : "crl";
  const name = certificate.subject.commonName ?? "";
  if (name === "SEV-VCEK" || name === "SEV-VLEK") return "leaf";
  if (name.startsWith("ARK-")) return "root";
  return name.startsWith("SEV-") ? "intermediate" : null;
}

/** True for what begins like DER of some length. */
export function looksLikeDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 && (bytes[1] === 0x82 || bytes[1] === 0x81);
}

/** The parts in DER, PEM, hex, base64 or a certificate table; empty where there are none. */
export function partsIn(bytes: Uint8Array): readonly Part[] {
  if (looksLikeDer(bytes)) return [{ role: roleOf(bytes), der: bytes }];
  const text = textOf(bytes)?.trim() ?? null;
  if (text?.startsWith("-----BEGIN")) {
    return pemToDer(bytesOf(text)).map((der) => ({ role: roleOf(der), der }));
  }
  const inner = text === null ? null : (fromHex(text) ?? fromBase64(text));
  if (inner !== null) return partsIn(inner);
  return text === null ? partsOfTable(bytes) : [];
}

function partsOfTable(bytes: Uint8Array): readonly Part[] {
  try {
    return parseCertificateTable(bytes).entries.map(({ bytes: der }) => ({ role: roleOf(der), der }));
  } catch {
    return [];
  }
}

/** The same, and what Azure's THIM answers, which is about one report. */
export async function partsBeside(report: Uint8Array, bytes: Uint8Array): Promise<readonly Part[]> {
  const text = textOf(bytes)?.trim() ?? "";
  if (!text.startsWith("{")) return partsIn(bytes);
  const { evidence } = await openThim({ report, thim: text });
  return Object.values(evidence.certificates ?? {}).map((der: Uint8Array) => ({ role: roleOf(der), der }));
}

/** Certificates with others added for the parts that are missing. What was there is never replaced. */
export function completed(certificates: EvidenceCertificates | undefined, more: readonly Part[]): EvidenceCertificates {
  const whole: EvidenceCertificates = { ...certificates };
  for (const { role, der } of more) {
    if (role !== null) whole[role] ??= der;
  }
  return whole;
}
