/**
 * The key broker protocol of Trustee (request, challenge, attestation, resource) over the same challenges, policies,
 * results and releases as /v1.
 *
 * What differs from Trustee's own broker: one resource, which is the secret of one policy; each session releases it
 * once, after which a client is told 401 and attests again, as it does when a session ends; problem answers have the
 * form of /v1; a refused policy is 403.
 */
import { assertAccepted, bindReportData, type ErrorCode, isAttestationError } from "attestry";
import { openTrusteeSnp } from "attestry/evidence";
import type { Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { decodeBase64, encodeBase64 } from "hono/utils/encode";
import * as v from "valibot";
import type { AppConfig, TrusteeConfig } from "../config.js";
import { readBody } from "../http/body.js";
import { fromBase64Url, toBase64Url } from "../http/encoding.js";
import type { AppEnv } from "../http/observe.js";
import { Refusal } from "../http/refusal.js";
import { judge, type Submission } from "../service/appraisals.js";
import { challengeOf, policyNamed } from "../service/policies.js";
import { sealSecret } from "../service/releases.js";
import { AttestRequest, AuthRequest, Session } from "./schemas.js";

const COOKIE = "kbs-session-id";

function sessionOf(context: Context<AppEnv>): string {
  const id = getCookie(context, COOKIE);
  if (id !== undefined && /^[0-9a-f]{64}$/.test(id)) return id;
  throw new Refusal("ERR_REQUEST_SESSION", `there is no cookie ${COOKIE}`);
}

/** What the client sent, against the policy and the challenge of its session. */
async function readAttestation(config: AppConfig, policyId: string, context: Context<AppEnv>): Promise<Submission> {
  const session = sessionOf(context);
  const request = await readBody(context.req.raw, AttestRequest);
  const policy = policyNamed(config, policyId);
  const { nonce, "tee-pubkey": jwk } = request["runtime-data"];
  const challenge = await challengeOf(config, policy, decodeBase64(nonce));
  if (challenge.id !== session) throw new Refusal("ERR_REQUEST_SESSION", "the nonce is of another session");
  const { evidence } = await openTrusteeSnp(JSON.stringify(request["tee-evidence"].primary_evidence));
  const teePublicKey = new TextEncoder().encode(JSON.stringify(jwk));
  const options = { engine: config.engine, fromEvidence: ["teePublicKey"] } as const;
  const reportData = await bindReportData("trustee", { nonce: challenge.nonce, teePublicKey }, options);
  return { policy, challenge, evidence, reportData };
}

async function attest(config: AppConfig, { policyId, sessions }: TrusteeConfig, context: Context<AppEnv>) {
  const submission = await readAttestation(config, policyId, context);
  const { nonce, id, expiresAt } = submission.challenge;
  const { appraisal } = await judge(config, submission);
  config.metrics.verdict(policyId, appraisal.verdict, appraisal.failures[0]?.id ?? "none");
  assertAccepted(appraisal);
  const token = await config.results.issue(appraisal, nonce);
  await sessions.keep(id, JSON.stringify({ token, nonce: toBase64Url(nonce) }), expiresAt);
  return context.json({ token });
}

async function resource(config: AppConfig, { policyId, sessions }: TrusteeConfig, context: Context<AppEnv>) {
  const kept = await sessions.find(sessionOf(context));
  if (kept === null) throw new Refusal("ERR_REQUEST_SESSION", "the session is not attested, or has ended");
  const { token, nonce } = v.parse(Session, JSON.parse(kept));
  const policy = policyNamed(config, policyId);
  const challenge = await challengeOf(config, policy, fromBase64Url(nonce));
  const recipient = await config.results.verify(token, { policyDigest: policy.digest, nonce: challenge.nonce });
  return context.json(await sealSecret(config, { policy, challenge, recipient, chipId: null }, "jwe"));
}

/** What ends a session: to its client it is a session that has ended, whatever became of the challenge. */
const ENDED: readonly ErrorCode[] = ["ERR_CHALLENGE_SPENT", "ERR_CHALLENGE_EXPIRED", "ERR_CHALLENGE_FORGED"];

async function resourceOrEnd(config: AppConfig, trustee: TrusteeConfig, context: Context<AppEnv>) {
  try {
    return await resource(config, trustee, context);
  } catch (error) {
    if (!isAttestationError(error) || !ENDED.includes(error.code)) throw error;
    throw new Refusal("ERR_REQUEST_SESSION", error.message);
  }
}

/** Adds /kbs/v0. */
export function addTrustee(app: Hono<AppEnv>, config: AppConfig, trustee: TrusteeConfig): void {
  app.post("/kbs/v0/auth", async (context) => {
    await readBody(context.req.raw, AuthRequest);
    const { digest } = policyNamed(config, trustee.policyId);
    const { id, nonce, expiresAt } = await config.challenger.issue({ audience: config.name, policyDigest: digest });
    setCookie(context, COOKIE, id, { path: "/kbs", httpOnly: true, sameSite: "Strict", expires: expiresAt });
    return context.json({ nonce: encodeBase64(nonce.slice().buffer), "extra-params": "" });
  });
  app.post("/kbs/v0/attest", (context) => attest(config, trustee, context));
  app.get(`/kbs/v0/resource/${trustee.resource}`, (context) => resourceOrEnd(config, trustee, context));
}
