import { bindReportData } from "attestry";
import { exportJWK, flattenedDecrypt, generateKeyPair, type JWK } from "jose";
import { describe, expect, it } from "vitest";
import { type MachineName, switchOn } from "../../../examples/relying-party/demo/machines.js";
import { spellOut } from "../../../examples/relying-party/demo/trustee-report.js";
import { type Copy, forge, RESOURCE, SECRET, startCopy } from "./fixture.js";

const HELLO = { version: "0.4.0", tee: "snp", "extra-params": "" };

/** A client after auth: its cookie and its nonce. */
async function greet(copy: Copy) {
  const response = await copy.send("/kbs/v0/auth", HELLO);
  const { nonce } = await response.json();
  const set = response.headers.get("set-cookie") ?? "";
  return { set, cookie: set.split(";")[0] ?? "", nonce: String(nonce) };
}

async function attestation(nonce: string, jwk: JWK, machine: MachineName = "sound") {
  const teePublicKey = new TextEncoder().encode(JSON.stringify(jwk));
  const { bytes } = await bindReportData("trustee", { nonce: Buffer.from(nonce, "base64"), teePublicKey });
  const primary_evidence = spellOut(switchOn(forge, machine).report(bytes));
  return {
    "runtime-data": { nonce, "tee-pubkey": jwk },
    "tee-evidence": { primary_evidence, additional_evidence: "" },
  };
}

/** Algorithms of a key as jose names them, and what a client's JWK says. */
const KEYS = [
  ["RSA-OAEP-256", { modulusLength: 2048 }],
  ["ECDH-ES+A256KW", { crv: "P-256" }],
  ["ECDH-ES+A256KW", { crv: "P-521" }],
] as const;

async function clientKey([alg, options]: (typeof KEYS)[number] = KEYS[1]) {
  const pair = await generateKeyPair(alg, { extractable: true, ...options });
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), alg } as JWK };
}

describe("Trustee's protocol", () => {
  it.each(KEYS)("hands out a resource that jose alone opens, %s %j", async (alg, options) => {
    const copy = startCopy();
    const key = await clientKey([alg, options] as (typeof KEYS)[number]);
    const { set, cookie, nonce } = await greet(copy);
    expect(set).toMatch(/^kbs-session-id=[0-9a-f]{64};.*Path=\/kbs;.*HttpOnly/);
    const attested = await copy.send("/kbs/v0/attest", await attestation(nonce, key.jwk), { cookie });
    expect(await attested.json()).toEqual({ token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
    const resource = await copy.get(`/kbs/v0/resource/${RESOURCE}`, { cookie });
    expect(resource.status).toBe(200);
    const { plaintext } = await flattenedDecrypt(await resource.json(), key.privateKey);
    expect(new Uint8Array(plaintext)).toEqual(SECRET);
  });

  it("hands it out once; then the client has to attest again", async () => {
    const copy = startCopy();
    const { jwk } = await clientKey();
    const { cookie, nonce } = await greet(copy);
    await copy.send("/kbs/v0/attest", await attestation(nonce, jwk), { cookie });
    expect((await copy.get(`/kbs/v0/resource/${RESOURCE}`, { cookie })).status).toBe(200);
    const again = await copy.get(`/kbs/v0/resource/${RESOURCE}`, { cookie });
    expect(await again.json()).toMatchObject({ status: 401, code: "ERR_REQUEST_SESSION" });
    expect(copy.verdicts).toEqual(["trustee accept none", "released trustee"]);
  });

  it.each([
    ["without a session", {}],
    ["with a session that is none", { cookie: "kbs-session-id=abc" }],
    ["with a session that did not attest", { cookie: `kbs-session-id=${"0".repeat(64)}` }],
  ])("hands out nothing %s", async (_, headers) => {
    const response = await startCopy().get(`/kbs/v0/resource/${RESOURCE}`, headers);
    expect(await response.json()).toMatchObject({ status: 401, code: "ERR_REQUEST_SESSION" });
  });

  it("knows one resource", async () => {
    expect((await startCopy().get("/kbs/v0/resource/default/key/other")).status).toBe(404);
  });

  it("refuses a machine that the policy refuses, and keeps no session of it", async () => {
    const copy = startCopy();
    const { jwk } = await clientKey();
    const { cookie, nonce } = await greet(copy);
    const response = await copy.send("/kbs/v0/attest", await attestation(nonce, jwk, "debug"), { cookie });
    expect(await response.json()).toMatchObject({ status: 403, code: "ERR_POLICY_REJECTED" });
    expect((await copy.get(`/kbs/v0/resource/${RESOURCE}`, { cookie })).status).toBe(401);
  });

  it("refuses another key than the one in the report", async () => {
    const copy = startCopy();
    const [own, other] = [await clientKey(), await clientKey()];
    const { cookie, nonce } = await greet(copy);
    const sound = await attestation(nonce, own.jwk);
    const body = { ...sound, "runtime-data": { nonce, "tee-pubkey": other.jwk } };
    const response = await copy.send("/kbs/v0/attest", body, { cookie });
    const problem = await response.json();
    expect(problem).toMatchObject({ status: 403, code: "ERR_POLICY_REJECTED" });
    expect(problem.failures[0]).toMatch(/^snp\.reportData /);
  });

  it("refuses the nonce of another session", async () => {
    const copy = startCopy();
    const { jwk } = await clientKey();
    const [{ cookie }, { nonce }] = [await greet(copy), await greet(copy)];
    const response = await copy.send("/kbs/v0/attest", await attestation(nonce, jwk), { cookie });
    expect(await response.json()).toMatchObject({ status: 401, code: "ERR_REQUEST_SESSION" });
  });

  it.each([
    ["another version", { ...HELLO, version: "0.1.1" }],
    ["another TEE", { ...HELLO, tee: "tdx" }],
  ])("greets nobody of %s", async (_, hello) => {
    expect((await startCopy().send("/kbs/v0/auth", hello)).status).toBe(400);
  });

  it.each([
    ["init-data, which nobody here judges", (body: object) => ({ ...body, "init-data": { format: "toml", body: "" } })],
    [
      "evidence of further devices",
      (body: { "tee-evidence": object }) => {
        return { ...body, "tee-evidence": { ...body["tee-evidence"], additional_evidence: '{"gpu":{}}' } };
      },
    ],
    [
      "more runtime data than was hashed",
      (body: { "runtime-data": object }) => {
        return { ...body, "runtime-data": { ...body["runtime-data"], more: 1 } };
      },
    ],
  ])("refuses %s", async (_, change) => {
    const copy = startCopy();
    const { jwk } = await clientKey();
    const { cookie, nonce } = await greet(copy);
    const response = await copy.send("/kbs/v0/attest", change(await attestation(nonce, jwk)), { cookie });
    expect(await response.json()).toMatchObject({ status: 400, code: "ERR_REQUEST_BODY" });
  });
});
