import { join } from "node:path";
import { readCaCommonName, readLeafCommonName } from "../amd/names.js";
import { isZero } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import type { EvidenceCertificates } from "../evidence/evidence.js";
import { withTable } from "../evidence/parts.js";
import { openThim } from "../evidence/thim.js";
import { parseCertificate } from "../x509/certificate.js";
import { type PemBlock, parsePem } from "../x509/pem.js";
import { readInput, unreadable } from "./input.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/** A member of `EvidenceCertificates`. */
type Place = keyof EvidenceCertificates;

/** A certificate or CRL, and the file it came from. */
interface Found {
  readonly place: Place;
  readonly from: string;
  readonly der: Uint8Array;
}

/** What the files of a folder are called, and what they hold; `chain` is what AMD's key server answers. */
const FILE_ROLES: ReadonlyMap<string, Place | "chain"> = new Map([
  ["vcek", "leaf"],
  ["vlek", "leaf"],
  ["ask", "intermediate"],
  ["asvk", "intermediate"],
  ["ark", "root"],
  ["crl", "crl"],
  ["cert_chain", "chain"],
  ["vcek_cert_chain", "chain"],
  ["vlek_cert_chain", "chain"],
]);
const FILE_NAME = /^([a-z_]+)(?:\.(?:der|pem|crt|crl))?$/i;
const CRL_LABEL = "X509 CRL";
const CERTIFICATE_LABEL = "CERTIFICATE";
const DER_SEQUENCE = 0x30;
const TABLE_ROW = 24;
const BRACE = 0x7b;
const PLACES: readonly Place[] = ["leaf", "intermediate", "root", "crl"];

/** PEM may have text before its first block, which parsePem then refuses by name. */
function isPem(bytes: Uint8Array): boolean {
  return bytes[0] !== DER_SEQUENCE && new TextDecoder("latin1").decode(bytes).includes("-----BEGIN ");
}

/** The blocks of a PEM text, or the whole as one certificate or CRL where it is no PEM. */
function blocksOf(bytes: Uint8Array, from: string, label: string): readonly PemBlock[] {
  return isPem(bytes) ? parsePem(bytes, from) : [{ label, der: bytes }];
}

/** Where a certificate belongs by the name it gives itself; whether it does is for the verifier to judge. */
function placeByName(der: Uint8Array, from: string): Place {
  const { commonName } = parseCertificate(der, from).subject;
  if (readLeafCommonName(commonName) !== null) return "leaf";
  const ca = readCaCommonName(commonName);
  if (ca !== null) return ca.role === "ARK" ? "root" : "intermediate";
  const found = commonName === null ? "no common name" : `CN=${printable(commonName, 100)}`;
  throw new UsageError(`${from}: expected a VCEK, VLEK, ASK, ASVK or ARK certificate, found ${found}`);
}

function foundInBundle({ label, der }: PemBlock, from: string): Found {
  if (label === CRL_LABEL) return { place: "crl", from, der };
  if (label === CERTIFICATE_LABEL) return { place: placeByName(der, from), from, der };
  const reason = `expected blocks of ${CERTIFICATE_LABEL} or ${CRL_LABEL}, found ${label}`;
  throw new MalformedError("ERR_MALFORMED_ENCODING", `${from}: ${reason}`, { what: from, reason });
}

/** True for a list of entries whose first row, if it names anything, names bytes that are there. */
function looksLikeTable(bytes: Uint8Array): boolean {
  if (bytes.length < TABLE_ROW || bytes[0] === DER_SEQUENCE) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const offset = view.getUint32(16, true);
  return (
    isZero(bytes.subarray(0, TABLE_ROW)) || (offset >= TABLE_ROW && offset + view.getUint32(20, true) <= bytes.length)
  );
}

function placed(certificates: EvidenceCertificates, from: string): readonly Found[] {
  return PLACES.flatMap((place) => {
    const der = certificates[place];
    return der === undefined ? [] : [{ place, from, der }];
  });
}

/**
 * The certificates, and perhaps a CRL, of one file: PEM blocks in any order, one certificate in DER, a certificate
 * table, or what Azure's THIM answers. A table may hold a VCEK and a VLEK; the report says which of them is its leaf.
 */
async function readBundle(io: CliIo, path: string, report: Uint8Array): Promise<readonly Found[]> {
  const from = path === "-" ? "stdin" : printable(path);
  const bytes = await readInput(io, path, "certificates");
  // What configfs-tsm hands out where the host has no certificates.
  if (bytes.length === 0) return [];
  if (bytes[0] === BRACE) return placed((await openThim({ report, thim: bytes })).evidence.certificates ?? {}, from);
  if (isPem(bytes)) return parsePem(bytes, from).map((block) => foundInBundle(block, from));
  if (looksLikeTable(bytes)) return placed(withTable(report, bytes).evidence.certificates ?? {}, from);
  return [foundInBundle({ label: CERTIFICATE_LABEL, der: bytes }, from)];
}

/** The one certificate or CRL of a file whose name, or option, says what it is. */
async function readSingle(io: CliIo, path: string, place: Place): Promise<Found> {
  const from = path === "-" ? "stdin" : printable(path);
  const label = place === "crl" ? CRL_LABEL : CERTIFICATE_LABEL;
  const bytes = await readInput(io, path, place === "crl" ? "crl" : "certificates");
  const [block, second] = blocksOf(bytes, from, label);
  if (block === undefined || second !== undefined || block.label !== label) {
    const reason = `expected one ${label}`;
    throw new MalformedError("ERR_MALFORMED_ENCODING", `${from}: ${reason}`, { what: from, reason });
  }
  return { place, from, der: block.der };
}

function roleOfFile(name: string): Place | "chain" | undefined {
  return FILE_ROLES.get(FILE_NAME.exec(name)?.[1]?.toLowerCase() ?? "");
}

/** A folder, and what of it is to be read. */
interface Folder {
  readonly path: string;
  readonly names: readonly string[];
  readonly report: Uint8Array;
}

async function readFolder(io: CliIo, sources: Folder): Promise<readonly Found[]> {
  const { path, names, report } = sources;
  const found: Found[] = [];
  for (const name of [...names].sort()) {
    const role = roleOfFile(name);
    if (role === "chain") found.push(...(await readBundle(io, join(path, name), report)));
    else if (role !== undefined) found.push(await readSingle(io, join(path, name), role));
  }
  return found;
}

async function folderNames(io: CliIo, path: string): Promise<readonly string[] | null> {
  if (path === "-") return null;
  try {
    return await io.listFolder(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Two files for one place are refused: nobody but the caller knows which is meant. */
function arrange(found: readonly Found[]): EvidenceCertificates {
  const byPlace = new Map<Place, Found>();
  for (const item of found) {
    const earlier = byPlace.get(item.place);
    if (earlier !== undefined) {
      const where = earlier.from === item.from ? `twice in ${item.from}` : `in ${earlier.from} and in ${item.from}`;
      throw new UsageError(`the ${item.place} certificate stands ${where}; leave one of them`);
    }
    byPlace.set(item.place, item);
  }
  return Object.fromEntries([...byPlace].map(([place, { der }]) => [place, der]));
}

/** Where to look. */
export interface CertificateSources {
  /** A folder, a file, or `-`; undefined where there is neither. */
  readonly certs: string | undefined;
  /** A file that holds the CRL; what the folder has of that kind is then left alone. */
  readonly crl: string | undefined;
  /** The report that they are for: it chooses between a VCEK and a VLEK that are both there. */
  readonly report: Uint8Array;
}

async function readCerts(io: CliIo, { certs, crl, report }: CertificateSources): Promise<readonly Found[]> {
  if (certs === undefined) return [];
  const names = await folderNames(io, certs);
  if (names === null) return await readBundle(io, certs, report);
  const wanted = names.filter((name) => crl === undefined || roleOfFile(name) !== "crl");
  return await readFolder(io, { path: certs, names: wanted, report });
}

/**
 * Unverified: the certificates and the CRL of a report, as far as they are there. Roles come from the names of
 * files in a folder, and from the certificates' own names in a bundle; a wrong role fails in verification.
 *
 * @throws UsageError where a path cannot be read, a bundle holds a stranger, or two files are one thing.
 * @throws MalformedError, UnsupportedError for what cannot be read as PEM or, in a bundle, as a certificate.
 */
export async function gatherCertificates(io: CliIo, sources: CertificateSources): Promise<EvidenceCertificates> {
  const { crl } = sources;
  const found = await readCerts(io, sources);
  if (crl === undefined) return arrange(found);
  return arrange([...found.filter(({ place }) => place !== "crl"), await readSingle(io, crl, "crl")]);
}

/**
 * The roots that the caller trusts: PEM blocks, or one certificate in DER. The verifier judges them.
 *
 * @throws as `gatherCertificates`
 */
export async function readAnchors(io: CliIo, path: string): Promise<readonly Uint8Array[]> {
  const from = path === "-" ? "stdin" : printable(path);
  return blocksOf(await readInput(io, path, "certificates"), from, CERTIFICATE_LABEL).map(({ der }) => der);
}
