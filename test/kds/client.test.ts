import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { isAttestationError } from "../../src/errors.js";
import { type Cache, createKdsClient, createMemoryCache, type KdsClientOptions } from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { CollateralRequest } from "../../src/verify/types.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import { body, type FakeTransport, fakeTransport, leafOf, pem, silence } from "./fake-transport.js";

let forge: Forge;
let kds: FakeTransport;
let leaf: CollateralRequest & { role: "leaf" };
/** What the clients of a test tell as the time. */
let now: Date;

const CRL = { role: "crl", productLine: "Milan", signingKey: "VCEK" } as const;
const CHAIN = { role: "intermediate", productLine: "Milan", signingKey: "VCEK" } as const;
const MINUTE = 60_000;
const DAY = 86_400_000;

beforeAll(async () => {
  forge = await createForge({ seed: "kds client" });
});
beforeEach(() => {
  vi.useFakeTimers();
  kds = fakeTransport(forge);
  leaf = leafOf(forge);
  now = forge.now;
});
afterEach(() => {
  expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
  vi.useRealTimers();
});

function client(options: Partial<KdsClientOptions> = {}) {
  const { transport } = kds;
  const rate = { vcekIntervalMs: 0, otherIntervalMs: 0 };
  return createKdsClient({
    now: () => now,
    anchors: [forge.ark().der],
    engine: nodeEngine,
    transport,
    rate,
    ...options,
  });
}

/** Runs the timers until a promise is settled, at most ten minutes. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let done = false;
  const end = () => {
    done = true;
  };
  promise.then(end, end);
  for (let ms = 0; !done && ms < 10 * MINUTE; ms += 50) await vi.advanceTimersByTimeAsync(50);
  return await promise;
}

describe("what is asked for", () => {
  it("comes in DER: a VCEK, the intermediate of its branch, the CRL", async () => {
    const source = client();
    expect(await source.get(leaf, {})).toEqual(forge.vcek().der);
    expect(await source.get(CHAIN, {})).toEqual(forge.ask().der);
    expect(await source.get({ ...CHAIN, signingKey: "VLEK" }, {})).toEqual(forge.asvk().der);
    expect(await source.get(CRL, {})).toEqual(forge.crl().der);
    expect(kds.asked.map(({ request }) => new URL(request.url).pathname.split("/").slice(1, 5).join("/"))).toEqual([
      "vcek/v1/Milan/cert_chain",
      expect.stringMatching(/^vcek\/v1\/Milan\/[0-9a-f]{128}$/),
      "vlek/v1/Milan/cert_chain",
      "vcek/v1/Milan/crl",
    ]);
  });

  it("is asked of the branch that it is for", async () => {
    const source = client();
    await source.get({ ...CRL, signingKey: "VLEK" }, {});
    await source.get(CRL, {});
    expect(kds.asked.map(({ wanted }) => wanted.signingKey)).toEqual(["VLEK", "VCEK"]);
  });

  it("is undefined for a VLEK and for a reserved SPL above 0, without a request", async () => {
    const source = client();
    expect(await source.get({ ...leaf, signingKey: "VLEK" }, {})).toBeUndefined();
    expect(await source.get({ ...leaf, reportedTcb: { ...leaf.reportedTcb, spl6: 1 } }, {})).toBeUndefined();
    expect(kds.asked).toEqual([]);
  });

  it("may come in DER or in PEM, whatever is usual", async () => {
    const forms = { leaf: pem(forge.vcek().der), intermediate: forge.ask().der, crl: pem(forge.crl().der) };
    kds.answer = ({ wanted }) => body(forms[wanted.role]);
    const source = client();
    expect(await source.get(leaf, {})).toEqual(forge.vcek().der);
    expect(await source.get(CHAIN, {})).toEqual(forge.ask().der);
    expect(await source.get(CRL, {})).toEqual(forge.crl().der);
  });

  it("of a line without an anchor is refused before anything is asked", async () => {
    await expect(client().get({ ...CRL, productLine: "Genoa" }, {})).toFailWith("ERR_UNTRUSTED_ROOT");
    expect(kds.asked).toEqual([]);
  });

  it("is a copy for each, and what was asked cannot be changed meanwhile", async () => {
    const source = client();
    const first = source.get(leaf, {});
    const second = source.get(leaf, {});
    leaf.hwId.fill(0);
    const [a, b] = [await first, await second];
    expect(a).toEqual(forge.vcek().der);
    a?.fill(0);
    expect(b).toEqual(forge.vcek().der);
    expect(await source.get(leafOf(forge), {})).toEqual(forge.vcek().der);
    expect(kds.count("leaf")).toBe(1);
  });

  it.each<[string, unknown, unknown]>([
    ["no request", undefined, {}],
    ["an unknown role", { ...CRL, role: "root" }, {}],
    ["an hwId of another length", { ...CRL, role: "leaf", hwId: new Uint8Array(8), reportedTcb: {} }, {}],
    ["an unknown option", CRL, { timeout: 5 }],
    ["a signal that is none", CRL, { signal: {} }],
  ])("is a TypeError for %s", async (_, request, call) => {
    await expect(client().get(request as never, call as never)).rejects.toBeInstanceOf(TypeError);
    expect(kds.asked).toEqual([]);
  });
});

/** Downloads that must not be believed; the sound twin of each is what the tests above get. */
const WRONG: readonly [string, CollateralRequest["role"], () => Uint8Array, ErrorCode][] = [
  ["of another chip", "leaf", () => forge.vcek({ chip: "1" }).der, "ERR_COLLATERAL_UNAVAILABLE"],
  ["of another TCB", "leaf", () => forge.vcek({ tcb: { snp: 23 } }).der, "ERR_COLLATERAL_UNAVAILABLE"],
  ["with a reserved SPL", "leaf", () => forge.vcek({ tcb: { spl4: 1 } }).der, "ERR_COLLATERAL_UNAVAILABLE"],
  ["of another line", "leaf", () => forge.vcek({ productLine: "Genoa" }).der, "ERR_UNTRUSTED_PRODUCT_LINE"],
  ["that is a VLEK", "leaf", () => forge.vlek().der, "ERR_UNTRUSTED_BRANCH"],
  ["signed by another", "leaf", () => forge.vcek(foreign()).der, "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE"],
  ["that has expired", "leaf", () => forge.vcek({ notAfter: day(-1) }).der, "ERR_UNTRUSTED_CERTIFICATE_EXPIRED"],
  ["of tomorrow", "leaf", () => forge.vcek({ notBefore: day(1) }).der, "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID"],
  ["without an hwID", "leaf", () => forge.vcek({ hwId: null }).der, "ERR_UNTRUSTED_CERTIFICATE_PROFILE"],
  ["that is a web page", "leaf", () => new TextEncoder().encode("<html>log in"), "ERR_MALFORMED_DER"],
  ["that is empty", "leaf", () => new Uint8Array(), "ERR_MALFORMED_DER"],
  ["of the other branch", "intermediate", () => pem(forge.asvk().der, forge.ark().der), "ERR_UNTRUSTED_BRANCH"],
  ["of another line", "intermediate", () => forge.ask({ productLine: "Genoa" }).der, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  [
    "under another root",
    "intermediate",
    () => pem(forge.ask().der, forge.ark({ serial: 9n }).der),
    "ERR_UNTRUSTED_ROOT",
  ],
  ["signed by another", "intermediate", () => forge.ask(foreign()).der, "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE"],
  ["that has expired", "intermediate", () => forge.ask({ notAfter: day(-1) }).der, "ERR_UNTRUSTED_CERTIFICATE_EXPIRED"],
  ["after its root", "intermediate", () => pem(forge.ark().der, forge.ask().der), "ERR_UNTRUSTED_BRANCH"],
  ["of another line", "crl", () => forge.crl({ productLine: "Genoa" }).der, "ERR_UNTRUSTED_CRL_ISSUER"],
  ["signed by another", "crl", () => forge.crl(foreign()).der, "ERR_UNTRUSTED_CRL_SIGNATURE"],
  ["that is a certificate", "crl", () => forge.ark().der, "ERR_MALFORMED_CRL"],
];
const foreign = () => ({ signWith: forge.foreignCaKey() });
const day = (days: number) => new Date(forge.now.getTime() + days * DAY);
const requestOf = (role: CollateralRequest["role"]) => ({ leaf, intermediate: CHAIN, crl: CRL })[role];

/** What goes into a cache and comes out of it. */
function spiedCache() {
  const memory = createMemoryCache();
  const kept: { key: string; bytes: Uint8Array; expiresAt: Date }[] = [];
  const cache: Cache = {
    get: (key) => memory.get(key),
    set: (key, bytes, { expiresAt }) => {
      kept.push({ key, bytes, expiresAt });
      return memory.set(key, bytes, { expiresAt });
    },
  };
  return { cache, kept };
}

describe("a download", () => {
  it.each(WRONG)("%s is no %s: it is not answered, not kept, and not asked for again for a minute", async (...row) => {
    const [, role, bytes, code] = row;
    const { cache, kept } = spiedCache();
    kds.answer = ({ wanted }) => (wanted.role === role ? body(bytes()) : undefined);
    const source = client({ cache });
    for (let round = 0; round < 2; round++) {
      const refusal: unknown = await source.get(requestOf(role), {}).catch((error: unknown) => error);
      if (!isAttestationError(refusal, "ERR_COLLATERAL_UNAVAILABLE")) throw refusal;
      expect(refusal).toMatchObject({ retryable: true, detail: { role }, cause: { code } });
    }
    expect(kds.count(role)).toBe(1);
    expect(kept.map((entry) => entry.bytes)).toEqual(role === "leaf" ? [forge.ask().der] : []);
    kds.answer = () => undefined;
    now = new Date(now.getTime() + MINUTE);
    expect(await source.get(requestOf(role), {})).toBeDefined();
    expect(kds.count(role)).toBe(2);
  });

  it("under AMD's own keys is verified with the pinned intermediate, and a forged one is refused", async () => {
    const source = createKdsClient({ now: () => now, engine: nodeEngine, transport: kds.transport });
    const refusal = source.get(leaf, {});
    await expect(settled(refusal)).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    await expect(refusal).rejects.toMatchObject({ cause: { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" } });
    expect(kds.count("intermediate")).toBe(0);
  });

  it("that verified is kept until it expires", async () => {
    const { cache, kept } = spiedCache();
    const source = client({ cache });
    for (const request of [leaf, CRL]) await source.get(request, {});
    const crl = parseCrl(forge.crl().der);
    const ends = [forge.ask().der, forge.vcek().der].map((der) => new Date(parseCertificate(der).notAfter));
    expect(kept.map(({ expiresAt }) => expiresAt)).toEqual([...ends, new Date(crl.nextUpdate)]);
    expect(kept.map(({ bytes }) => bytes)).toEqual([forge.ask().der, forge.vcek().der, forge.crl().der]);
  });

  it("completes a verification", async () => {
    const { evidence, anchors } = forge.evidence({ omit: ["leaf", "intermediate", "root", "crl"] });
    const collateral = client();
    const verified = await verifyEvidence(evidence, { now, anchors, collateral, engine: nodeEngine });
    expect(verified.revocation).toMatchObject({ status: "checked", source: "collateral" });
    expect(kds.asked).toHaveLength(3);
  });
});

describe("what is cached", () => {
  it("is answered without a request, by another client as well", async () => {
    const cache = createMemoryCache();
    for (const source of [client({ cache }), client({ cache })]) {
      for (const request of [leaf, CHAIN, CRL, leaf]) expect(await source.get(request, {})).toBeDefined();
    }
    expect(kds.asked).toHaveLength(3);
  });

  it("is not answered for anything that differs: base URL, roots, line, branch, chip, every SPL", async () => {
    const { cache, kept } = spiedCache();
    const baseUrl = "https://mirror.example";
    const mirrored = fakeTransport(forge, ["0", "1"], baseUrl);
    const both = fakeTransport(forge, ["0", "1"]);
    const anchors = [forge.ark().der];
    const source = client({ cache, transport: both.transport });
    const spls = (["bootLoader", "tee", "snp", "microcode"] as const).map((name) => ({
      ...leaf,
      reportedTcb: { ...leaf.reportedTcb, [name]: leaf.reportedTcb[name] + 1 },
    }));
    const asked = [leaf, leafOf(forge, "1"), ...spls, CRL, { ...CRL, signingKey: "VLEK" as const }];
    for (const request of asked) expect(await source.get(request, {})).toBeDefined();
    await client({ cache, baseUrl, transport: mirrored.transport }).get(leaf, {});
    await client({
      cache,
      transport: both.transport,
      anchors: [...anchors, forge.ark({ productLine: "Genoa" }).der],
    }).get({ ...CRL, productLine: "Genoa" }, {});
    await client({ cache, transport: both.transport, anchors: [...anchors, forge.ark({ serial: 5n }).der] }).get(
      CRL,
      {},
    );
    expect(new Set(kept.map(({ key }) => key)).size).toBe(kept.length);
    expect(kept.length).toBe(asked.length + 1 + 2 + 1 + 1);
    for (const { key } of kept) expect(key).toMatch(/^attestry-1-[0-9a-f]{64}$/);
  });

  it.each(WRONG)("and %s is no %s: it is dropped and fetched once", async (_, role, bytes) => {
    const { cache, kept } = spiedCache();
    const source = client({ cache });
    const sound = await source.get(requestOf(role), {});
    const entry = kept.at(-1);
    if (entry === undefined) throw new Error("nothing was kept");
    await cache.set(entry.key, bytes(), { expiresAt: entry.expiresAt });
    for (let round = 0; round < 3; round++) expect(await source.get(requestOf(role), {})).toEqual(sound);
    expect(kds.count(role)).toBe(2);
  });

  it.each<[string, (bytes: Uint8Array) => unknown]>([
    ["torn", (bytes) => bytes.subarray(0, 700)],
    ["empty", () => new Uint8Array()],
    ["longer by a byte", (bytes) => Uint8Array.of(...bytes, 0)],
    ["with one bit flipped", (bytes) => bytes.map((byte, at) => (at === 400 ? byte ^ 1 : byte))],
    ["huge", () => new Uint8Array(10_000_000)],
    ["a text", (bytes) => Array.from(bytes, String).join()],
    ["an object", () => ({ length: 3 })],
    ["null", () => null],
    ["a promise that is rejected", () => Promise.reject(new Error("no connection"))],
  ])("and %s is a miss and no error", async (_, spoil) => {
    const memory = createMemoryCache();
    let spoiled = true;
    const cache: Cache = {
      ...memory,
      async get(key) {
        const found = await memory.get(key);
        return found === undefined || !spoiled ? found : ((await spoil(found)) as Uint8Array);
      },
    };
    const source = client({ cache });
    await source.get(CRL, {});
    await source.get(CRL, {});
    expect(kds.count("crl")).toBe(2);
    spoiled = false;
    expect(await source.get(CRL, {})).toEqual(forge.crl().der);
    expect(kds.count("crl")).toBe(2);
  });

  it("in a cache that fails is downloaded each time, and nothing else happens", async () => {
    const cache: Cache = {
      get() {
        throw new Error("no connection");
      },
      set: () => Promise.reject(new Error("no connection")),
    };
    const source = client({ cache });
    for (let round = 0; round < 2; round++) expect(await source.get(CRL, {})).toEqual(forge.crl().der);
    expect(kds.count("crl")).toBe(2);
  });

  it("in a cache that never answers is waited for until the time is up", async () => {
    const source = client({ cache: { get: silence, set: () => undefined }, timeoutMs: 5000 });
    await expect(settled(source.get(CRL, {}))).toFailWith("ERR_COLLATERAL_UNAVAILABLE", {
      reason: "timed out",
    });
  });

  it("and past its end is fetched anew", async () => {
    const cache = createMemoryCache();
    const source = client({ cache });
    await source.get(leaf, {});
    now = new Date(parseCertificate(forge.vcek().der).notAfter + 1);
    const next = forge.vcek({ notAfter: new Date(now.getTime() + DAY) }).der;
    kds.answer = ({ wanted }) => (wanted.role === "leaf" ? body(next) : undefined);
    for (let round = 0; round < 2; round++) expect(await source.get(leaf, {})).toEqual(next);
    expect(kds.count("leaf")).toBe(2);
  });

  it("and good still is answered under an intermediate that was issued anew", async () => {
    const shortLived = forge.ask({ notAfter: day(10) }).der;
    kds.answer = ({ wanted }) => (wanted.role === "intermediate" ? body(shortLived) : undefined);
    const source = client();
    expect(await source.get(leaf, {})).toEqual(forge.vcek().der);
    kds.answer = () => undefined;
    now = day(11);
    expect(await source.get(leaf, {})).toEqual(forge.vcek().der);
    expect([kds.count("leaf"), kds.count("intermediate")]).toEqual([1, 2]);
  });

  it("is judged by an engine that can work; one that cannot is no miss", async () => {
    const cache = createMemoryCache();
    await client({ cache }).get(CRL, {});
    const broken = {
      ...nodeEngine,
      verifyRsaPss(): never {
        throw new Error("no memory");
      },
    };
    await expect(client({ cache, engine: broken }).get(CRL, {})).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    await expect(client({ engine: broken }).get(CRL, {})).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    expect(kds.count("crl")).toBe(2);
  });
});
