import type { CaRole } from "../amd/anchors.js";
import { caCommonName } from "../amd/names.js";
import type { ProductLine } from "../amd/product-lines.js";
import type { AlgorithmOption } from "./algorithm.js";
import type { BasicConstraintsOption, KeyUsage, KeyUsageOption } from "./ca-extensions.js";
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoint,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from "./ca-extensions.js";
import type { CertificateOptions, CertificateTemplate } from "./certificate.js";
import type { CrlTemplate } from "./crl.js";
import type { ForgedExtension } from "./extension.js";
import type { Keyring } from "./keys.js";
import { addDays, addYears } from "./time.js";

/** What a forged ARK, ASK or ASVK can differ in beside what any certificate can. */
export interface CaOptions extends CertificateOptions {
  /** Null leaves the extension out; what an object does not say is as AMD has it. */
  basicConstraints?: BasicConstraintsOption | null;
  /** Null leaves the extension out; what an object does not say is as AMD has it. */
  keyUsage?: KeyUsageOption | null;
  /** Null leaves the extension out. */
  subjectKeyId?: Uint8Array | null;
  /** Null leaves the extension out. AMD's ARKs have none. */
  authorityKeyId?: Uint8Array | null;
  /** Null leaves the extension out. */
  crlDistributionPoint?: string | null;
}

/** Where and when a template is made. */
export interface Setting {
  productLine: ProductLine;
  now: Date;
  keys: Keyring;
}

/** Serials as AMD gives them: the line in the upper byte; Genoa's present ASK is its second. */
function caSerial(role: CaRole, productLine: ProductLine): bigint {
  const line = { Milan: 0x010000n, Genoa: 0x020000n, Turin: 0x030000n }[productLine];
  const ask = productLine === "Genoa" ? 2n : 1n;
  return line + { ARK: 0n, ASK: ask, ASVK: 0x101n }[role];
}

function merged<Value extends object>(usual: Value, option: Partial<Value> | null | undefined): Value | null {
  return option === null ? null : { ...usual, ...option };
}

function caExtensions(role: CaRole, setting: Setting, options: CaOptions): readonly ForgedExtension[] {
  const { keys, productLine } = setting;
  const root = role === "ARK";
  const branch = role === "ASVK" ? "vlek" : "vcek";
  const usages: readonly KeyUsage[] = root ? ["keyCertSign", "cRLSign"] : ["keyCertSign"];
  const usage = merged({ critical: true, usages }, options.keyUsage);
  const constraints = merged({ critical: true, ca: true, pathLen: root ? null : 0 }, options.basicConstraints);
  const {
    subjectKeyId: subject = keyIdentifier(keys.ca(role, productLine)),
    authorityKeyId: authority = root ? null : keyIdentifier(keys.ca("ARK", productLine)),
    crlDistributionPoint: point = `https://kdsintf.amd.com/${branch}/v1/${productLine}/crl`,
  } = options;
  const parts = {
    usage: usage && keyUsage(usage),
    subject: subject && subjectKeyIdentifier(subject),
    authority: authority && authorityKeyIdentifier(authority),
    constraints: constraints && basicConstraints(constraints),
    point: point === null ? null : crlDistributionPoint(point),
  };
  const order = root
    ? [parts.usage, parts.subject, parts.authority, parts.constraints, parts.point]
    : [parts.subject, parts.authority, parts.constraints, parts.usage, parts.point];
  return order.filter((extension) => extension !== null);
}

/** How long before `now` each authority was made, in days: the root first. */
const AGE_DAYS: Readonly<Record<CaRole, number>> = { ARK: 1500, ASK: 1499, ASVK: 1000 };
const CA_YEARS = 25;

/** An authority's certificate as AMD would issue it. */
export function caTemplate(role: CaRole, setting: Setting, options: CaOptions): CertificateTemplate {
  const { productLine, now, keys } = setting;
  const notBefore = addDays(now, -AGE_DAYS[role]);
  return {
    subject: caCommonName(role, productLine),
    issuer: caCommonName("ARK", productLine),
    serial: caSerial(role, productLine),
    notBefore,
    notAfter: addYears(notBefore, CA_YEARS),
    spki: keys.ca(role, productLine).spki,
    extensions: caExtensions(role, setting, options),
    algorithm: "explicit-trailer",
    signWith: keys.ca("ARK", productLine),
  };
}

const CRL_AGE_DAYS = 7;
const CRL_DAYS = 45;
const CRL_ALGORITHM: AlgorithmOption = "default-trailer";

/** A line's CRL as AMD would issue it: no entries, six weeks from thisUpdate to nextUpdate. */
export function crlTemplate(setting: Setting): CrlTemplate {
  const ark = setting.keys.ca("ARK", setting.productLine);
  const thisUpdate = addDays(setting.now, -CRL_AGE_DAYS);
  return {
    issuer: caCommonName("ARK", setting.productLine),
    thisUpdate,
    nextUpdate: addDays(thisUpdate, CRL_DAYS),
    number: 1n,
    authorityKeyId: keyIdentifier(ark),
    algorithm: CRL_ALGORITHM,
    signWith: ark,
  };
}
