import { type CollateralRequest, type CollateralSource, createVerifier, webCryptoEngine } from "attestry";
import { ADVISORIES, defineAdvisories } from "attestry/advisories";
import { createChallenger, memorySpentStore, type SpentStore } from "attestry/challenge";
import { exportJWK, generateKeyPair } from "jose";
import { createApp } from "../../../examples/relying-party/app.js";
import type { AppConfig, LogLine, PolicySet } from "../../../examples/relying-party/config.js";
import { answer, type GuestKey, makeKey, submission } from "../../../examples/relying-party/demo/guest.js";
import { type MachineName, openFactory, switchOn } from "../../../examples/relying-party/demo/machines.js";
import { openPolicyFolder } from "../../../examples/relying-party/node/policy-folder.js";
import { memoryStores } from "../../../examples/relying-party/node/stores.js";
import type { EvidenceType } from "../../../examples/relying-party/service/evidence-types.js";
import { createResultSigner, type ResultKey } from "../../../examples/relying-party/service/results.js";

export const NAME = "https://relying-party.example";
export const SECRET = new TextEncoder().encode("the key of the database");
export const RESOURCE = "default/key/database";
export const BARE = "application/vnd.amd.sev-snp.attestation-report";

const started = Date.now();
export const forge = await openFactory({ seed: "relying party", now: started });
const anchors = [forge.ark().der, forge.ark({ productLine: "Genoa" }).der];
const POLICIES = new URL("../../../examples/relying-party/policies", import.meta.url).pathname;
const folder = await openPolicyFolder({ folder: POLICIES, everyMs: 600_000, log: () => undefined });
export const policies: PolicySet = folder.present();
const advisories = await defineAdvisories(ADVISORIES);

/** A signing key for results. */
export async function resultKey(keyId = "results-1"): Promise<ResultKey> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const signing = { keyId, algorithm: "ES256", privateKey } as const;
  return { signing, publicKey, publicJwk: await exportJWK(publicKey) };
}
const key = await resultKey();

/** One copy of the service in this process; what it logs and counts is kept. */
export interface Copy {
  readonly app: ReturnType<typeof createApp>;
  readonly lines: LogLine[];
  readonly verdicts: string[];
  readonly requests: string[];
  /** Moves the copy's clock. */
  later(ms: number): void;
  send(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

function fromForge({ role, productLine, signingKey }: CollateralRequest): Uint8Array | undefined {
  if (role === "crl") return forge.crl({ productLine }).der;
  if (role === "leaf") return signingKey === "VCEK" ? forge.vcek({ productLine }).der : undefined;
  return (signingKey === "VLEK" ? forge.asvk({ productLine }) : forge.ask({ productLine })).der;
}

const forged = new Map<string, Uint8Array | undefined>();

/** The forge as a source: what evidence lacks, but no VLEK; each thing is made once. */
const collateral: CollateralSource = {
  get(request) {
    const { role, productLine, signingKey } = request;
    const name = `${role} ${productLine} ${signingKey}`;
    if (!forged.has(name)) forged.set(name, fromForge(request));
    return Promise.resolve(forged.get(name));
  },
};

export type Overrides = Partial<AppConfig> & { spentStore?: SpentStore; ttlMs?: number };

/** A copy with a few things of its own. Copies with the same `spentStore` are copies of one service. */
export function startCopy({ spentStore, ttlMs = 60_000, ...overrides }: Overrides = {}): Copy {
  const [lines, verdicts, requests]: [LogLine[], string[], string[]] = [[], [], []];
  let offset = 0;
  const clock = () => new Date(Date.now() + offset);
  const stores = memoryStores(1000);
  const app = createApp({
    name: NAME,
    clock,
    challenger: createChallenger({
      keys: [{ id: "k", secret: new Uint8Array(32).fill(7) }],
      ttlMs,
      clock,
      spentStore: spentStore ?? memorySpentStore({ singleProcess: true, max: 1000 }),
    }),
    verifier: createVerifier({ now: clock, anchors, collateral }),
    engine: webCryptoEngine,
    policies: () => policies,
    advisories,
    secrets: new Map(["web", "cloud", "trustee"].map((id) => [id, SECRET])),
    results: createResultSigner({ key, name: NAME, ttlMs: 300_000, clock }),
    limiter: stores.limiter,
    clientOf: () => "192.0.2.1",
    log: (line) => void lines.push(line),
    metrics: {
      request: (route, status) => void requests.push(`${status} ${route}`),
      verdict: (...words) => void verdicts.push(words.join(" ")),
      released: (policy) => void verdicts.push(`released ${policy}`),
      text: async () => ({ body: "figures 1\n", contentType: "text/plain" }),
    },
    health: () => ({ ok: true, parts: {} }),
    trustee: { policyId: "trustee", resource: RESOURCE, sessions: stores.sessions },
    ...overrides,
  });
  const send: Copy["send"] = async (path, body, headers = {}) =>
    app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" || body instanceof Uint8Array ? body.slice() : JSON.stringify(body),
    });
  const get: Copy["get"] = async (path, headers = {}) => app.request(path, { headers });
  const later = (ms: number) => {
    offset += ms;
  };
  return { app, lines, verdicts, requests, later, send, get };
}

/** A guest that has answered one challenge, and the body that it would send. */
export interface Ready {
  readonly key: GuestKey;
  readonly challenge: { id: string; nonce: string; expiresAt: string; policy: { id: string; digest: string } };
  readonly report: Uint8Array;
  readonly body: ReturnType<typeof submission>;
}

/** How a guest differs from a sound one; with a key of the test's own the guest's is not bound. */
export interface Preparation {
  policy?: string;
  machine?: MachineName;
  type?: EvidenceType;
  publicKey?: Uint8Array;
}

/** Asks a copy for a challenge, and answers it. */
export async function prepare(
  copy: Copy,
  { policy = "web", machine = "sound", type = BARE, publicKey }: Preparation = {},
): Promise<Ready> {
  const challenge = await (await copy.send("/v1/challenges", { policy })).json();
  const guestKey = await makeKey();
  const found = await answer(challenge, switchOn(forge, machine), {
    publicKey: publicKey ?? guestKey.publicKey,
    type,
  });
  return { key: guestKey, challenge, report: found.report, body: submission(challenge, found) };
}
