import type { CaRole } from "../amd/anchors.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { CaOptions } from "./authority.js";
import type { Signed } from "./certificate.js";
import type { Chip, LeafOptions } from "./chip.js";
import type { CrlOptions } from "./crl.js";
import type { EvidenceOptions, ForgedEvidence } from "./evidence.js";
import { forgeEvidence } from "./evidence.js";
import { CA_NAMES, CRL_NAMES, checked, LEAF_NAMES } from "./option-names.js";
import type { ForgedP384Key } from "./p384.js";
import type { ForgedReport, ReportOptions } from "./report.js";
import { forgeReport } from "./report.js";
import type { ForgedRsaKey } from "./rsa.js";
import type { ChipOptions, ForgeOptions, Workshop } from "./workshop.js";
import { chipOf, forgeCa, forgeCrl, forgeLeaf, openWorkshop } from "./workshop.js";

/** Names a product line; default: the forge's. */
export interface LineOption {
  productLine?: ProductLine;
}

/** Which chip a forged leaf certifies. The TCB is one of the leaf's own options. */
export type LeafChoice = Omit<ChipOptions, "signingKey" | "tcb">;

/** Makes keys, certificates, CRLs and reports that look like AMD's and are nobody's. */
export interface Forge {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  /** A fresh copy at each access. */
  readonly now: Date;
  /** A CA's key. Default line: the forge's. */
  caKey(role: CaRole, productLine?: ProductLine): ForgedRsaKey;
  /** A CA key that no role of any forge has. */
  foreignCaKey(): ForgedRsaKey;
  /** A leaf key that no chip of this forge has. */
  foreignLeafKey(): ForgedP384Key;
  /** A processor: its key, hardware id and TCB. */
  chip(options?: ChipOptions): Chip;
  /** The line's root, self-signed. */
  ark(options?: CaOptions & LineOption): Signed;
  /** The CA above the VCEKs. */
  ask(options?: CaOptions & LineOption): Signed;
  /** The CA above the VLEKs. */
  asvk(options?: CaOptions & LineOption): Signed;
  /** A chip's own certificate. */
  vcek(options?: LeafOptions & LeafChoice): Signed;
  /** A provider's certificate. */
  vlek(options?: LeafOptions & LeafChoice): Signed;
  /** The CRL of the line's root. */
  crl(options?: CrlOptions & LineOption): Signed;
  /** A report signed by the chip. */
  report(options?: ReportOptions & ChipOptions): ForgedReport;
  /** A report with its whole chain and CRL; without options it verifies under the anchors beside it. */
  evidence(options?: EvidenceOptions): ForgedEvidence;
}

const LINE = { productLine: true } as const;
const CHIP = { ...LINE, signingKey: true, chip: true, tcb: true } as const;
const PARTS = { report: true, leaf: true, intermediate: true, root: true, crl: true, omit: true } as const;

function leafMaker(workshop: Workshop, signingKey: SigningKey): Forge["vcek"] {
  return (options = {}) => {
    const { productLine, chip, ...leaf } = checked(options, { ...LEAF_NAMES, ...LINE, chip: true });
    const line = productLine === undefined ? {} : { productLine };
    return forgeLeaf(
      workshop,
      chipOf(workshop, { signingKey, ...line, ...(chip === undefined ? {} : { chip }) }),
      leaf,
    );
  };
}

function caMaker(workshop: Workshop, role: CaRole): Forge["ark"] {
  return (options = {}) => {
    const { productLine = workshop.productLine, ...ca } = checked(options, { ...CA_NAMES, ...LINE });
    return forgeCa(workshop, { role, productLine }, ca);
  };
}

function crlMaker(workshop: Workshop): Forge["crl"] {
  return (options = {}) => {
    const { productLine = workshop.productLine, ...crl } = checked(options, { ...CRL_NAMES, ...LINE });
    return forgeCrl(workshop, productLine, crl);
  };
}

function reportMaker(workshop: Workshop): Forge["report"] {
  return (options = {}) => {
    // What chooses the chip is no field of the report.
    const { productLine: _line, signingKey: _key, chip: _chip, tcb: _tcb, ...report } = options;
    return forgeReport(chipOf(workshop, options), report);
  };
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
    chip: (options = {}) => chipOf(workshop, checked(options, CHIP)),
    ark: caMaker(workshop, "ARK"),
    ask: caMaker(workshop, "ASK"),
    asvk: caMaker(workshop, "ASVK"),
    vcek: leafMaker(workshop, "VCEK"),
    vlek: leafMaker(workshop, "VLEK"),
    crl: crlMaker(workshop),
    report: reportMaker(workshop),
    evidence: (options = {}) => forgeEvidence(workshop, checked(options, { ...CHIP, ...PARTS })),
  } satisfies Forge);
}

/**
 * A forge of fake AMD hierarchies and reports, for tests of relying parties.
 *
 * Everything it makes is deterministic, and every private key is public: the primes of its CAs lie in this package.
 * Its ARKs are trusted by whoever puts them into `anchors`, and by nobody else.
 *
 * @throws TypeError (a rejection) for an option that is unknown or of the wrong kind.
 *
 * @example
 * ```ts
 * import { isAttestationError, verifyEvidence } from "attestry";
 * import { createForge } from "attestry/testing";
 *
 * const forge = await createForge({ seed: "my tests", productLine: "Genoa" });
 *
 * // Sound evidence with the fields that your policy is about.
 * const { evidence, anchors, now } = forge.evidence({ report: { vmpl: 1, hostData: new Uint8Array(32).fill(7) } });
 * const verified = await verifyEvidence(evidence, { anchors, now });
 * if (verified.report.vmpl !== 1) throw new Error("the report says otherwise");
 *
 * // The same, with a VCEK that another key signed.
 * const attack = forge.evidence({ leaf: { signWith: forge.foreignCaKey() } });
 * const refusal = await verifyEvidence(attack.evidence, { anchors, now }).catch((error: unknown) => error);
 * if (!isAttestationError(refusal, "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE")) throw new Error("the attack went through");
 * ```
 */
export function createForge(options: ForgeOptions): Promise<Forge> {
  return new Promise((resolve) => resolve(forgeFrom(openWorkshop(options))));
}
