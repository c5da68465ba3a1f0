import { equalBytes } from "../bytes/codecs.js";
import { anchorsOf, type RootAnchor } from "../verify/anchors.js";
import { type Branch, judgeAbove } from "../verify/branch.js";
import { underAnchors } from "../verify/candidates.js";
import { walkAbove } from "../verify/chain.js";
import { NO_CHAIN_MEMORY } from "../verify/context.js";
import { judgeCrl } from "../verify/crl.js";
import { NO_CRL_MEMORY } from "../verify/crl-memory.js";
import type { Settings } from "../verify/options.js";
import { certificateSteps } from "../verify/program.js";
import { runAsync, type Steps } from "../verify/steps.js";
import { parseSupplied } from "../verify/supplied.js";
import { judgeValidity } from "../verify/validity.js";
import { parseCrl } from "../x509/crl.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import { createBoundedMap } from "./bounded-map.js";
import type { Job } from "./jobs.js";
import { unavailable } from "./unavailable.js";
import { pathOf } from "./urls.js";

/** How many verified things need not be verified again, about 1.5 kB each. */
const MAX_KNOWN = 1000;

/** What was asked for, verified. Times in milliseconds since 1970. */
export interface Judged {
  readonly der: Uint8Array;
  /** When it is of no use any more; a CRL may be past it. */
  readonly expiresAt: number;
  /** A CRL's thisUpdate; certificates have none. */
  readonly issuedAt?: number;
}

/**
 * Verifies bytes, DER or PEM, of which the first block counts, and behind an intermediate the root. It keeps what it
 * verified, and never a verdict.
 */
export type Judge = (job: Job, bytes: Uint8Array, now: number) => Promise<Judged>;

/** What holds at any time, with the windows that are judged at each. */
interface Holding extends Judged {
  readonly windows: Parameters<typeof judgeValidity>[0];
}

/**
 * A judge under a verification's anchors and engine.
 *
 * A leaf chains to its intermediate, is within its dates, and is of the chip and the TCB that was asked for. An
 * intermediate is of its branch, signed by a root, and within its dates. A CRL is a root's; its dates are not judged.
 *
 * The judge throws MalformedError, UnsupportedError, UntrustedError and CollateralError for what is none of that.
 */
export function createJudge(settings: Settings): Judge {
  const known = createBoundedMap<Holding & Pick<Job, "intermediate">>(MAX_KNOWN);
  return async (job, bytes, now) => {
    const { key, intermediate } = job;
    let holding = known.get(key);
    // The same bytes: what was signed stays signed.
    if (holding === undefined || holding.intermediate !== intermediate || !equalBytes(holding.der, bytes)) {
      holding = { ...(await holdingOf(settings, job, { bytes, now })), intermediate };
      known.set(key, holding);
    }
    judgeValidity(holding.windows, now);
    return holding;
  };
}

interface Claim {
  readonly bytes: Uint8Array;
  readonly now: number;
}

async function holdingOf(settings: Settings, job: Job, { bytes, now }: Claim): Promise<Holding> {
  const { request } = job;
  const { role, productLine } = request;
  const [der = bytes, root] = looksLikePem(bytes) ? pemToDer(bytes) : [];
  if (role === "leaf") return await judgeLeaf({ ...settings, productLine }, job, { bytes: der, now });
  const { anchors, engine } = settings;
  const steps = role === "crl" ? judgeList(der) : judgeIssuer(request, der, root);
  return await runAsync(underAnchors(anchorsOf(anchors, productLine), steps), engine);
}

async function judgeLeaf(settings: Settings, { request, intermediate }: Job, { bytes, now }: Claim): Promise<Holding> {
  const raw = { leaf: bytes, intermediate, root: undefined, crl: undefined };
  const context = { settings, now, signal: undefined, chains: NO_CHAIN_MEMORY, crls: NO_CRL_MEMORY };
  const { root, intermediate: issuer, leaf } = await runAsync(certificateSteps(raw, context), settings.engine);
  const { hwId, tcb, notAfter } = leaf;
  // The path holds hwID and every SPL, and there is none for a reserved one above 0.
  if (hwId !== null && pathOf({ ...request, role: "leaf", hwId, reportedTcb: tcb }) === pathOf(request)) {
    return { der: bytes, expiresAt: notAfter, windows: [root, issuer, leaf] };
  }
  throw unavailable("leaf", "another chip's");
}

/** Of one root after the other. */
type Under = (anchor: RootAnchor) => Steps<Holding>;

function judgeIssuer(branch: Branch, der: Uint8Array, rootDer: Uint8Array | undefined): Under {
  const above = parseSupplied({ leaf: undefined, intermediate: der, root: rootDer, crl: undefined }, NO_CHAIN_MEMORY);
  judgeAbove(above, branch);
  return function* (anchor) {
    const { root, issuer } = yield* walkAbove({ branch, above }, anchor);
    return { der, expiresAt: issuer.record.notAfter, windows: [root, issuer.record] };
  };
}

function judgeList(der: Uint8Array): Under {
  const crl = parseCrl(der, "the CRL");
  return function* (anchor) {
    yield* judgeCrl(crl, anchor);
    return { der, expiresAt: crl.nextUpdate, issuedAt: crl.thisUpdate, windows: [] };
  };
}
