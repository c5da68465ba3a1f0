import { type ProductLine, productLineOf, type SigningKey } from "../amd/product-lines.js";
import { decodeTcb, type Tcb } from "../amd/tcb.js";
import { equalBytes, isZero } from "../bytes/codecs.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { type ReportField, reportRange } from "../report/ranges.js";
import { type AttestationReport, readReport } from "../report/report.js";
import { anchorsOf, type RootAnchor } from "./anchors.js";
import { type Branch, judgeBranch, leafRole } from "./branch.js";
import { underAnchors } from "./candidates.js";
import { type WalkedChain, walkChain } from "./chain.js";
import { complete, type LeafWanted } from "./complete.js";
import type { Context, RememberedChain } from "./context.js";
import { tell } from "./events.js";
import { copyCertificates, type EvidenceInput, type RawCertificates } from "./input.js";
import { judgeChainLine, judgeProductLine } from "./product-line.js";
import type { ChainRecord, VerifiedRecord } from "./record.js";
import { judgeBinding, judgeReportSignature, reportSignature } from "./report-binding.js";
import { judgeOrder, judgeReport } from "./report-rules.js";
import { judgeRevocation } from "./revocation.js";
import type { Steps } from "./steps.js";
import { parseSupplied, type Supplied } from "./supplied.js";
import type { VerifiedEvidence } from "./types.js";
import { judgeValidity } from "./validity.js";

/**
 * The whole of `verifyEvidence`, in the order in which it refuses: structure, product line, branch, chain, validity,
 * revocation, binding of certificate and report, and last the report's signature.
 */
export function* evidenceSteps(input: EvidenceInput, context: Context): Steps<VerifiedRecord> {
  // Up to the first step nobody else runs: the caller's certificates are compared or copied before they can change.
  const remembered = context.chains.recall(input.certificates);
  const raw = ownCertificates(input.certificates, remembered);
  const report = readReport(input.report);
  const signingKey = judgeReport(report);
  const supplied = remembered?.supplied ?? parseSupplied(raw, context.chains);
  const { productLine: expected } = context.settings;
  const productLine = rememberedLine(report, expected, remembered) ?? judgeProductLine(report, expected, supplied);
  const tcb = decodeTcbs(report, productLine);
  judgeOrder(report, tcb);
  const branch = { productLine, signingKey };
  const wanted = { hwId: chipOf(report, signingKey), reportedTcb: tcb.reported };
  const job = { raw, supplied, branch, remembered };
  const { chain, leafKey } = yield* chainSteps(job, wanted, context);
  const binding = { report, reported: tcb.reported, leaf: chain.leaf, branch };
  judgeBinding(binding, context.settings.allowMaskedChipId);
  judgeReportSignature(yield reportSignature(input.report, report, leafKey));
  const rangeOf = (field: ReportField) => reportRange(report.version, field);
  return { bytes: input.report, report, rangeOf, productLine, signingKey, tcb, chain, memo: {} };
}

/** The whole of `verifyCertificates`: the same, without what a report adds. */
export function* certificateSteps(certificates: RawCertificates, context: Context): Steps<ChainRecord> {
  const raw = copyCertificates(certificates);
  const supplied = parseSupplied(raw, context.chains);
  const { leaf } = supplied;
  if (leaf === undefined) throw new TypeError("certificates.leaf must be there: the chain of what?");
  const signingKey = leafRole(leaf);
  const productLine = judgeChainLine(context.settings.productLine, supplied, leaf);
  const job = { raw, supplied, branch: { productLine, signingKey }, remembered: undefined };
  return (yield* chainSteps(job, null, context)).chain;
}

/** The line of a remembered chain where report and caller say the same; undefined leaves it to be judged whole. */
function rememberedLine(
  report: AttestationReport,
  expected: ProductLine | undefined,
  remembered: RememberedChain | undefined,
): ProductLine | undefined {
  const line = remembered?.branch.productLine;
  const fromCpu = report.cpuid === null ? line : productLineOf(report.cpuid);
  return fromCpu === line && (expected ?? line) === line ? line : undefined;
}

/** Private certificates: the remembered ones where they are the same, else copies. */
function ownCertificates(certificates: RawCertificates, remembered: RememberedChain | undefined): RawCertificates {
  if (remembered === undefined) return copyCertificates(certificates);
  const { leaf, intermediate, root } = remembered.raw;
  const { crl } = certificates;
  return { leaf, intermediate, root, crl: crl === undefined ? undefined : new Uint8Array(crl) };
}

function decodeTcbs(report: AttestationReport, productLine: ProductLine): VerifiedEvidence["tcb"] {
  const { currentTcb } = report;
  const current = decodeTcb(productLine, currentTcb);
  // Most reports have one TCB four times; frozen objects may be shared.
  const decode = (bytes: Uint8Array): Tcb => (equalBytes(bytes, currentTcb) ? current : decodeTcb(productLine, bytes));
  return Object.freeze({
    current,
    reported: decode(report.reportedTcb),
    committed: decode(report.committedTcb),
    launch: decode(report.launchTcb),
  });
}

/** A masked CHIP_ID names no chip whose VCEK a source could be asked for; a VLEK is no chip's. */
function chipOf(report: AttestationReport, signingKey: SigningKey): Uint8Array | null {
  return signingKey === "VCEK" && isZero(report.chipId) ? null : report.chipId;
}

/** A chain to be verified: its bytes, what they say, which chain is wanted, and what is known of it. */
interface ChainJob {
  readonly raw: RawCertificates;
  readonly supplied: Supplied;
  readonly branch: Branch;
  readonly remembered: RememberedChain | undefined;
}

interface JudgedChain {
  readonly chain: ChainRecord;
  readonly leafKey: P384PublicKey;
}

function* chainSteps(job: ChainJob, wanted: LeafWanted | null, context: Context): Steps<JudgedChain> {
  const { branch } = job;
  const anchors = anchorsOf(context.settings.anchors, branch.productLine);
  const walked = walkedBefore(job, anchors);
  if (walked !== undefined) {
    tellOfChain(branch, true, context);
    return yield* judgeAtNow(job, walked, context);
  }
  const full = yield* complete(job, wanted, context);
  judgeBranch(full.supplied.leaf, full.supplied, branch);
  const { remembered } = full;
  return yield* underAnchors(knownFirst(anchors, remembered), function* (anchor): Steps<JudgedChain> {
    const known = remembered?.chain.anchor === anchor ? remembered.chain : undefined;
    const input = { branch, leaf: full.supplied.leaf, above: full.supplied };
    const chain = known ?? (yield* context.chains.walk(full.raw, anchor, () => walkChain(input, anchor)));
    if (known === undefined) context.chains.keep({ raw: full.raw, supplied: full.supplied, branch, chain });
    tellOfChain(branch, known !== undefined, context);
    return yield* judgeAtNow(job, chain, context);
  });
}

function tellOfChain({ productLine, signingKey }: Branch, remembered: boolean, { settings }: Context): void {
  tell(settings.onEvent, { type: "chain", productLine, signingKey, remembered });
}

/**
 * The chain of these very bytes, where it was walked for the same branch under the line's only root: then completing,
 * naming and signing would all be judged as they were.
 */
function walkedBefore({ remembered, branch }: ChainJob, anchors: readonly RootAnchor[]): WalkedChain | undefined {
  if (remembered === undefined || anchors.length !== 1 || remembered.chain.anchor !== anchors[0]) return undefined;
  const { productLine, signingKey } = remembered.branch;
  return productLine === branch.productLine && signingKey === branch.signingKey ? remembered.chain : undefined;
}

/** What is judged of a walked chain at every call: validity and revocation. */
function* judgeAtNow({ branch, raw }: ChainJob, chain: WalkedChain, context: Context): Steps<JudgedChain> {
  const { root, intermediate, leaf, leafKey, fingerprints } = chain;
  judgeValidity([root, intermediate, leaf], context.now);
  const revocation = yield* judgeRevocation({ branch, chain, crl: raw.crl }, context);
  const { productLine, signingKey } = branch;
  const { origin: trust } = chain.anchor;
  const verifiedAt = context.now;
  const said = { productLine, signingKey, anchors: trust, leaf, intermediate, root };
  return { chain: { ...said, fingerprints, revocation, verifiedAt }, leafKey };
}

/** A walked chain is tried under its own root first, which costs no signature. */
function knownFirst(anchors: readonly RootAnchor[], remembered: RememberedChain | undefined): readonly RootAnchor[] {
  const known = anchors.find((anchor) => anchor === remembered?.chain.anchor);
  return known === undefined ? anchors : [known, ...anchors.filter((anchor) => anchor !== known)];
}
