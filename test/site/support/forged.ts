import { bindReportData } from "../../../src/index.js";
import {
  createForge,
  type EvidenceOptions,
  type ForgedEvidence,
  type ForgeOptions,
} from "../../../src/testing/index.js";

/** What the reader of these tests asked the guest for. */
export const NONCE = Uint8Array.from({ length: 32 }, (_, at) => at + 1);

/** Forged evidence whose REPORT_DATA is the nonce, then zeros. */
export async function forged(
  evidence: EvidenceOptions = {},
  options: Omit<ForgeOptions, "seed"> = {},
): Promise<ForgedEvidence> {
  const { bytes: reportData } = await bindReportData("nonce", { nonce: NONCE });
  const forge = await createForge({ seed: "test/site", ...options });
  return forge.evidence({ ...evidence, report: { reportData, ...evidence.report } });
}

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

export function pem(label: string, der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
