import { type CollateralRequest, decodeTcb, type ProductLine, reportToJson, type SigningKey } from "attestry";
import { kdsUrl } from "attestry/kds";
import type { Model } from "./state.js";

/** Something that AMD's key server has. */
export interface KdsItem {
  readonly what: string;
  readonly request: CollateralRequest;
  /** Where it is. */
  readonly url: string;
  /** True where the request names the chip. */
  readonly isSecret: boolean;
}

/** The line by the verified chain, else by the report's own CPUID. */
function productLine({ verification, decoded }: Model): ProductLine | null {
  if (verification.kind === "holds") return verification.verified.productLine;
  const report = decoded.kind === "evidence" ? decoded.report : null;
  return report === null ? null : reportToJson(report).productLine;
}

function item(what: string, request: CollateralRequest): KdsItem | null {
  try {
    return { what, request, url: kdsUrl(request), isSecret: request.role === "leaf" };
  } catch {
    // The key server has no VCEK for a TCB whose reserved components are set.
    return null;
  }
}

function vcek(line: ProductLine, chipId: Uint8Array, reportedTcb: Uint8Array): KdsItem | null {
  const hwId = line === "Turin" ? chipId.slice(0, 8) : chipId;
  const tcb = decodeTcb(line, reportedTcb);
  return item("VCEK", { role: "leaf", productLine: line, signingKey: "VCEK", hwId, reportedTcb: tcb });
}

/** What the key server has for a report: its VCEK, the CAs above, and the CRL. A VLEK is had from the provider. */
export function kdsItems(model: Model): readonly KdsItem[] {
  const { decoded } = model;
  const line = productLine(model);
  if (line === null || decoded.kind !== "evidence" || decoded.report === null) return [];
  const { chipId, reportedTcb, keyInfo } = decoded.report;
  const signingKey: SigningKey = keyInfo.signingKey === 1 ? "VLEK" : "VCEK";
  const hasChip = signingKey === "VCEK" && chipId.some((byte) => byte !== 0);
  const of = { productLine: line, signingKey };
  const items = [
    hasChip ? vcek(line, chipId, reportedTcb) : null,
    item("CA certificates", { role: "intermediate", ...of }),
    item("CRL", { role: "crl", ...of }),
  ];
  return items.filter((one) => one !== null);
}
