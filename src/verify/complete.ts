import { hwIdLength } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import { CollateralError } from "../errors.js";
import { type Certificate, parseCertificate } from "../x509/certificate.js";
import type { Branch } from "./branch.js";
import { askCollateral } from "./collateral.js";
import type { Context } from "./context.js";
import type { RawCertificates } from "./input.js";
import type { Steps } from "./steps.js";
import { CERTIFICATE_NAMES, type Supplied } from "./supplied.js";
import type { CollateralRequest } from "./types.js";

/** What names the leaf that a report needs; `hwId` is CHIP_ID, null where the chip is masked. */
export interface LeafWanted {
  readonly hwId: Uint8Array | null;
  readonly reportedTcb: Tcb;
}

/** Certificates with a leaf. */
export interface Complete {
  readonly raw: RawCertificates;
  readonly supplied: Supplied & { readonly leaf: Certificate };
}

/** What is at hand. */
interface Incomplete {
  readonly raw: RawCertificates;
  readonly supplied: Supplied;
  readonly branch: Branch;
}

/**
 * Asks the source for a leaf that is missing, and under the caller's own roots also for the intermediate: AMD's are
 * pinned. What is there is never asked for, and never replaced.
 */
export function* complete(at: Incomplete, wanted: LeafWanted | null, context: Context): Steps<Complete> {
  const leaf = at.supplied.leaf ?? (yield* fetchLeaf(at.branch, wanted, context));
  const ownRoots = context.settings.anchors.some(({ origin }) => origin === "caller");
  const intermediate =
    at.supplied.intermediate ?? (ownRoots ? yield* fetchIntermediate(at.branch, context) : undefined);
  const { root, crl } = at.raw;
  return {
    raw: { leaf: leaf.der, intermediate: intermediate?.der, root, crl },
    supplied: { leaf, intermediate, root: at.supplied.root },
  };
}

function* fetchLeaf(branch: Branch, wanted: LeafWanted | null, context: Context): Steps<Certificate> {
  // A copy: what the source does to it must not reach the record. Turin's id is the first 8 bytes of CHIP_ID.
  const hwId = wanted?.hwId == null ? null : wanted.hwId.slice(0, hwIdLength(branch.productLine));
  const request = wanted === null || hwId === null ? null : { ...branch, hwId, reportedTcb: wanted.reportedTcb };
  const fetched = request === null ? undefined : yield* fetch({ role: "leaf", ...request }, context);
  if (fetched !== undefined) return fetched;
  throw missing(branch.signingKey);
}

function* fetchIntermediate(branch: Branch, context: Context): Steps<Certificate | undefined> {
  return yield* fetch({ role: "intermediate", ...branch }, context);
}

function* fetch(
  request: CollateralRequest & { role: "leaf" | "intermediate" },
  context: Context,
): Steps<Certificate | undefined> {
  const answer = yield* askCollateral(request, context);
  if (answer instanceof CollateralError) throw answer;
  return answer === undefined ? undefined : parseCertificate(answer, CERTIFICATE_NAMES[request.role]);
}

function missing(role: string): CollateralError {
  return new CollateralError(
    "ERR_COLLATERAL_MISSING",
    `the ${role} certificate is missing; supply it with the evidence, or a collateral source that has it`,
    { role },
    { retryable: false },
  );
}
