/**
 * The relying party's service as one handler: `createApp(config).fetch` answers a `Request` with a `Response` on Node,
 * Bun, Deno and workers alike. Nothing here imports Node; what differs between runtimes comes in by the config.
 */
import { Hono } from "hono";
import type { AppConfig } from "./config.js";
import { readBody } from "./http/body.js";
import { fromBase64Url, toBase64Url } from "./http/encoding.js";
import { type AppEnv, hashedChip, limit, observe } from "./http/observe.js";
import { openApi } from "./http/openapi.js";
import { problemAnswer } from "./http/problem.js";
import { Refusal } from "./http/refusal.js";
import { AppraisalRequest, ChallengeRequest, DecodeRequest, ReleaseRequest } from "./http/schemas.js";
import { answerAppraisal, readSubmission } from "./service/appraisals.js";
import { decode } from "./service/decode.js";
import { openEvidence } from "./service/evidence-types.js";
import { policyNamed } from "./service/policies.js";
import { readRecipient, sealSecret } from "./service/releases.js";
import { addTrustee } from "./trustee/routes.js";

function hashed(config: AppConfig, chipId: string | null): Promise<string> | null {
  return chipId === null ? null : hashedChip(config, chipId);
}

function addVerbs(app: Hono<AppEnv>, config: AppConfig): void {
  app.post("/v1/challenges", async (context) => {
    const request = await readBody(context.req.raw, ChallengeRequest);
    const { id: name, digest } = policyNamed(config, request.policy);
    const { id, nonce, expiresAt } = await config.challenger.issue({ audience: config.name, policyDigest: digest });
    Object.assign(context.get("notes"), { policy: name, challenge: id });
    const policy = { id: name, digest };
    const answer = { id, nonce: toBase64Url(nonce), expiresAt: expiresAt.toISOString(), policy };
    return context.json({ ...answer, binding: "attestry-v1" }, 201);
  });

  app.post("/v1/appraisals", async (context) => {
    const submission = await readSubmission(config, await readBody(context.req.raw, AppraisalRequest));
    const { policy, challenge } = submission;
    const { answer, chipId } = await answerAppraisal(config, submission);
    const code = answer.reasons[0]?.code ?? "none";
    config.metrics.verdict(policy.id, answer.verdict, code);
    const chip = await hashed(config, chipId);
    const notes = { policy: policy.id, challenge: challenge.id, verdict: answer.verdict, reason: code, chip };
    Object.assign(context.get("notes"), notes);
    return context.json(answer);
  });

  app.post("/v1/releases", async (context) => {
    const request = await readBody(context.req.raw, ReleaseRequest);
    Object.assign(context.get("notes"), { policy: request.policy.id });
    const recipient = await readRecipient(config, request);
    const { policy, challenge, chipId } = recipient;
    const chip = await hashed(config, chipId);
    Object.assign(context.get("notes"), { challenge: challenge.id, chip });
    const sealed = await sealSecret(config, recipient, request.format);
    return context.json({ policy: { id: policy.id, digest: policy.digest }, challenge: challenge.id, sealed });
  });

  app.post("/v1/decode", async (context) => {
    const { evidence } = await readBody(context.req.raw, DecodeRequest);
    return context.json(decode(await openEvidence(evidence.type, fromBase64Url(evidence.data))));
  });
}

function addPages(app: Hono<AppEnv>, config: AppConfig): void {
  app.get("/.well-known/jwks.json", (context) => {
    return context.json(config.results.jwks, 200, { "cache-control": "public, max-age=300" });
  });

  const description = openApi(config.name);
  app.get("/openapi.json", (context) => context.json(description));

  app.get("/healthz", (context) => {
    const { ok, parts } = config.health();
    const policies = Object.fromEntries([...config.policies()].map(([id, { digest }]) => [id, digest]));
    return context.json({ status: ok ? "ok" : "not ready", ...parts, policies }, ok ? 200 : 503);
  });

  app.get("/metrics", async (context) => {
    const { body, contentType } = await config.metrics.text();
    return context.body(body, 200, { "content-type": contentType });
  });
}

/** The service. Its state is what the config brings along. */
export function createApp(config: AppConfig): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(observe(config));
  app.use("/v1/*", limit(config));
  app.use("/kbs/*", limit(config));
  addVerbs(app, config);
  addPages(app, config);
  if (config.trustee !== null) addTrustee(app, config, config.trustee);
  app.notFound((context) => {
    return problemAnswer(new Refusal("ERR_REQUEST_NOT_FOUND", `nothing at ${context.req.path}`), context.get("id"));
  });
  app.onError((error, context) => problemAnswer(error, context.get("id")));
  return app;
}
