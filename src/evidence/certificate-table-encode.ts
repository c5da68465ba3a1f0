import type { SigningKey } from "../amd/product-lines.js";
import { copyBytes, readOptions } from "../bytes/arguments.js";
import { concatBytes, fromHex } from "../bytes/codecs.js";
import { CERTIFICATE_TABLE_GUIDS, type CertificateTableKind } from "./certificate-table.js";
import type { EvidenceCertificates } from "./evidence.js";

/** Options of `encodeCertificateTable`; an unknown name is a TypeError. */
export interface EncodeCertificateTableOptions {
  /** Which of VCEK and VLEK `certificates.leaf` is; a report's KEY_INFO names it. */
  signingKey: SigningKey;
}

const ROW_BYTES = 24;
/** Four of these and their rows fit into what `parseCertificateTable` reads; genuine ones have under 2 kB. */
const MAX_CONTENT_BYTES = 65_000;
const ROLES = ["leaf", "intermediate", "root", "crl"] as const;

function readSigningKey(options: unknown): SigningKey {
  const { signingKey } = readOptions(options, "options", ["signingKey"]);
  if (signingKey === "VCEK" || signingKey === "VLEK") return signingKey;
  throw new TypeError(`options.signingKey must be "VCEK" or "VLEK", found ${String(signingKey)}`);
}

/** The contents in the order of the table: leaf, ASK or ASVK, ARK, CRL. */
function contentsOf(
  certificates: unknown,
  signingKey: SigningKey,
): readonly (readonly [CertificateTableKind, Uint8Array])[] {
  const given = readOptions(certificates, "certificates", ROLES);
  const kinds = { leaf: signingKey, intermediate: "ASK", root: "ARK", crl: "CRL" } as const;
  return ROLES.filter((role) => given[role] !== undefined).map((role) => [
    kinds[role],
    copyBytes(given[role], `certificates.${role}`, MAX_CONTENT_BYTES),
  ]);
}

function row(kind: CertificateTableKind, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(ROW_BYTES);
  bytes.set(fromHex(CERTIFICATE_TABLE_GUIDS[kind].replaceAll("-", ""), "guid"));
  const view = new DataView(bytes.buffer);
  view.setUint32(16, offset, true);
  view.setUint32(20, length, true);
  return bytes;
}

/**
 * The certificate table that `parseCertificateTable` reads: a row for each certificate and for the CRL, as far as
 * they are given, a row of zeros, then their bytes without gaps. Behind the 1184 bytes of a report it makes an
 * extended report. The ASVK stands in the entry of the ASK.
 *
 * It looks into none of the certificates: whether they are DER, and belong together, is for verification to say.
 *
 * @throws TypeError for a signing key other than `"VCEK"` and `"VLEK"`, a certificate that is no `Uint8Array`, an
 * unknown name in either object.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` for a certificate or CRL above 65,000 bytes: the table could not be read
 * back.
 *
 * Source: AMD 56421 (GHCB), SNP Extended Guest Request.
 */
export function encodeCertificateTable(
  certificates: EvidenceCertificates,
  options: EncodeCertificateTableOptions,
): Uint8Array {
  const contents = contentsOf(certificates, readSigningKey(options));
  let offset = ROW_BYTES * (contents.length + 1);
  const rows = contents.map(([kind, { length }]) => {
    offset += length;
    return row(kind, offset - length, length);
  });
  return concatBytes(...rows, new Uint8Array(ROW_BYTES), ...contents.map(([, bytes]) => bytes));
}
