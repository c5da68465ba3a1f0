import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { isProductLine } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { Evidence, EvidenceCertificates } from "../evidence/evidence.js";
import type { CaOptions, Setting } from "./authority.js";
import { caTemplate, crlTemplate } from "./authority.js";
import type { Signed } from "./certificate.js";
import { issueCertificate } from "./certificate.js";
import type { Chip, LeafOptions } from "./chip.js";
import { forgeChip, leafTemplate } from "./chip.js";
import type { CrlOptions } from "./crl.js";
import { issueCrl } from "./crl.js";
import type { CaRole, Derive, Keyring } from "./keys.js";
import { createKeyring, deriveFrom } from "./keys.js";
import type { ForgedP384Key } from "./p384.js";
import type { ForgedReport, ReportOptions } from "./report.js";
import { forgeReport } from "./report.js";
import type { ForgedRsaKey } from "./rsa.js";

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

/** Names a product line; default: the forge's. */
export interface LineOption {
  productLine?: ProductLine;
}

/** Which chip a forged leaf certifies. The TCB is one of the leaf's own options. */
export type LeafChoice = Omit<ChipOptions, "signingKey" | "tcb">;

/** What forged evidence can differ in; each part takes the options of its own maker. */
export interface EvidenceOptions extends ChipOptions {
  report?: ReportOptions;
  leaf?: LeafOptions;
  intermediate?: CaOptions;
  root?: CaOptions;
  crl?: CrlOptions;
  /** Parts that are made but not handed in with the evidence. */
  omit?: readonly (keyof EvidenceCertificates)[];
}

/** Forged evidence and what it takes to judge it. */
export interface ForgedEvidence {
  /** What `verifyEvidence` takes. */
  readonly evidence: Evidence;
  /** What goes into `anchors` of its options: the forge's own ARK, whatever `root` was made to say. */
  readonly anchors: readonly Uint8Array[];
  /** A time at which all of it is valid: the forge's. */
  readonly now: Date;
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  readonly chip: Chip;
  readonly report: ForgedReport;
  readonly leaf: Signed;
  readonly intermediate: Signed;
  readonly root: Signed;
  readonly crl: Signed;
}

/** Makes keys, certificates, CRLs and reports that look like AMD's and are nobody's. */
export interface Forge {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  /** A fresh copy at each access. */
  readonly now: Date;
  /** A CA's key. */
  caKey(role: CaRole, productLine?: ProductLine): ForgedRsaKey;
  /** A CA key that no role of any forge has. */
  foreignCaKey(): ForgedRsaKey;
  /** A leaf key that no chip of this forge has. */
  foreignLeafKey(): ForgedP384Key;
  /** A processor: its key, hardware id and TCB. */
  chip(options?: ChipOptions): Chip;
  ark(options?: CaOptions & LineOption): Signed;
  ask(options?: CaOptions & LineOption): Signed;
  asvk(options?: CaOptions & LineOption): Signed;
  vcek(options?: LeafOptions & LeafChoice): Signed;
  vlek(options?: LeafOptions & LeafChoice): Signed;
  crl(options?: CrlOptions & LineOption): Signed;
  /** A report signed by the chip. */
  report(options?: ReportOptions & ChipOptions): ForgedReport;
  /** A report with its whole chain and CRL; without options it verifies under the anchors beside it. */
  evidence(options?: EvidenceOptions): ForgedEvidence;
}

const DEFAULT_NOW = Date.UTC(2026, 5, 1);
const DEFAULT_CHIP = "0";

interface Workshop {
  derive: Derive;
  keys: Keyring;
  productLine: ProductLine;
  signingKey: SigningKey;
  now: number;
}

function settingOf(workshop: Workshop, productLine: ProductLine | undefined): Setting {
  return { productLine: productLine ?? workshop.productLine, now: new Date(workshop.now), keys: workshop.keys };
}

function chipOf(workshop: Workshop, options: ChipOptions): Chip {
  const { productLine = workshop.productLine, signingKey = workshop.signingKey, chip = DEFAULT_CHIP } = options;
  const tcb = options.tcb === undefined ? {} : { tcb: options.tcb };
  return forgeChip({ productLine, signingKey, chip, ...tcb }, workshop.keys, workshop.derive);
}

function forgeCa(workshop: Workshop, role: CaRole, options: CaOptions & LineOption): Signed {
  return issueCertificate(caTemplate(role, settingOf(workshop, options.productLine), options), options);
}

function forgeLeaf(workshop: Workshop, chip: Chip, options: LeafOptions): Signed {
  return issueCertificate(leafTemplate(chip, settingOf(workshop, chip.productLine), options), options);
}

function forgeCrl(workshop: Workshop, options: CrlOptions & LineOption): Signed {
  return issueCrl(crlTemplate(settingOf(workshop, options.productLine)), options);
}

function forgeReportFor(workshop: Workshop, options: ReportOptions & ChipOptions): ForgedReport {
  // What chooses the chip is no field of the report.
  const { productLine: _line, signingKey: _key, chip: _chip, tcb: _tcb, ...report } = options;
  return forgeReport(chipOf(workshop, options), report);
}

function forgeEvidence(workshop: Workshop, options: EvidenceOptions): ForgedEvidence {
  const chip = chipOf(workshop, options);
  const { productLine, signingKey } = chip;
  const parts = {
    leaf: forgeLeaf(workshop, chip, options.leaf ?? {}),
    intermediate: forgeCa(workshop, signingKey === "VCEK" ? "ASK" : "ASVK", { ...options.intermediate, productLine }),
    root: forgeCa(workshop, "ARK", { ...options.root, productLine }),
    crl: forgeCrl(workshop, { ...options.crl, productLine }),
  };
  const certificates: EvidenceCertificates = {};
  for (const name of ["leaf", "intermediate", "root", "crl"] as const) {
    if (!options.omit?.includes(name)) certificates[name] = parts[name].der;
  }
  const report = forgeReport(chip, options.report ?? {});
  return Object.freeze({
    evidence: { report: report.bytes, certificates },
    anchors: [forgeCa(workshop, "ARK", { productLine }).der],
    now: new Date(workshop.now),
    productLine,
    signingKey,
    chip,
    report,
    ...parts,
  });
}

function workshopOf(options: ForgeOptions): Workshop {
  const { seed, productLine = "Milan", signingKey = "VCEK", now = new Date(DEFAULT_NOW) } = options;
  if (typeof seed !== "string" && !(seed instanceof Uint8Array)) {
    throw new TypeError("seed must be a string or a Uint8Array");
  }
  if (!isProductLine(productLine)) throw new TypeError(`productLine must be Milan, Genoa or Turin, not ${productLine}`);
  if (signingKey !== "VCEK" && signingKey !== "VLEK") throw new TypeError("signingKey must be VCEK or VLEK");
  if (Number.isNaN(now.getTime())) throw new TypeError("now must be a valid Date");
  const derive = deriveFrom(seed);
  return { derive, keys: createKeyring(derive), productLine, signingKey, now: now.getTime() };
}

function forgeFrom(workshop: Workshop): Forge {
  const { keys, productLine, signingKey } = workshop;
  return Object.freeze({
    productLine,
    signingKey,
    get now() {
      return new Date(workshop.now);
    },
    caKey: (role, line = productLine) => keys.ca(role, line),
    foreignCaKey: () => keys.foreignCa(),
    foreignLeafKey: () => keys.foreignLeaf(),
    chip: (options = {}) => chipOf(workshop, options),
    ark: (options = {}) => forgeCa(workshop, "ARK", options),
    ask: (options = {}) => forgeCa(workshop, "ASK", options),
    asvk: (options = {}) => forgeCa(workshop, "ASVK", options),
    vcek: (options = {}) => forgeLeaf(workshop, chipOf(workshop, { ...options, signingKey: "VCEK" }), options),
    vlek: (options = {}) => forgeLeaf(workshop, chipOf(workshop, { ...options, signingKey: "VLEK" }), options),
    crl: (options = {}) => forgeCrl(workshop, options),
    report: (options = {}) => forgeReportFor(workshop, options),
    evidence: (options = {}) => forgeEvidence(workshop, options),
  } satisfies Forge);
}

/**
 * A forge of fake AMD hierarchies and reports, for tests of relying parties.
 *
 * Everything it makes is deterministic, and every private key is public: the primes of its CAs lie in this package.
 * Its ARKs are trusted by whoever puts them into `anchors`, and by nobody else.
 */
export function createForge(options: ForgeOptions): Promise<Forge> {
  return Promise.resolve().then(() => forgeFrom(workshopOf(options)));
}
