import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LogLine } from "../../../examples/relying-party/config.js";
import { clientFinder } from "../../../examples/relying-party/node/client.js";
import { EnvironmentError, readEnvironment } from "../../../examples/relying-party/node/environment.js";
import { createMetrics } from "../../../examples/relying-party/node/metrics.js";
import { openPolicyFolder, type PolicyFolder } from "../../../examples/relying-party/node/policy-folder.js";
import { openRedis, type Redis } from "../../../examples/relying-party/node/redis.js";
import { importResultKey } from "../../../examples/relying-party/node/result-key.js";
import { memoryStores, redisStores, type Stores } from "../../../examples/relying-party/node/stores.js";
import { needs } from "../../support/needs.js";
import { startRedis } from "../redis.js";
import { bundleFor, OPENED, PROGRAM } from "./bundle.js";

const EXAMPLE = new URL("../../../examples/relying-party/", import.meta.url).pathname;
const PROJECT = new URL("../../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "attestry-relying-party-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = { kty: "EC", crv: "P-256", d: "AA", kid: "k", alg: "ES256" };
const LEAST = { SERVICE_NAME: "https://x.example", POLICY_DIR: "/policies", RESULT_KEY: JSON.stringify(key) };
const KEYS = JSON.stringify([{ id: "a", secret: "A".repeat(43) }]);
const SHARED = { ...LEAST, REDIS_URL: "redis://x", CHALLENGE_KEYS: KEYS };

describe("the app", () => {
  it("needs nothing of Node's modules, and plays the flow without them", async () => {
    const { text, inputs } = await bundleFor(PROGRAM);
    const program = join(folder, "program.mjs");
    writeFileSync(program, text);
    expect(spawnSync(process.execPath, [program], { encoding: "utf8" })).toMatchObject({
      stdout: `${OPENED}\n`,
      stderr: "",
    });
    expect(inputs).toContain("examples/relying-party/app.ts");
  });

  it("names nothing of Node's globals", async () => {
    const { inputs } = await bundleFor('export { createApp } from "../../../examples/relying-party/app.js";');
    const own = inputs.filter((name) => name.startsWith("examples/"));
    expect(own).toContain("examples/relying-party/trustee/routes.ts");
    for (const name of own) {
      expect(name).not.toMatch(/\/(?:node|demo)\//);
      expect(readFileSync(join(PROJECT, name), "utf8")).not.toMatch(/\b(?:Buffer|process)\b[.[]/);
    }
  });
});

describe("the environment", () => {
  it("has a default for all but name, policies and key", () => {
    const env = readEnvironment(LEAST);
    expect(env).toMatchObject({ PORT: 8080, HOST: "127.0.0.1", COPIES: 1, KDS_FETCH_LEAVES: false, SECRETS: {} });
    expect(readEnvironment({ ...LEAST, REDIS_URL: "" })).toEqual(env);
  });

  it("reads from a file what NAME_FILE names", () => {
    const file = join(folder, "secrets.json");
    writeFileSync(file, '{"web":"AAAA"}\n');
    expect(readEnvironment({ ...LEAST, SECRETS_FILE: file }).SECRETS).toEqual({ web: "AAAA" });
  });

  it.each<[what: string, change: Record<string, string | undefined>, message: string]>([
    ["two copies without Redis", { COPIES: "2" }, "REDIS_URL"],
    ["Redis without challenge keys", { REDIS_URL: "redis://x" }, "CHALLENGE_KEYS"],
    ["challenge keys without Redis", { CHALLENGE_KEYS: KEYS }, "CHALLENGE_KEYS"],
    ["half of Trustee", { TRUSTEE_POLICY: "web" }, "TRUSTEE_RESOURCE"],
    ["a resource that is no path", { TRUSTEE_POLICY: "web", TRUSTEE_RESOURCE: "../x/y" }, "TRUSTEE_RESOURCE"],
    ["no name", { SERVICE_NAME: undefined }, "SERVICE_NAME"],
    ["a port that is none", { PORT: "http" }, "PORT"],
    ["a port beyond all", { PORT: "70000" }, "PORT"],
    ["no copies at all", { COPIES: "0" }, "COPIES"],
    ["a word that is neither yes nor no", { KDS_FETCH_LEAVES: "true" }, "KDS_FETCH_LEAVES"],
    ["a key that is no JSON", { RESULT_KEY: "hunter2" }, "RESULT_KEY"],
    ["a key for another algorithm", { RESULT_KEY: JSON.stringify({ ...key, alg: "RS256" }) }, "RESULT_KEY"],
    ["a public key", { RESULT_KEY: JSON.stringify({ ...key, d: undefined }) }, "RESULT_KEY"],
    ["a secret that is no base64url", { SECRETS: '{"web":"hunter2!"}' }, "SECRETS"],
    ["a value and a file", { SECRETS: "{}", SECRETS_FILE: "/nowhere" }, "SECRETS_FILE"],
    ["a file that is not there", { SECRETS_FILE: "/nowhere" }, "/nowhere"],
  ])("refuses %s, and repeats no value", (_, change, message) => {
    const read = () => readEnvironment({ ...LEAST, ...change });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(message);
    expect(read).not.toThrow("hunter2");
  });

  it("takes two copies with Redis", () => {
    expect(readEnvironment({ ...SHARED, COPIES: "2" }).COPIES).toBe(2);
  });

  it("that is wrong ends the server with 78 and one line", () => {
    const env = {
      PATH: process.env["PATH"],
      TSX_TSCONFIG_PATH: join(EXAMPLE, "../../tsconfig.test.json"),
      COPIES: "2",
    };
    const command = ["--import", "tsx", join(EXAMPLE, "server.ts")];
    const { status, stderr } = spawnSync(process.execPath, command, { env: { ...env, ...LEAST }, encoding: "utf8" });
    expect(stderr).toMatch(/^relying-party: EnvironmentError: COPIES above 1 needs REDIS_URL.*\n$/);
    expect(status).toBe(78);
  });
});

describe("the key of results", () => {
  it.each([["ES256"], ["ES384"], ["EdDSA"]] as const)(
    "%s: the public half goes out, the private half does not",
    async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      const found = await importResultKey({ ...(await exportJWK(privateKey)), kid: "k", alg });
      expect(found.signing).toMatchObject({ keyId: "k", algorithm: alg });
      expect(Object.keys(found.publicJwk)).not.toContain("d");
      expect(Object.keys(found.signing)).not.toContain("privateKey");
      const message = new TextEncoder().encode("signed");
      const signature = await found.signing.signer?.sign(message);
      const parameters = alg === "EdDSA" ? "Ed25519" : { name: "ECDSA", hash: `SHA-${alg.slice(2)}` };
      if (signature === undefined) throw new Error("no signer");
      const signed = Uint8Array.from(signature);
      await expect(crypto.subtle.verify(parameters, found.publicKey, signed, message)).resolves.toBe(true);
    },
  );

  it("that is none of its algorithm is refused", async () => {
    await expect(importResultKey({ ...key, alg: "ES256" })).rejects.toThrow(EnvironmentError);
  });
});

describe("the folder of policies", () => {
  const policy = (id: string) => ({
    version: 1,
    id,
    snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
  });
  let place: string;
  let lines: LogLine[];
  let opened: PolicyFolder | undefined;
  const write = (name: string, value: unknown) =>
    writeFileSync(join(place, name), typeof value === "string" ? value : JSON.stringify(value));
  const openIt = async () => {
    opened = await openPolicyFolder({ folder: place, everyMs: 600_000, log: (line) => void lines.push(line) });
    return opened;
  };
  beforeEach(() => {
    place = mkdtempSync(join(folder, "policies-"));
    lines = [];
    write("one.json", policy("one"));
    write("notes.txt", "no policy");
  });
  afterEach(() => opened?.close());

  it("is read, and read again", async () => {
    const policies = await openIt();
    expect([...policies.present().keys()]).toEqual(["one"]);
    const before = policies.present();
    await policies.reload();
    expect(policies.present()).toBe(before);
    write("two.json", policy("two"));
    await policies.reload();
    expect([...policies.present().keys()]).toEqual(["one", "two"]);
    expect([...before.keys()]).toEqual(["one"]);
    expect(lines).toEqual([{ event: "policies", policies: "one, two" }]);
  });

  it.each<[string, unknown]>([
    ["no JSON", "{"],
    ["no policy", { version: 1, id: "two", snp: {} }],
    ["a second policy of one id", policy("other")],
  ])("keeps the old set whole for %s, says so once, and takes the mended one", async (_, bad) => {
    const policies = await openIt();
    const before = policies.present();
    write("one.json", policy("other"));
    write("two.json", bad);
    await policies.reload();
    await policies.reload();
    expect(policies.present()).toBe(before);
    expect(policies.complaint()).toContain("two.json");
    expect(lines).toMatchObject([{ event: "policies-kept" }]);
    write("two.json", policy("two"));
    await policies.reload();
    expect([...policies.present().keys()]).toEqual(["other", "two"]);
    expect(policies.complaint()).toBeNull();
  });

  it("keeps the old set when the folder is gone or empty", async () => {
    const policies = await openIt();
    rmSync(join(place, "one.json"));
    await policies.reload();
    expect(policies.complaint()).toContain("no .json file");
    rmSync(place, { recursive: true });
    await policies.reload();
    expect(policies.complaint()).toContain("ENOENT");
    expect([...policies.present().keys()]).toEqual(["one"]);
    mkdirSync(place);
  });

  it("that is bad to begin with is refused", async () => {
    write("two.json", "{");
    await expect(openIt()).rejects.toThrow("two.json");
  });
});

describe("who asks", () => {
  const asks = (trusted: number, address: string, forwarded?: string) =>
    clientFinder(trusted)({
      env: { incoming: { socket: { remoteAddress: address, remotePort: 1, remoteFamily: "IPv4" } } },
      req: { header: () => forwarded },
      // Two members of a context are all that is looked at.
    } as unknown as Parameters<ReturnType<typeof clientFinder>>[0]);

  it.each<[string, number, string, string | undefined, string]>([
    ["the connection", 0, "192.0.2.1", undefined, "192.0.2.1"],
    ["the connection, whatever the client tells", 0, "192.0.2.1", "198.51.100.7", "192.0.2.1"],
    ["what one proxy saw", 1, "192.0.2.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"],
    ["what the first of two saw", 2, "192.0.2.1", "203.0.113.9, 198.51.100.7", "203.0.113.9"],
    ["the outermost there is", 5, "192.0.2.1", "203.0.113.9", "203.0.113.9"],
    ["a proxy that tells nothing", 1, "192.0.2.1", undefined, "192.0.2.1"],
    ["a network of IPv6", 0, "2001:db8:1:2:3:4:5:6", undefined, "2001:db8:1:2::/64"],
    ["a network of IPv6 in short", 0, "2001:db8::1", undefined, "2001:db8:0:0::/64"],
    ["this machine", 0, "::1", undefined, "0:0:0:0::/64"],
  ])("%s", (_, trusted, address, forwarded, expected) => {
    expect(asks(trusted, address, forwarded)).toBe(expected);
  });
});

it("metrics count requests, verdicts and releases, and say whether policies are fresh", async () => {
  let fresh = true;
  const metrics = createMetrics(() => fresh);
  metrics.request("/v1/releases", 200, 0.003);
  metrics.verdict("web", "reject", "snp.vmpl");
  metrics.released("web");
  const { body, contentType } = await metrics.text();
  expect(contentType).toContain("text/plain");
  expect(body).toContain('relying_party_request_seconds_count{route="/v1/releases",status="200"} 1');
  expect(body).toContain('relying_party_verdicts_total{policy="web",verdict="reject",reason="snp.vmpl"} 1');
  expect(body).toContain('relying_party_released_total{policy="web"} 1');
  expect(body).toContain("relying_party_policies_fresh 1");
  fresh = false;
  expect((await metrics.text()).body).toContain("relying_party_policies_fresh 0");
});

/** What every kind of store does alike. */
function describeStores(open: (perMinute: number) => Stores): void {
  const soon = () => new Date(Date.now() + 5000);

  it("spends an id once", async () => {
    const { spent } = open(10);
    expect(await spent.add("a".repeat(64), soon())).toBe(true);
    expect(await spent.add("a".repeat(64), soon())).toBe(false);
    expect(await spent.add("b".repeat(64), soon())).toBe(true);
  });

  it("keeps certificates byte for byte, each under its key", async () => {
    const { certificates } = open(10);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await certificates.set("milan", bytes, { expiresAt: soon() });
    expect(await certificates.get("milan")).toEqual(bytes);
    expect(await certificates.get("genoa")).toBeUndefined();
  });

  it("keeps a session until it ends", async () => {
    const { sessions } = open(10);
    await sessions.keep("long", "value", soon());
    await sessions.keep("short", "value", new Date(Date.now() + 30));
    expect(await sessions.find("long")).toBe("value");
    await expect.poll(() => sessions.find("short")).toBeNull();
    expect(await sessions.find("never")).toBeNull();
  });

  it("lets a client ask so often, and no oftener", async () => {
    const { limiter } = open(2);
    expect([await limiter.take("x"), await limiter.take("x")]).toEqual([null, null]);
    const wait = await limiter.take("x");
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60_000);
    expect(await limiter.take("y")).toBeNull();
  });
}

describe("stores in memory", () => {
  describeStores(memoryStores);

  it("withhold none of a client's permits, since nobody else hands them out", async () => {
    const { limiter } = memoryStores(201);
    const answers = await Promise.all(Array.from({ length: 300 }, () => limiter.take("x")));
    expect(answers.filter((answer) => answer === null)).toHaveLength(201);
  });

  it("forget the oldest session when there are too many", async () => {
    const { sessions } = memoryStores(10);
    const until = new Date(Date.now() + 60_000);
    for (let index = 0; index <= 10_000; index++) await sessions.keep(`s${index}`, "value", until);
    expect(await sessions.find("s0")).toBeNull();
    expect(await sessions.find("s1")).toBe("value");
    expect(await sessions.find("s10000")).toBe("value");
  });
});

describe.runIf(needs("redis-server"))("stores in Redis", () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let opened = 0;
  const complaints: LogLine[] = [];
  beforeAll(async () => {
    server = await startRedis();
    redis = await openRedis(server.url, (line) => void complaints.push(line));
  });
  afterAll(async () => {
    await redis.close();
    await server.stop();
  });

  describeStores((perMinute) => redisStores(redis, { perMinute, prefix: `test:${opened++}:` }));

  it("are shared by whoever uses the same prefix", async () => {
    const options = { perMinute: 1, prefix: "shared:" };
    const [one, two] = [redisStores(redis, options), redisStores(redis, options)];
    const until = new Date(Date.now() + 5000);
    expect(await one.spent.add("id", until)).toBe(true);
    expect(await two.spent.add("id", until)).toBe(false);
    expect(await one.limiter.take("client")).toBeNull();
    expect(await two.limiter.take("client")).toBeGreaterThan(0);
  });

  it("that are gone refuse to spend, and let each copy count requests for itself", async () => {
    const own = await startRedis();
    const gone = await openRedis(own.url, (line) => void complaints.push(line));
    const stores = redisStores(gone, { perMinute: 1, prefix: "gone:" });
    expect(await stores.limiter.take("x")).toBeNull();
    await own.stop();
    await expect.poll(() => gone.ready()).toBe(false);
    await expect(stores.spent.add("id", new Date(Date.now() + 5000))).rejects.toThrow();
    expect(await stores.limiter.take("y")).toBeNull();
    expect(await stores.limiter.take("y")).toBeGreaterThan(0);
    expect(complaints).toContainEqual(expect.objectContaining({ event: "redis" }));
    await gone.close();
  });

  it("that were never there are refused at once", async () => {
    const own = await startRedis();
    await own.stop();
    await expect(openRedis(own.url, () => undefined)).rejects.toThrow();
  });
});
