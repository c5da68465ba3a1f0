import { X509_EXTENSION } from "../amd/oids.js";
import { concatBytes } from "../bytes/codecs.js";
import type { AlgorithmOption } from "./algorithm.js";
import { authorityKeyIdentifier } from "./ca-extensions.js";
import type { Signed, SigningOptions } from "./certificate.js";
import { signStructure } from "./certificate.js";
import { explicit, integer, sequence } from "./der.js";
import type { ForgedExtension } from "./extension.js";
import { editExtensions, encodeExtensions } from "./extension.js";
import type { NameOption } from "./name.js";
import { encodeName } from "./name.js";
import type { ForgedRsaKey } from "./rsa.js";
import type { TimeForm, TimeOption } from "./time.js";
import { encodeTime } from "./time.js";

/** One entry of a CRL. */
export interface RevokedOption {
  serial: bigint | number;
  /** When it was revoked; default: the usual thisUpdate. */
  at?: TimeOption;
  /** crlEntryExtensions. */
  extensions?: readonly ForgedExtension[];
}

/** What a forged CRL can differ in. Everything left out is as AMD has it. */
export interface CrlOptions extends SigningOptions {
  /** CRL version; default 2. Null leaves the field out, which DER reads as version 1. */
  version?: number | null;
  issuer?: NameOption;
  thisUpdate?: TimeOption;
  /** Null leaves it out. */
  nextUpdate?: TimeOption | null;
  timeForm?: TimeForm;
  /** cRLNumber; null leaves it out. */
  number?: bigint | number | null;
  /** Key identifier of the ARK; null leaves it out. */
  authorityKeyId?: Uint8Array | null;
  /** Entries; an empty list leaves revokedCertificates out, as AMD does. */
  revoked?: readonly RevokedOption[];
}

/** What a line's CRL says before options change it. */
export interface CrlTemplate {
  issuer: string;
  thisUpdate: Date;
  nextUpdate: Date;
  number: bigint;
  authorityKeyId: Uint8Array;
  algorithm: AlgorithmOption;
  signWith: ForgedRsaKey;
}

function encodeRevoked(entry: RevokedOption, usualTime: Date): Uint8Array {
  const { serial, at = usualTime, extensions } = entry;
  const further = extensions === undefined ? [] : [encodeExtensions(extensions)];
  return sequence(integer(serial), encodeTime(at), ...further);
}

function crlExtensions(template: CrlTemplate, options: CrlOptions): readonly ForgedExtension[] {
  const { number = template.number, authorityKeyId = template.authorityKeyId } = options;
  const list: ForgedExtension[] = authorityKeyId === null ? [] : [authorityKeyIdentifier(authorityKeyId)];
  if (number !== null) list.push({ oid: X509_EXTENSION.cRLNumber, critical: false, value: integer(number) });
  return editExtensions(list, options.extensions);
}

/** Issues a CRL: the template as far as the options do not say otherwise. */
export function issueCrl(template: CrlTemplate, options: CrlOptions): Signed {
  const { version = 2, nextUpdate = template.nextUpdate, revoked = [], timeForm = "rfc5280" } = options;
  const extensions = crlExtensions(template, options);
  const entries = revoked.map((entry) => encodeRevoked(entry, template.thisUpdate));
  const nothing = new Uint8Array();
  const after = concatBytes(
    encodeName(template.issuer, options.issuer),
    encodeTime(options.thisUpdate ?? template.thisUpdate, timeForm),
    nextUpdate === null ? nothing : encodeTime(nextUpdate, timeForm),
    entries.length === 0 ? nothing : sequence(...entries),
    extensions.length === 0 ? nothing : explicit(0, encodeExtensions(extensions)),
  );
  const before = version === null ? nothing : integer(version - 1);
  const tbs = (algorithm: Uint8Array) => sequence(before, algorithm, after);
  return signStructure({ algorithm: template.algorithm, signWith: template.signWith, tbs }, options);
}
