import type { Certificate } from "../x509/certificate.js";
import type { RootAnchor } from "./anchors.js";
import type { Branch } from "./branch.js";
import type { WalkedChain } from "./chain.js";
import type { CrlMemory } from "./crl-memory.js";
import type { RawCertificates } from "./input.js";
import type { Settings } from "./options.js";
import type { Steps } from "./steps.js";
import type { SuppliedWithLeaf } from "./supplied.js";

/** A chain that was walked before, with the very bytes it was walked on. Never a verdict. */
export interface RememberedChain {
  readonly raw: RawCertificates;
  readonly supplied: SuppliedWithLeaf;
  readonly branch: Branch;
  readonly chain: WalkedChain;
}

/** What a verifier keeps of chains. */
export interface ChainMemory {
  /** The chain of exactly these bytes. */
  recall(raw: RawCertificates): RememberedChain | undefined;
  keep(remembered: RememberedChain): void;
  /** The CA certificate of exactly these bytes, where a chain that was kept has it: read already, not judged. */
  readBefore(der: Uint8Array): Certificate | undefined;
  /** Walks a chain, together with whoever walks the same one at the same time. */
  walk(raw: RawCertificates, anchor: RootAnchor, steps: () => Steps<WalkedChain>): Steps<WalkedChain>;
}

/** For a single verification: remembers nothing and shares nothing. */
export const NO_CHAIN_MEMORY: ChainMemory = {
  recall: () => undefined,
  keep: () => undefined,
  readBefore: () => undefined,
  walk: (_raw, _anchor, steps) => steps(),
};

/** What one verification is judged with. */
export interface Context {
  readonly settings: Settings;
  /** Milliseconds since 1970, read once. */
  readonly now: number;
  readonly signal: AbortSignal | undefined;
  readonly chains: ChainMemory;
  readonly crls: CrlMemory;
}
