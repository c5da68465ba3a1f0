import type { ProductLine } from "../amd/product-lines.js";
import { encodeTcb } from "../amd/tcb.js";
import { equalBytes } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import { anchorsOf } from "../verify/anchors.js";
import { judgeAbove } from "../verify/branch.js";
import { underAnchors } from "../verify/candidates.js";
import { walkAbove } from "../verify/chain.js";
import { createChainMemory } from "../verify/chain-memory.js";
import { judgeCrl } from "../verify/crl.js";
import { NO_CRL_MEMORY } from "../verify/crl-memory.js";
import type { Settings } from "../verify/options.js";
import { certificateSteps } from "../verify/program.js";
import { runAsync } from "../verify/steps.js";
import type { CollateralRequest } from "../verify/types.js";
import { judgeValidity } from "../verify/validity.js";
import { parseCertificate } from "../x509/certificate.js";
import { parseCrl } from "../x509/crl.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import { unavailable } from "./unavailable.js";

/** Leaves whose signatures need not be checked again. */
const MAX_CHAINS = 1000;

/** What was asked for, verified. Times in milliseconds since 1970. */
export interface Judged {
  readonly der: Uint8Array;
  /** When it is of no use any more; a CRL may be past it. */
  readonly expiresAt: number;
  /** CRLs: thisUpdate. */
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
  const memory = { chains: createChainMemory(MAX_CHAINS), crls: NO_CRL_MEMORY };
  const judgeLeaf = async (claim: Claim & { request: { role: "leaf" } }, der: Uint8Array): Promise<Judged> => {
    const { request, intermediate, now } = claim;
    const { productLine } = request;
    const context = { settings: { ...settings, productLine }, now, signal: undefined, ...memory };
    const raw = { leaf: der, intermediate, root: undefined, crl: undefined };
    const { leaf } = await runAsync(certificateSteps(raw, context), settings.engine);
    const tcb = encodeTcb(productLine, request.reportedTcb);
    const isWanted =
      equalBytes(leaf.hwId ?? new Uint8Array(), request.hwId) && equalBytes(encodeTcb(productLine, leaf.tcb), tcb);
    if (isWanted) return { der, expiresAt: leaf.notAfter, issuedAt: leaf.notBefore };
    throw unavailable("leaf", "it is of another chip or TCB than was asked for", { retryable: true });
  };
  return async (claim) => {
    const { request, bytes } = claim;
    const [der, root, ...others] = looksLikePem(bytes) ? pemToDer(bytes) : [bytes];
    if (der === undefined || others.length > 0 || (root !== undefined && request.role !== "intermediate"))
      throw tooMany(request.role);
    if (isLeaf(claim)) return await judgeLeaf(claim, der);
    if (request.role === "crl") return await judgeList(settings, request.productLine, der);
    return await judgeIntermediate(settings, claim, [der, root]);
  };
}

function isLeaf(claim: Claim): claim is Claim & { request: { role: "leaf" } } {
  return claim.request.role === "leaf";
}

async function judgeIntermediate(
  settings: Settings,
  { request, now }: Claim,
  [der, rootDer]: readonly [Uint8Array, Uint8Array | undefined],
): Promise<Judged> {
  const { productLine, signingKey } = request;
  const branch = { productLine, signingKey };
  const intermediate = parseCertificate(der, "the intermediate certificate");
  const root = rootDer === undefined ? undefined : parseCertificate(rootDer, "the root certificate");
  const above = { intermediate, root };
  judgeAbove(above, branch);
  const anchors = anchorsOf(settings.anchors, productLine);
  const walk = underAnchors(anchors, (anchor) => walkAbove({ branch, above }, anchor));
  const walked = await runAsync(walk, settings.engine);
  judgeValidity([walked.root, walked.issuer.record], now);
  return { der, expiresAt: intermediate.notAfter, issuedAt: intermediate.notBefore };
}

async function judgeList(settings: Settings, productLine: ProductLine, der: Uint8Array): Promise<Judged> {
  const crl = parseCrl(der, "the CRL");
  const anchors = anchorsOf(settings.anchors, productLine);
  await runAsync(
    underAnchors(anchors, (anchor) => judgeCrl(crl, anchor)),
    settings.engine,
  );
  return { der, expiresAt: crl.nextUpdate, issuedAt: crl.thisUpdate };
}

function tooMany(role: string): MalformedError {
  const what = `the ${role}`;
  const reason = "more PEM blocks than there should be";
  return new MalformedError("ERR_MALFORMED_ENCODING", `${what}: ${reason}`, { what, reason });
}
