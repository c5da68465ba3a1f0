import { equalBytes } from "../bytes/codecs.js";
import type { CryptoEngine } from "../crypto/engine.js";
import type { RootAnchor } from "./anchors.js";
import type { WalkedChain } from "./chain.js";
import type { ChainMemory, RememberedChain } from "./context.js";
import type { RawCertificates } from "./input.js";
import { runAsync, type Steps } from "./steps.js";

/** Enough of the end of a certificate, which is its signature, to tell certificates apart in a map. */
const TAIL_BYTES = 16;

/** A walk that somebody is at. */
interface Walk {
  readonly raw: RawCertificates;
  readonly anchor: RootAnchor;
  readonly result: Promise<WalkedChain>;
}

/**
 * A bounded memory of walked chains, the least recently used forgotten first, and of the walks under way.
 *
 * A chain is found by its bytes alone, every one of them compared: the tails of the signatures only choose where to
 * look. What failed is not kept.
 */
export function createChainMemory(maxChains: number): ChainMemory {
  const chains = new Map<string, RememberedChain>();
  const walks = new Set<Walk>();
  return {
    recall(raw) {
      const key = keyOf(raw);
      const found = chains.get(key);
      if (found === undefined || !sameBytes(found.raw, raw)) return undefined;
      chains.delete(key);
      chains.set(key, found);
      return found;
    },
    keep(remembered) {
      const key = keyOf(remembered.raw);
      chains.delete(key);
      chains.set(key, remembered);
      const [oldest] = chains.keys();
      if (chains.size > maxChains && oldest !== undefined) chains.delete(oldest);
    },
    *walk(raw, anchor, steps): Steps<WalkedChain> {
      const same = [...walks].find((walk) => walk.anchor === anchor && sameBytes(walk.raw, raw));
      const join = (engine: CryptoEngine) =>
        same?.result ?? begin(walks, { raw, anchor }, () => runAsync(steps(), engine));
      // The step answers what the walk it joins answers.
      return (yield join) as WalkedChain;
    },
  };
}

/** Starts a walk that others may join; no signal ends it, since it is not one caller's alone. */
function begin(walks: Set<Walk>, subject: Omit<Walk, "result">, run: () => Promise<WalkedChain>): Promise<WalkedChain> {
  const walk = { ...subject, result: run() };
  walks.add(walk);
  const forget = () => walks.delete(walk);
  walk.result.then(forget, forget);
  return walk.result;
}

const ROLES = ["leaf", "intermediate", "root"] as const;

function keyOf(raw: RawCertificates): string {
  return ROLES.map((role) => String.fromCharCode(...(raw[role]?.subarray(-TAIL_BYTES) ?? []))).join("|");
}

function sameBytes(a: RawCertificates, b: RawCertificates): boolean {
  return ROLES.every((role) => {
    const left = a[role];
    const right = b[role];
    if (left === undefined || right === undefined) return left === right;
    return equalBytes(left, right);
  });
}
