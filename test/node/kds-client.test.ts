import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKdsClient, firstOf, type KdsClientOptions } from "../../src/kds/index.js";
import {
  createDirectorySource,
  createFileCache,
  createUndiciTransport,
  type UndiciTransport,
} from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { type FakeKds, type FakeKdsFault, startFakeKds } from "../../src/testing/kds/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";

const forge = await createForge({ seed: "client on Node" });
const { evidence, anchors, now, crl } = forge.evidence({ omit: ["leaf", "intermediate", "root", "crl"] });
const folder = await mkdtemp(join(tmpdir(), "attestry-client-"));
afterAll(() => rm(folder, { recursive: true }));

let kds: FakeKds;
let transport: UndiciTransport;
let cacheFolder = folder;
let turn = 0;
beforeEach(async () => {
  cacheFolder = join(folder, String(turn++));
  kds = await startFakeKds({ forge, lineEnd: "\r\n" });
  transport = await createUndiciTransport({ proxy: "none", connectionsPerOrigin: 2 });
});
afterEach(async () => {
  await kds.close();
  await transport.close();
});

const clock = () => now;
function open(options: Partial<KdsClientOptions> = {}) {
  return createKdsClient({
    now: clock,
    anchors,
    baseUrl: kds.url,
    transport,
    cache: createFileCache(cacheFolder, { now: clock }),
    rate: { vcekIntervalMs: 0, otherIntervalMs: 0 },
    retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 5 },
    timeoutMs: 5000,
    ...options,
  });
}
const verify = (collateral = open()) => verifyEvidence(evidence, { now, anchors, collateral });

describe("the KDS client over undici with a cache of files", () => {
  it("verifies, keeps what it fetched, and asks no more, in another process as well", async () => {
    expect((await verify()).revocation).toMatchObject({ status: "checked", source: "collateral" });
    expect(await readdir(cacheFolder)).toHaveLength(3);
    kds.forget();
    await verify();
    expect(kds.count()).toBe(0);
  });

  it("fetches what is damaged in the cache once more", async () => {
    await verify();
    for (const name of await readdir(cacheFolder)) await writeFile(join(cacheFolder, name), "damaged");
    kds.forget();
    await verify();
    expect(kds.requests.map(({ kind }) => kind).sort()).toEqual(["cert_chain", "crl", "vcek"]);
  });

  it("verifies where the cache cannot be written", async () => {
    expect((await verify(open({ cache: createFileCache("/dev/null") }))).signingKey).toBe("VCEK");
  });

  it.each<[string, FakeKdsFault]>([
    ["429", { kind: "status", status: 429, retryAfter: "0" }],
    ["500", { kind: "status", status: 500 }],
    ["a cut connection", { kind: "reset" }],
    ["a body cut short", { kind: "truncated", bytes: 50 }],
  ])("gets over %s", async (_, fault) => {
    kds.misbehave(fault, { times: 1 });
    expect((await verify()).productLine).toBe("Milan");
  });

  it.each<[string, FakeKdsFault, number]>([
    ["a redirect", { kind: "redirect", status: 302, location: "/vcek/v1/Genoa/cert_chain" }, 1],
    ["a body that is far too long", { kind: "oversized", bytes: 10_000_000, announced: true }, 1],
    ["a body without end", { kind: "oversized", bytes: 10_000_000, announced: false }, 1],
    ["400", { kind: "status", status: 400 }, 1],
    ["500 again and again", { kind: "status", status: 500 }, 2],
  ])("gives up with %s", async (_, fault, requests) => {
    kds.misbehave(fault);
    await expect(verify()).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    expect(kds.count()).toBe(requests);
  });

  it("gives up a silent server in time, and leaves no request behind", async () => {
    kds.misbehave({ kind: "silence" });
    await expect(verify(open({ timeoutMs: 50 }))).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("takes the CRL of a folder, and the rest from the KDS", async () => {
    await writeFile(join(folder, "crl.der"), crl.der);
    const verified = await verify(firstOf([createDirectorySource(folder), open()]));
    expect(verified.revocation.status).toBe("checked");
    expect(kds.count({ kind: "crl" })).toBe(0);
    expect(kds.count({ kind: "vcek" })).toBe(1);
  });
});
