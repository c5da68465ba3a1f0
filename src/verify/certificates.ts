import type { EvidenceCertificates } from "../evidence/evidence.js";
import { NO_CHAIN_MEMORY } from "./context.js";
import { NO_CRL_MEMORY } from "./crl-memory.js";
import { describeChain } from "./handle.js";
import { readCertificates } from "./input.js";
import { readCallOptions } from "./options.js";
import { certificateSteps } from "./program.js";
import { runAsync } from "./steps.js";
import type { VerifiedCertificates, VerifyOptions } from "./types.js";

/** A chain without a report: the leaf is required. */
export type CertificateChain = EvidenceCertificates & { leaf: Uint8Array };

/**
 * Verifies a certificate chain as `verifyEvidence` does: branch, signatures, profiles, validity, revocation.
 *
 * It does NOT say that the leaf signed any report, and what it returns cannot be appraised.
 *
 * @throws as `verifyEvidence`
 */
export async function verifyCertificates(
  certificates: CertificateChain,
  options: VerifyOptions,
): Promise<VerifiedCertificates> {
  const { settings, now, signal } = readCallOptions(options);
  const context = { settings, now, signal, chains: NO_CHAIN_MEMORY, crls: NO_CRL_MEMORY };
  const raw = readCertificates(certificates, "certificates");
  return describeChain(await runAsync(certificateSteps(raw, context), settings.engine, signal));
}
