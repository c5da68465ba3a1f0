import { toBase64 } from "../../src/bytes/codecs.js";
import type { EvidenceCertificates } from "../../src/evidence/evidence.js";
import { createForge, type EvidenceOptions, type ForgedEvidence, type ForgeOptions } from "../../src/testing/index.js";

/** A PEM block, wrapped as tools do. */
export function pem(label: string, der: Uint8Array): string {
  const body = (toBase64(der).match(/.{1,64}/g) ?? []).join("\n");
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

/** The file names of the parts. */
function fileNames(signingKey: "VCEK" | "VLEK"): Readonly<Record<keyof EvidenceCertificates, string>> {
  return signingKey === "VCEK"
    ? { leaf: "vcek.der", intermediate: "ask.der", root: "ark.der", crl: "crl.der" }
    : { leaf: "vlek.der", intermediate: "asvk.der", root: "ark.der", crl: "crl.der" };
}

/** Forged evidence as it lies on a disk: the report, the folder `certs`, the anchor. */
export function filesOf({ evidence, signingKey, anchors }: ForgedEvidence): Record<string, Uint8Array> {
  const names = fileNames(signingKey);
  const files: Record<string, Uint8Array> = { "report.bin": evidence.report };
  for (const [role, der] of Object.entries(evidence.certificates ?? {})) {
    // Object.entries forgets that the keys are those of EvidenceCertificates.
    files[`certs/${names[role as keyof EvidenceCertificates]}`] = der;
  }
  const [anchor] = anchors;
  if (anchor !== undefined) files["anchor.der"] = anchor;
  return files;
}

/** One forge for the tests of the command. */
export async function forge(options: Omit<ForgeOptions, "seed"> = {}, evidence: EvidenceOptions = {}) {
  const forged = (await createForge({ seed: "attestry/cli", ...options })).evidence(evidence);
  return { forged, files: filesOf(forged) };
}
