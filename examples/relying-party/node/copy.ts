import { readFileSync } from "node:fs";
import { createVerifier, pemToDer } from "attestry";
import { ADVISORIES, defineAdvisories } from "attestry/advisories";
import { type ChallengeKey, createChallenger } from "attestry/challenge";
import { createKdsClient, KDS_BASE_URL } from "attestry/kds";
import { nodeEngine } from "attestry/node";
import type { Hono } from "hono";
import { createApp } from "../app.js";
import type { Health, LogLine } from "../config.js";
import { fromBase64Url } from "../http/encoding.js";
import type { AppEnv } from "../http/observe.js";
import { rememberedSource } from "../service/remembered-source.js";
import { createResultSigner } from "../service/results.js";
import { clientFinder } from "./client.js";
import type { Environment } from "./environment.js";
import { createMetrics } from "./metrics.js";
import { openPolicyFolder, type PolicyFolder } from "./policy-folder.js";
import { openRedis, type Redis } from "./redis.js";
import { importResultKey } from "./result-key.js";
import { memoryStores, redisStores, type Stores } from "./stores.js";

/** One running copy of the service, not yet listening. */
export interface Copy {
  readonly app: Hono<AppEnv>;
  readonly policies: PolicyFolder;
  /** From now on this copy says that it is not ready, and goes on answering. */
  drain(): void;
  close(): Promise<void>;
}

const clock = () => new Date();
const RANDOM_KEY_BYTES = 32;
/** A CRL is this much late at the most; it is issued for weeks. */
const REMEMBERED_MS = 60_000;
/** Certificates of so many chips, 2 kB each: as many as the verifier remembers chains of. */
const REMEMBERED = 1000;

/**
 * Keys of challenges. Without Redis they are made anew at each start: what was spent before is forgotten by then, and a
 * challenge from before must not count.
 */
function challengeKeys({ CHALLENGE_KEYS: keys }: Environment): readonly ChallengeKey[] {
  if (keys !== undefined) return keys.map(({ id, secret }) => ({ id, secret: fromBase64Url(secret) }));
  return [{ id: "start", secret: crypto.getRandomValues(new Uint8Array(RANDOM_KEY_BYTES)) }];
}

/** Chips' certificates, intermediates and CRLs: what comes with the evidence, then the cache, then the KDS. */
function createVerification(env: Environment, { certificates: cache }: Stores) {
  const anchors = env.ANCHORS === undefined ? {} : { anchors: pemToDer(readFileSync(env.ANCHORS)) };
  const kds = createKdsClient({
    ...anchors,
    now: clock,
    cache,
    baseUrl: env.KDS_URL ?? KDS_BASE_URL,
    rate: { vcekIntervalMs: env.KDS_VCEK_INTERVAL_MS },
    // Whoever can send evidence can make up chip ids, and each would cost a request.
    allow: (request) => request.role !== "leaf" || env.KDS_FETCH_LEAVES,
  });
  // Node's own crypto, at once: a thread pool costs more than it brings while every core is a copy's.
  const collateral = rememberedSource(kds, { clock, forMs: REMEMBERED_MS, max: REMEMBERED });
  return createVerifier({ ...anchors, now: clock, collateral, engine: nodeEngine });
}

function healthOf(redis: Redis | null, policies: PolicyFolder, draining: () => boolean): Health {
  const reachable = redis === null || redis.ready();
  const parts = {
    stores: redis === null ? "memory" : `redis ${reachable ? "up" : "down"}`,
    folder: policies.complaint() ?? "as served",
    ...(draining() ? { draining: "yes" } : {}),
  };
  return { ok: reachable && !draining(), parts };
}

function trusteeOf({ TRUSTEE_POLICY: policyId, TRUSTEE_RESOURCE: resource }: Environment, { sessions }: Stores) {
  return policyId === undefined || resource === undefined ? null : { policyId, resource, sessions };
}

/** Puts a copy together. @throws what its parts throw for settings that cannot work */
export async function createCopy(env: Environment, log: (line: LogLine) => void): Promise<Copy> {
  const policies = await openPolicyFolder({ folder: env.POLICY_DIR, everyMs: env.POLICY_RELOAD_MS, log });
  const redis = env.REDIS_URL === undefined ? null : await openRedis(env.REDIS_URL, log);
  const { RATE_PER_MINUTE: perMinute, REDIS_PREFIX: prefix } = env;
  const stores = redis === null ? memoryStores(perMinute) : redisStores(redis, { perMinute, prefix });
  const name = env.SERVICE_NAME;
  const key = await importResultKey(env.RESULT_KEY);
  let draining = false;
  const app = createApp({
    name,
    clock,
    challenger: createChallenger({
      keys: challengeKeys(env),
      ttlMs: env.CHALLENGE_TTL_MS,
      clock,
      spentStore: stores.spent,
      engine: nodeEngine,
    }),
    verifier: createVerification(env, stores),
    engine: nodeEngine,
    policies: policies.present,
    advisories: await defineAdvisories(ADVISORIES),
    secrets: new Map(Object.entries(env.SECRETS).map(([id, text]) => [id, fromBase64Url(text)])),
    results: createResultSigner({ key, name, ttlMs: env.RESULT_TTL_MS, clock, engine: nodeEngine }),
    limiter: stores.limiter,
    clientOf: clientFinder(env.TRUSTED_PROXIES),
    log,
    metrics: createMetrics(() => policies.complaint() === null),
    health: () => healthOf(redis, policies, () => draining),
    trustee: trusteeOf(env, stores),
  });
  const drain = () => {
    draining = true;
  };
  const close = async () => {
    policies.close();
    await redis?.close();
  };
  return { app, policies, drain, close };
}
