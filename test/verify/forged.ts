import { describe, expect, it } from "vitest";
import { PRODUCT_LINES, type ProductLine, type SigningKey } from "../../src/amd/product-lines.js";
import type { ErrorCode } from "../../src/errors.js";
import type { Evidence } from "../../src/evidence/evidence.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type EvidenceOptions, type Forge, type ForgedEvidence } from "../../src/testing/index.js";
import { type SyncVerifyOptions, verifyEvidenceWith } from "../../src/verify/sync.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";

/** Forged evidence and how it is judged; what is left out is sound. */
export interface Trial {
  evidence?: EvidenceOptions;
  /** Makes what is handed in of what was forged. */
  hand?: (forged: ForgedEvidence) => Evidence;
  options?: Partial<SyncVerifyOptions>;
}

/** Two trials that differ in one thing: one holds, the other is refused with `code`. */
export interface Twins {
  name: string;
  forge: Forge;
  /** Default: sound evidence as the forge makes it. */
  sound?: Trial;
  wrong: Trial;
  code: ErrorCode;
  detail?: object;
}

/** Every hierarchy there is: three lines, two branches. */
export const HIERARCHIES: readonly { productLine: ProductLine; signingKey: SigningKey }[] = PRODUCT_LINES.flatMap(
  (productLine) => (["VCEK", "VLEK"] as const).map((signingKey) => ({ productLine, signingKey })),
);

/** The forge of a hierarchy, the same for a whole test file. */
export async function forgeOf(productLine: ProductLine = "Milan", signingKey: SigningKey = "VCEK"): Promise<Forge> {
  const known = forges.get(`${productLine} ${signingKey}`);
  const forge = known ?? createForge({ seed: "verify", productLine, signingKey });
  forges.set(`${productLine} ${signingKey}`, forge);
  return await forge;
}

const forges = new Map<string, Promise<Forge>>();

const remembered = new WeakMap<Forge, WeakMap<EvidenceOptions, ForgedEvidence>>();
const SOUND: EvidenceOptions = {};

/** Forges; the same options object gives the same evidence, and what differs in its report alone shares the rest. */
function forgedOf(forge: Forge, options: EvidenceOptions): ForgedEvidence {
  const known = remembered.get(forge) ?? new WeakMap<EvidenceOptions, ForgedEvidence>();
  remembered.set(forge, known);
  const forged = known.get(options) ?? forgeNow(forge, options);
  known.set(options, forged);
  return forged;
}

function forgeNow(forge: Forge, options: EvidenceOptions): ForgedEvidence {
  const { report, ...others } = options;
  if (report === undefined || Object.keys(others).length > 0) return forge.evidence(options);
  const sound = forgedOf(forge, SOUND);
  const changed = forge.report(report);
  return { ...sound, report: changed, evidence: { ...sound.evidence, report: changed.bytes } };
}

/** Judges a trial with the fast synchronous engine, under the forge's own root. */
export function judge(forge: Forge, { evidence = SOUND, hand, options }: Trial): VerifiedEvidence {
  const forged = forgedOf(forge, evidence);
  const { now, anchors } = forged;
  return verifyEvidenceWith(nodeEngine, hand?.(forged) ?? forged.evidence, { now, anchors, ...options });
}

/** Certificates of forged evidence with some of them replaced. */
export function withCertificates(changed: NonNullable<Evidence["certificates"]>): NonNullable<Trial["hand"]> {
  return ({ evidence }) => ({ ...evidence, certificates: { ...evidence.certificates, ...changed } });
}

/** A test for each pair: the sound one verifies, the wrong one is refused with its code. */
export function describeTwins(title: string, rows: readonly Twins[]): void {
  describe(title, () => {
    for (const { name, forge, sound = {}, wrong, code, detail } of rows) {
      it(name, () => {
        expect(judge(forge, sound).verifiedAt).toBeInstanceOf(Date);
        expect(() => judge(forge, wrong)).toFailWith(code, detail);
      });
    }
  });
}
