import type { CaRole } from "../amd/anchors.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { isProductLine } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { CaOptions, Setting } from "./authority.js";
import { caTemplate, crlTemplate } from "./authority.js";
import type { Signed } from "./certificate.js";
import { issueCertificate } from "./certificate.js";
import type { Chip, LeafOptions } from "./chip.js";
import { forgeChip, leafTemplate } from "./chip.js";
import type { CrlOptions } from "./crl.js";
import { issueCrl } from "./crl.js";
import type { Derive, Keyring } from "./keys.js";
import { createKeyring, deriveFrom } from "./keys.js";
import { checked } from "./option-names.js";

/** What a forge is made from. */
export interface ForgeOptions {
  /** Everything comes from it: the same seed and calls give the same bytes, everywhere. */
  seed: string | Uint8Array;
  /** The line of calls that name none. Default Milan. */
  productLine?: ProductLine;
  /** The signing key of calls that name none. Default VCEK. */
  signingKey?: SigningKey;
  /** The time around which everything is valid. Default 2026-06-01. */
  now?: Date;
}

/** Which processor is meant. */
export interface ChipOptions {
  /** Default: the forge's. */
  productLine?: ProductLine;
  /** Default: the forge's. */
  signingKey?: SigningKey;
  /** Any name; another name is another chip with its own key and hardware id. Default "0". */
  chip?: string;
  /** Components that differ from the line's usual TCB. */
  tcb?: Partial<Tcb>;
}

/** A forge's seed at work: its keys, its clock and its defaults. */
export interface Workshop {
  readonly derive: Derive;
  readonly keys: Keyring;
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const DEFAULT_NOW = Date.UTC(2026, 5, 1);
const DEFAULT_CHIP = "0";

function assertProductLine(productLine: unknown): asserts productLine is ProductLine {
  if (!isProductLine(productLine)) throw new TypeError("productLine must be Milan, Genoa or Turin");
}

function assertSigningKey(signingKey: unknown): asserts signingKey is SigningKey {
  if (signingKey !== "VCEK" && signingKey !== "VLEK") throw new TypeError("signingKey must be VCEK or VLEK");
}

/**
 * The workshop of a seed.
 *
 * @throws TypeError for an option that is unknown or of the wrong kind.
 */
export function openWorkshop(options: ForgeOptions): Workshop {
  checked(options, { seed: true, productLine: true, signingKey: true, now: true });
  const { seed, productLine = "Milan", signingKey = "VCEK", now = new Date(DEFAULT_NOW) } = options;
  if (typeof seed !== "string" && !(seed instanceof Uint8Array)) {
    throw new TypeError("seed must be a string or a Uint8Array");
  }
  assertProductLine(productLine);
  assertSigningKey(signingKey);
  if (!(now instanceof Date) || Number.isNaN(now.getTime())) throw new TypeError("now must be a valid Date");
  const derive = deriveFrom(seed);
  return { derive, keys: createKeyring(derive), productLine, signingKey, now: now.getTime() };
}

function settingOf(workshop: Workshop, productLine: ProductLine): Setting {
  return { productLine, now: new Date(workshop.now), keys: workshop.keys };
}

/** A processor of the workshop. */
export function chipOf(workshop: Workshop, options: ChipOptions): Chip {
  const { productLine = workshop.productLine, signingKey = workshop.signingKey, chip = DEFAULT_CHIP } = options;
  assertProductLine(productLine);
  assertSigningKey(signingKey);
  if (typeof chip !== "string") throw new TypeError("chip must be a string");
  const tcb = options.tcb === undefined ? {} : { tcb: options.tcb };
  return forgeChip({ productLine, signingKey, chip, ...tcb }, workshop.keys, workshop.derive);
}

/** A CA of a line. */
export interface CaChoice {
  role: CaRole;
  productLine: ProductLine;
}

/** A CA's certificate. */
export function forgeCa(workshop: Workshop, choice: CaChoice, options: CaOptions): Signed {
  assertProductLine(choice.productLine);
  return issueCertificate(caTemplate(choice.role, settingOf(workshop, choice.productLine), options), options);
}

/** A chip's certificate. */
export function forgeLeaf(workshop: Workshop, chip: Chip, options: LeafOptions): Signed {
  return issueCertificate(leafTemplate(chip, settingOf(workshop, chip.productLine), options), options);
}

/** A line's CRL. */
export function forgeCrl(workshop: Workshop, productLine: ProductLine, options: CrlOptions): Signed {
  assertProductLine(productLine);
  return issueCrl(crlTemplate(settingOf(workshop, productLine)), options);
}
