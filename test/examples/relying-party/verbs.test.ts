import { memorySpentStore } from "attestry/challenge";
import { openSealed } from "attestry/release";
import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { makeKey, open } from "../../../examples/relying-party/demo/guest.js";
import { toBase64Url } from "../../../examples/relying-party/http/encoding.js";
import { createResultSigner } from "../../../examples/relying-party/service/results.js";
import { forge, NAME, policies, prepare, resultKey, SECRET, startCopy } from "./fixture.js";

const HPKE = { format: "hpke" };

describe("POST /v1/challenges", () => {
  it("answers a nonce for one policy, with the policy's digest", async () => {
    const copy = startCopy();
    const response = await copy.send("/v1/challenges", { policy: "web" });
    expect(response.status).toBe(201);
    const answer = await response.json();
    expect(answer.policy).toEqual({ id: "web", digest: policies.get("web")?.digest });
    expect(answer.binding).toBe("attestry-v1");
    expect(Date.parse(answer.expiresAt)).toBeGreaterThan(Date.now() + 50_000);
    const other = await (await copy.send("/v1/challenges", { policy: "web" })).json();
    expect(other.nonce).not.toBe(answer.nonce);
  });
});

describe("POST /v1/appraisals", () => {
  it("answers an accepting verdict, its checks, and a token that jose alone verifies", async () => {
    const copy = startCopy();
    const { body, challenge } = await prepare(copy);
    const response = await copy.send("/v1/appraisals", body);
    expect(response.status).toBe(200);
    const answer = await response.json();
    expect(answer).toMatchObject({ verdict: "accept", policy: challenge.policy, reasons: [] });
    expect(answer.checks.map(({ id }: { id: string }) => id)).toContain("snp.measurement");
    const jwks = await (await copy.get("/.well-known/jwks.json")).json();
    const { payload } = await jwtVerify(answer.token, createLocalJWKSet(jwks), { issuer: NAME, audience: NAME });
    expect(payload).toHaveProperty("cnf");
    expect(copy.verdicts).toEqual(["web accept none"]);
  });

  it("answers a refusal with its reasons and a token that says so and names no key", async () => {
    const copy = startCopy();
    const { body } = await prepare(copy, { machine: "debug" });
    const response = await copy.send("/v1/appraisals", body);
    expect(response.status).toBe(200);
    const answer = await response.json();
    expect(answer.verdict).toBe("reject");
    expect(answer.reasons).toMatchObject([{ code: "snp.guestPolicy.debug", pointer: "/snp/guestPolicy/debug" }]);
    const jwks = await (await copy.get("/.well-known/jwks.json")).json();
    const { payload } = await jwtVerify(answer.token, createLocalJWKSet(jwks));
    expect(payload).not.toHaveProperty("cnf");
    expect(copy.verdicts).toEqual(["web reject snp.guestPolicy.debug"]);
  });

  it("answers evidence that does not hold with a refusal and no token", async () => {
    const copy = startCopy();
    const { body, report } = await prepare(copy);
    const tampered = report.slice();
    tampered[0x90] = 0;
    const evidence = { type: "application/vnd.amd.sev-snp.attestation-report", data: toBase64Url(tampered) };
    const answer = await (await copy.send("/v1/appraisals", { ...body, evidence })).json();
    expect(answer).toMatchObject({ verdict: "reject", token: null, checks: [] });
    expect(answer.reasons[0]).toMatchObject({ code: "ERR_UNTRUSTED_REPORT_SIGNATURE", pointer: null });
    expect(copy.lines.at(-1)).toMatchObject({
      verdict: "reject",
      reason: "ERR_UNTRUSTED_REPORT_SIGNATURE",
      chip: null,
    });
  });

  it("spends no challenge: appraised twice, released once", async () => {
    const copy = startCopy();
    const { body } = await prepare(copy);
    for (const _ of [1, 2]) expect((await copy.send("/v1/appraisals", body)).status).toBe(200);
    expect((await copy.send("/v1/releases", { ...body, ...HPKE })).status).toBe(200);
    expect((await copy.send("/v1/releases", { ...body, ...HPKE })).status).toBe(409);
  });
});

describe("POST /v1/releases", () => {
  it("seals the policy's secret to the guest's key and to nobody else's", async () => {
    const copy = startCopy();
    const ready = await prepare(copy);
    const response = await copy.send("/v1/releases", { ...ready.body, ...HPKE });
    expect((await open(response.clone(), ready)).secret).toEqual(SECRET);
    await expect(open(response, { ...ready, key: await makeKey() })).toFailWith("ERR_RELEASE_NOT_OPENED");
    expect(copy.verdicts).toEqual(["web accept none", "released web"]);
    expect(copy.lines.at(-1)).toMatchObject({ policy: "web", challenge: ready.challenge.id, status: 200 });
  });

  it("takes a result of another copy, for its own challenge alone", async () => {
    const spentStore = memorySpentStore({ singleProcess: true, max: 10 });
    const [a, b] = [startCopy({ spentStore }), startCopy({ spentStore })];
    const [ready, other] = [await prepare(a), await prepare(a)];
    const { token } = await (await a.send("/v1/appraisals", ready.body)).json();
    const { policy, nonce } = ready.challenge;
    const moved = await b.send("/v1/releases", { policy, nonce: other.challenge.nonce, token, ...HPKE });
    expect(await moved.json()).toMatchObject({ status: 403, code: "ERR_RESULT_NONCE" });
    const response = await b.send("/v1/releases", { policy, nonce, token, ...HPKE });
    expect((await open(response, ready)).secret).toEqual(SECRET);
    const again = await a.send("/v1/releases", { policy, nonce, token, ...HPKE });
    expect(await again.json()).toMatchObject({ status: 409, code: "ERR_CHALLENGE_SPENT" });
  });

  it("tells log and metrics of a refusal, by policy and check", async () => {
    const copy = startCopy();
    const { body } = await prepare(copy, { machine: "debug" });
    expect((await copy.send("/v1/releases", { ...body, ...HPKE })).status).toBe(403);
    expect(copy.verdicts).toEqual(["web reject snp.guestPolicy.debug"]);
    const told = { policy: "web", code: "ERR_POLICY_REJECTED", checks: "snp.guestPolicy.debug" };
    expect(copy.lines.at(-1)).toMatchObject(told);
  });

  it("takes no result of a refused appraisal", async () => {
    const copy = startCopy();
    const { body, challenge } = await prepare(copy, { machine: "debug" });
    const { token } = await (await copy.send("/v1/appraisals", body)).json();
    const { policy, nonce } = challenge;
    const response = await copy.send("/v1/releases", { policy, nonce, token, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 403, code: "ERR_RESULT_NOT_AFFIRMING" });
    expect(copy.verdicts).not.toContain("released web");
  });

  it("takes no result that another key signed in the service's name", async () => {
    const clock = () => new Date();
    const other = createResultSigner({ key: await resultKey(), name: NAME, ttlMs: 60_000, clock });
    const [genuine, impostor] = [startCopy(), startCopy({ results: other })];
    const { body, challenge } = await prepare(genuine);
    const { token } = await (await impostor.send("/v1/appraisals", body)).json();
    const { policy, nonce } = challenge;
    const response = await genuine.send("/v1/releases", { policy, nonce, token, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 403, code: "ERR_RESULT_SIGNATURE" });
  });

  it("releases nothing under a policy for which nothing is deposited, and spends nothing", async () => {
    let spent = 0;
    const spentStore = { add: async () => ++spent > 0 };
    const copy = startCopy({ secrets: new Map(), spentStore });
    const { body } = await prepare(copy);
    const response = await copy.send("/v1/releases", { ...body, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 404, code: "ERR_SERVICE_NO_SECRET" });
    expect(spent).toBe(0);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("gone"))],
    ["never answers", () => new Promise<boolean>(() => undefined)],
  ])("releases nothing while the store of spent challenges %s", async (_, add) => {
    const copy = startCopy({ spentStore: { add } });
    const { body } = await prepare(copy);
    const response = await copy.send("/v1/releases", { ...body, ...HPKE });
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.json()).toMatchObject({ status: 503, code: "ERR_CHALLENGE_STORE_UNAVAILABLE" });
    expect(copy.verdicts).toEqual(["web accept none"]);
  });

  it("says that a policy has changed since", async () => {
    const copy = startCopy();
    const { body, challenge } = await prepare(copy);
    const policy = { ...challenge.policy, digest: "0".repeat(96) };
    const response = await copy.send("/v1/releases", { ...body, policy, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 409, code: "ERR_REQUEST_POLICY_CHANGED" });
  });

  it("refuses a challenge of another policy, though the client names the present digest", async () => {
    const copy = startCopy();
    const { body } = await prepare(copy, { policy: "cloud" });
    const policy = { id: "web", digest: policies.get("web")?.digest };
    const response = await copy.send("/v1/releases", { ...body, policy, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 409, code: "ERR_CHALLENGE_FORGED" });
  });

  it("refuses a challenge past its time", async () => {
    const copy = startCopy({ ttlMs: 1000 });
    const { body } = await prepare(copy);
    copy.later(1000);
    const response = await copy.send("/v1/releases", { ...body, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 409, code: "ERR_CHALLENGE_EXPIRED" });
  });

  it("seals as a JWE to a key of P-384", async () => {
    const copy = startCopy();
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-384" }, false, ["deriveBits"]);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
    const ready = await prepare(copy, { publicKey });
    const response = await copy.send("/v1/releases", { ...ready.body, format: "jwe" });
    const { sealed } = await response.json();
    const { challenge, report } = ready;
    const expected = { challengeId: challenge.id, policyDigest: challenge.policy.digest, report };
    expect(await openSealed(sealed, { format: "jwe", keyPair: pair, ...expected })).toEqual(SECRET);
  });

  it("refuses a key that nothing can be sealed to, and the challenge is spent all the same", async () => {
    const copy = startCopy();
    const ready = await prepare(copy, { publicKey: new Uint8Array(32) });
    const response = await copy.send("/v1/releases", { ...ready.body, ...HPKE });
    expect(await response.json()).toMatchObject({ status: 403, code: "ERR_RELEASE_KEY" });
    const again = await copy.send("/v1/releases", { ...ready.body, ...HPKE });
    expect(await again.json()).toMatchObject({ code: "ERR_CHALLENGE_SPENT" });
  });
});

describe("POST /v1/decode", () => {
  it("shows what evidence says, and that nothing of it is verified", async () => {
    const copy = startCopy();
    const { body } = await prepare(copy, {
      policy: "cloud",
      machine: "cloud",
      type: "application/vnd.attestry.extended-report",
    });
    const answer = await (await copy.send("/v1/decode", { evidence: body["evidence"] })).json();
    expect(answer).toMatchObject({
      unverified: true,
      hasCrl: false,
      report: { version: 5, measurement: "5a".repeat(48) },
    });
    expect(answer.certificates).toMatchObject([{ role: "leaf", subject: "SEV-VLEK" }]);
    expect(answer.certificates[0].notAfter).toMatch(/^20\d\d-/);
  });

  it("shows evidence of everybody, also what no policy accepts", async () => {
    const copy = startCopy();
    const { bytes } = forge.report({ signature: "none", policy: 0xb0000n });
    const evidence = { type: "application/vnd.amd.sev-snp.attestation-report", data: toBase64Url(bytes) };
    const answer = await (await copy.send("/v1/decode", { evidence })).json();
    expect(answer).toMatchObject({ report: { policy: { debug: true } }, certificates: [] });
  });
});
