import { caCommonName, ISSUER_OF, leafCommonName } from "../amd/names.js";
import type { Cpuid, ProductLine, SigningKey } from "../amd/product-lines.js";
import { hwIdLength } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { Setting } from "./authority.js";
import type { CertificateOptions, CertificateTemplate } from "./certificate.js";
import type { Derive, Keyring } from "./keys.js";
import type { LeafValues } from "./leaf-extensions.js";
import { leafExtensions, productNameOf, structVersionOf } from "./leaf-extensions.js";
import type { ForgedP384Key } from "./p384.js";
import { addDays, addYears } from "./time.js";

/** What a forged VCEK or VLEK can differ in beside what any certificate can. */
export interface LeafOptions extends CertificateOptions {
  structVersion?: number;
  productName?: string;
  /** Components that differ from the chip's. */
  tcb?: Partial<Tcb>;
  /** The content of the hwID extension, as it stands in the certificate. Null leaves it out. */
  hwId?: Uint8Array | null;
  /** Null leaves the extension out. */
  cspId?: string | null;
  /** The certified key. Default: the chip's own. */
  key?: ForgedP384Key;
}

/** A processor of the forge. */
export interface Chip {
  readonly signingKey: SigningKey;
  readonly productLine: ProductLine;
  readonly key: ForgedP384Key;
  /** 64 bytes (Milan, Genoa) or 8 (Turin). */
  readonly hwId: Uint8Array;
  readonly tcb: Tcb;
  /** More bytes of this chip, the same for the same purpose. */
  readonly derive: Derive;
}

const SPLS = { spl5: 0, spl6: 0, spl7: 0 } as const;

/** A plausible TCB of each line. */
export const DEFAULT_TCB: Readonly<Record<ProductLine, Tcb>> = {
  Milan: { bootLoader: 4, tee: 0, spl4: 0, ...SPLS, snp: 24, microcode: 219 },
  Genoa: { bootLoader: 10, tee: 0, spl4: 0, ...SPLS, snp: 23, microcode: 84 },
  Turin: { fmc: 1, bootLoader: 1, tee: 1, snp: 4, ...SPLS, microcode: 81 },
};

/** What a processor of each line says of itself. */
export const DEFAULT_CPUID: Readonly<Record<ProductLine, Cpuid>> = {
  Milan: { family: 0x19, model: 0x01, stepping: 0x01 },
  Genoa: { family: 0x19, model: 0x11, stepping: 0x01 },
  Turin: { family: 0x1a, model: 0x02, stepping: 0x01 },
};

/** The provider that forged VLEKs name. */
const DEFAULT_CSP_ID = "CN=cc.forge.example";

const LEAF_AGE_DAYS = 30;
const LEAF_YEARS: Readonly<Record<SigningKey, number>> = { VCEK: 7, VLEK: 1 };

/** Which processor `forgeChip` makes. */
export interface ChipChoice {
  signingKey: SigningKey;
  productLine: ProductLine;
  /** Any name. */
  chip: string;
  tcb?: Partial<Tcb>;
}

/** A processor with its key, hardware id and TCB. */
export function forgeChip(choice: ChipChoice, keys: Keyring, derive: Derive): Chip {
  const { signingKey, productLine, chip } = choice;
  return Object.freeze({
    signingKey,
    productLine,
    key: keys.leaf(signingKey, productLine, chip),
    hwId: derive(`${productLine} hwID of ${chip}`, hwIdLength(productLine)),
    tcb: { ...DEFAULT_TCB[productLine], ...choice.tcb },
    derive: (purpose: string, length: number) => derive(`${productLine} ${purpose} of ${chip}`, length),
  });
}

/** A chip's certificate as AMD would issue it. */
export function leafTemplate(chip: Chip, setting: Setting, options: LeafOptions): CertificateTemplate {
  const { signingKey, productLine } = chip;
  const { now, keys } = setting;
  const values: LeafValues = {
    structVersion: options.structVersion ?? structVersionOf(productLine),
    productName: options.productName ?? productNameOf(signingKey, productLine),
    tcb: { ...chip.tcb, ...options.tcb },
    hwId: options.hwId === undefined ? usualHwId(chip) : options.hwId,
    cspId: options.cspId === undefined ? usualCspId(chip) : options.cspId,
  };
  const notBefore = addDays(now, -LEAF_AGE_DAYS);
  const issuer = ISSUER_OF[signingKey];
  return {
    subject: leafCommonName(signingKey),
    issuer: caCommonName(issuer, productLine),
    serial: 0n,
    notBefore,
    notAfter: addYears(notBefore, LEAF_YEARS[signingKey]),
    spki: (options.key ?? chip.key).spki,
    extensions: leafExtensions(productLine, values),
    algorithm: "default-trailer",
    signWith: keys.ca(issuer, productLine),
  };
}

function usualHwId(chip: Chip): Uint8Array | null {
  return chip.signingKey === "VCEK" ? chip.hwId : null;
}

function usualCspId(chip: Chip): string | null {
  return chip.signingKey === "VLEK" ? DEFAULT_CSP_ID : null;
}
