import { ISSUER_OF } from "../amd/names.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { Evidence, EvidenceCertificates } from "../evidence/evidence.js";
import type { CaOptions } from "./authority.js";
import type { Signed } from "./certificate.js";
import type { Chip, LeafOptions } from "./chip.js";
import type { CrlOptions } from "./crl.js";
import { CA_NAMES, CRL_NAMES, checked, LEAF_NAMES } from "./option-names.js";
import type { ForgedReport, ReportOptions } from "./report.js";
import { forgeReport } from "./report.js";
import type { ChipOptions, Workshop } from "./workshop.js";
import { chipOf, forgeCa, forgeCrl, forgeLeaf } from "./workshop.js";

/** What forged evidence can differ in; each part takes the options of its own maker. */
export interface EvidenceOptions extends ChipOptions {
  report?: ReportOptions;
  leaf?: LeafOptions;
  /** The ASK or ASVK. */
  intermediate?: CaOptions;
  /** The ARK in the evidence; the one in `anchors` stays as it is. */
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

const PARTS = ["leaf", "intermediate", "root", "crl"] as const;

type Parts = Readonly<Record<(typeof PARTS)[number], Signed>>;

function makeParts(workshop: Workshop, chip: Chip, options: EvidenceOptions): Parts {
  const { productLine, signingKey } = chip;
  const { leaf = {}, intermediate = {}, root = {}, crl = {} } = options;
  const role = ISSUER_OF[signingKey];
  return {
    leaf: forgeLeaf(workshop, chip, checked(leaf, LEAF_NAMES, "leaf")),
    intermediate: forgeCa(workshop, { role, productLine }, checked(intermediate, CA_NAMES, "intermediate")),
    root: forgeCa(workshop, { role: "ARK", productLine }, checked(root, CA_NAMES, "root")),
    crl: forgeCrl(workshop, productLine, checked(crl, CRL_NAMES, "crl")),
  };
}

function certificatesOf(parts: Parts, omit: NonNullable<EvidenceOptions["omit"]>): EvidenceCertificates {
  for (const name of omit) {
    if (!PARTS.includes(name)) throw new TypeError(`omit: there is no part ${JSON.stringify(name)}`);
  }
  const kept = PARTS.filter((name) => !omit.includes(name));
  return Object.fromEntries(kept.map((name) => [name, parts[name].der]));
}

/** A report with its chain and CRL. */
export function forgeEvidence(workshop: Workshop, options: EvidenceOptions): ForgedEvidence {
  const chip = chipOf(workshop, options);
  const { productLine, signingKey } = chip;
  const parts = makeParts(workshop, chip, options);
  const report = forgeReport(chip, options.report ?? {});
  return Object.freeze({
    evidence: { report: report.bytes, certificates: certificatesOf(parts, options.omit ?? []) },
    anchors: [forgeCa(workshop, { role: "ARK", productLine }, {}).der],
    now: new Date(workshop.now),
    productLine,
    signingKey,
    chip,
    report,
    ...parts,
  });
}
