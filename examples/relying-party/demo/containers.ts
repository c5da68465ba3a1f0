import { encodeCertificateTable } from "attestry/evidence";
import { toBase64Url } from "../http/encoding.js";
import type { EvidenceType } from "../service/evidence-types.js";
import type { Machine } from "./machines.js";
import { spellOut } from "./trustee-report.js";

/** Evidence as a request carries it. */
export interface Wrapped {
  readonly type: EvidenceType;
  readonly data: string;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** What the dump of Nitride looks like: report and VLEK in base64, and what the guest asked for. */
function nitride(report: Uint8Array, { certificates: { leaf } }: Machine): unknown {
  if (leaf === undefined) throw new Error("this machine's host has no VLEK");
  const attestation = { Version: 1, Product: "Milan", Report: base64(report), Vlek: base64(leaf) };
  return { Version: 1, Provider: "aws-sev-snp-raw", Attestation: attestation };
}

/** The report in one of the containers that guests send. */
export function wrap(type: EvidenceType, report: Uint8Array, machine: Machine): Wrapped {
  switch (type) {
    case "application/vnd.amd.sev-snp.attestation-report":
      return { type, data: toBase64Url(report) };
    case "application/vnd.attestry.extended-report": {
      const table = encodeCertificateTable(machine.certificates, { signingKey: "VLEK" });
      return { type, data: toBase64Url(new Uint8Array([...report, ...table])) };
    }
    case "application/vnd.attestry.nitride+json":
      return { type, data: toBase64Url(json(nitride(report, machine))) };
    case "application/vnd.attestry.trustee-snp+json":
      return { type, data: toBase64Url(json(spellOut(report))) };
    default:
      throw new Error(`the guests of the demonstration do not send ${type}`);
  }
}
