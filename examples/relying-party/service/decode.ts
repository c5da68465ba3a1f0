import { type Evidence, parseCertificate, parseReport, reportToJson } from "attestry";
import type * as v from "valibot";
import type { DecodeAnswer } from "../http/schemas.js";

const ROLES = ["leaf", "intermediate", "root"] as const;

function describe(role: (typeof ROLES)[number], der: Uint8Array) {
  const { subject, issuer, notBefore, notAfter } = parseCertificate(der);
  return {
    role,
    subject: subject.commonName ?? "",
    issuer: issuer.commonName ?? "",
    notBefore: new Date(notBefore).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
  };
}

/** What evidence says, for people. Nothing of it is verified, and no decision may rest on it. */
export function decode({ report, certificates = {} }: Evidence): v.InferOutput<typeof DecodeAnswer> {
  const found = ROLES.flatMap((role) => {
    const der = certificates[role];
    return der === undefined ? [] : [describe(role, der)];
  });
  return {
    unverified: true,
    report: { ...reportToJson(parseReport(report)) },
    certificates: found,
    hasCrl: certificates.crl !== undefined,
  };
}
