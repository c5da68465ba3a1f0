import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { TransportRequest } from "../../src/kds/types.js";
import { createUndiciTransport, type UndiciTransportOptions } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { startFakeKds } from "../../src/testing/kds/index.js";
import { tlsIdentity } from "./tls-identity.js";

const forge = await createForge({ seed: "undici transport" });
const kds = await startFakeKds({ forge });
const identity = tlsIdentity(forge);
const secure = await startFakeKds({ forge, tls: identity });
const path = "/vcek/v1/Milan/crl";
const crl = forge.crl({ productLine: "Milan" }).der;

const opened: { close(): Promise<void> }[] = [kds, secure];
afterAll(() => Promise.all(opened.map((thing) => thing.close())));
afterEach(() => kds.forget());

async function open(options: UndiciTransportOptions = { proxy: "none" }) {
  const transport = await createUndiciTransport(options);
  opened.push(transport);
  return transport;
}

function request(url: string, changed: Partial<TransportRequest> = {}): TransportRequest {
  return { url, headers: {}, signal: new AbortController().signal, maxBytes: 65_536, ...changed };
}

/** A proxy that tunnels, or refuses to; it counts. */
async function startProxy(refuse = false) {
  const seen: { target: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((_, response) => response.writeHead(500).end());
  server.on("connection", (socket) => sockets.add(socket));
  server.on("connect", (message, client: Socket) => {
    seen.push({ target: message.url ?? "", authorization: message.headers["proxy-authorization"] });
    if (refuse) return client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const { hostname, port } = new URL(`http://${message.url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  opened.push({ close });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

describe("in a runtime with an undici of its own", () => {
  /** As Bun's: a fetch of the runtime, and agents that are empty. */
  class Empty {}

  it.each(["none", "environment", "http://127.0.0.1:9"])("proxy %s is refused and not ignored", async (proxy) => {
    vi.doMock("undici", () => ({ Agent: Empty, EnvHttpProxyAgent: Empty }));
    await expect(createUndiciTransport({ proxy })).rejects.toThrow(TypeError);
    vi.doUnmock("undici");
    await expect(open({ proxy })).resolves.toBeTypeOf("function");
  });
});

describe("the undici transport", () => {
  it("answers with status, headers in lower case and the body", async () => {
    const transport = await open();
    const answer = await transport(request(kds.url + path, { headers: { Accept: "x/y" } }));
    expect(answer).toMatchObject({ status: 200, headers: { "content-length": String(crl.length) } });
    expect(answer.body).toEqual(crl);
    expect(answer.body.constructor).toBe(Uint8Array);
    expect(kds.requests[0]).toMatchObject({ method: "GET", headers: { accept: "x/y", "accept-encoding": "identity" } });
  });

  it.each([400, 404, 429, 500])("answers with a status of %d like with any other, without its page", async (status) => {
    kds.misbehave({ kind: "status", status, retryAfter: "12" }, { times: 1 });
    const answer = await (await open())(request(kds.url + path));
    expect(answer).toMatchObject({ status, headers: { "retry-after": "12" } });
    expect(answer.body).toHaveLength(0);
  });

  it.each([301, 302, 303, 307, 308] as const)("follows no redirect: %d is an answer", async (status) => {
    kds.misbehave({ kind: "redirect", status, location: "/vcek/v1/Genoa/crl" }, { times: 1 });
    const answer = await (await open())(request(kds.url + path));
    expect(answer).toMatchObject({ status, headers: { location: "/vcek/v1/Genoa/crl" } });
    expect(kds.count()).toBe(1);
  });

  it.each([true, false])("cuts off a body that is too long, announced: %s", async (announced) => {
    kds.misbehave({ kind: "oversized", bytes: 50_000_000, announced }, { times: 1 });
    const started = process.memoryUsage().arrayBuffers;
    const answer = (await open())(request(kds.url + path));
    await expect(answer).toFailWith("ERR_MALFORMED_LENGTH", { expected: "at most 65536" });
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(10_000_000);
  });

  it("reads a body that is just as long as it may be", async () => {
    const transport = await open();
    expect((await transport(request(kds.url + path, { maxBytes: crl.length }))).body).toEqual(crl);
    const answer = transport(request(kds.url + path, { maxBytes: crl.length - 1 }));
    await expect(answer).toFailWith("ERR_MALFORMED_LENGTH", { actual: crl.length });
  });

  it("refuses a compressed body", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(crl));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const answer = (await open())(request(`http://127.0.0.1:${port}/`));
    await expect(answer).toFailWith("ERR_MALFORMED_ENCODING");
    server.close();
    server.closeAllConnections();
  });

  it("joins several headers of one name", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "X-Two": ["a", "b"] }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect((await (await open())(request(`http://127.0.0.1:${port}/`))).headers["x-two"]).toBe("a, b");
    server.close();
    server.closeAllConnections();
  });

  it.each([
    ["a body cut short", { kind: "truncated", bytes: 100 }],
    ["a connection cut before the answer", { kind: "reset" }],
  ] as const)("rejects for %s", async (_, fault) => {
    const mend = kds.misbehave(fault);
    await expect((await open())(request(kds.url + path))).rejects.toThrow();
    mend();
  });

  it("rejects where nobody listens", async () => {
    await expect((await open())(request("http://127.0.0.1:1/"))).rejects.toThrow();
  });

  it("rejects for a URL that is not of the web", async () => {
    await expect((await open())(request("file:///etc/passwd"))).rejects.toThrow();
  });

  it.each(["silence", "drip"] as const)("stops when its signal says so: %s", async (kind) => {
    const fault = kind === "silence" ? { kind } : { kind, pieceBytes: 1, everyMs: 20 };
    const mend = kds.misbehave(fault);
    const reason = new Error("enough");
    const controller = new AbortController();
    const answer = (await open())(request(kds.url + path, { signal: controller.signal }));
    const refused = expect(answer).rejects.toBe(reason);
    await expect.poll(() => kds.count()).toBe(1);
    controller.abort(reason);
    await refused;
    mend();
  });

  it("asks nobody when its signal has said so already", async () => {
    const answer = (await open())(request(kds.url + path, { signal: AbortSignal.abort(new Error("early")) }));
    await expect(answer).rejects.toThrow("early");
    expect(kds.count()).toBe(0);
  });
});

describe("its connections", () => {
  it("are kept: many requests in turn take one", async () => {
    const own = await startFakeKds({ forge });
    opened.push(own);
    const transport = await open({ proxy: "none", connectionsPerOrigin: 1 });
    own.misbehave({ kind: "status", status: 404 }, { times: 3 });
    for (let turn = 0; turn < 10; turn++) await transport(request(own.url + path));
    expect([own.count(), own.connections]).toEqual([10, 1]);
  });

  it("are no more than told, whatever is asked at once", async () => {
    const own = await startFakeKds({ forge });
    opened.push(own);
    own.misbehave({ kind: "delay", ms: 10 });
    const transport = await open({ proxy: "none", connectionsPerOrigin: 3 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => transport(request(own.url + path))));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect([own.count(), own.peak, own.connections]).toEqual([20, 3, 3]);
  });

  it("are let go by close, which waits for what is under way", async () => {
    const mend = kds.misbehave({ kind: "delay", ms: 40 });
    const transport = await open();
    const answer = transport(request(kds.url + path));
    await transport.close();
    expect((await answer).status).toBe(200);
    await expect(transport(request(kds.url + path))).rejects.toThrow();
    mend();
  });
});

describe("a proxy", () => {
  const NAMES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];
  const environment = (values: Readonly<Record<string, string>>) => {
    for (const name of NAMES) vi.stubEnv(name, values[name]);
  };

  it("is taken from the environment", async () => {
    const proxy = await startProxy();
    environment({ http_proxy: proxy.url });
    const transport = await open({});
    expect((await transport(request(kds.url + path))).body).toEqual(crl);
    expect(proxy.seen.map(({ target }) => target)).toEqual([new URL(kds.url).host]);
  });

  it("is passed by where no_proxy says so, and where there is none", async () => {
    const proxy = await startProxy();
    environment({ http_proxy: proxy.url, no_proxy: "127.0.0.1" });
    await (await open({ proxy: "environment" }))(request(kds.url + path));
    environment({});
    await (await open({ proxy: "environment" }))(request(kds.url + path));
    expect(proxy.seen).toEqual([]);
    expect(kds.count()).toBe(2);
  });

  it("of the environment is not asked with proxy: none", async () => {
    const proxy = await startProxy();
    environment({ http_proxy: proxy.url, https_proxy: proxy.url });
    await (await open({ proxy: "none" }))(request(kds.url + path));
    expect([proxy.seen.length, kds.count()]).toEqual([0, 1]);
  });

  it("can be named, with credentials, and then no_proxy plays no part", async () => {
    const proxy = await startProxy();
    environment({ no_proxy: "*" });
    const transport = await open({ proxy: proxy.url.replace("//", "//user:secret@") });
    expect((await transport(request(kds.url + path))).status).toBe(200);
    expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
  });

  it.each(["localhost:3128", "not a url", "socks5://user:secret@host", "http://user:secret@"])(
    "of the environment must be of http or https, and is not repeated: %s",
    async (value) => {
      for (const name of ["http_proxy", "HTTPS_PROXY"]) {
        environment({ [name]: value });
        const error: unknown = await createUndiciTransport().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toContain(name.toLowerCase());
        expect(JSON.stringify([String(error), error])).not.toContain("secret");
        await open({ proxy: "none" });
      }
    },
  );

  it("of the environment is none where it is empty", async () => {
    environment({ http_proxy: "", HTTP_PROXY: "not a url" });
    expect((await (await open({}))(request(kds.url + path))).status).toBe(200);
  });

  it("that refuses is a failure", async () => {
    const proxy = await startProxy(true);
    await expect((await open({ proxy: proxy.url }))(request(kds.url + path))).rejects.toThrow();
  });

  it("carries TLS to the end: an own CA counts behind it as well", async () => {
    const proxy = await startProxy();
    const transport = await open({ proxy: proxy.url, extraCa: [identity.cert] });
    expect((await transport(request(secure.url + path))).body).toEqual(crl);
    await expect((await open({ proxy: proxy.url }))(request(secure.url + path))).rejects.toThrow();
    expect(proxy.seen).toHaveLength(2);
  });
});

describe("TLS", () => {
  it("is refused for a stranger's certificate, and taken for that of an own CA", async () => {
    await expect((await open())(request(secure.url + path))).rejects.toThrow(/self-signed|certificate/i);
    const transport = await open({ proxy: "none", extraCa: [identity.cert] });
    expect((await transport(request(secure.url + path))).body).toEqual(crl);
  });

  it("is refused for a certificate of another host", async () => {
    const transport = await open({ proxy: "none", extraCa: [identity.cert] });
    const answer = transport(request(secure.url.replace("127.0.0.1", "localhost") + path));
    await expect(answer).rejects.toThrow(/localhost/);
  });
});

describe("options of the transport", () => {
  it.each<[string, unknown]>([
    ["an unknown name", { agent: {} }],
    ["no object", null],
    ["a proxy that is no URL", { proxy: "proxy.example:3128" }],
    ["a proxy of another protocol", { proxy: "socks5://127.0.0.1:1080" }],
    ["a proxy that is no text", { proxy: 3128 }],
    ["a CA that is no list", { extraCa: identity.cert }],
    ["a CA that is no PEM", { extraCa: ["MIIB"] }],
    ["a CA in DER", { extraCa: [new Uint8Array(3)] }],
    ["no connections", { connectionsPerOrigin: 0 }],
    ["half a connection", { connectionsPerOrigin: 1.5 }],
    ["connections as text", { connectionsPerOrigin: "4" }],
    ["connections without end", { connectionsPerOrigin: Number.POSITIVE_INFINITY }],
  ])("are refused: %s", async (_, options) => {
    await expect(createUndiciTransport(options as UndiciTransportOptions)).rejects.toBeInstanceOf(TypeError);
  });

  it("name no password in an error", async () => {
    const error = await createUndiciTransport({ proxy: "ftp://user:secret@host" }).catch(String);
    expect(error).toContain("options.proxy");
    expect(error).not.toContain("secret");
  });
});
