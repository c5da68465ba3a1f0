import type { SigningKey } from "../amd/product-lines.js";
import { concatBytes, fromHex } from "../bytes/codecs.js";
import type { EvidenceCertificates } from "../evidence/evidence.js";

/** GUIDs of the certificate table by what they hold; the ASK's stands for the ASVK too. Source: AMD 56421 (GHCB). */
export const CERTIFICATE_TABLE_GUID = {
  VCEK: "63da758d-e664-4564-adc5-f4b93be8accd",
  VLEK: "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
  ASK: "4ab7b379-bbac-4fe4-a02f-05aef327c782",
  ARK: "c0b406a4-a803-4952-9743-3fb6014cd0ae",
  CRL: "92f81bc3-5811-4d3d-97ff-d19f88dc67ea",
} as const;

/** One entry to write. */
export interface TableEntryOption {
  /** With hyphens. */
  guid: string;
  bytes: Uint8Array;
  /** Said in place of where the bytes really start, counted from the start of the table. */
  offset?: number;
  /** Said in place of how long the bytes really are. */
  length?: number;
}

const ROW_BYTES = 24;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function encodeRow(entry: TableEntryOption, offset: number): Uint8Array {
  if (!GUID.test(entry.guid))
    throw new TypeError(`guid must be a GUID with hyphens, not ${JSON.stringify(entry.guid)}`);
  const row = new Uint8Array(ROW_BYTES);
  const view = new DataView(row.buffer);
  row.set(fromHex(entry.guid.replaceAll("-", "")));
  view.setUint32(16, entry.offset ?? offset, true);
  view.setUint32(20, entry.length ?? entry.bytes.length, true);
  return row;
}

/**
 * A GHCB certificate table: a row for each entry, a row of zeros, then the contents in order without gaps.
 *
 * @throws TypeError for a GUID that is none.
 */
export function encodeCertificateTable(entries: readonly TableEntryOption[]): Uint8Array {
  const rows: Uint8Array[] = [];
  let offset = ROW_BYTES * (entries.length + 1);
  for (const entry of entries) {
    rows.push(encodeRow(entry, offset));
    offset += entry.bytes.length;
  }
  return concatBytes(...rows, new Uint8Array(ROW_BYTES), ...entries.map(({ bytes }) => bytes));
}

/** The entries that a host would hand out for these certificates, in the order leaf, ASK or ASVK, ARK, CRL. */
export function certificateTableEntries(
  signingKey: SigningKey,
  certificates: EvidenceCertificates,
): readonly TableEntryOption[] {
  const { leaf, intermediate, root, crl } = certificates;
  const found = [
    { guid: CERTIFICATE_TABLE_GUID[signingKey], bytes: leaf },
    { guid: CERTIFICATE_TABLE_GUID.ASK, bytes: intermediate },
    { guid: CERTIFICATE_TABLE_GUID.ARK, bytes: root },
    { guid: CERTIFICATE_TABLE_GUID.CRL, bytes: crl },
  ];
  return found.flatMap(({ guid, bytes }) => (bytes === undefined ? [] : [{ guid, bytes }]));
}
