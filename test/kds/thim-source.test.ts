import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { encodeTcb } from "../../src/amd/tcb.js";
import { toHex } from "../../src/bytes/codecs.js";
import { createThimSource, firstOf, type ThimSourceOptions } from "../../src/kds/index.js";
import { createForge, type ForgedEvidence } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { CollateralRequest, CollateralSource } from "../../src/verify/types.js";

const forge = await createForge({ seed: "thim source" });
const forged = forge.evidence();
const other = forge.evidence({ chip: "other" });
const { evidence, anchors, now, chip } = forged;

const pem = (...ders: readonly Uint8Array[]) =>
  ders
    .map((der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`)
    .join("");

function answerOf({ leaf, intermediate, root, chip: of }: ForgedEvidence) {
  return {
    vcekCert: pem(leaf.der),
    tcbm: toHex(encodeTcb(of.productLine, of.tcb).reverse()).toUpperCase(),
    certificateChain: pem(intermediate.der, root.der),
    cacheControl: "86400",
  };
}

const sound = answerOf(forged);
const leafRequest: CollateralRequest = {
  role: "leaf",
  productLine: "Milan",
  signingKey: "VCEK",
  hwId: chip.hwId,
  reportedTcb: chip.tcb,
};
const askRequest: CollateralRequest = { role: "intermediate", productLine: "Milan", signingKey: "VCEK" };

/** A host's metadata service. */
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let seen: IncomingMessage[] = [];
const server: Server = createServer((request, response) => {
  seen.push(request);
  respond(request, response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata/THIM/amd/certification`;
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const json = (value: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
};
let time = now.getTime();
beforeEach(() => {
  seen = [];
  time = now.getTime();
  respond = json(sound);
});
const open = (options: Partial<ThimSourceOptions> = {}) =>
  createThimSource({ now: () => new Date(time), url, ...options });
const ask = (source: CollateralSource, request: CollateralRequest = leafRequest) => source.get(request, {});

describe("the THIM source", () => {
  it("completes evidence that then verifies", async () => {
    const crl = evidence.certificates?.crl ?? new Uint8Array();
    const bare = { report: evidence.report, certificates: { crl } };
    const verified = await verifyEvidence(bare, { now, anchors, collateral: open() });
    expect(verified.certificates.intermediate.origin).toBe("supplied");
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "GET", url: "/metadata/THIM/amd/certification" });
    expect(seen[0]?.headers).toMatchObject({ metadata: "true" });
  });

  it("has leaf and intermediate, and no CRL", async () => {
    const source = open();
    expect(await ask(source)).toEqual(forged.leaf.der);
    expect(await ask(source, askRequest)).toEqual(forged.intermediate.der);
    expect(await ask(source, { ...askRequest, role: "crl" })).toBeUndefined();
    expect(seen).toHaveLength(1);
  });

  it("asks nobody for a CRL", async () => {
    expect(await ask(open(), { ...askRequest, role: "crl" })).toBeUndefined();
    expect(seen).toEqual([]);
  });

  it("hands out copies", async () => {
    const source = open();
    (await ask(source))?.fill(0);
    expect(await ask(source)).toEqual(forged.leaf.der);
  });

  it.each<[string, CollateralRequest]>([
    ["another chip", { ...leafRequest, hwId: other.chip.hwId }],
    ["another TCB", { ...leafRequest, reportedTcb: { ...chip.tcb, snp: chip.tcb.snp + 1 } }],
    ["a VLEK", { ...leafRequest, signingKey: "VLEK" }],
    ["another line", { ...leafRequest, productLine: "Genoa" }],
    ["another line's intermediate", { ...askRequest, productLine: "Genoa" }],
    ["the other branch's intermediate", { ...askRequest, signingKey: "VLEK" }],
  ])("has nothing for %s", async (_, request) => {
    expect(await ask(open(), request)).toBeUndefined();
    expect(await ask(open())).toEqual(forged.leaf.der);
  });

  it("has nothing where tcbm says another TCB than the certificate, either way", async () => {
    respond = json({ ...sound, tcbm: `${sound.tcbm.slice(0, -1)}5` });
    expect(await ask(open())).toBeUndefined();
    const newer = { ...chip.tcb, bootLoader: 5 };
    expect(await ask(open(), { ...leafRequest, reportedTcb: newer })).toBeUndefined();
  });

  it("leaves what it has not to the next source", async () => {
    const next: CollateralSource = { get: async () => Uint8Array.of(1) };
    const source = firstOf([open(), next]);
    expect(await ask(source, { ...leafRequest, hwId: other.chip.hwId })).toEqual(Uint8Array.of(1));
    respond = (_, response) => response.writeHead(500).end();
    expect(await ask(firstOf([open(), next]))).toEqual(Uint8Array.of(1));
  });
});

describe("an answer of THIM", () => {
  it("is shared by all who ask at one time", async () => {
    const source = open();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(source)));
    expect(answers.every((der) => der !== undefined)).toBe(true);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["as long as it says", { ...sound, cacheControl: "3600" }, 3_600_000],
    ["a number of seconds as well", { ...sound, cacheControl: 3600 }, 3_600_000],
    ["at most a day", { ...sound, cacheControl: "999999999" }, 86_400_000],
  ])("is kept %s", async (_, value, ms) => {
    respond = json(value);
    const source = open();
    await ask(source);
    time += ms - 1;
    await ask(source);
    expect(seen).toHaveLength(1);
    time += 1;
    await ask(source);
    expect(seen).toHaveLength(2);
  });

  it("is not kept where it says nothing", async () => {
    const { cacheControl: _, ...silent } = sound;
    respond = json(silent);
    const source = open();
    await ask(source);
    await ask(source);
    expect(seen).toHaveLength(2);
  });

  it("is asked for again when the clock goes back", async () => {
    const source = open();
    await ask(source);
    time -= 1;
    await ask(source);
    expect(seen).toHaveLength(2);
  });

  it("that is of no use is asked for again after a minute, and not before", async () => {
    const source = open();
    const stranger = { ...leafRequest, hwId: other.chip.hwId };
    for (let turn = 0; turn < 100; turn++) expect(await ask(source, stranger)).toBeUndefined();
    expect(seen).toHaveLength(1);
    time += 59_999;
    await ask(source, stranger);
    expect(seen).toHaveLength(1);
    // The firmware was updated meanwhile.
    respond = json(answerOf(other));
    time += 1;
    expect(await ask(source, stranger)).toEqual(other.leaf.der);
    expect(seen).toHaveLength(2);
  });

  it("is for the question as it was, whatever becomes of it", async () => {
    const request = { ...leafRequest, hwId: chip.hwId.slice() };
    const answer = ask(open(), request);
    request.hwId.fill(0);
    expect(await answer).toEqual(forged.leaf.der);
    expect(await ask(open(), request)).toBeUndefined();
  });

  it("is waited for by nobody whose signal has fired, and by the others on", async () => {
    let go: () => void = () => undefined;
    respond = (request, response) => {
      go = () => json(sound)(request, response);
    };
    const source = open();
    const leaver = new AbortController();
    const left = source.get(leafRequest, { signal: leaver.signal });
    const stayed = source.get(leafRequest, { signal: new AbortController().signal });
    leaver.abort(new Error("enough"));
    await expect(left).toFailWith("ERR_COLLATERAL_ABORTED");
    await expect.poll(() => seen.length).toBe(1);
    go();
    expect(await stayed).toEqual(forged.leaf.der);
    await expect(source.get(leafRequest, { signal: leaver.signal })).toFailWith("ERR_COLLATERAL_ABORTED");
  });

  it("that failed is asked for again after a second, and not before", async () => {
    respond = (_, response) => response.writeHead(503).end();
    const source = open();
    for (let turn = 0; turn < 100; turn++) await expect(ask(source)).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    expect(seen).toHaveLength(1);
    respond = json(sound);
    time += 999;
    await expect(ask(source)).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    expect(seen).toHaveLength(1);
    time += 1;
    expect(await ask(source)).toEqual(forged.leaf.der);
    expect(seen).toHaveLength(2);
  });

  it("that failed is asked for again when the clock goes back", async () => {
    respond = (_, response) => response.writeHead(503).end();
    const source = open();
    await expect(ask(source)).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    respond = json(sound);
    time -= 1;
    expect(await ask(source)).toEqual(forged.leaf.der);
  });
});

describe("THIM's failures", () => {
  it.each([
    [400, false],
    [404, false],
    [302, false],
    [429, true],
    [500, true],
  ])("status %d is retryable: %s", async (status, retryable) => {
    respond = (_, response) => response.writeHead(status, { location: "/elsewhere" }).end();
    await expect(ask(open())).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    await expect(ask(open())).rejects.toMatchObject({ retryable, detail: { role: "leaf" } });
    expect(seen).toHaveLength(2);
  });

  it("a network that fails is retryable", async () => {
    respond = (request) => request.socket.destroy();
    await expect(ask(open())).rejects.toMatchObject({ code: "ERR_COLLATERAL_UNAVAILABLE", retryable: true });
  });

  it("a host that is silent is given up, also by a transport that looks at no signal", async () => {
    respond = () => undefined;
    await expect(ask(open({ timeoutMs: 30 }))).rejects.toMatchObject({ retryable: true });
    const transport = () => new Promise<never>(() => undefined);
    await expect(ask(open({ timeoutMs: 30, transport }))).rejects.toMatchObject({ retryable: true });
  });

  it.each<[string, unknown]>([
    ["no JSON", Buffer.from("<html>")],
    ["no certificate", { ...sound, vcekCert: "" }],
    ["an ASK for the VCEK", { ...sound, vcekCert: pem(forged.intermediate.der) }],
    ["a tcbm that is none", { ...sound, tcbm: "DB18" }],
    ["a chain with the leaf in it", { ...sound, certificateChain: pem(forged.leaf.der, forged.root.der) }],
    ["a leaf that is broken", { ...sound, vcekCert: pem(forged.leaf.der.subarray(0, -1)) }],
    ["too much", { ...sound, more: "x".repeat(70_000) }],
  ])("an answer with %s cannot be read", async (_, value) => {
    respond = Buffer.isBuffer(value) ? (_request, response) => response.end(value) : json(value);
    await expect(ask(open())).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role: "leaf" });
  });

  it("a body that is longer than was asked for is refused, whatever the transport thinks", async () => {
    const body = new Uint8Array(65_537).fill(0x20);
    const transport = async () => ({ status: 200, headers: {}, body });
    await expect(ask(open({ transport }))).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });
});

describe("options of the THIM source", () => {
  const clock = () => new Date();
  it.each<[string, unknown]>([
    ["no clock", {}],
    ["a clock that stands", { now: new Date() }],
    ["an unknown name", { now: clock, baseUrl: "" }],
    ["a transport that is none", { now: clock, transport: {} }],
    ["a URL of another kind", { now: clock, url: "file:///etc/passwd" }],
    ["no URL", { now: clock, url: 7 }],
    ["no time", { now: clock, timeoutMs: 0 }],
    ["time without end", { now: clock, timeoutMs: Number.POSITIVE_INFINITY }],
    ["a time that is no whole number", { now: clock, timeoutMs: 30.5 }],
    ["time that is none", { now: clock, timeoutMs: Number.NaN }],
  ])("are refused: %s", (_, options) => {
    expect(() => createThimSource(options as ThimSourceOptions)).toThrow(TypeError);
  });

  it("are refused where the clock goes wrong", async () => {
    await expect(ask(createThimSource({ now: () => new Date(0), url }))).rejects.toBeInstanceOf(TypeError);
  });
});
