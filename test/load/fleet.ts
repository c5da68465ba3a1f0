import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createForge, type Forge } from "attestry/testing";
import { startFakeKds } from "attestry/testing/kds";
import { exportJWK, generateKeyPair } from "jose";
import { startRedis } from "../../examples/relying-party/demo/processes.js";
import { bundle, type Programs } from "./bundle.js";
import { type Chip, makeChip } from "./chips.js";
import { type Copy, startCopy } from "./copy.js";

/**
 * Two copies of the service and their Redis, each a process of its own on loopback. The key server runs in this process,
 * which is the guests' as well: whatever forging costs is not the service's.
 */
export interface Fleet {
  /** The copies of this moment. */
  readonly copies: [a: Copy, b: Copy];
  readonly programs: Programs;
  /** A new chip, which the key server knows. */
  addChip(name: string): Chip;
  /** What is deposited under the policy "web", base64url. */
  readonly secret: string;
  /** Puts a new copy in the place of one that is gone. */
  replace(index: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

const EXAMPLE = new URL("../../examples/relying-party/", import.meta.url);
const CHALLENGE_TTL_MS = 120_000;

type Closers = (() => Promise<unknown>)[];

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

async function writeAnchor(folder: string, forge: Forge): Promise<string> {
  const file = join(folder, "anchors.pem");
  const text = Buffer.from(forge.ark().der).toString("base64");
  await writeFile(file, `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
  return file;
}

/** What every copy is started with; the rest of the variables are as a service has them. */
async function settings(secret: string): Promise<Record<string, string>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return {
    PORT: "0",
    COPIES: "2",
    SERVICE_NAME: "https://relying-party.example",
    POLICY_DIR: new URL("policies", EXAMPLE).pathname,
    RATE_PER_MINUTE: "1000000",
    CHALLENGE_TTL_MS: String(CHALLENGE_TTL_MS),
    CHALLENGE_KEYS: JSON.stringify([{ id: "load-1", secret: randomBytes(32).toString("base64url") }]),
    RESULT_KEY: JSON.stringify({ ...(await exportJWK(privateKey)), kid: "results-1", alg: "ES256" }),
    SECRETS: JSON.stringify({ web: secret }),
    KDS_FETCH_LEAVES: "yes",
    KDS_VCEK_INTERVAL_MS: "0",
    NODE_ENV: "production",
  };
}

/** How the copies are run: `node` and these words before the program. */
type Words = (programs: Programs) => readonly string[];

async function raise(words: Words, closers: Closers): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), "attestry-load-"));
  closers.push(() => rm(folder, { recursive: true }));
  const programs = await bundle(folder);
  const redis = await startRedis();
  closers.push(redis.stop);
  const forge = await createForge({ seed: `load ${randomBytes(8).toString("hex")}`, now: new Date() });
  const keys = await startFakeKds({ forge });
  closers.push(keys.close);
  const secret = randomBytes(32).toString("base64url");
  const places = { REDIS_URL: redis.url, KDS_URL: keys.url };
  const env = { ...(await settings(secret)), ...places, ANCHORS: await writeAnchor(folder, forge) };
  const start = () => startCopy([...words(programs), programs.server], env);
  const copies: Fleet["copies"] = [await start(), await start()];
  closers.push(() => Promise.all(copies.map((copy) => copy.stop())));
  const replace: Fleet["replace"] = async (index) => {
    copies[index] = await start();
  };
  const addChip: Fleet["addChip"] = (name) => {
    keys.addChip(name);
    return makeChip(forge, name);
  };
  return { copies, programs, addChip, secret, replace, close: () => closeAll(closers) };
}

/**
 * Starts them.
 *
 * @throws RedisMissing
 */
export async function startFleet(words: Words = () => []): Promise<Fleet> {
  const closers: Closers = [];
  try {
    return await raise(words, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}
