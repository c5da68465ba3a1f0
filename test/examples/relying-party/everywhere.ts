/** The flow in one process, on nothing but what every runtime has: for Bun, Deno and workers. */
import { createVerifier, definePolicy, webCryptoEngine } from "attestry";
import { ADVISORIES, defineAdvisories } from "attestry/advisories";
import { createChallenger, memorySpentStore } from "attestry/challenge";
import { createApp } from "../../../examples/relying-party/app.js";
import { answer, makeKey, open, submission } from "../../../examples/relying-party/demo/guest.js";
import { openFactory, switchOn } from "../../../examples/relying-party/demo/machines.js";
import { createResultSigner } from "../../../examples/relying-party/service/results.js";

const NAME = "https://relying-party.example";
const SECRET = new TextEncoder().encode("the key of the database");
const BARE = "application/vnd.amd.sev-snp.attestation-report";
const DOCUMENT = {
  version: 1,
  id: "web",
  snp: {
    measurement: ["5a".repeat(48)],
    reportData: { scheme: "attestry-v1", parts: { publicKey: "fromEvidence" } },
    minimumTcb: "any",
  },
};

async function createService() {
  const clock = () => new Date();
  const forge = await openFactory({ seed: "everywhere", now: Date.now() });
  const { certificates } = forge.evidence().evidence;
  const policy = await definePolicy(DOCUMENT);
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const publicJwk = { kty, crv, x, y } as { kty: string };
  const key = { signing: { keyId: "k", algorithm: "ES256", privateKey }, publicKey, publicJwk } as const;
  const app = createApp({
    name: NAME,
    clock,
    challenger: createChallenger({
      keys: [{ id: "k", secret: crypto.getRandomValues(new Uint8Array(32)) }],
      ttlMs: 60_000,
      clock,
      spentStore: memorySpentStore({ singleProcess: true, max: 100 }),
    }),
    verifier: createVerifier({
      now: clock,
      anchors: [forge.ark().der],
      collateral: { get: ({ role }) => Promise.resolve(certificates?.[role]) },
    }),
    engine: webCryptoEngine,
    policies: () => new Map([[policy.id, policy]]),
    advisories: await defineAdvisories(ADVISORIES),
    secrets: new Map([["web", SECRET]]),
    results: createResultSigner({ key, name: NAME, ttlMs: 60_000, clock }),
    limiter: { take: () => Promise.resolve(null) },
    clientOf: () => "here",
    log: () => undefined,
    metrics: {
      request: () => undefined,
      verdict: () => undefined,
      released: () => undefined,
      text: () => Promise.resolve({ body: "", contentType: "text/plain" }),
    },
    health: () => ({ ok: true, parts: {} }),
    trustee: null,
  });
  return { app, forge };
}

/** Asks, attests, and opens; then asks for the same once more. @returns what became of it, in a few words */
export async function flow(): Promise<string> {
  const { app, forge } = await createService();
  const send = (path: string, body: object, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  const challenge = await (await send("/v1/challenges", { policy: "web" })).json();
  const key = await makeKey();
  const found = await answer(challenge, switchOn(forge, "sound"), { publicKey: key.publicKey, type: BARE });
  const body = { ...submission(challenge, found), format: "hpke" };
  const first = await open(await send("/v1/releases", body), { challenge, key, report: found.report });
  const again = await open(await send("/v1/releases", body), { challenge, key, report: found.report });
  const opened = first.secret !== null && new TextDecoder().decode(first.secret) === new TextDecoder().decode(SECRET);
  return `${opened ? "opened" : `denied ${first.code} ${first.reason}`}, then ${again.code}`;
}
