import {
  type AcceptedAppraisal,
  appraise,
  assertAccepted,
  bindReportData,
  definePolicy,
  type Policy,
  verifyEvidence,
} from "attestry";
import { type Challenger, createChallenger, memorySpentStore, type VerifiedChallenge } from "attestry/challenge";
import { createForge } from "attestry/testing";

/** The time of everything that follows an appraisal here. */
export const NOW = new Date("2026-06-01T00:00:00Z");

export const AUDIENCE = "https://release.example";

/** A challenger of this runtime. */
export function newChallenger(clock: () => Date = () => NOW): Challenger {
  return createChallenger({
    keys: [{ id: "k1", secret: new Uint8Array(32).fill(9) }],
    ttlMs: 300_000,
    clock,
    spentStore: memorySpentStore({ singleProcess: true, max: 100 }),
  });
}

const MEASUREMENT = new Uint8Array(48).fill(0x5a);

/** A policy for one image, that asks for the key that REPORT_DATA binds. */
export function boundPolicy(id = "runtimes"): Promise<Policy> {
  const reportData = { scheme: "attestry-v1" } as const;
  const snp = { measurement: ["5a".repeat(48)], reportData, minimumTcb: "any" } as const;
  return definePolicy({ version: 1, id, snp });
}

/** A guest that answered a challenge with its key, and was accepted. */
export interface Attested {
  readonly appraisal: AcceptedAppraisal;
  readonly challenge: VerifiedChallenge;
  readonly policy: Policy;
  readonly report: Uint8Array;
}

/** Goes the whole way: challenge, forged evidence over its nonce and the key, verification, appraisal, spending. */
export async function attest(publicKey: Uint8Array): Promise<Attested> {
  const policy = await boundPolicy();
  const challenger = newChallenger();
  const purpose = { audience: AUDIENCE, policyDigest: policy.digest };
  const { nonce } = await challenger.issue(purpose);
  const reportData = await bindReportData("attestry-v1", { nonce, publicKey });
  const forge = await createForge({ seed: "runtimes", now: NOW });
  const { evidence, anchors } = forge.evidence({
    report: { reportData: reportData.bytes, measurement: MEASUREMENT, platformInfo: 0n },
  });
  const verified = await verifyEvidence(evidence, { now: NOW, anchors });
  const appraisal = appraise(verified, policy, { now: NOW, reportData });
  assertAccepted(appraisal);
  const challenge = await challenger.verify(nonce, purpose);
  await challenger.spend(challenge);
  return { appraisal, challenge, policy, report: evidence.report };
}
