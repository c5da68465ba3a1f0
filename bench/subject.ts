import type { CryptoEngine, Evidence } from "attestry";
import { parseCertificate, parseReport, webCryptoEngine } from "attestry";
import { nobleEngine } from "attestry/noble";
import { nodeEngine } from "attestry/node";
import { createForge, type ForgedEvidence } from "attestry/testing";

/** How many different reports are verified in rotation; the last one is broken and must be refused. */
export const REPORTS = 64;
const SIGNED_BYTES = 0x2a0;
const BROKEN_BYTE = 0x90;

/** The engines that are measured. */
export const ENGINES: readonly CryptoEngine[] = [nodeEngine, webCryptoEngine, nobleEngine];

/** What raw cryptography needs of one report: exactly what an engine is handed. */
export interface RawReport {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** One certificate's signature, for raw cryptography. */
export interface RawCertificate {
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

/** A forged chip with many reports, as evidence and as what raw cryptography makes of it. */
export interface Subject {
  readonly forged: ForgedEvidence;
  readonly evidence: readonly Evidence[];
  readonly raw: readonly RawReport[];
  readonly chain: { readonly [Role in "root" | "intermediate" | "leaf"]: RawCertificate };
  readonly point: Uint8Array;
  readonly modulus: { readonly root: Uint8Array; readonly intermediate: Uint8Array };
}

/** Forges a chip and 64 reports of it that differ in REPORT_DATA. All chips share one root. */
export async function forgeSubject(chip: string): Promise<Subject> {
  const forge = await createForge({ seed: "bench" });
  const forged = forge.evidence({ chip });
  const reports = Array.from({ length: REPORTS }, (_, index) => {
    const { bytes } = forge.report({ chip, reportData: new Uint8Array(64).fill(index) });
    if (index === REPORTS - 1) bytes[BROKEN_BYTE] = Number(bytes[BROKEN_BYTE]) ^ 1;
    return bytes;
  });
  const { certificates = {} } = forged.evidence;
  const leaf = parseCertificate(forged.leaf.der);
  const intermediate = parseCertificate(forged.intermediate.der);
  const root = parseCertificate(forged.root.der);
  if (leaf.publicKey.kind !== "p384" || intermediate.publicKey.kind !== "rsa" || root.publicKey.kind !== "rsa") {
    throw new Error("the forge made other keys than AMD's");
  }
  return {
    forged,
    evidence: reports.map((report) => ({ report, certificates })),
    raw: reports.map(rawReport),
    chain: { root, intermediate, leaf },
    point: leaf.publicKey.point,
    modulus: { root: root.publicKey.modulus, intermediate: intermediate.publicKey.modulus },
  };
}

function rawReport(bytes: Uint8Array): RawReport {
  const { r, s } = parseReport(bytes).signature;
  return { message: bytes.subarray(0, SIGNED_BYTES), signature: Uint8Array.of(...r, ...s) };
}
