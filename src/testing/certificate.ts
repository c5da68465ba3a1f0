import { concatBytes } from "../bytes/codecs.js";
import type { AlgorithmOption } from "./algorithm.js";
import { encodeAlgorithm, signWithAlgorithm } from "./algorithm.js";
import { bitString, explicit, integer, sequence } from "./der.js";
import type { ExtensionEdits, ForgedExtension } from "./extension.js";
import { editExtensions, encodeExtensions } from "./extension.js";
import type { NameOption } from "./name.js";
import { encodeName } from "./name.js";
import type { ForgedP384Key } from "./p384.js";
import type { ForgedRsaKey } from "./rsa.js";
import type { TimeForm, TimeOption } from "./time.js";
import { encodeTime } from "./time.js";

/** A key that can sign certificates and CRLs: a CA's, or, for tests of refusal, a leaf's. */
export type SignerKey = ForgedRsaKey | ForgedP384Key;

/** How a signed structure is signed, and how it is broken; for certificates and CRLs alike. */
export interface SigningOptions {
  /** The key that signs. Default: the key of the role above. */
  signWith?: SignerKey;
  /** Both AlgorithmIdentifiers. Default: the form that AMD uses for this kind. */
  algorithm?: AlgorithmOption;
  /** The AlgorithmIdentifier inside the signed part, where it is to differ from the outer one. */
  innerAlgorithm?: AlgorithmOption;
  /** The extensions, changed after all other options. */
  extensions?: ExtensionEdits;
  /** Changes the signed part before it is signed: takes and returns DER. */
  patchTbs?: (tbs: Uint8Array) => Uint8Array;
  /** Changes the signature, 512 bytes. */
  patchSignature?: (signature: Uint8Array) => Uint8Array;
  /** Changes the finished DER. */
  patch?: (der: Uint8Array) => Uint8Array;
}

/** What any forged certificate can differ in. Everything left out is as AMD has it. */
export interface CertificateOptions extends SigningOptions {
  /** X.509 version; default 3. Null leaves the field out, which DER reads as version 1. */
  version?: number | null;
  serial?: bigint | number;
  subject?: NameOption;
  issuer?: NameOption;
  notBefore?: TimeOption;
  notAfter?: TimeOption;
  timeForm?: TimeForm;
  /** The whole SubjectPublicKeyInfo in DER. Default: that of the subject's key. */
  spki?: Uint8Array;
}

/** What a role's certificate says before options change it. */
export interface CertificateTemplate {
  subject: string;
  issuer: string;
  serial: bigint;
  notBefore: Date;
  notAfter: Date;
  spki: Uint8Array;
  extensions: readonly ForgedExtension[];
  algorithm: AlgorithmOption;
  signWith: SignerKey;
}

/** A signed structure and its parts, all DER but the signature. */
export interface Signed {
  readonly der: Uint8Array;
  /** The signed part as it was signed. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

/** What `signStructure` needs beside the options. */
export interface Unsigned {
  algorithm: AlgorithmOption;
  signWith: SignerKey;
  /** The signed part around its AlgorithmIdentifier. */
  tbs(algorithm: Uint8Array): Uint8Array;
}

/** Signs a certificate or CRL. */
export function signStructure(unsigned: Unsigned, options: SigningOptions): Signed {
  const { algorithm = unsigned.algorithm, signWith = unsigned.signWith, patchTbs = same, patch = same } = options;
  const tbs = patchTbs(unsigned.tbs(encodeAlgorithm(options.innerAlgorithm ?? algorithm)));
  const signature = (options.patchSignature ?? same)(signWithAlgorithm(signWith, algorithm, tbs));
  const der = patch(sequence(tbs, encodeAlgorithm(algorithm), bitString(signature)));
  return Object.freeze({ der, tbs, signature });
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}

/** Issues a certificate: the template as far as the options do not say otherwise. */
export function issueCertificate(template: CertificateTemplate, options: CertificateOptions): Signed {
  const { version = 3, serial = template.serial, timeForm = "rfc5280" } = options;
  const extensions = editExtensions(template.extensions, options.extensions);
  const before = version === null ? new Uint8Array() : explicit(0, integer(version - 1));
  const after = concatBytes(
    encodeName(template.issuer, options.issuer),
    sequence(
      encodeTime(options.notBefore ?? template.notBefore, timeForm),
      encodeTime(options.notAfter ?? template.notAfter, timeForm),
    ),
    encodeName(template.subject, options.subject),
    options.spki ?? template.spki,
    extensions.length === 0 ? new Uint8Array() : explicit(3, encodeExtensions(extensions)),
  );
  const tbs = (algorithm: Uint8Array) => sequence(before, integer(serial), algorithm, after);
  return signStructure({ algorithm: template.algorithm, signWith: template.signWith, tbs }, options);
}
