import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import type { VerifyResultOptions } from "../../src/result/verify.js";
import "../support/expect.js";
import {
  encoded,
  issue,
  issuerKey,
  keyPair,
  NONCE,
  NOW,
  type Part,
  partsOf,
  signed,
  snpOf,
  strangerKey,
  verificationKey,
  verify,
} from "./support.js";

/** The one sound token: every row differs from it in one thing. */
const GOOD = await issue();
const [header = "", body = "", signature = ""] = GOOD.split(".");
const es384Key = await keyPair("ES384", "issuer-1");
const edKey = await keyPair("EdDSA", "issuer-1");

type Row = readonly [
  title: string,
  token: string | Promise<string>,
  code: ErrorCode,
  detail?: object,
  options?: Partial<VerifyResultOptions>,
];

/** The sound payload with a change, signed by the issuer. */
function changed(change: (payload: Part) => void): Promise<string> {
  const { payload } = partsOf(GOOD);
  change(payload);
  return signed(payload);
}

/** The same for the submodule. */
function inside(change: (snp: Part) => void): Promise<string> {
  return changed((payload) => change(snpOf(payload)));
}

/** The same for the private claims. */
function privately(change: (claims: Part) => void): Promise<string> {
  return inside((snp) => change(snp["attestry.snp"] as Part));
}

/** The sound payload under another header, which jose is not asked about; the signature is the old one. */
function headed(change: Part | string): string {
  const text = typeof change === "string" ? change : JSON.stringify({ ...partsOf(GOOD).header, ...change });
  return `${encoded(text)}.${body}.${signature}`;
}

/** The sound payload under another header, genuinely signed as that header has it. */
function resigned(change: Part): Promise<string> {
  return signed(partsOf(GOOD).payload, change);
}

function hmacBy(secret: Uint8Array | string): string {
  const input = `${encoded(JSON.stringify({ alg: "HS256", kid: "issuer-1", typ: "eat+jwt" }))}.${body}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

const claimsAt = "/submods/snp/attestry.snp";
const malformed = (where: string) => ({ where });

const HEADERS: readonly Row[] = [
  [
    "alg none, without a signature",
    `${encoded('{"alg":"none","kid":"issuer-1","typ":"eat+jwt"}')}.${body}.`,
    "ERR_RESULT_ALGORITHM",
  ],
  ["alg none, with one", headed({ alg: "none" }), "ERR_RESULT_ALGORITHM"],
  ["alg None", headed({ alg: "None" }), "ERR_RESULT_ALGORITHM"],
  [
    "alg HS256 by the public key",
    hmacBy(JSON.stringify(issuerKey.publicKey)),
    "ERR_RESULT_ALGORITHM",
    { algorithm: "HS256" },
  ],
  ["alg RS256", headed({ alg: "RS256" }), "ERR_RESULT_ALGORITHM"],
  ["alg Ed25519, the other name of EdDSA", headed({ alg: "Ed25519" }), "ERR_RESULT_ALGORITHM"],
  ["alg ES384 for a key of ES256", headed({ alg: "ES384" }), "ERR_RESULT_ALGORITHM", { accepted: ["ES256"] }],
  [
    "alg ES384, accepted, for a key of ES256",
    headed({ alg: "ES384" }),
    "ERR_RESULT_ALGORITHM",
    { accepted: ["ES256"] },
    { algorithms: ["ES256", "ES384"] },
  ],
  [
    "an algorithm that is not accepted",
    GOOD,
    "ERR_RESULT_ALGORITHM",
    { algorithm: "ES256", accepted: ["ES384"] },
    { algorithms: ["ES384"] },
  ],
  ["no alg", headed('{"kid":"issuer-1","typ":"eat+jwt"}'), "ERR_RESULT_HEADER", { member: "alg" }],
  ["alg that is a list", headed({ alg: ["ES256"] }), "ERR_RESULT_HEADER", { member: "alg" }],
  ["crit", headed({ crit: ["exp"], exp: 1 }), "ERR_RESULT_HEADER", { member: "crit" }],
  ["crit of b64, which jose knows", resigned({ crit: ["b64"], b64: true }), "ERR_RESULT_HEADER", { member: "crit" }],
  [
    "jwk with the signer's own key",
    signed(partsOf(GOOD).payload, { jwk: strangerKey.publicKey as never }, strangerKey),
    "ERR_RESULT_HEADER",
    { member: "jwk" },
  ],
  ["jku", resigned({ jku: "https://attacker.example/keys" }), "ERR_RESULT_HEADER", { member: "jku" }],
  ["x5u", resigned({ x5u: "https://attacker.example/cert" }), "ERR_RESULT_HEADER", { member: "x5u" }],
  ["x5c", resigned({ x5c: ["MIIB"] }), "ERR_RESULT_HEADER", { member: "x5c" }],
  ["x5t#S256", resigned({ "x5t#S256": "abc" }), "ERR_RESULT_HEADER", { member: "x5t#S256" }],
  ["zip", headed({ zip: "DEF" }), "ERR_RESULT_HEADER", { member: "zip" }],
  ["b64 false", headed({ b64: false }), "ERR_RESULT_HEADER", { member: "b64" }],
  [
    "__proto__ as a header",
    headed('{"alg":"ES256","kid":"issuer-1","typ":"eat+jwt","__proto__":{}}'),
    "ERR_RESULT_HEADER",
    { member: "__proto__" },
  ],
  ["typ JWT", resigned({ typ: "JWT" }), "ERR_RESULT_HEADER", { member: "typ" }],
  ["typ with its first half", resigned({ typ: "application/eat+jwt" }), "ERR_RESULT_HEADER", { member: "typ" }],
  ["no typ", headed('{"alg":"ES256","kid":"issuer-1"}'), "ERR_RESULT_HEADER", { member: "typ" }],
  ["no kid", headed('{"alg":"ES256","typ":"eat+jwt"}'), "ERR_RESULT_HEADER", { member: "kid" }],
  ["kid that is a number", headed({ kid: 1 }), "ERR_RESULT_HEADER", { member: "kid" }],
  ["kid without end", headed({ kid: "k".repeat(257) }), "ERR_RESULT_HEADER", { member: "kid" }],
  ["kid of another key", resigned({ kid: "issuer-2" }), "ERR_RESULT_UNKNOWN_KEY", { keyId: "issuer-2" }],
  ["kid __proto__", resigned({ kid: "__proto__" }), "ERR_RESULT_UNKNOWN_KEY", { keyId: "__proto__" }],
  [
    "a header member twice",
    headed('{"alg":"ES256","alg":"ES256","kid":"issuer-1","typ":"eat+jwt"}'),
    "ERR_RESULT_MALFORMED",
    malformed("header /alg"),
  ],
  ["a header that is a list", headed("[]"), "ERR_RESULT_MALFORMED", malformed("header")],
  ["a header that is no JSON", headed("ES256"), "ERR_RESULT_MALFORMED", malformed("header")],
];

const FORMS: readonly Row[] = [
  ["nothing", "", "ERR_RESULT_MALFORMED", malformed("token")],
  ["two parts", `${header}.${body}`, "ERR_RESULT_MALFORMED", malformed("token")],
  ["four parts", `${GOOD}.AA`, "ERR_RESULT_MALFORMED", malformed("token")],
  ["five parts, as JWE has", `${GOOD}.AA.AA`, "ERR_RESULT_MALFORMED", malformed("token")],
  ["the JSON serialization", JSON.stringify({ protected: header, payload: body, signature }), "ERR_RESULT_MALFORMED"],
  ["padding after the payload", `${header}.${body}=.${signature}`, "ERR_RESULT_MALFORMED", malformed("payload")],
  ["a space before it", ` ${GOOD}`, "ERR_RESULT_MALFORMED", malformed("header")],
  ["a line break after it", `${GOOD}\n`, "ERR_RESULT_MALFORMED", malformed("signature")],
  ["more than a token may have", `${GOOD}${"A".repeat(16_384)}`, "ERR_RESULT_TOO_LARGE", { limit: 16_384 }],
  ["no signature", `${header}.${body}.`, "ERR_RESULT_SIGNATURE"],
  ["a signature cut short", `${header}.${body}.${signature.slice(0, 80)}`, "ERR_RESULT_SIGNATURE"],
  ["a signature of zeros", `${header}.${body}.${encoded(new Uint8Array(64))}`, "ERR_RESULT_SIGNATURE"],
  ["a signature in DER's length", `${header}.${body}.${encoded(new Uint8Array(70).fill(1))}`, "ERR_RESULT_SIGNATURE"],
  [
    "a signature by another key of the same id",
    signed(partsOf(GOOD).payload, {}, strangerKey),
    "ERR_RESULT_SIGNATURE",
    { keyId: "issuer-1" },
  ],
  [
    "another payload under the old signature",
    `${header}.${encoded(JSON.stringify({ ...partsOf(GOOD).payload, aud: "x" }))}.${signature}`,
    "ERR_RESULT_SIGNATURE",
  ],
  ["a payload that is no JSON", signed("attested"), "ERR_RESULT_MALFORMED", malformed("payload")],
  ["a payload that is a list", signed("[]"), "ERR_RESULT_MALFORMED", malformed("payload")],
  [
    "a payload that is not UTF-8",
    signed("{}").then(() => signed("\ufeff{}")),
    "ERR_RESULT_MALFORMED",
    malformed("payload"),
  ],
  [
    "a payload with a member twice",
    signed(JSON.stringify(partsOf(GOOD).payload).replace('"aud":', '"aud":"https://other.example","aud":')),
    "ERR_RESULT_MALFORMED",
    malformed("payload /aud"),
  ],
  [
    "a status twice, deep inside",
    signed(JSON.stringify(partsOf(GOOD).payload).replace('"snp":{', '"snp":{"ear_status":"none",')),
    "ERR_RESULT_MALFORMED",
    malformed("payload /submods/snp/ear_status"),
  ],
];

const CONTENT: readonly Row[] = [
  ["no profile", changed((p) => delete p["eat_profile"]), "ERR_RESULT_PROFILE", { actual: "none" }],
  [
    "a profile that nobody knows",
    changed((p) => (p["eat_profile"] = "tag:ietf.org,2026:rats/ear#04")),
    "ERR_RESULT_PROFILE",
  ],
  [
    "Trustee's profile",
    changed((p) => (p["eat_profile"] = "tag:github.com,2024:confidential-containers/Trustee")),
    "ERR_RESULT_PROFILE",
  ],
  [
    "the deployed profile over names of the draft",
    changed((p) => (p["eat_profile"] = "tag:github.com,2023:veraison/ear")),
    "ERR_RESULT_PROFILE",
  ],
  ["the deployed profile where the draft's is asked for", issue({ profile: "ear-deployed" }), "ERR_RESULT_PROFILE"],
  [
    "the draft's profile where the deployed one is asked for",
    GOOD,
    "ERR_RESULT_PROFILE",
    {},
    { profile: "ear-deployed" },
  ],
  [
    "another issuer",
    changed((p) => (p["iss"] = "https://other.example")),
    "ERR_RESULT_ISSUER",
    { actual: "https://other.example" },
  ],
  ["an issuer with a slash more", changed((p) => (p["iss"] = "https://verifier.example/")), "ERR_RESULT_ISSUER"],
  ["no issuer", changed((p) => delete p["iss"]), "ERR_RESULT_MALFORMED", malformed("/iss")],
  ["another audience", changed((p) => (p["aud"] = "https://other.example")), "ERR_RESULT_AUDIENCE"],
  [
    "several audiences, ours among them",
    changed((p) => (p["aud"] = ["https://agent.example", "x"])),
    "ERR_RESULT_MALFORMED",
    malformed("/aud"),
  ],
  ["no audience", changed((p) => delete p["aud"]), "ERR_RESULT_MALFORMED", malformed("/aud")],
  ["another policy than the caller's", GOOD, "ERR_RESULT_POLICY", {}, { policyDigest: "ab".repeat(48) }],
  [
    "another policy than the list says",
    privately((c) => (c["policy"] = { id: "test", digest: "ab".repeat(48) })),
    "ERR_RESULT_MALFORMED",
  ],
  [
    "two policies",
    inside((s) => (s["ear_appraisal_policy_ids"] = [...(s["ear_appraisal_policy_ids"] as string[]), "urn:x"])),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/ear_appraisal_policy_ids"),
  ],
  ["issued in the future", changed((p) => (p["iat"] = NOW / 1000 + 2)), "ERR_RESULT_NOT_YET_VALID"],
  ["expired", GOOD, "ERR_RESULT_EXPIRED", {}, { now: new Date(NOW + 300_000), maxAgeMs: 1e9 }],
  ["older than the caller accepts", GOOD, "ERR_RESULT_TOO_OLD", { maxAgeMs: 60_000 }, { now: new Date(NOW + 60_001) }],
  ["no exp", changed((p) => delete p["exp"]), "ERR_RESULT_MALFORMED", malformed("/exp")],
  ["no iat", changed((p) => delete p["iat"]), "ERR_RESULT_MALFORMED", malformed("/iat")],
  ["exp as text", changed((p) => (p["exp"] = "1780272300")), "ERR_RESULT_MALFORMED", malformed("/exp")],
  ["exp with a fraction", changed((p) => (p["exp"] = 1780272300.5)), "ERR_RESULT_MALFORMED", malformed("/exp")],
  ["exp in milliseconds", changed((p) => (p["exp"] = 1780272300000)), "ERR_RESULT_MALFORMED", malformed("/exp")],
  ["exp null", changed((p) => (p["exp"] = null)), "ERR_RESULT_MALFORMED", malformed("/exp")],
  ["nbf, which nobody looks at", changed((p) => (p["nbf"] = 9_999_999_999)), "ERR_RESULT_MALFORMED", malformed("/nbf")],
  ["another nonce, as a replay has", GOOD, "ERR_RESULT_NONCE", {}, { nonce: NONCE.slice().fill(1, 31) }],
  ["a nonce that begins like ours", GOOD, "ERR_RESULT_NONCE", {}, { nonce: NONCE.slice(0, 31) }],
  [
    "no nonce",
    changed((p) => {
      delete p["eat_nonce"];
      delete snpOf(p)["eat_nonce"];
    }),
    "ERR_RESULT_NONCE",
    { actual: null },
  ],
  [
    "a list of nonces",
    changed((p) => (p["eat_nonce"] = [p["eat_nonce"]])),
    "ERR_RESULT_MALFORMED",
    malformed("/eat_nonce"),
  ],
  [
    "another nonce inside than outside",
    inside((s) => (s["eat_nonce"] = encoded("another nonce of the guest's"))),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp"),
  ],
  [
    "status warning",
    changed((p) => {
      p["ear_status"] = "warning";
      snpOf(p)["ear_status"] = "warning";
    }),
    "ERR_RESULT_NOT_AFFIRMING",
    { status: "warning" },
  ],
  [
    "status none",
    changed((p) => {
      p["ear_status"] = "none";
      snpOf(p)["ear_status"] = "none";
    }),
    "ERR_RESULT_NOT_AFFIRMING",
    { status: "none" },
  ],
  [
    "status contraindicated",
    changed((p) => {
      p["ear_status"] = "contraindicated";
      snpOf(p)["ear_status"] = "contraindicated";
    }),
    "ERR_RESULT_NOT_AFFIRMING",
    { status: "contraindicated" },
  ],
  [
    "a status outside that is better than inside",
    inside((s) => (s["ear_status"] = "warning")),
    "ERR_RESULT_MALFORMED",
    malformed("/"),
  ],
  [
    "a status inside that is better than outside",
    changed((p) => (p["ear_status"] = "warning")),
    "ERR_RESULT_MALFORMED",
    malformed("/"),
  ],
  ["no status outside", changed((p) => delete p["ear_status"]), "ERR_RESULT_MALFORMED", malformed("/ear_status")],
  [
    "no status inside",
    inside((s) => delete s["ear_status"]),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/ear_status"),
  ],
  [
    "a status as a number",
    inside((s) => (s["ear_status"] = 2)),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/ear_status"),
  ],
  [
    "a status in capitals",
    inside((s) => (s["ear_status"] = "Affirming")),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/ear_status"),
  ],
  [
    "a status better than the vector",
    inside((s) => (s["ear_trustworthiness_vector"] = { executables: 33 })),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp"),
  ],
  [
    "a status better than a vector with a malfunction",
    inside((s) => ((s["ear_trustworthiness_vector"] as Part)["configuration"] = -1)),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp"),
  ],
  [
    "a status better than a vector that says nothing",
    inside((s) => (s["ear_trustworthiness_vector"] = {})),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp"),
  ],
  [
    "a status better than a vector of negative numbers",
    inside((s) => (s["ear_trustworthiness_vector"] = { hardware: -97 })),
    "ERR_RESULT_MALFORMED",
  ],
  [
    "a vector out of range",
    inside((s) => (s["ear_trustworthiness_vector"] = { hardware: 258 })),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/ear_trustworthiness_vector/hardware"),
  ],
  [
    "a vector with a claim of its own",
    inside((s) => (s["ear_trustworthiness_vector"] = { luck: 2 })),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/ear_trustworthiness_vector/luck"),
  ],
  ["no vector", inside((s) => delete s["ear_trustworthiness_vector"]), "ERR_RESULT_MALFORMED"],
  ["no submodule", changed((p) => (p["submods"] = {})), "ERR_RESULT_MALFORMED", malformed("/submods/snp")],
  [
    "a second submodule",
    changed((p) => ((p["submods"] as Part)["gpu"] = { ear_status: "warning" })),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/gpu"),
  ],
  ["a list of submodules", changed((p) => (p["submods"] = [snpOf(p)])), "ERR_RESULT_MALFORMED", malformed("/submods")],
  [
    "failures in an affirming token",
    privately((c) => (c["failures"] = ["snp.vmpl"])),
    "ERR_RESULT_NOT_AFFIRMING",
    { failures: ["snp.vmpl"] },
  ],
  ["a claim that is not known", changed((p) => (p["admin"] = true)), "ERR_RESULT_MALFORMED", malformed("/admin")],
  [
    "a private claim that is not known",
    privately((c) => (c["admin"] = true)),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/admin`),
  ],
  [
    "__proto__ among private claims",
    signed(JSON.stringify(partsOf(GOOD).payload).replace('"vmId"', '"__proto__":{},"vmId"')),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/__proto__`),
  ],
  ["no private claims", inside((s) => delete s["attestry.snp"]), "ERR_RESULT_MALFORMED", malformed(claimsAt)],
  [
    "a report digest in capitals",
    privately((c) => (c["reportDigest"] = "AB".repeat(48))),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/reportDigest`),
  ],
  [
    "a report digest of SHA-256",
    privately((c) => (c["reportDigest"] = "ab".repeat(32))),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/reportDigest`),
  ],
  [
    "a VM id that is a number",
    privately((c) => (c["vmId"] = 7)),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/vmId`),
  ],
  ["a VMPL that nobody has", privately((c) => (c["vmpl"] = 4)), "ERR_RESULT_MALFORMED", malformed(`${claimsAt}/vmpl`)],
  [
    "a product line that nobody has",
    privately((c) => (c["productLine"] = "Rome")),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/productLine`),
  ],
  [
    "TCBs of another product line",
    privately((c) => (c["productLine"] = "Turin")),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/tcb/current`),
  ],
  [
    "a TCB component too large",
    privately((c) => (((c["tcb"] as Record<string, Part>)["launch"] as Part)["snp"] = 256)),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/tcb/launch/snp`),
  ],
  ["no cnf where the binding has a key", changed((p) => delete p["cnf"]), "ERR_RESULT_MALFORMED", malformed("/cnf")],
  [
    "a cnf where the binding has no key",
    privately((c) => ((c["binding"] as Part)["key"] = null)),
    "ERR_RESULT_MALFORMED",
    malformed("/cnf"),
  ],
  ["a cnf without a binding", privately((c) => (c["binding"] = null)), "ERR_RESULT_MALFORMED", malformed("/cnf")],
  ["a cnf by kid", changed((p) => (p["cnf"] = { kid: "key" })), "ERR_RESULT_MALFORMED", malformed("/cnf/kid")],
  [
    "a cnf with a private member",
    changed((p) => (p["cnf"] = { jwk: { ...((p["cnf"] as Part)["jwk"] as Part), d: "AA" } })),
    "ERR_RESULT_MALFORMED",
    malformed("/cnf/jwk/d"),
  ],
  [
    "a cnf with a key cut short",
    changed((p) => (p["cnf"] = { jwk: { kty: "OKP", crv: "X25519", x: "CQkJ" } })),
    "ERR_RESULT_MALFORMED",
    malformed("/cnf/jwk"),
  ],
  [
    "a cnf of another curve",
    changed((p) => (p["cnf"] = { jwk: { kty: "OKP", crv: "Ed25519", x: encoded(new Uint8Array(32)) } })),
    "ERR_RESULT_MALFORMED",
    malformed("/cnf/jwk/crv"),
  ],
  [
    "a cnf that another form reads",
    privately((c) => ((c["binding"] as Part)["key"] = "bytes")),
    "ERR_RESULT_MALFORMED",
    malformed("/cnf/jwk"),
  ],
  [
    "a binding that nobody knows",
    privately((c) => ((c["binding"] as Part)["scheme"] = "my-own")),
    "ERR_RESULT_MALFORMED",
    malformed(`${claimsAt}/binding/scheme`),
  ],
  [
    "a debug status that nobody knows",
    inside((s) => (s["dbgstat"] = 3)),
    "ERR_RESULT_MALFORMED",
    malformed("/submods/snp/dbgstat"),
  ],
];

for (const [part, rows] of [
  ["header", HEADERS],
  ["form", FORMS],
  ["content", CONTENT],
] as const) {
  describe(`a token with a forged ${part}`, () => {
    for (const [title, token, code, detail, options] of rows) {
      it(title, async () => {
        await expect(verify(await token, options)).toFailWith(code, detail);
      });
    }
  });
}

describe("the token that they are made from", () => {
  it("is good, and is as good when its payload is signed anew", async () => {
    await expect(verify(GOOD)).resolves.toMatchObject({ status: "affirming" });
    await expect(verify(await changed(() => {}))).resolves.toMatchObject({ status: "affirming" });
    await expect(verify(await resigned({}))).resolves.toMatchObject({ status: "affirming" });
  });

  it("is refused under a key of another algorithm that has the same id", async () => {
    const algorithms = ["ES256", "ES384", "EdDSA"] as const;
    for (const pair of [es384Key, edKey]) {
      const keys = [verificationKey(pair)];
      await expect(verify(GOOD, { keys, algorithms })).toFailWith("ERR_RESULT_ALGORITHM", {
        accepted: [pair.algorithm],
      });
    }
  });

  it("holds up to the last moment and from the first one on", async () => {
    const maxAgeMs = 300_000;
    await expect(verify(GOOD, { now: new Date(NOW), maxAgeMs })).resolves.toBeDefined();
    await expect(verify(GOOD, { now: new Date(NOW + 299_999), maxAgeMs })).resolves.toBeDefined();
    await expect(verify(GOOD, { now: new Date(NOW - 1), maxAgeMs })).toFailWith("ERR_RESULT_NOT_YET_VALID");
    await expect(verify(GOOD, { now: new Date(NOW + 60_000), maxAgeMs: 60_000 })).resolves.toBeDefined();
  });

  it.each(["ES256", "ES384", "EdDSA"] as const)("can be signed by %s", async (algorithm) => {
    const pair = await keyPair(algorithm, "another");
    const token = await issue({ key: { privateKey: pair.privateKey, algorithm, keyId: "another" } });
    const keys = [verificationKey(issuerKey), verificationKey(pair)];
    await expect(verify(token, { keys, algorithms: [algorithm] })).resolves.toMatchObject({ keyId: "another" });
    const { privateKey, publicKey } = pair.cryptoKeys;
    const byHandles = await issue({ key: { privateKey, algorithm, keyId: "another" } });
    const handles = [{ publicKey, algorithm, keyId: "another" }];
    await expect(verify(byHandles, { keys: handles, algorithms: [algorithm] })).resolves.toBeDefined();
  });
});
