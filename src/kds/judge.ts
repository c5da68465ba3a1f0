import type { ProductLine } from "../amd/product-lines.js";
import { anchorsOf, type RootAnchor } from "../verify/anchors.js";
import { type Branch, judgeAbove } from "../verify/branch.js";
import { underAnchors } from "../verify/candidates.js";
import { walkAbove } from "../verify/chain.js";
import { createChainMemory } from "../verify/chain-memory.js";
import { NO_CHAIN_MEMORY } from "../verify/context.js";
import { judgeCrl } from "../verify/crl.js";
import { NO_CRL_MEMORY } from "../verify/crl-memory.js";
import type { Settings } from "../verify/options.js";
import { certificateSteps } from "../verify/program.js";
import { runAsync, type Steps } from "../verify/steps.js";
import { parseSupplied } from "../verify/supplied.js";
import type { CollateralRequest } from "../verify/types.js";
import { judgeValidity } from "../verify/validity.js";
import { parseCrl } from "../x509/crl.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import { unavailable } from "./unavailable.js";
import { pathOf } from "./urls.js";

/** Leaves whose signatures need not be checked again. */
const MAX_CHAINS = 1000;

/** What was asked for, verified. Times in milliseconds since 1970. */
export interface Judged {
  readonly der: Uint8Array;
  /** When it is of no use any more; a CRL may be past it. */
  readonly expiresAt: number;
  /** A CRL's thisUpdate; 0 for certificates. */
  readonly issuedAt: number;
}

/** Bytes and what they should be. */
export interface Claim {
  readonly request: CollateralRequest;
  /** DER or PEM; PEM of an intermediate may have the root behind it. */
  readonly bytes: Uint8Array;
  /** For a leaf under roots of the caller's own, which pin none. */
  readonly intermediate: Uint8Array | undefined;
  readonly now: number;
}

/** Verifies claims; keeps chains that it walked, and never a verdict. */
export type Judge = (claim: Claim) => Promise<Judged>;

/**
 * A judge under a verification's anchors and engine.
 *
 * A leaf chains to its intermediate, is within its dates, and is of the chip and the TCB that was asked for. An
 * intermediate is of its branch, signed by a root, and within its dates. A CRL is a root's; its dates are not judged.
 *
 * The judge throws MalformedError, UnsupportedError, UntrustedError and CollateralError for what is none of that.
 */
export function createJudge(settings: Settings): Judge {
  const memory = { signal: undefined, chains: createChainMemory(MAX_CHAINS), crls: NO_CRL_MEMORY };
  return async ({ request, bytes, intermediate, now }) => {
    const { role, productLine } = request;
    const [der = bytes, root, other] = looksLikePem(bytes) ? pemToDer(bytes) : [];
    if ((role === "intermediate" ? other : root) !== undefined) {
      throw unavailable(role, "another PEM block follows it");
    }
    if (role === "crl") return await judgeList(settings, productLine, der);
    if (role === "intermediate") return await judgeIssuer(settings, request, { der, root, now });
    const context = { settings: { ...settings, productLine }, now, ...memory };
    const raw = { leaf: der, intermediate, root: undefined, crl: undefined };
    const { leaf } = await runAsync(certificateSteps(raw, context), settings.engine);
    const { hwId, tcb, notAfter } = leaf;
    // The path holds hwID and every SPL, and there is none for a reserved one above 0.
    if (hwId !== null && pathOf({ ...request, hwId, reportedTcb: tcb }) === pathOf(request)) {
      return { der, expiresAt: notAfter, issuedAt: 0 };
    }
    throw unavailable(role, "another chip's or TCB's came");
  };
}

async function judgeIssuer(
  settings: Settings,
  branch: Branch,
  { der, root, now }: { der: Uint8Array; root: Uint8Array | undefined; now: number },
): Promise<Judged> {
  const above = parseSupplied({ leaf: undefined, intermediate: der, root, crl: undefined }, NO_CHAIN_MEMORY);
  judgeAbove(above, branch);
  const walked = await underRoots(settings, branch.productLine, (anchor) => walkAbove({ branch, above }, anchor));
  const { record } = walked.issuer;
  judgeValidity([walked.root, record], now);
  return { der, expiresAt: record.notAfter, issuedAt: 0 };
}

async function judgeList(settings: Settings, productLine: ProductLine, der: Uint8Array): Promise<Judged> {
  const crl = parseCrl(der, "the CRL");
  await underRoots(settings, productLine, (anchor) => judgeCrl(crl, anchor));
  return { der, expiresAt: crl.nextUpdate, issuedAt: crl.thisUpdate };
}

function underRoots<T>(
  { anchors, engine }: Settings,
  productLine: ProductLine,
  steps: (anchor: RootAnchor) => Steps<T>,
): Promise<T> {
  return runAsync(underAnchors(anchorsOf(anchors, productLine), steps), engine);
}
