import type { Evidence, EvidenceCertificates } from "../evidence/evidence.js";
import { parseReport } from "../report/report.js";
import { gatherCertificates } from "./certificates.js";
import type { EvidencePlan } from "./evidence-plan.js";
import type { CliIo } from "./io.js";
import { openReport } from "./recognise.js";

/** A member of `EvidenceCertificates`. */
export type Role = keyof EvidenceCertificates;

/** The members of `EvidenceCertificates`, in the order in which people list them. */
export const ROLES: readonly Role[] = ["leaf", "intermediate", "root", "crl"];

/** What the evidence came in. */
export interface Container {
  /** The container's name. */
  readonly format: string;
  /** What of certificates and CRL was in it. */
  readonly certificates: readonly Role[];
}

/** Where a certificate or CRL came from: the report's container, `--certs` or `--crl`, a key server. */
export type Origin = "container" | "files" | "kds";

/** Evidence from files, none of it verified. */
export interface ReadEvidence {
  readonly container: Container;
  readonly evidence: Required<Evidence>;
  /** Of every certificate that is there. */
  readonly origins: ReadonlyMap<Role, Origin>;
}

/** The container that a file was, as a page and JSON show it. */
export function containerOf(format: string, { certificates = {} }: Evidence): Container {
  return { format, certificates: ROLES.filter((role) => certificates[role] !== undefined) };
}

/**
 * Unverified: a report and its certificates. The container's own come first; what it lacks comes from `--certs`. The
 * one exception is the CRL that `--crl` names: what the caller points at wins over what the guest brought.
 *
 * @throws UsageError, MalformedError, UnsupportedError as `gatherCertificates` and `openReport`
 */
export async function readEvidence(io: CliIo, plan: EvidencePlan): Promise<ReadEvidence> {
  const { format, evidence } = await openReport(io, plan.report, plan.format);
  // What is no report is refused before anything is read for its sake.
  parseReport(evidence.report);
  const files = await gatherCertificates(io, { certs: plan.certs, crl: plan.crl, report: evidence.report });
  const container = containerOf(format, evidence);
  const own = container.certificates.filter((role) => role !== "crl" || plan.crl === undefined);
  const origins = new Map<Role, Origin>(
    ROLES.filter((role) => files[role] !== undefined).map((role) => [role, "files"]),
  );
  for (const role of own) origins.set(role, "container");
  const pick = (role: Role) => [role, (own.includes(role) ? evidence.certificates : files)?.[role]];
  const certificates = Object.fromEntries([...origins.keys()].map(pick));
  return { container, evidence: { report: evidence.report, certificates }, origins };
}
