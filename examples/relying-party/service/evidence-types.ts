import type { Evidence } from "attestry";
import {
  openCmw,
  openExtendedReport,
  openGoSevGuest,
  openNitride,
  openPem,
  openTrusteeSnp,
  openTsmCbor,
  openTsmJson,
} from "attestry/evidence";

type Opener = (bytes: Uint8Array) => Promise<{ readonly evidence: Evidence }>;

const openBare: Opener = async (bytes) => ({ evidence: { report: bytes } });

/**
 * The containers that are taken, by the media type that the client declares; nothing is guessed from the bytes.
 *
 * Names with `vnd.attestry` are this service's own, for containers that have no registered one. Containers with a rule
 * of their own for REPORT_DATA (Azure's, tinfoil's) are not here: what is bound on /v1 is the scheme attestry-v1.
 */
const OPENERS = {
  "application/vnd.amd.sev-snp.attestation-report": openBare,
  "application/vnd.attestry.extended-report": (bytes) => openExtendedReport(bytes),
  "application/cmw+json": (bytes) => openCmw(bytes),
  "application/cmw+cbor": (bytes) => openCmw(bytes),
  "application/vnd.veraison.tsm-report+json": (bytes) => openTsmJson(bytes),
  "application/vnd.veraison.tsm-report+cbor": (bytes) => openTsmCbor(bytes),
  "application/vnd.attestry.nitride+json": (bytes) => openNitride(bytes),
  "application/vnd.attestry.trustee-snp+json": (bytes) => openTrusteeSnp(bytes),
  "application/vnd.attestry.go-sev-guest": (bytes) => openGoSevGuest(bytes),
  "application/vnd.attestry.pem": (bytes) => openPem(bytes),
} satisfies Record<string, Opener>;

/** The media type of evidence. */
export type EvidenceType = keyof typeof OPENERS;

// Object.keys forgets that the keys of the table are exactly the names.
/** Every media type of evidence that is taken. */
export const EVIDENCE_TYPES = Object.keys(OPENERS) as [EvidenceType, ...EvidenceType[]];

/** Unverified: the report and the certificates in a container. @throws what the container's opener throws */
export async function openEvidence(type: EvidenceType, bytes: Uint8Array): Promise<Evidence> {
  return (await OPENERS[type](bytes)).evidence;
}
