import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import type { Command, Reply } from "./commands.js";
import { type Factory, openFactory } from "./machines.js";
import { type Listening, startListening, startRedis, startTold } from "./processes.js";

/** Everything that the play needs, running. */
export interface Stage {
  /** Two copies of the service. */
  readonly copies: readonly [a: string, b: string];
  readonly processes: readonly [a: Listening, b: Listening];
  readonly keyServer: string;
  readonly redis: string;
  /** What was deposited, base64url: the same secret under each policy. */
  readonly secret: string;
  /** Whose hardware it is. */
  readonly factory: Factory;
  /** Starts one copy more, with the same settings but for those given. */
  startCopy(change?: Readonly<Record<string, string>>): Promise<Listening>;
  tell(command: Command): Promise<Reply>;
  /** Writes a policy anew and waits until both copies serve it. */
  rewrite(policy: string, change: (document: Document) => void): Promise<void>;
  close(): Promise<void>;
}

type Document = Record<string, unknown>;

/** Options of `setStage`. */
export interface StageOptions {
  /** How long a challenge lives. */
  readonly challengeTtlMs: number;
  /** A Redis that runs; without one it starts its own. */
  readonly redisUrl?: string | undefined;
}

const SERVER = new URL("../server.ts", import.meta.url);
const KEY_SERVER = new URL("./key-server.ts", import.meta.url);
const GUEST = new URL("./guest-process.ts", import.meta.url);
const POLICIES = new URL("../policies", import.meta.url);
const RELOAD_MS = 50;

/** What copies, guest and key server are ended by, the last one first. */
type Closers = (() => Promise<unknown>)[];

async function writeAnchors(folder: string, factory: Factory): Promise<string> {
  const forge = await openFactory(factory);
  const roots = (["Milan", "Genoa"] as const).map((productLine) => forge.ark({ productLine }).der);
  const pem = roots.map((der) => {
    return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`;
  });
  const file = join(folder, "anchors.pem");
  await writeFile(file, pem.join(""));
  return file;
}

/** The private key of results, as JWK. */
async function makeResultKey(): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return JSON.stringify({ ...(await exportJWK(privateKey)), kid: "results-1", alg: "ES256" });
}

/** What both copies are started with; they differ in nothing. */
async function settings(folder: string, factory: Factory, secret: string): Promise<Record<string, string>> {
  const policies = join(folder, "policies");
  await cp(POLICIES, policies, { recursive: true });
  return {
    PORT: "0",
    RATE_PER_MINUTE: "1000000",
    COPIES: "2",
    SERVICE_NAME: "https://relying-party.example",
    POLICY_DIR: policies,
    POLICY_RELOAD_MS: String(RELOAD_MS),
    CHALLENGE_KEYS: JSON.stringify([{ id: "demo-1", secret: randomBytes(32).toString("base64url") }]),
    RESULT_KEY: await makeResultKey(),
    SECRETS: JSON.stringify({ web: secret, cloud: secret, trustee: secret }),
    ANCHORS: await writeAnchors(folder, factory),
    KDS_FETCH_LEAVES: "yes",
    KDS_VCEK_INTERVAL_MS: "0",
    TRUSTEE_POLICY: "trustee",
    TRUSTEE_RESOURCE: "default/key/database",
    REDIS_PREFIX: `attestry:demo:${randomBytes(8).toString("hex")}:`,
  };
}

async function digestAt(service: string, policy: string): Promise<string | undefined> {
  const response = await fetch(`${service}/healthz`);
  const { policies } = await response.json();
  return policies[policy];
}

/** Replaces a policy's file as one should, by renaming, and waits until no copy serves the old one. */
function rewriter(folder: string, copies: Stage["copies"]): Stage["rewrite"] {
  return async (policy, change) => {
    const file = join(folder, "policies", `${policy}.json`);
    const old = await digestAt(copies[0], policy);
    const document: Document = JSON.parse(await readFile(file, "utf8"));
    change(document);
    await writeFile(`${file}.new`, JSON.stringify(document));
    await rename(`${file}.new`, file);
    for (const copy of copies) {
      while ((await digestAt(copy, policy)) === old) await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
    }
  };
}

async function raise(options: StageOptions, closers: Closers): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "attestry-flow-"));
  closers.push(() => rm(folder, { recursive: true }));
  const own = options.redisUrl === undefined ? await startRedis() : null;
  if (own !== null) closers.push(own.stop);
  const redis = own?.url ?? options.redisUrl ?? "";
  const factory = { seed: `flow ${randomBytes(8).toString("hex")}`, now: Date.now() };
  const keys = await startListening(KEY_SERVER, [JSON.stringify(factory)]);
  closers.push(keys.stop);
  const keyServer = `http://127.0.0.1:${keys.port}`;
  const secret = randomBytes(32).toString("base64url");
  const shared = await settings(folder, factory, secret);
  const env = { ...shared, REDIS_URL: redis, KDS_URL: keyServer, CHALLENGE_TTL_MS: String(options.challengeTtlMs) };
  const startCopy: Stage["startCopy"] = async (change = {}) => {
    const copy = await startListening(SERVER, [], { ...env, ...change });
    closers.push(copy.stop);
    return copy;
  };
  const processes = [await startCopy(), await startCopy()] as const;
  const guest = await startTold<Command, Reply>(GUEST, [JSON.stringify(factory)]);
  closers.push(guest.stop);
  const copies = [`http://127.0.0.1:${processes[0].port}`, `http://127.0.0.1:${processes[1].port}`] as const;
  const rewrite = rewriter(folder, copies);
  const close = () => closeAll(closers);
  return { copies, processes, keyServer, redis, secret, factory, startCopy, tell: guest.tell, rewrite, close };
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/**
 * Starts Redis, the key server, two copies of the service and a guest, each a process of its own on loopback.
 *
 * @throws RedisMissing
 */
export async function setStage(options: StageOptions): Promise<Stage> {
  const closers: Closers = [];
  try {
    return await raise(options, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}
