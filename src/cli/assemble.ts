import type { Evidence, EvidenceCertificates } from "../evidence/evidence.js";
import { verifyEvidence } from "../verify/evidence.js";
import type { VerifiedEvidence, VerifyOptions } from "../verify/types.js";
import { readAnchors } from "./certificates.js";
import { missing, type Need, needOf } from "./complete.js";
import { type Origin, type Role, readEvidence } from "./evidence-input.js";
import type { EvidencePlan } from "./evidence-plan.js";
import type { CliIo } from "./io.js";
import { withKds } from "./kds.js";
import { checkVerifyOptions } from "./verify-options.js";

/** Evidence with all the certificates that were wanted, verified as a whole. */
export interface Assembly {
  readonly need: Need;
  readonly evidence: Required<Evidence>;
  readonly origins: ReadonlyMap<Role, Origin>;
  readonly verified: VerifiedEvidence;
}

async function optionsOf(io: CliIo, plan: EvidencePlan, roles: readonly Role[]): Promise<VerifyOptions> {
  const { productLine } = plan;
  return checkVerifyOptions({
    now: plan.at ?? io.now(),
    // A CRL that nobody wants is not waited for; the page then says that revocation was not checked.
    revocation: roles.includes("crl") ? "require" : "skip",
    ...(plan.anchors === undefined ? {} : { anchors: await readAnchors(io, plan.anchors) }),
    ...(productLine === undefined ? {} : { productLine }),
  });
}

/**
 * Reads a report with its certificates, asks the key server, where there is one, for those of `roles` that are
 * missing, and verifies the whole: what is written to a file holds at the time of writing.
 *
 * @throws CollateralError for a role that nobody has; whatever reading, fetching and verifying throws.
 */
export async function assemble(io: CliIo, plan: EvidencePlan, roles: readonly Role[]): Promise<Assembly> {
  const options = await optionsOf(io, plan, roles);
  const { evidence: read, origins: readFrom } = await readEvidence(io, plan);
  const need = needOf(read, plan.productLine);
  const { certificates, origins } = await withKds(io, { kds: plan.kds, anchors: options.anchors }, async (kds) => {
    const found: EvidenceCertificates = {};
    const foundIn = new Map<Role, Origin>();
    for (const role of roles) {
      const der = read.certificates[role] ?? (await kds?.fetch(role, need));
      if (der === undefined) throw missing(role, need);
      found[role] = der;
      foundIn.set(role, readFrom.get(role) ?? "kds");
    }
    return { certificates: found, origins: foundIn };
  });
  const evidence = { report: read.report, certificates };
  return { need, evidence, origins, verified: await verifyEvidence(evidence, options) };
}
