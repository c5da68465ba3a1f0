import { decodeTcb, type ProductLine, reportToJson, type SigningKey } from "attestry";
import { kdsUrl } from "attestry/kds";
import type { Model } from "./state.js";

/** Something that AMD's key server has, and where. */
export interface KdsLink {
  readonly what: string;
  readonly url: string;
  /** True where the link names the chip. */
  readonly isSecret: boolean;
}

/** The line by the verified chain, else by the report's own CPUID. */
function productLine({ verification, decoded }: Model): ProductLine | null {
  if (verification.kind === "holds") return verification.verified.productLine;
  const report = decoded.kind === "evidence" ? decoded.report : null;
  return report === null ? null : reportToJson(report).productLine;
}

function vcekLink(line: ProductLine, chipId: Uint8Array, reportedTcb: Uint8Array): KdsLink | null {
  const hwId = line === "Turin" ? chipId.slice(0, 8) : chipId;
  const tcb = decodeTcb(line, reportedTcb);
  try {
    const url = kdsUrl({ role: "leaf", productLine: line, signingKey: "VCEK", hwId, reportedTcb: tcb });
    return { what: "VCEK", url, isSecret: true };
  } catch {
    // The key server has no VCEK for a TCB whose reserved components are set.
    return null;
  }
}

/** What the key server has for a report: its VCEK, the CAs above, and the CRL. A VLEK is had from the provider. */
export function kdsLinks(model: Model): readonly KdsLink[] {
  const { decoded } = model;
  const line = productLine(model);
  if (line === null || decoded.kind !== "evidence" || decoded.report === null) return [];
  const { chipId, reportedTcb, keyInfo } = decoded.report;
  const signingKey: SigningKey = keyInfo.signingKey === 1 ? "VLEK" : "VCEK";
  const leaf = signingKey === "VCEK" && chipId.some((byte) => byte !== 0) ? vcekLink(line, chipId, reportedTcb) : null;
  const of = { productLine: line, signingKey };
  return [
    ...(leaf === null ? [] : [leaf]),
    { what: "CA certificates", url: kdsUrl({ role: "intermediate", ...of }), isSecret: false },
    { what: "CRL", url: kdsUrl({ role: "crl", ...of }), isSecret: false },
  ];
}
