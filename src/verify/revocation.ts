import { equalBytes } from "../bytes/codecs.js";
import { CollateralError, UntrustedError } from "../errors.js";
import { type Crl, parseCrl } from "../x509/crl.js";
import type { RootAnchor } from "./anchors.js";
import type { Branch } from "./branch.js";
import type { WalkedChain } from "./chain.js";
import { askCollateral } from "./collateral.js";
import type { Context } from "./context.js";
import { judgeCrl, judgeNotFuture } from "./crl.js";
import { tell } from "./events.js";
import type { RevocationDemand } from "./options.js";
import type { RevocationRecord } from "./record.js";
import type { Steps } from "./steps.js";
import { rfc3339 } from "./validity.js";

/** The greatest time that a Date can hold; a grace beyond it is none with an end. */
const LAST_TIME = 8.64e15;

/** A verified CRL, where it came from and how it stands at `now`. */
interface Candidate {
  readonly crl: Crl;
  readonly source: "evidence" | "collateral" | "remembered";
  readonly late: string | null;
}

/** What revocation is judged on. */
export interface RevocationInput {
  readonly branch: Branch;
  readonly chain: WalkedChain;
  readonly crl: Uint8Array | undefined;
}

/**
 * Looks the root and the intermediate up in every verified CRL at hand, fetching one only where none is good.
 *
 * The leaf is not looked up: all leaves have serial 0, and AMD revokes none of them singly.
 */
export function* judgeRevocation(input: RevocationInput, context: Context): Steps<RevocationRecord> {
  const { revocation } = context.settings;
  if (revocation.mode === "skip") return nothing("skipped");
  const { candidates, failure } = yield* gather(input, context);
  for (const { crl } of candidates) judgeListed(crl, input.chain);
  // Who was revoked stays so, also for a clock that goes back behind the list.
  const newest = context.crls.newest(input.chain.anchor);
  if (newest !== undefined) judgeListed(newest, input.chain);
  const best = candidates.reduce<Candidate | undefined>(better, undefined);
  if (revocation.mode === "require") judgeEnough(best, input.branch, { failure, context });
  if (best === undefined) return nothing("unavailable");
  const { number, thisUpdate, nextUpdate } = best.crl;
  const status = best.late === null ? "checked" : "stale";
  tell(context.settings.onEvent, {
    type: "crl",
    productLine: input.branch.productLine,
    status,
    number: number === null ? null : hex(number),
    ageMs: context.now - thisUpdate,
    source: best.source,
  });
  return { status, number, thisUpdate, nextUpdate, usableUntil: usableUntil(best, revocation), source: best.source };
}

/** Until when the caller lets a CRL serve: its nextUpdate, or where it is late the grace that was required of it. */
function usableUntil({ crl, late }: Candidate, { mode, maxStaleMs }: RevocationDemand): number | null {
  if (late === null) return crl.nextUpdate;
  const end = crl.nextUpdate + maxStaleMs;
  return mode === "require" && end <= LAST_TIME ? end : null;
}

/** The CRLs at hand: the evidence's, the remembered one, and where none of them is good the source's. */
function* gather(input: RevocationInput, context: Context): Steps<Gathered> {
  const { anchor } = input.chain;
  const candidates: Candidate[] = [];
  if (input.crl !== undefined) candidates.push(yield* take(input.crl, "evidence", { anchor, context }));
  const newest = context.crls.newest(anchor);
  if (newest !== undefined && context.now >= newest.thisUpdate && !candidates.some(({ crl }) => crl === newest)) {
    candidates.push({ crl: newest, source: "remembered", late: lateness(newest, context) });
  }
  if (candidates.some(({ late }) => late === null)) return { candidates, failure: undefined };
  const answer = yield* askCollateral({ role: "crl", ...input.branch }, context);
  if (answer instanceof CollateralError) return { candidates, failure: answer };
  if (answer !== undefined) candidates.push(yield* take(answer, "collateral", { anchor, context }));
  return { candidates, failure: undefined };
}

interface Gathered {
  readonly candidates: readonly Candidate[];
  /** The source's own word that it could not fetch. */
  readonly failure: CollateralError | undefined;
}

/** Reads and verifies a CRL, unless it is the one that is remembered as verified, byte for byte. */
function* take(
  der: Uint8Array,
  source: Candidate["source"],
  { anchor, context }: { anchor: RootAnchor; context: Context },
): Steps<Candidate> {
  const newest = context.crls.newest(anchor);
  const known = newest !== undefined && equalBytes(newest.der, der) ? newest : undefined;
  const crl = known ?? parseCrl(der, "the CRL");
  if (known === undefined) yield* judgeCrl(crl, anchor);
  judgeNotFuture(crl, context.now);
  const { productLine } = anchor;
  context.crls.keep(anchor, crl, (numbers) =>
    tell(context.settings.onEvent, { type: "crl-rollback", productLine, ...numbers }),
  );
  return { crl, source, late: lateness(crl, context) };
}

/** Why a CRL is too old to be called checked, or null. Only a passed nextUpdate can be forgiven, so age comes first. */
function lateness(crl: Crl, { now, settings }: Context): string | null {
  const { maxAgeMs } = settings.revocation;
  if (!(now - crl.thisUpdate <= maxAgeMs)) return `maxAgeMs ${maxAgeMs}`;
  return now <= crl.nextUpdate ? null : "nextUpdate";
}

/** One in its window before one that is late, then the newer. */
function better(best: Candidate | undefined, next: Candidate): Candidate {
  if (best === undefined) return next;
  if ((best.late === null) !== (next.late === null)) return best.late === null ? best : next;
  return next.crl.thisUpdate > best.crl.thisUpdate ? next : best;
}

/** Refuses a certificate that a CRL lists. Where it is listed and since when does not matter. */
function judgeListed(crl: Crl, chain: WalkedChain): void {
  for (const { role, serial, subject } of [chain.root, chain.intermediate]) {
    const at = crl.revoked.get(serial);
    if (at === undefined) continue;
    const detail = {
      role,
      serial: hex(serial),
      crlNumber: crl.number === null ? null : hex(crl.number),
      revokedAt: rfc3339(at),
    };
    throw new UntrustedError(
      "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
      `the ${role} certificate ${subject}, serial ${detail.serial}, was revoked at ${detail.revokedAt}; fetch the present chain`,
      detail,
    );
  }
}

/** Where revocation is required: a CRL in its window, or one within the caller's grace after it. */
function judgeEnough(
  best: Candidate | undefined,
  branch: Branch,
  { failure, context }: { failure: CollateralError | undefined; context: Context },
): void {
  const { now, settings } = context;
  if (best?.late === null) return;
  if (best?.late === "nextUpdate" && now - best.crl.nextUpdate <= settings.revocation.maxStaleMs) return;
  if (failure !== undefined) throw failure;
  if (best !== undefined) throw stale(best, now);
  const { productLine } = branch;
  throw new CollateralError(
    "ERR_COLLATERAL_CRL_MISSING",
    `revocation is required and there is no CRL for ${productLine}; supply AMD's CRL of the line with the evidence`,
    { productLine },
    { retryable: false },
  );
}

function stale({ crl, late }: Candidate, now: number): CollateralError {
  const { thisUpdate, nextUpdate } = crl;
  const times = { thisUpdate: rfc3339(thisUpdate), nextUpdate: rfc3339(nextUpdate), now: rfc3339(now) };
  return new CollateralError(
    "ERR_COLLATERAL_CRL_STALE",
    `the CRL of ${times.thisUpdate} is too old at ${times.now} (limit: ${late}, its nextUpdate: ${times.nextUpdate}); fetch the present one`,
    { ...times, limit: String(late) },
    { retryable: true },
  );
}

function nothing(status: "skipped" | "unavailable"): RevocationRecord {
  return { status, number: null, thisUpdate: null, nextUpdate: null, usableUntil: null, source: null };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
