import type { Appraisal, CryptoEngine } from "attestry";
import { type IssuerKey, issueResult, type VerifiedResult, verifyResult } from "attestry/result";
import type { JWK } from "jose";

/** A key pair for results; the private half signs, the public half is told to everybody. */
export interface ResultKey {
  readonly signing: IssuerKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** What must hold for a token beside its signature and age. */
export interface ResultDemand {
  /** The policy as it is now. */
  readonly policyDigest: string;
  /** That of the challenge which is about to be spent. */
  readonly nonce: Uint8Array;
}

/** Signs results, and takes none but its own. */
export interface ResultSigner {
  issue(appraisal: Appraisal, nonce: Uint8Array): Promise<string>;
  /** @throws ResultError for a token of another issuer, key, policy or challenge, or one that is too old */
  verify(token: string, demand: ResultDemand): Promise<VerifiedResult>;
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** Options of `createResultSigner`. */
export interface ResultSignerOptions {
  readonly key: ResultKey;
  /** Issuer and audience: whoever appraises here is whoever releases. */
  readonly name: string;
  readonly ttlMs: number;
  readonly clock: () => Date;
  /** For digests; default: WebCrypto. */
  readonly engine?: CryptoEngine;
}

const PROFILE = "ear-03";
const VERIFIER = { developer: "https://example.com", build: "relying-party 1" };

/** A signer of results with one key. To change keys, let `jwks` name the next one before it signs. */
export function createResultSigner({ key, name, ttlMs, clock, engine }: ResultSignerOptions): ResultSigner {
  const { signing, publicKey, publicJwk } = key;
  const { keyId, algorithm } = signing;
  const jwks = { keys: [{ ...publicJwk, kid: keyId, alg: algorithm, use: "sig" }] };
  const parties = { issuer: name, audience: name, profile: PROFILE } as const;
  return {
    jwks,
    issue: (appraisal, nonce) =>
      issueResult(appraisal, {
        ...parties,
        key: signing,
        ttlMs,
        now: clock(),
        nonce,
        verifier: VERIFIER,
        // Which advisories must be fixed is for the policy to say; both shapes of a release then decide alike.
        advisories: "unassessed",
        // The token goes to the guest, who has no business with the chip under it.
        platformIdentity: "leave-out",
        issueRefusal: true,
        ...(engine === undefined ? {} : { engine }),
      }),
    verify: (token, { policyDigest, nonce }) =>
      verifyResult(token, {
        ...parties,
        keys: [{ publicKey, algorithm, keyId }],
        algorithms: [algorithm],
        policyDigest,
        maxAgeMs: ttlMs,
        now: clock(),
        nonce,
      }),
  };
}
