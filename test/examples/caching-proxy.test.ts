import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProxy } from "../../examples/caching-proxy.js";
import { createKdsClient, type KdsClientOptions } from "../../src/kds/index.js";
import { createForge } from "../../src/testing/index.js";
import { type FakeKds, startFakeKds } from "../../src/testing/kds/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";

const PAGE = "https://page.example";
const forge = await createForge({ seed: "caching proxy" });
const { evidence, anchors, now, chip } = forge.evidence({ omit: ["leaf", "intermediate", "root", "crl"] });
const vcekPath = `/vcek/v1/Milan/${Buffer.from(chip.hwId).toString("hex")}?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219`;

it("has thirty lines", () => {
  const text = readFileSync(join(import.meta.dirname, "../../examples/caching-proxy.ts"), "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
});

let kds: FakeKds;
let proxy: Server;
let url: string;

async function start(options: Partial<KdsClientOptions> = {}): Promise<void> {
  const retry = { attempts: 1 };
  proxy = createProxy(PAGE, { now: () => now, anchors, baseUrl: kds.url, retry, ...options });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe("the caching proxy", () => {
  beforeEach(async () => {
    kds = await startFakeKds({ forge });
  });
  afterEach(async () => {
    proxy.close();
    proxy.closeAllConnections();
    await kds.close();
  });

  it("serves a client as the KDS does, and the KDS is asked once", async () => {
    await start();
    for (let page = 0; page < 5; page++) {
      const collateral = createKdsClient({ now: () => now, anchors, baseUrl: url });
      const verified = await verifyEvidence(evidence, { now, anchors, collateral });
      expect(verified.revocation).toMatchObject({ status: "checked", source: "collateral" });
    }
    expect(kds.requests.map(({ kind }) => kind).sort()).toEqual(["cert_chain", "crl", "vcek"]);
  });

  it("lets pages of one origin read its answers, good or bad", async () => {
    await start();
    for (const [path, status] of [
      [vcekPath, 200],
      ["/nowhere", 404],
    ] as const) {
      const response = await fetch(url + path);
      expect(response.status).toBe(status);
      expect(response.headers.get("access-control-allow-origin")).toBe(PAGE);
    }
  });

  it.each([
    ["the root", "/"],
    ["another host", "//evil.example/vcek/v1/Milan/crl"],
    ["a whole URL", "/http://evil.example/vcek/v1/Milan/crl"],
    ["a path with dots", "/vcek/v1/../v1/Rome/crl"],
    ["a VLEK", "/vlek/v1/Milan/cert?blSPL=4"],
    ["a chip that is too short", "/vcek/v1/Milan/abcd?blSPL=4"],
  ])("asks the KDS for nothing but what it has: %s", async (_, path) => {
    await start();
    expect((await fetch(url + path)).status).toBe(404);
    expect(kds.count()).toBe(0);
  });

  it("does not have what the KDS does not have", async () => {
    await start();
    expect((await fetch(`${url}${vcekPath.replace(/[0-9a-f]{128}/, "ab".repeat(64))}`)).status).toBe(404);
  });

  it("asks for known chips alone where it is told to", async () => {
    const known = Buffer.from(chip.hwId);
    await start({ allow: (request) => request.role !== "leaf" || known.equals(request.hwId) });
    expect((await fetch(url + vcekPath)).status).toBe(200);
    expect((await fetch(`${url}${vcekPath.replace(/[0-9a-f]{128}/, "ab".repeat(64))}`)).status).toBe(403);
    expect(kds.count({ kind: "vcek" })).toBe(1);
  });

  it.each([
    ["POST", 405],
    ["PUT", 405],
    ["DELETE", 405],
  ])("answers no %s", async (method, status) => {
    await start();
    expect((await fetch(url + vcekPath, { method })).status).toBe(status);
    expect(kds.count()).toBe(0);
  });

  it.each([
    [500, 503],
    [429, 503],
    [400, 502],
  ])("says with a KDS that answers %d: %d", async (status, expected) => {
    await start({ timeoutMs: 200 });
    kds.misbehave({ kind: "status", status });
    const response = await fetch(`${url}/vcek/v1/Milan/crl`);
    expect(response.status).toBe(expected);
    expect(response.headers.get("retry-after")).toBe("10");
  });

  it("hands on nothing that does not hold", async () => {
    await start({ timeoutMs: 200 });
    kds.misbehave({ kind: "body", body: forge.crl({ signWith: forge.foreignCaKey() }).der });
    expect((await fetch(`${url}/vcek/v1/Milan/crl`)).status).toBeGreaterThanOrEqual(500);
  });
});
