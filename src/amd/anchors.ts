import { fromBase64, fromHex } from "../bytes/codecs.js";
import type { RsaPublicKey } from "../crypto/engine.js";
import { ANCHOR_ROWS } from "./anchors.data.js";
import type { ProductLine } from "./product-lines.js";

/** The certificate authorities of a product line: the root, and the issuers of VCEKs and of VLEKs. */
export type CaRole = "ARK" | "ASK" | "ASVK";

/** An anchor as the data file writes it: hex, except the modulus, which is base64 to keep bundles small. */
interface AnchorRow {
  readonly productLine: ProductLine;
  readonly role: CaRole;
  readonly subject: string;
  readonly serial: bigint;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly subjectKeyIdentifier: string;
  readonly spkiSha256: string;
  readonly certificateSha256: string;
  readonly modulus: string;
}

/**
 * One of AMD's published signing keys and the facts of its certificate. Shared by all callers: not to be changed,
 * not to be handed out.
 */
export interface TrustAnchor {
  readonly productLine: ProductLine;
  readonly role: CaRole;
  /** The subject's common name. The issuer is the line's ARK. */
  readonly subject: string;
  readonly serial: bigint;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970; the certificate is valid up to and including this second. */
  readonly notAfter: number;
  /** 20 bytes. */
  readonly subjectKeyIdentifier: Uint8Array;
  /** Always the same object for one anchor, so that engines can keep its imported form. */
  readonly key: RsaPublicKey;
  /** SHA-256 of the SubjectPublicKeyInfo in DER. */
  readonly spkiSha256: Uint8Array;
  /** SHA-256 of the whole certificate in DER. */
  readonly certificateSha256: Uint8Array;
}

const ROWS: readonly AnchorRow[] = ANCHOR_ROWS;

/** 65537, the exponent of all of them; the script that makes the data refuses any other. */
const EXPONENT: readonly number[] = [0x01, 0x00, 0x01];

const decoded = /* @__PURE__ */ new Map<AnchorRow, TrustAnchor>();

function decodeRow(row: AnchorRow): TrustAnchor {
  const modulus = fromBase64(row.modulus, `modulus of ${row.subject}`);
  return Object.freeze({
    productLine: row.productLine,
    role: row.role,
    subject: row.subject,
    serial: row.serial,
    notBefore: Date.parse(row.notBefore),
    notAfter: Date.parse(row.notAfter),
    subjectKeyIdentifier: fromHex(row.subjectKeyIdentifier),
    key: Object.freeze({ kind: "rsa" as const, modulus, exponent: Uint8Array.from(EXPONENT) }),
    spkiSha256: fromHex(row.spkiSha256),
    certificateSha256: fromHex(row.certificateSha256),
  });
}

function decodeOnce(row: AnchorRow): TrustAnchor {
  const known = decoded.get(row);
  if (known !== undefined) return known;
  const anchor = decodeRow(row);
  decoded.set(row, anchor);
  return anchor;
}

/**
 * AMD's published keys for one role of a product line; the same objects at each call. Never empty.
 *
 * Source: AMD's Key Distribution Service, `/vcek/v1/{line}/cert_chain` and `/vlek/v1/{line}/cert_chain`.
 */
export function amdAnchors(productLine: ProductLine, role: CaRole): readonly TrustAnchor[] {
  return ROWS.filter((row) => row.productLine === productLine && row.role === role).map(decodeOnce);
}
