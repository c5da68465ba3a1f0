import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { fetchTransport } from "../../src/kds/fetch-transport.js";
import { createKeySource, type KeySourceOptions, type KeyTransport } from "../../src/result/key-source.js";
import "../support/expect.js";
import { issue, issuerKey, keyPair, NOW, strangerKey, verify } from "./support.js";

const URL_OF_KEYS = "https://verifier.example/.well-known/jwks.json";
const JWK = { ...issuerKey.publicKey, kid: "issuer-1", use: "sig", alg: "ES256" };
const second = await keyPair("EdDSA", "issuer-2");
const SECOND_JWK = { ...second.publicKey, kid: "issuer-2" };
const MINUTE = 60_000;

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
}

/** A transport that answers from a list, the last answer again and again, and counts. */
function answering(...answers: readonly unknown[]) {
  const requests: Parameters<KeyTransport>[0][] = [];
  const transport: KeyTransport = (request) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    if (answer instanceof Error) return Promise.reject(answer);
    const status = typeof answer === "number" ? answer : 200;
    return Promise.resolve({ status, body: bytesOf(answer) });
  };
  return { transport, requests };
}

function sourceOf(transport: KeyTransport, changes: Partial<KeySourceOptions> = {}) {
  const times = { timeoutMs: 1000, maxAgeMs: 10 * MINUTE, cooldownMs: MINUTE };
  return createKeySource({ url: URL_OF_KEYS, transport, ...times, ...changes });
}

const token = await issue();
const { privateKey, algorithm, keyId } = second;
const rotated = await issue({ key: { privateKey, algorithm, keyId } });
const both = ["ES256", "EdDSA"] as const;

/** Verifies at a time after NOW. */
function at(ms: number, keys: ReturnType<typeof sourceOf>, which = token) {
  return verify(which, { keys, algorithms: both, now: new Date(NOW + ms), maxAgeMs: 100 * MINUTE });
}

describe("a source of keys", () => {
  it("asks once, for what and how much it says", async () => {
    const { transport, requests } = answering({ keys: [JWK] });
    const keys = sourceOf(transport);
    expect(keys.url).toBe(URL_OF_KEYS);
    await Promise.all([at(1, keys), at(1, keys), at(2, keys)]);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ url: URL_OF_KEYS, maxBytes: 65_536 });
  });

  it("takes a new key as soon as a token names it, and no oftener than it may", async () => {
    const { transport, requests } = answering({ keys: [JWK] }, { keys: [JWK, SECOND_JWK] });
    const keys = sourceOf(transport);
    await at(1, keys);
    await expect(at(2, keys, rotated)).toFailWith("ERR_RESULT_UNKNOWN_KEY", { keyId: "issuer-2" });
    expect(requests).toHaveLength(1);
    await expect(at(1 + MINUTE, keys, rotated)).resolves.toMatchObject({ keyId: "issuer-2" });
    expect(requests).toHaveLength(2);
  });

  it("drops a key that the issuer has withdrawn when the set is too old", async () => {
    const { transport } = answering({ keys: [JWK] }, { keys: [SECOND_JWK] });
    const short = await issue({ ttlMs: 60 * MINUTE });
    const keys = sourceOf(transport);
    await at(1, keys, short);
    await expect(at(10 * MINUTE + 1, keys, short)).resolves.toBeDefined();
    await expect(at(10 * MINUTE + 2, keys, short)).toFailWith("ERR_RESULT_UNKNOWN_KEY");
  });

  it("goes on with a set that still counts while the issuer cannot be reached, and then stops", async () => {
    const { transport, requests } = answering({ keys: [JWK] }, new Error("no route"));
    const long = await issue({ ttlMs: 60 * MINUTE });
    const keys = sourceOf(transport);
    await at(1, keys, long);
    await expect(at(2 * MINUTE, keys, rotated)).toFailWith("ERR_RESULT_UNKNOWN_KEY");
    expect(requests).toHaveLength(2);
    await expect(at(5 * MINUTE, keys, long)).resolves.toBeDefined();
    await expect(at(11 * MINUTE, keys, long)).toFailWith("ERR_RESULT_KEYS_UNAVAILABLE", { reason: "no route" });
    await expect(at(11 * MINUTE + 1, keys, long)).toFailWith("ERR_RESULT_KEYS_UNAVAILABLE", { reason: "no route" });
    expect(requests).toHaveLength(3);
  });

  it("does not take a clock that went back for a young set", async () => {
    const { transport, requests } = answering({ keys: [JWK] });
    const keys = sourceOf(transport);
    await at(4 * MINUTE, keys);
    await at(1, keys);
    expect(requests).toHaveLength(2);
  });

  it("serves verifications whose times are out of order, as waiting for bodies makes them", async () => {
    const { transport, requests } = answering({ keys: [JWK] });
    const keys = sourceOf(transport);
    await Promise.all([at(900, keys), at(600, keys)]);
    await at(300, keys);
    await at(1, keys);
    expect(requests).toHaveLength(1);
  });

  it("cannot be made to ask again and again by tokens of unknown keys whose times go back", async () => {
    const { transport, requests } = answering({ keys: [JWK] });
    const keys = sourceOf(transport);
    for (let ms = 100; ms > 0; ms--) await expect(at(ms, keys, rotated)).toFailWith("ERR_RESULT_UNKNOWN_KEY");
    expect(requests).toHaveLength(1);
  });

  it("takes a clock that went back by more than that for another clock, to the millisecond", async () => {
    const { transport, requests } = answering({ keys: [JWK] });
    const keys = sourceOf(transport);
    await at(MINUTE + 1, keys);
    await at(2, keys);
    expect(requests).toHaveLength(1);
    await at(1, keys);
    expect(requests).toHaveLength(2);
  });

  it("never asks for a token that says nothing it could accept", async () => {
    const { transport, requests } = answering({ keys: [JWK] });
    await expect(at(1, sourceOf(transport), `${token}.x`)).toFailWith("ERR_RESULT_MALFORMED");
    await expect(verify(token, { keys: sourceOf(transport), algorithms: ["ES384"] })).toFailWith(
      "ERR_RESULT_ALGORITHM",
    );
    expect(requests).toEqual([]);
  });

  it("gives up in time on a transport that never answers", async () => {
    let aborted = false;
    const never: KeyTransport = ({ signal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise(() => {});
    };
    const reason = "no answer in 20 ms";
    await expect(at(1, sourceOf(never, { timeoutMs: 20 }))).toFailWith("ERR_RESULT_KEYS_UNAVAILABLE", { reason });
    expect(aborted).toBe(true);
  });
});

describe("what is no set of keys", () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ["status 404", 404],
    ["a redirect", 302],
    ["an error", new TypeError("fetch failed")],
    ["text", "keys"],
    ["a list", [JWK]],
    ["no list", { keys: JWK }],
    ["an entry that is no key", { keys: ["key"] }],
    ["a member twice", '{"keys":[],"keys":[]}'],
    ["a private key", { keys: [{ ...JWK, d: issuerKey.privateKey.d }] }],
    ["two keys of one id", { keys: [JWK, { ...strangerKey.publicKey, kid: "issuer-1" }] }],
    ["a number cut short", { keys: [{ ...JWK, x: "AA" }] }],
    ["numbers that are none", { keys: [{ ...JWK, x: "A".repeat(43) }] }],
    ["too many keys", { keys: Array.from({ length: 65 }, (_, index) => ({ ...JWK, kid: `k${index}` })) }],
    ["too many bytes", `{"keys":[]}${" ".repeat(65_536)}`],
  ];
  it.each(wrong)("%s", async (_, answer) => {
    await expect(at(1, sourceOf(answering(answer).transport))).toFailWith("ERR_RESULT_KEYS_UNAVAILABLE");
  });

  it.each<[string, object]>([
    ["of another use", { ...JWK, use: "enc" }],
    ["for key agreement", { ...JWK, use: undefined, key_ops: ["deriveBits"] }],
    ["for nothing", { ...JWK, key_ops: [] }],
    ["whose operations are no list", { ...JWK, key_ops: { 0: "verify" } }],
    ["without an id", { ...issuerKey.publicKey }],
    ["of another kind", { kty: "RSA", n: "AQAB", e: "AQAB", kid: "issuer-1" }],
    ["for another algorithm", { ...JWK, alg: "ECDH-ES" }],
    ["of another curve than its algorithm", { ...JWK, alg: "ES384" }],
  ])("a key %s is passed over", async (_, entry) => {
    await expect(at(1, sourceOf(answering({ keys: [entry] }).transport))).toFailWith("ERR_RESULT_UNKNOWN_KEY");
    await expect(
      at(1, sourceOf(answering({ keys: [entry, { ...JWK, kid: "issuer-1" }] }).transport)),
    ).resolves.toBeDefined();
    const verifying = { ...JWK, kid: "issuer-1", key_ops: ["verify"] };
    await expect(at(1, sourceOf(answering({ keys: [entry, verifying] }).transport))).resolves.toBeDefined();
  });

  it("answers that are no bytes are no answer", async () => {
    const odd = (async () => ({ status: 200, body: "{}" })) as unknown as KeyTransport;
    await expect(at(1, sourceOf(odd))).toFailWith("ERR_RESULT_KEYS_UNAVAILABLE");
    const thrown = (async () => Promise.reject("text")) as unknown as KeyTransport;
    await expect(at(1, sourceOf(thrown))).toFailWith("ERR_RESULT_KEYS_UNAVAILABLE", { reason: "text" });
  });
});

describe("createKeySource", () => {
  it.each(["https://user:s3cret@verifier example/", "https://user:s3cret@verifier.example/", "//user:s3cret@verifier"])(
    "tells nobody the password in an address: %s",
    (url) => {
      const { transport } = answering({ keys: [] });
      const failing = () => sourceOf(transport, { url });
      expect(failing).toThrow(TypeError);
      try {
        failing();
      } catch (error) {
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret");
      }
    },
  );

  const { transport } = answering({ keys: [] });
  it.each<[string, object]>([
    ["an unknown option", { retries: 3 }],
    ["an address of http", { url: "http://verifier.example/jwks.json" }],
    ["an address of a file", { url: "file:///etc/keys" }],
    ["an address without a host", { url: "/jwks.json" }],
    ["an address with a user", { url: "https://user:word@verifier.example/" }],
    ["an address that is none", { url: 7 }],
    ["no transport", { transport: undefined }],
    ["no time", { timeoutMs: undefined }],
    ["a time of zero", { maxAgeMs: 0 }],
    ["a time without end", { cooldownMs: Number.POSITIVE_INFINITY }],
  ])("refuses %s", (_, changes) => {
    expect(() => sourceOf(transport, changes)).toThrow(TypeError);
  });

  it("makes what verifyResult tells from a look-alike", async () => {
    const source = sourceOf(transport);
    await expect(verify(token, { keys: { ...source } })).rejects.toThrow(TypeError);
  });
});

describe("over HTTP", () => {
  it("works with the transport of attestry/kds on loopback", async () => {
    const server = createServer((_, response) => response.end(JSON.stringify({ keys: [JWK] })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const keys = sourceOf(fetchTransport, { url: `http://127.0.0.1:${port}/jwks.json` });
      await expect(at(1, keys)).resolves.toMatchObject({ status: "affirming" });
    } finally {
      server.close();
    }
  });
});
