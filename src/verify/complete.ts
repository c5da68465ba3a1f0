import { hwIdLength } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import { CollateralError } from "../errors.js";
import { type Certificate, readCertificate } from "../x509/certificate.js";
import type { Branch } from "./branch.js";
import { askCollateral } from "./collateral.js";
import type { Context, RememberedChain } from "./context.js";
import type { RawCertificates } from "./input.js";
import type { Steps } from "./steps.js";
import { CERTIFICATE_NAMES, type Supplied, type SuppliedWithLeaf } from "./supplied.js";
import type { CollateralRequest } from "./types.js";

/** What names the leaf that a report needs; `hwId` is CHIP_ID, null where the chip is masked. */
export interface LeafWanted {
  readonly hwId: Uint8Array | null;
  readonly reportedTcb: Tcb;
}

/** Certificates with a leaf. */
export interface Complete {
  readonly raw: RawCertificates;
  readonly supplied: SuppliedWithLeaf;
  /** The chain of these very bytes, where one was walked before. */
  readonly remembered: RememberedChain | undefined;
}

/** What is at hand. */
interface Incomplete {
  readonly raw: RawCertificates;
  readonly supplied: Supplied;
  readonly branch: Branch;
}

/**
 * Asks the source for a leaf that is missing, and under the caller's own roots also for the intermediate: AMD's are
 * pinned. What is there is never asked for, and never replaced. What the source gives is read only where no chain of
 * the same bytes is remembered.
 */
export function* complete(at: Incomplete, wanted: LeafWanted | null, context: Context): Steps<Complete> {
  const { root, crl } = at.raw;
  const leaf = at.raw.leaf ?? (yield* fetchLeaf(at.branch, wanted, context));
  const ownRoots = context.settings.anchors.some(({ origin }) => origin === "caller");
  const intermediate =
    at.raw.intermediate ?? (ownRoots ? yield* fetch({ role: "intermediate", ...at.branch }, context) : undefined);
  const raw = { leaf, intermediate, root, crl };
  const remembered = context.chains.recall(raw);
  if (remembered !== undefined) return { raw, supplied: remembered.supplied, remembered };
  const { supplied } = at;
  return {
    raw,
    supplied: {
      leaf: supplied.leaf ?? readCertificate(leaf, CERTIFICATE_NAMES.leaf),
      intermediate: supplied.intermediate ?? readAuthority(intermediate, context),
      root: supplied.root,
    },
    remembered,
  };
}

function readAuthority(der: Uint8Array | undefined, { chains }: Context): Certificate | undefined {
  if (der === undefined) return undefined;
  return chains.readBefore(der) ?? readCertificate(der, CERTIFICATE_NAMES.intermediate);
}

function* fetchLeaf(branch: Branch, wanted: LeafWanted | null, context: Context): Steps<Uint8Array> {
  // A copy: what the source does to it must not reach the record. Turin's id is the first 8 bytes of CHIP_ID.
  const hwId = wanted?.hwId == null ? null : wanted.hwId.slice(0, hwIdLength(branch.productLine));
  const request = wanted === null || hwId === null ? null : { ...branch, hwId, reportedTcb: wanted.reportedTcb };
  const fetched = request === null ? undefined : yield* fetch({ role: "leaf", ...request }, context);
  if (fetched !== undefined) return fetched;
  throw missing(branch.signingKey);
}

function* fetch(
  request: CollateralRequest & { role: "leaf" | "intermediate" },
  context: Context,
): Steps<Uint8Array | undefined> {
  const answer = yield* askCollateral(request, context);
  if (answer instanceof CollateralError) throw answer;
  return answer;
}

function missing(role: string): CollateralError {
  return new CollateralError(
    "ERR_COLLATERAL_MISSING",
    `the ${role} certificate is missing; supply it with the evidence, or a collateral source that has it`,
    { role },
    { retryable: false },
  );
}
