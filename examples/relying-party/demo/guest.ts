/**
 * What runs inside the VM. It knows the address of a service and its own hardware; everything else it was told over
 * HTTP. It has nothing of the service's configuration, and no way to reach it but its API.
 */
import { bindReportData, type Policy } from "attestry";
import { openSealed } from "attestry/release";
import { fromBase64Url, toBase64Url } from "../http/encoding.js";
import type { EvidenceType } from "../service/evidence-types.js";
import { wrap } from "./containers.js";
import type { Machine } from "./machines.js";

/** A challenge as the service answered it. */
export interface HeldChallenge {
  readonly id: string;
  readonly nonce: string;
  readonly expiresAt: string;
  readonly policy: Pick<Policy, "id" | "digest">;
}

/** What became of an attempt to get a secret. */
export interface Outcome {
  readonly status: number;
  /** The secret, opened; null where none was delivered. */
  readonly secret: Uint8Array | null;
  /** Why not: a code, and what the service says of it. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly action: string | null;
  readonly failures: readonly string[];
}

/** An outcome without a refusal, and so far without a secret. */
export const NOTHING: Outcome = { status: 200, secret: null, code: null, reason: null, action: null, failures: [] };

/** A key pair made inside the VM; the private half never leaves it. */
export interface GuestKey {
  readonly pair: CryptoKeyPair;
  /** 32 bytes of X25519. */
  readonly publicKey: Uint8Array;
}

/** Evidence for one challenge: the report, in its container, and the key that it binds. */
export interface Answer {
  readonly report: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly evidence: { readonly type: EvidenceType; readonly data: string };
}

type Json = Readonly<Record<string, unknown>>;

/** POST with JSON both ways. */
export function post(url: string, body: Json, headers: Record<string, string> = {}): Promise<Response> {
  const init = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
  return fetch(url, init);
}

/** A fresh key pair. */
export async function makeKey(): Promise<GuestKey> {
  // The types of the DOM know X25519 by no name of its own.
  const pair = (await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  return { pair, publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

/** Asks for a challenge. */
export async function askFor(service: string, policy: string): Promise<HeldChallenge> {
  const response = await post(`${service}/v1/challenges`, { policy });
  if (response.status !== 201) throw new Error(`no challenge: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Has the hardware sign a report over nonce and key, and wraps it. */
export async function answer(
  challenge: HeldChallenge,
  machine: Machine,
  { publicKey, type }: { readonly publicKey: Uint8Array; readonly type: EvidenceType },
): Promise<Answer> {
  const { bytes } = await bindReportData("attestry-v1", { nonce: fromBase64Url(challenge.nonce), publicKey });
  const report = machine.report(bytes);
  return { report, publicKey, evidence: wrap(type, report, machine) };
}

/** The body that both /v1/appraisals and, with a format, /v1/releases take. */
export function submission({ policy, nonce }: HeldChallenge, { publicKey, evidence }: Answer): Json {
  return { policy, nonce, publicKey: toBase64Url(publicKey), evidence };
}

/** What a refused request comes to. */
export async function denied(response: Response): Promise<Outcome> {
  const { code = null, detail: reason = null, action = null, failures = [] } = await response.json();
  return { status: response.status, secret: null, code, reason, action, failures };
}

/** Opens what /v1/releases delivered, or says why there is nothing to open. */
export async function open(
  response: Response,
  {
    challenge,
    key,
    report,
  }: { readonly challenge: HeldChallenge; readonly key: GuestKey; readonly report: Uint8Array },
): Promise<Outcome> {
  if (response.status !== 200) return denied(response);
  const { sealed } = await response.json();
  const secret = await openSealed(sealed, {
    format: "hpke",
    keyPair: key.pair,
    challengeId: challenge.id,
    policyDigest: challenge.policy.digest,
    report,
  });
  return { ...NOTHING, secret };
}
