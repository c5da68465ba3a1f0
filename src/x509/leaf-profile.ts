import { AMD_EXTENSION, SPL_EXTENSION } from "../amd/oids.js";
import { hwIdLength, type ProductLine, type SigningKey } from "../amd/product-lines.js";
import { decodeTcb, type Tcb, tcbComponents } from "../amd/tcb.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { type DerCursor, TAG } from "../der/cursor.js";
import { readByteInteger, readText } from "../der/values.js";
import type { Certificate } from "./certificate.js";
import { type Extension, readExtension } from "./extensions.js";
import { profileError } from "./profile-error.js";

const AMD_OIDS: ReadonlySet<string> = /* @__PURE__ */ new Set(Object.values(AMD_EXTENSION));

/** A certificate has each OID once. */
type ByOid = ReadonlyMap<string, Extension>;

/** What a VCEK or VLEK says beside its key. */
export interface LeafProfile {
  readonly publicKey: P384PublicKey;
  readonly structVersion: number;
  readonly productName: string;
  readonly tcb: Tcb;
  /** VCEK: the chip, 64 or 8 bytes; VLEK: null. */
  readonly hwId: Uint8Array | null;
  /** VLEK: the provider; VCEK: null. */
  readonly cspId: string | null;
  /** Extensions that are not AMD's; none of them critical. */
  readonly otherExtensions: readonly Extension[];
}

/** Which leaf of which line a certificate is to be read as. */
export interface LeafKind {
  readonly role: SigningKey;
  readonly productLine: ProductLine;
}

/**
 * Judges a certificate as VCEK or VLEK of a product line and reads AMD's extensions: every one that the line has,
 * none that it has not, each in its one encoding. Not names, dates, signature, or whether a report fits.
 *
 * @throws UntrustedError ERR_UNTRUSTED_CERTIFICATE_PROFILE
 * @throws MalformedError ERR_MALFORMED_DER for a broken extension value
 * @see AMD 57230 (VCEK), 58369 (VLEK)
 */
export function judgeLeafProfile(certificate: Certificate, kind: LeafKind): LeafProfile {
  const { extensions, publicKey, serial } = certificate;
  const { role, productLine } = kind;
  if (publicKey.kind !== "p384") throw profileError(role, "subjectPublicKey", "not a P-384 key");
  if (serial !== 0n) throw profileError(role, "serialNumber", `must be 0, found ${serial}`);
  const { spls, demanded } = extensionsOf(kind);
  judgeExtensions(extensions, demanded, kind);
  const byOid: ByOid = new Map(extensions.map((extension) => [extension.oid, extension]));
  const read = <T>(oid: string, reader: (value: DerCursor) => T): T => {
    const value = readExtension(byOid.get(oid), role, reader);
    if (value === null) throw profileError(role, oid, "missing");
    return value;
  };
  return {
    publicKey,
    structVersion: read(AMD_EXTENSION.structVersion, readByteInteger),
    productName: read(AMD_EXTENSION.productName, readIa5),
    tcb: decodeTcb(
      productLine,
      Uint8Array.from(spls, (oid) => read(oid, readByteInteger)),
    ),
    hwId: role === "VCEK" ? readHwId(byOid, kind) : null,
    cspId: role === "VLEK" ? read(AMD_EXTENSION.cspID, readIa5) : null,
    otherExtensions: extensions.filter(({ oid }) => !AMD_OIDS.has(oid)),
  };
}

/** AMD's extensions of one kind of leaf. */
interface Demanded {
  /** Those of the TCB, in the order of its components. */
  readonly spls: readonly string[];
  readonly demanded: ReadonlySet<string>;
}

const KINDS = /* @__PURE__ */ new Map<string, Demanded>();

function extensionsOf({ role, productLine }: LeafKind): Demanded {
  const key = role + productLine;
  const known = KINDS.get(key);
  if (known !== undefined) return known;
  const spls = tcbComponents(productLine).map((component) => SPL_EXTENSION[component]);
  const identity = role === "VCEK" ? AMD_EXTENSION.hwID : AMD_EXTENSION.cspID;
  const demanded = new Set<string>([AMD_EXTENSION.structVersion, AMD_EXTENSION.productName, ...spls, identity]);
  KINDS.set(key, { spls, demanded });
  return { spls, demanded };
}

/** No critical extension that is not understood, and of AMD's exactly those that the kind of leaf has. */
function judgeExtensions(extensions: readonly Extension[], demanded: ReadonlySet<string>, kind: LeafKind): void {
  for (const { oid, critical } of extensions) {
    const known = AMD_OIDS.has(oid);
    if (critical && !known) throw profileError(kind.role, oid, "critical and not understood");
    if (known && !demanded.has(oid)) {
      throw profileError(kind.role, oid, `no ${kind.role} of ${kind.productLine} carries it`);
    }
  }
}

/** The hardware id is the whole value of its extension, with no tag around it. */
function readHwId(byOid: ByOid, kind: LeafKind): Uint8Array {
  const extension = byOid.get(AMD_EXTENSION.hwID);
  const expected = hwIdLength(kind.productLine);
  if (extension?.value.length !== expected) {
    const found = extension === undefined ? "none" : `${extension.value.length} bytes`;
    throw profileError(kind.role, AMD_EXTENSION.hwID, `expected ${expected} bytes, found ${found}`);
  }
  return extension.value;
}

function readIa5(value: DerCursor): string {
  if (value.peek() !== TAG.ia5String) value.fail("expected an IA5String");
  return readText(value);
}
