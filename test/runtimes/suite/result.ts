import { issueResult, type VerifyResultOptions, verifyResult } from "attestry/result";
import { said, same } from "./assert.js";
import { type Attested, attest, NOW } from "./guest.js";
import type { Case, Suite } from "./suite.js";

const VERIFIER = "https://verifier.example";
const GUEST_KEY = new Uint8Array(32).fill(9);

/** How WebCrypto makes a key of each algorithm of tokens. */
const ALGORITHMS = {
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384" },
  EdDSA: { name: "Ed25519" },
} as const;

type Algorithm = keyof typeof ALGORITHMS;

async function signingKeys(algorithm: Algorithm): Promise<CryptoKeyPair> {
  // The declarations know this overload by the name of the algorithm alone, which is not known here.
  return (await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, ["sign", "verify"])) as CryptoKeyPair;
}

/** A token of this runtime about an accepted guest, and what it must be. */
export async function issued(
  algorithm: Algorithm,
  { appraisal, challenge, policy }: Attested,
): Promise<{ token: string; demand: VerifyResultOptions }> {
  const { privateKey, publicKey } = await signingKeys(algorithm);
  const token = await issueResult(appraisal, {
    key: { privateKey, algorithm, keyId: "k1" },
    issuer: VERIFIER,
    audience: "https://agent.example",
    ttlMs: 300_000,
    now: NOW,
    profile: "ear-03",
    verifier: { developer: VERIFIER, build: "verifier 1.0.0" },
    platformIdentity: "include",
    advisories: "unassessed",
  });
  const demand: VerifyResultOptions = {
    keys: [{ algorithm, keyId: "k1", publicKey }],
    algorithms: [algorithm],
    issuer: VERIFIER,
    audience: "https://agent.example",
    policyDigest: policy.digest,
    maxAgeMs: 60_000,
    profile: "ear-03",
    now: NOW,
    nonce: challenge.nonce,
  };
  return { token, demand };
}

function algorithmCase(algorithm: Algorithm): Case {
  const run = async () => {
    const attested = await attest(GUEST_KEY);
    const { token, demand } = await issued(algorithm, attested);
    const { publicKey, status } = await verifyResult(token, demand);
    same(JSON.stringify([status, publicKey]), `["affirming",{"scheme":"attestry-v1","bytes":"${"09".repeat(32)}"}]`);
    const [header = "", payload = "", signature = ""] = token.split(".");
    const turned = `${header}.${payload}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
    const stranger = await signingKeys(algorithm);
    const keys = [{ algorithm, keyId: "k1", publicKey: stranger.publicKey }];
    const later = new Date(NOW.getTime() + 400_000);
    same(await said(() => verifyResult(turned, demand)), "ERR_RESULT_SIGNATURE");
    same(await said(() => verifyResult(token, { ...demand, keys })), "ERR_RESULT_SIGNATURE");
    same(await said(() => verifyResult(token, { ...demand, audience: VERIFIER })), "ERR_RESULT_AUDIENCE");
    same(await said(() => verifyResult(token, { ...demand, nonce: GUEST_KEY })), "ERR_RESULT_NONCE");
    same(await said(() => verifyResult(token, { ...demand, now: later })), "ERR_RESULT_EXPIRED");
  };
  return { name: algorithm, run };
}

/** Tokens: signed and verified by the runtime's WebCrypto, in each algorithm. */
export const resultSuite: Suite = {
  name: "result",
  cases: () => [algorithmCase("ES256"), algorithmCase("ES384"), algorithmCase("EdDSA")],
};
