import { request as httpRequest } from "node:http";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createForge } from "../../../src/testing/index.js";
import { type FakeKdsOptions, startFakeKds } from "../../../src/testing/kds/index.js";
import { pemToDer } from "../../../src/x509/pem.js";

const forge = await createForge({ seed: "fake key server" });
const kds = await startFakeKds({ forge, chips: ["0", "1"] });
afterAll(() => kds.close());
beforeEach(() => kds.forget());

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const get = (path: string) => fetch(`${kds.url}${path}`);

const milan = hexOf(forge.chip({ productLine: "Milan", chip: "1" }).hwId);
const turin = hexOf(forge.chip({ productLine: "Turin", chip: "1" }).hwId);
const MILAN_SPLS = "blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219";
const TURIN_SPLS = "fmcSPL=01&blSPL=01&teeSPL=01&snpSPL=04&ucodeSPL=81";

describe("a fake key server", () => {
  it("has a Milan chip's VCEK at 128 digits and four SPLs", async () => {
    const response = await get(`/vcek/v1/Milan/${milan}?${MILAN_SPLS}`);
    expect(response.status).toBe(200);
    expect(await bytesOf(response)).toEqual(forge.vcek({ productLine: "Milan", chip: "1" }).der);
  });

  it("has a Turin chip's VCEK at 16 digits and five SPLs", async () => {
    const response = await get(`/vcek/v1/Turin/${turin}?${TURIN_SPLS}`);
    expect(await bytesOf(response)).toEqual(forge.vcek({ productLine: "Turin", chip: "1" }).der);
  });

  it("certifies the TCB that is asked for, zero where nothing is said", async () => {
    const response = await get(`/vcek/v1/Milan/${milan}?snpSPL=7`);
    const tcb = { bootLoader: 0, tee: 0, snp: 7, microcode: 0 };
    expect(await bytesOf(response)).toEqual(forge.vcek({ productLine: "Milan", chip: "1", tcb }).der);
  });

  it.each([
    ["vcek", "ask"],
    ["vlek", "asvk"],
  ] as const)("has the %s chain, the intermediate first", async (branch, maker) => {
    const body = await bytesOf(await get(`/${branch}/v1/Genoa/cert_chain`));
    const ark = forge.ark({ productLine: "Genoa" }).der;
    expect(pemToDer(body)).toEqual([forge[maker]({ productLine: "Genoa" }).der, ark]);
    expect(body.includes(13)).toBe(false);
  });

  it.each(["vcek", "vlek"])("has the CRL in DER under %s", async (branch) => {
    const body = await bytesOf(await get(`/${branch}/v1/Turin/crl`));
    expect(body).toEqual(forge.crl({ productLine: "Turin" }).der);
  });

  it.each([
    ["a chip that is not known", `/vcek/v1/Milan/${"ab".repeat(64)}?${MILAN_SPLS}`, 404],
    ["Turin with 128 digits", `/vcek/v1/Turin/${turin}${"00".repeat(56)}?${TURIN_SPLS}`, 404],
    ["Milan with 16 digits", `/vcek/v1/Milan/${milan.slice(0, 16)}?${MILAN_SPLS}`, 404],
    ["capitals", `/vcek/v1/Milan/${milan.toUpperCase()}?${MILAN_SPLS}`, 400],
    ["an odd number of digits", `/vcek/v1/Milan/${milan.slice(1)}?${MILAN_SPLS}`, 400],
    ["fmcSPL on Milan", `/vcek/v1/Milan/${milan}?fmcSPL=1&${MILAN_SPLS}`, 400],
    ["an SPL of 256", `/vcek/v1/Milan/${milan}?snpSPL=256`, 400],
    ["an SPL in hex", `/vcek/v1/Milan/${milan}?snpSPL=0x7`, 400],
    ["an SPL twice", `/vcek/v1/Milan/${milan}?snpSPL=7&snpSPL=7`, 400],
    ["a parameter of no meaning", `/vcek/v1/Milan/${milan}?spl=7`, 400],
    ["a line in small letters", "/vcek/v1/milan/cert_chain", 404],
    ["a line that does not exist", "/vcek/v1/Rome/crl", 404],
    ["another version", "/vcek/v2/Milan/crl", 404],
    ["another branch", "/ark/v1/Milan/crl", 404],
    ["more path", "/vcek/v1/Milan/crl/x", 404],
    ["no last part", "/vcek/v1/Milan/", 404],
    ["the root", "/", 404],
    ["a VLEK", "/vlek/v1/Milan/cert?snpSPL=7", 401],
    ["a chip in the VLEK branch", `/vlek/v1/Milan/${milan}?${MILAN_SPLS}`, 404],
  ])("answers %s by a status", async (_, path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  it("answers GET alone", async () => {
    const response = await fetch(`${kds.url}/vcek/v1/Milan/crl`, { method: "POST", body: "x" });
    expect(response.status).toBe(405);
  });

  it("learns chips", async () => {
    const chip = forge.chip({ productLine: "Milan", chip: "late" });
    const path = `/vcek/v1/Milan/${hexOf(chip.hwId)}?${MILAN_SPLS}`;
    expect((await get(path)).status).toBe(404);
    kds.addChip("late");
    expect((await get(path)).status).toBe(200);
  });

  it("keeps a log and counts", async () => {
    await get("/vcek/v1/Milan/crl");
    await get("/vlek/v1/Milan/crl");
    await get("/vcek/v1/Genoa/cert_chain");
    await get("/nowhere");
    const [first] = kds.requests;
    expect(first).toMatchObject({ method: "GET", url: "/vcek/v1/Milan/crl", kind: "crl", signingKey: "VCEK" });
    expect(Math.abs((first?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(kds.count()).toBe(4);
    expect(kds.count({ kind: "crl" })).toBe(2);
    expect(kds.count({ kind: "crl", signingKey: "VLEK" })).toBe(1);
    expect(kds.count({ productLine: "Genoa" })).toBe(1);
    expect(kds.count({ kind: "other", productLine: null })).toBe(1);
    kds.forget();
    expect(kds.count()).toBe(0);
  });

  it("ends the chains' lines as told", async () => {
    const windows = await startFakeKds({ forge, lineEnd: "\r\n" });
    const body = await bytesOf(await fetch(`${windows.url}/vcek/v1/Milan/cert_chain`));
    expect(Buffer.from(body).toString()).toMatch(/^-----BEGIN CERTIFICATE-----\r\n(?:[^\r\n]{1,64}\r\n)+/);
    expect(pemToDer(body)).toHaveLength(2);
    await windows.close();
  });

  it("is gone when closed, open answers as well", async () => {
    const other = await startFakeKds({ forge });
    other.misbehave({ kind: "silence" });
    const open = fetch(`${other.url}/vcek/v1/Milan/crl`);
    const refused = expect(open).rejects.toThrow();
    await expect.poll(() => other.count()).toBe(1);
    await other.close();
    await refused;
    await expect(fetch(other.url)).rejects.toThrow();
  });
});

describe("a fault", () => {
  const path = "/vcek/v1/Milan/crl";
  const crl = forge.crl({ productLine: "Milan" }).der;

  it("is a status, with Retry-After, as often as told", async () => {
    kds.misbehave({ kind: "status", status: 429, retryAfter: "7" }, { times: 2 });
    for (const status of [429, 429, 200]) {
      const response = await get(path);
      expect(response.status).toBe(status);
      expect(response.headers.get("retry-after")).toBe(status === 429 ? "7" : null);
    }
  });

  it("strikes the requests that it is for, until mended; the newest first", async () => {
    const mendAll = kds.misbehave({ kind: "status", status: 500 });
    const mendCrl = kds.misbehave({ kind: "status", status: 503 }, { when: ({ kind }) => kind === "crl" });
    expect((await get(path)).status).toBe(503);
    expect((await get("/vcek/v1/Milan/cert_chain")).status).toBe(500);
    mendCrl();
    expect((await get(path)).status).toBe(500);
    mendAll();
    expect((await get(path)).status).toBe(200);
  });

  it("is another body", async () => {
    kds.misbehave({ kind: "body", body: Uint8Array.of(1, 2) }, { times: 1 });
    expect(await bytesOf(await get(path))).toEqual(Uint8Array.of(1, 2));
  });

  it("is a redirect", async () => {
    kds.misbehave({ kind: "redirect", status: 302, location: "/elsewhere" }, { times: 1 });
    const response = await fetch(`${kds.url}${path}`, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/elsewhere"]);
  });

  it.each([
    ["late", { kind: "delay", ms: 30 }],
    ["in pieces", { kind: "drip", pieceBytes: 400, everyMs: 5 }],
  ] as const)("is the sound answer %s", async (_, fault) => {
    kds.misbehave(fault, { times: 1 });
    const started = performance.now();
    expect(await bytesOf(await get(path))).toEqual(crl);
    // Timers round down to whole milliseconds.
    expect(performance.now() - started).toBeGreaterThan(8);
  });

  it.each([true, false])("is too much, announced: %s", async (announced) => {
    kds.misbehave({ kind: "oversized", bytes: 300_000, announced }, { times: 1 });
    const response = await get(path);
    expect(response.headers.get("content-length")).toBe(announced ? "300000" : null);
    expect(await bytesOf(response)).toHaveLength(300_000);
  });

  it("is too little", async () => {
    kds.misbehave({ kind: "truncated", bytes: 10 }, { times: 1 });
    const response = await get(path);
    expect(response.headers.get("content-length")).toBe(String(crl.length));
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it("is a cut connection", async () => {
    kds.misbehave({ kind: "reset" }, { times: 1 });
    await expect(get(path)).rejects.toThrow();
  });

  it("counts what is under way, and connections", async () => {
    const own = await startFakeKds({ forge });
    const mend = own.misbehave({ kind: "delay", ms: 50 });
    await Promise.all([1, 2, 3].map(async () => bytesOf(await fetch(`${own.url}${path}`))));
    expect([own.peak, own.connections]).toEqual([3, 3]);
    mend();
    await own.close();
  });
});

describe("options of a fake key server", () => {
  it.each<[string, unknown]>([
    ["a forge that is none", { forge: {} }],
    ["no forge", {}],
    ["chips that are no names", { forge, chips: [1] }],
    ["another line end", { forge, lineEnd: "\r" }],
    ["an unknown option", { forge, port: 80 }],
  ])("are refused with %s", async (_, options) => {
    await expect(startFakeKds(options as FakeKdsOptions)).rejects.toBeInstanceOf(TypeError);
  });

  it("tell that a malformed request line is no path of the KDS", async () => {
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(kds.url);
      const message = httpRequest({ host: "127.0.0.1", port, path: "//%" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      message.on("error", reject);
      message.end();
    });
    expect(status).toBe(404);
  });
});
