import type { SigningKey } from "../amd/product-lines.js";
import { copyBytes, readOptions } from "../bytes/arguments.js";
import { isZero, toHex } from "../bytes/codecs.js";
import { defineLayout } from "../bytes/layout.js";
import { MalformedError } from "../errors.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import type { EvidenceCertificates } from "./evidence.js";

/** What an entry holds, by its GUID. The entry `ASK` holds the ASVK where the leaf is a VLEK. */
export type CertificateTableKind = "VCEK" | "VLEK" | "ASK" | "ARK" | "CRL";

/** An entry as found: its bytes are DER or PEM for the kinds that are known, anything else otherwise. */
export interface CertificateTableEntry {
  /** Lower case, with hyphens. */
  readonly guid: string;
  /** Null for a GUID that is not known. */
  readonly kind: CertificateTableKind | null;
  readonly bytes: Uint8Array;
}

/** A certificate table, nothing in it trusted. */
export interface CertificateTable {
  /** Every entry, in the order of the table. */
  readonly entries: readonly CertificateTableEntry[];
  /** The known entries in DER, as `Evidence` takes them. */
  readonly certificates: EvidenceCertificates;
}

/** Options of `parseCertificateTable`; an unknown name is a TypeError. */
export interface CertificateTableOptions {
  /** Which of VCEK and VLEK becomes `certificates.leaf`. Default: the one that is there, neither where both are. */
  signingKey?: SigningKey;
}

/** What each kind is called in the table. Source: AMD 56421 (GHCB), SNP Extended Guest Request. */
export const CERTIFICATE_TABLE_GUIDS = {
  VCEK: "63da758d-e664-4564-adc5-f4b93be8accd",
  VLEK: "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
  ASK: "4ab7b379-bbac-4fe4-a02f-05aef327c782",
  ARK: "c0b406a4-a803-4952-9743-3fb6014cd0ae",
  CRL: "92f81bc3-5811-4d3d-97ff-d19f88dc67ea",
} as const satisfies Readonly<Record<CertificateTableKind, string>>;

/** GUIDs stand in the table in the order of their text. */
function kindOf(guid: string): CertificateTableKind | null {
  // Object.keys forgets that the keys are those of the record.
  const kinds = Object.keys(CERTIFICATE_TABLE_GUIDS) as CertificateTableKind[];
  return kinds.find((kind) => CERTIFICATE_TABLE_GUIDS[kind] === guid) ?? null;
}

const ENTRY = /* @__PURE__ */ defineLayout("certificate table entry", 24, [
  { name: "guid", offset: 0, size: 16, type: "bytes", doc: "GUID: what the entry holds" },
  { name: "offset", offset: 16, size: 4, type: "u32", doc: "OFFSET: of the content, from the start of the table" },
  { name: "length", offset: 20, size: 4, type: "u32", doc: "LENGTH: of the content, in bytes" },
]);

/** Linux hands out at most 32 KiB; genuine tables have under 10 kB. */
const MAX_TABLE_BYTES = 262_144;
/** Five kinds are known and a handful of private ones. */
const MAX_ENTRIES = 64;
const DER_SEQUENCE = 0x30;

/** An entry of the header: where its row and its content stand. */
interface HeaderEntry {
  readonly at: number;
  readonly guid: string;
  readonly offset: number;
  readonly length: number;
}

function tableError(offset: number, reason: string): MalformedError<"ERR_MALFORMED_CERTIFICATE_TABLE"> {
  const message = `certificate table: ${reason}, at offset 0x${offset.toString(16)}`;
  return new MalformedError("ERR_MALFORMED_CERTIFICATE_TABLE", message, { offset, reason });
}

function guidOf(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The entries before the terminator; `end` is where the terminator ends. */
function readHeader(table: Uint8Array): { readonly header: readonly HeaderEntry[]; readonly end: number } {
  const header: HeaderEntry[] = [];
  for (let at = 0; header.length <= MAX_ENTRIES; at += ENTRY.size) {
    const row = table.subarray(at, at + ENTRY.size);
    if (row.length < ENTRY.size) throw tableError(at, "the entry of zeros that ends the list is missing");
    if (isZero(row)) return { header, end: at + ENTRY.size };
    const { guid, offset, length } = ENTRY.parse(row).values;
    if (isZero(guid)) throw tableError(at, "an entry without GUID has an offset or a length");
    header.push({ at, guid: guidOf(guid), offset, length });
  }
  throw tableError(MAX_ENTRIES * ENTRY.size, `more than ${MAX_ENTRIES} entries`);
}

/** Offsets and lengths are below 2^32 and added as doubles, so no sum wraps round. */
function checkBounds({ at, offset, length }: HeaderEntry, start: number, end: number): void {
  if (offset < start) throw tableError(at, `the content starts at ${offset}, inside the list that ends at ${start}`);
  if (offset + length > end) throw tableError(at, `the content ends at ${offset + length}, the table at ${end}`);
}

function checkDoubles(header: readonly HeaderEntry[]): void {
  const seen = new Set<string>();
  for (const { at, guid } of header) {
    if (seen.has(guid)) throw tableError(at, `${guid} stands there twice`);
    seen.add(guid);
  }
}

/** Padding between and behind the contents is zero, so nothing hides beside the entries. */
function checkPadding(table: Uint8Array, header: readonly HeaderEntry[], start: number): void {
  let end = start;
  const inOrder = [...header].sort((a, b) => a.offset - b.offset);
  for (const { offset, length } of [...inOrder, { offset: table.length, length: 0 }]) {
    if (!isZero(table.subarray(end, offset))) throw tableError(end, "bytes that no entry names are not zero");
    end = Math.max(end, offset + length);
  }
}

function toDer(content: Uint8Array, kind: CertificateTableKind, at: number): Uint8Array {
  if (!looksLikePem(content)) {
    if (content[0] === DER_SEQUENCE) return content.slice();
    throw tableError(at, `the ${kind} is neither DER nor PEM`);
  }
  const [der, ...more] = pemToDer(content, `certificate table: ${kind}`);
  if (der === undefined || more.length > 0) throw tableError(at, `the ${kind} must be one PEM block`);
  return der;
}

function signingKeyOf(options: unknown): SigningKey | undefined {
  const { signingKey } = readOptions(options, "options", ["signingKey"]);
  if (signingKey === undefined || signingKey === "VCEK" || signingKey === "VLEK") return signingKey;
  throw new TypeError(`options.signingKey must be "VCEK" or "VLEK", found ${String(signingKey)}`);
}

type Contents = ReadonlyMap<CertificateTableKind, Uint8Array>;

function pickLeaf(contents: Contents, wanted: SigningKey | undefined): Uint8Array | undefined {
  if (wanted !== undefined) return contents.get(wanted);
  const vcek = contents.get("VCEK");
  const vlek = contents.get("VLEK");
  return vcek !== undefined && vlek !== undefined ? undefined : (vcek ?? vlek);
}

function certificatesOf(contents: Contents, wanted: SigningKey | undefined): EvidenceCertificates {
  const found = {
    leaf: pickLeaf(contents, wanted),
    intermediate: contents.get("ASK"),
    root: contents.get("ARK"),
    crl: contents.get("CRL"),
  };
  const certificates: EvidenceCertificates = {};
  for (const name of ["leaf", "intermediate", "root", "crl"] as const) {
    const der = found[name];
    if (der !== undefined) certificates[name] = der;
  }
  return certificates;
}

/**
 * Unverified: the certificate table of an extended report (GHCB extended guest request, configfs `auxblob`).
 *
 * The host wrote it: nothing in it is trusted, and certificates are not parsed here. An empty table, or one that
 * begins with its end, has no certificates. Both a VCEK and a VLEK may be there; then `options.signingKey` says
 * which of them is the leaf (the report's KEY_INFO names it), and without it there is no leaf rather than a guess.
 *
 * @param bytes - the table, at most 256 KiB, zeros behind it allowed; for an extended report, what follows the first
 * 1184 bytes
 * @throws TypeError when `bytes` is no `Uint8Array`, or for an option that does not exist.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above 256 KiB; `ERR_MALFORMED_CERTIFICATE_TABLE` for no end of the
 * list, more than 64 entries, content outside the table or inside its list, a GUID that stands there twice, bytes
 * beside the entries that are not zero, or a certificate that is neither DER nor one PEM block;
 * `ERR_MALFORMED_ENCODING` for broken PEM.
 *
 * Source: AMD 56421 (GHCB), SNP Extended Guest Request.
 */
export function parseCertificateTable(bytes: Uint8Array, options: CertificateTableOptions = {}): CertificateTable {
  const wanted = signingKeyOf(options);
  const table = copyBytes(bytes, "bytes", MAX_TABLE_BYTES);
  if (table.length === 0) return { entries: [], certificates: {} };
  const { header, end } = readHeader(table);
  for (const entry of header) checkBounds(entry, end, table.length);
  checkDoubles(header);
  checkPadding(table, header, end);
  const ders = new Map<CertificateTableKind, Uint8Array>();
  const entries = header.map(({ at, guid, offset, length }) => {
    const kind = kindOf(guid);
    const content = table.slice(offset, offset + length);
    if (kind !== null) ders.set(kind, toDer(content, kind, at));
    return { guid, kind, bytes: content };
  });
  return { entries, certificates: certificatesOf(ders, wanted) };
}
