import type { AdvisoryData, CryptoEngine, Policy, Verifier } from "attestry";
import type { Challenger } from "attestry/challenge";
import type { Context } from "hono";
import type { ResultSigner } from "./service/results.js";

/** The policies of this moment, by their ids; a set is swapped whole and never changed. */
export type PolicySet = ReadonlyMap<string, Policy>;

/** Allows or refuses a request of one client. */
export interface Limiter {
  /** Null when the client may go on, else the milliseconds after which it may come back. */
  take(client: string): Promise<number | null>;
}

/** What happened in a request: values that are safe to keep. Never a secret, a token, a nonce, or a whole chip id. */
export interface LogLine {
  readonly event: string;
  readonly [name: string]: string | number | boolean | null;
}

/** Figures for Prometheus, or whatever else counts. */
export interface Metrics {
  request(route: string, status: number, seconds: number): void;
  verdict(policy: string, verdict: "accept" | "reject", code: string): void;
  released(policy: string): void;
  /** Everything, as text for whoever scrapes it. */
  text(): Promise<{ readonly body: string; readonly contentType: string }>;
}

/** What attested sessions of Trustee's clients are remembered by, for a few minutes. */
export interface Sessions {
  keep(id: string, value: string, expiresAt: Date): void | Promise<void>;
  find(id: string): string | null | Promise<string | null>;
}

/** How Trustee's clients are served; they name resources where ours name policies. */
export interface TrusteeConfig {
  /** The policy that every client of /kbs is appraised by. Its scheme of REPORT_DATA must be `trustee`. */
  readonly policyId: string;
  /** The path of the one resource, such as `default/key/web`; it is the secret of that policy. */
  readonly resource: string;
  readonly sessions: Sessions;
}

/** How this copy is: for those who decide whether to send it requests. */
export interface Health {
  readonly ok: boolean;
  /** Why not, or what there is to know. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Everything that the app reaches for; it has no clock, no store and no secret of its own. */
export interface AppConfig {
  /** What the service is called, the same for all its copies: in challenges, and as issuer and audience of results. */
  readonly name: string;
  readonly clock: () => Date;
  readonly challenger: Challenger;
  readonly verifier: Verifier;
  /** For what is hashed beside it: `webCryptoEngine`, or a faster one of the runtime's own. */
  readonly engine: CryptoEngine;
  readonly policies: () => PolicySet;
  /** What is known of weaknesses of the platform, for policies that ask. */
  readonly advisories: AdvisoryData;
  /** What is released under a policy, by the policy's id. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly results: ResultSigner;
  readonly limiter: Limiter;
  /** Who asks, as far as this runtime knows: mostly an address. */
  readonly clientOf: (context: Context) => string;
  readonly log: (line: LogLine) => void;
  readonly metrics: Metrics;
  readonly health: () => Health;
  /** Null: no /kbs. */
  readonly trustee: TrusteeConfig | null;
}
