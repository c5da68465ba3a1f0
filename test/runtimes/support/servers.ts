import type { Base } from "../../../scripts/vectors/bases.js";
import { createKdsClient } from "../../../src/kds/index.js";
import { nodeEngine } from "../../../src/node/index.js";
import type { Forge } from "../../../src/testing/index.js";
import { type FakeKds, type FakeKdsFault, startFakeKds } from "../../../src/testing/kds/index.js";
import { verifyEvidence } from "../../../src/verify/evidence.js";
import type { KdsQuestion } from "../suite/input.js";
import { type BlobPool, question } from "./questions.js";

/** How servers misbehave, for good; each ends as no collateral, and none hangs. */
const FAULTS: Readonly<Record<string, FakeKdsFault>> = {
  "that is broken": { kind: "status", status: 500 },
  "that sends one elsewhere": { kind: "redirect", status: 302, location: "/elsewhere" },
  "that says too much, and how much": { kind: "oversized", bytes: 1_000_000, announced: true },
  "that says too much unannounced": { kind: "oversized", bytes: 1_000_000, announced: false },
  "that breaks off": { kind: "truncated", bytes: 100 },
  "that hangs up": { kind: "reset" },
  "that is silent": { kind: "silence" },
};
const SOUND = "that is sound";

/** Key servers on loopback, by what each is. */
export interface KdsServers {
  readonly urls: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a sound one and one for each fault. */
export async function startServers(forge: Forge): Promise<KdsServers> {
  const servers: (readonly [string, FakeKds])[] = [[SOUND, await startFakeKds({ forge })]];
  for (const [name, fault] of Object.entries(FAULTS)) {
    const server = await startFakeKds({ forge });
    server.misbehave(fault);
    servers.push([name, server]);
  }
  return {
    urls: Object.fromEntries(servers.map(([name, { url }]) => [name, url])),
    close: async () => {
      await Promise.all(servers.map(([, server]) => server.close()));
    },
  };
}

/** A report alone, completed by each of the servers or not. */
export async function kdsQuestions(
  pool: BlobPool,
  base: Base,
  urls: Readonly<Record<string, string>>,
): Promise<KdsQuestion[]> {
  const { evidence, now, anchors } = base.made;
  const { report } = evidence;
  const bare = { name: base.name, evidence: { report }, options: { now, anchors }, ends: "ERR_COLLATERAL_MISSING" };
  const unanswered = await question(pool, bare);
  const collateral = createKdsClient({ now: () => now, anchors, engine: nodeEngine, baseUrl: urls[SOUND] ?? "" });
  const verified = await verifyEvidence({ report }, { now, anchors, engine: nodeEngine, collateral });
  return Object.entries(urls).map(([name, baseUrl]) => {
    const isSound = name === SOUND;
    const expected = isSound ? JSON.stringify(verified) : "ERR_COLLATERAL_UNAVAILABLE";
    return { name: `a server ${name}`, baseUrl, evidence: { ...unanswered, expected }, asked: isSound ? 3 : null };
  });
}
