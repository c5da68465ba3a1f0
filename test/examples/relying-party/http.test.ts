import { gzipSync } from "node:zlib";
import type { ErrorCode } from "attestry";
import { describe, expect, it } from "vitest";
import { adviceOf } from "../../../examples/relying-party/http/advice.js";
import { MAX_BODY_BYTES } from "../../../examples/relying-party/http/body.js";
import { BARE, prepare, SECRET, startCopy } from "./fixture.js";

const ASK = JSON.stringify({ policy: "web" });
const padded = (length: number) => ASK + " ".repeat(length - ASK.length);

describe("bodies", () => {
  it.each([
    ["plain", ASK, {}, 201],
    ["with a charset", ASK, { "content-type": "application/json; charset=utf-8" }, 201],
    ["as long as it may be", padded(MAX_BODY_BYTES), {}, 201],
    ["gzip", gzipSync(ASK), { "content-encoding": "gzip" }, 201],
    ["gzip that unpacks to as much as it may", gzipSync(padded(MAX_BODY_BYTES)), { "content-encoding": "gzip" }, 201],
    ["one byte too long", padded(MAX_BODY_BYTES + 1), {}, 413],
    [
      "gzip that unpacks to one byte too many",
      gzipSync(padded(MAX_BODY_BYTES + 1)),
      { "content-encoding": "gzip" },
      413,
    ],
    ["gzip of ten megabytes", gzipSync(Buffer.alloc(10_000_000)), { "content-encoding": "gzip" }, 413],
    ["gzip that is none", ASK, { "content-encoding": "gzip" }, 415],
    ["gzip that is cut", gzipSync(ASK).subarray(0, 20), { "content-encoding": "gzip" }, 415],
    ["another encoding", ASK, { "content-encoding": "br" }, 415],
    ["another media type", ASK, { "content-type": "text/plain" }, 415],
    ["announced too long", ASK, { "content-length": "70000" }, 413],
    ["nothing", "", {}, 400],
    ["no JSON", "{", {}, 400],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), {}, 400],
    ["a list", "[]", {}, 400],
    ["a member too many", JSON.stringify({ policy: "web", admin: true }), {}, 400],
    ["a member too few", "{}", {}, 400],
    ["a number for a name", JSON.stringify({ policy: 1 }), {}, 400],
    ["a policy that is not there", JSON.stringify({ policy: "__proto__" }), {}, 404],
  ])("%s", async (_, body, headers, status) => {
    const response = await startCopy().send("/v1/challenges", body, headers);
    expect(response.status).toBe(status);
    if (status === 201) return;
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status });
  });

  it("reads a stream no further than the limit, whatever it announces", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 16_384;
        controller.enqueue(new Uint8Array(16_384).fill(0x20));
      },
    });
    // Node wants to know that the answer may come before the body has ended.
    const init = { method: "POST", body, headers: { "content-type": "application/json" }, duplex: "half" };
    const response = await startCopy().app.request("/v1/challenges", init);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(10 * 16_384);
  });

  it("say what is wrong with evidence, and repeat nothing of it", async () => {
    const copy = startCopy();
    const { body } = await prepare(copy);
    const wrong = { ...body, evidence: { type: BARE, data: "c2VjcmV0!" } };
    const problem = await (await copy.send("/v1/appraisals", wrong)).json();
    expect(problem).toMatchObject({ status: 400, code: "ERR_REQUEST_BODY" });
    expect(problem.detail).toContain("evidence.data");
    expect(JSON.stringify(problem)).not.toContain("c2VjcmV0");
  });

  it.each([
    ["a nonce that nobody makes", { nonce: "AAAA" }, 409, "ERR_CHALLENGE_MALFORMED"],
    [
      "evidence of a type that is not taken",
      { evidence: { type: "text/plain", data: "AAAA" } },
      400,
      "ERR_REQUEST_BODY",
    ],
    ["a report that is cut", { evidence: { type: BARE, data: "AAAA" } }, 400, "ERR_MALFORMED_LENGTH"],
    [
      "a dump that is none",
      { evidence: { type: "application/vnd.attestry.nitride+json", data: "e30" } },
      400,
      "ERR_MALFORMED_CONTAINER",
    ],
  ])("%s", async (_, change, status, code) => {
    const copy = startCopy();
    const { body } = await prepare(copy);
    const response = await copy.send("/v1/appraisals", { ...body, ...change });
    expect(await response.json()).toMatchObject({ status, code });
  });
});

describe("problems", () => {
  it("have the members of RFC 9457, the code, what to do, and the request's id", async () => {
    const copy = startCopy();
    const response = await copy.send("/v1/challenges", { policy: "gone" });
    const problem = await response.json();
    expect(problem).toEqual({
      type: "urn:attestry:problem:ERR_REQUEST_POLICY",
      title: "No such policy",
      status: 404,
      detail: 'there is no policy "gone"',
      instance: `urn:uuid:${copy.lines[0]?.["id"]}`,
      code: "ERR_REQUEST_POLICY",
      action: "Ask whoever runs this service for the name of your policy.",
      failures: [],
    });
    expect(response.headers.get("x-request-id")).toBe(copy.lines[0]?.["id"]);
  });

  it.each<[ErrorCode, number]>([
    ["ERR_MALFORMED_LENGTH", 400],
    ["ERR_UNSUPPORTED_REPORT_VERSION", 422],
    ["ERR_UNTRUSTED_REPORT_SIGNATURE", 403],
    ["ERR_COLLATERAL_MISSING", 503],
    ["ERR_COLLATERAL_NOT_ALLOWED", 403],
    ["ERR_POLICY_REJECTED", 403],
    ["ERR_CHALLENGE_SPENT", 409],
    ["ERR_CHALLENGE_STORE_UNAVAILABLE", 503],
    ["ERR_CHALLENGE_STORE_FULL", 503],
    ["ERR_CHALLENGE_CLOCK", 503],
    ["ERR_RESULT_ISSUER", 403],
    ["ERR_RELEASE_KEY", 403],
  ])("%s is %d, and says what to do", (code, status) => {
    const advice = adviceOf(code);
    expect(advice.status).toBe(status);
    expect(advice.action.length).toBeGreaterThan(10);
  });

  it("tell a failure of the service to the log, and to nobody else", async () => {
    const copy = startCopy({
      policies: () => {
        throw new Error("password hunter2");
      },
    });
    const response = await copy.send("/v1/challenges", { policy: "web" });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ status: 500, code: "ERR_SERVICE_FAILED" });
    expect(text).not.toContain("hunter2");
    expect(copy.lines[0]).toMatchObject({ code: "ERR_SERVICE_FAILED", fault: "Error: password hunter2" });
  });

  it("are answered where nothing is", async () => {
    const copy = startCopy({ trustee: null });
    for (const path of ["/", "/v1", "/v1/nowhere", "/kbs/v0/auth", "/v1/challenges"]) {
      expect(await (await copy.get(path)).json()).toMatchObject({ status: 404, code: "ERR_REQUEST_NOT_FOUND" });
    }
    expect(new Set(copy.requests)).toEqual(new Set(["404 none"]));
  });
});

describe("limits", () => {
  it("hold a client back, and say for how long; health and keys stay open", async () => {
    const asked: string[] = [];
    const limiter = {
      take: (client: string) => {
        asked.push(client);
        return Promise.resolve(asked.length > 1 ? 2500 : null);
      },
    };
    const copy = startCopy({ limiter });
    expect((await copy.send("/v1/challenges", ASK)).status).toBe(201);
    const response = await copy.send("/v1/challenges", ASK);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(await response.json()).toMatchObject({ status: 429, code: "ERR_REQUEST_RATE" });
    expect((await copy.send("/kbs/v0/auth", ASK)).status).toBe(429);
    for (const path of ["/healthz", "/metrics", "/.well-known/jwks.json", "/openapi.json"]) {
      expect((await copy.get(path)).status).toBe(200);
    }
    expect(asked).toEqual(["192.0.2.1", "192.0.2.1", "192.0.2.1"]);
  });
});

describe("what a copy tells", () => {
  it("one line and one figure of each request", async () => {
    const copy = startCopy();
    const { body, challenge, report } = await prepare(copy);
    await copy.send("/v1/releases", { ...body, format: "hpke" });
    expect(copy.requests).toEqual(["201 /v1/challenges", "200 /v1/releases"]);
    expect(copy.lines).toMatchObject([
      { event: "request", method: "POST", route: "/v1/challenges", status: 201, policy: "web", client: "192.0.2.1" },
      { event: "request", route: "/v1/releases", status: 200, policy: "web", challenge: challenge.id },
    ]);
    const log = JSON.stringify(copy.lines);
    const chipId = Buffer.from(report.slice(0x1a0, 0x1e0));
    const private_ = [
      challenge.nonce,
      Buffer.from(SECRET).toString("base64url"),
      chipId.toString("hex"),
      body["publicKey"],
    ];
    for (const word of private_) expect(log).not.toContain(word);
    expect(copy.lines[1]?.["chip"]).toMatch(/^[0-9a-f]{16}$/);
  });

  it("whether it is ready, and the digests of its policies", async () => {
    const ready = await (await startCopy().get("/healthz")).json();
    expect(ready).toMatchObject({ status: "ok" });
    expect(Object.keys(ready.policies)).toEqual(["cloud", "trustee", "web"]);
    const sick = startCopy({ health: () => ({ ok: false, parts: { stores: "redis down" } }) });
    const response = await sick.get("/healthz");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: "not ready", stores: "redis down" });
  });

  it("its figures, as the metrics have them", async () => {
    expect(await (await startCopy().get("/metrics")).text()).toBe("figures 1\n");
  });

  it("its public keys and nothing private", async () => {
    const { keys } = await (await startCopy().get("/.well-known/jwks.json")).json();
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
  });
});
