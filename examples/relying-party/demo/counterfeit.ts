import { appraise, bindReportData, definePolicy, verifyEvidence } from "attestry";
import { issueResult } from "attestry/result";
import type { Forge } from "attestry/testing";
import { fromBase64Url } from "../http/encoding.js";
import type { Answer, HeldChallenge } from "./guest.js";

const REPORT_LENGTH = 1184;

/** A policy that takes anything: the impostor's own. */
const ANYTHING = {
  version: 1,
  id: "anything",
  snp: {
    measurement: "any",
    reportData: { scheme: "attestry-v1", parts: { publicKey: "fromEvidence" } },
    minimumTcb: "any",
  },
};

/**
 * A result token of another issuer: everything in it is well made, it answers the genuine challenge and names the
 * guest's own key. Only the service did not sign it.
 */
export async function counterfeit(forge: Forge, challenge: HeldChallenge, answer: Answer): Promise<string> {
  const now = new Date();
  const nonce = fromBase64Url(challenge.nonce);
  const { publicKey } = answer;
  const { evidence, anchors } = forge.evidence();
  const report = answer.report.subarray(0, REPORT_LENGTH);
  const verified = await verifyEvidence({ ...evidence, report }, { now, anchors });
  const options = { fromEvidence: ["publicKey"] } as const;
  const reportData = await bindReportData("attestry-v1", { nonce, publicKey }, options);
  const appraisal = appraise(verified, await definePolicy(ANYTHING), { now, reportData });
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return issueResult(appraisal, {
    key: { privateKey: pair.privateKey, algorithm: "ES256", keyId: "impostor" },
    issuer: "https://impostor.example",
    audience: "https://relying-party.example",
    ttlMs: 60_000,
    now,
    profile: "ear-03",
    nonce,
    platformIdentity: "include",
    advisories: "unassessed",
    verifier: { developer: "https://impostor.example", build: "1" },
  });
}
