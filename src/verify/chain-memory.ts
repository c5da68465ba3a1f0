import { equalBytes } from "../bytes/codecs.js";
import type { CryptoEngine } from "../crypto/engine.js";
import type { Certificate } from "../x509/certificate.js";
import type { RootAnchor } from "./anchors.js";
import type { WalkedChain } from "./chain.js";
import type { ChainMemory, RememberedChain } from "./context.js";
import type { RawCertificates } from "./input.js";
import { runAsync, type Steps } from "./steps.js";
import type { Supplied } from "./supplied.js";

/** Enough of the end of a certificate, which is its signature, to tell certificates apart in a map. */
const TAIL_BYTES = 4;

/** The CA certificates of all lines are nine; beyond that a caller has many roots of their own. */
const MAX_AUTHORITIES = 32;

/** How many walks with the same tails are compared; whoever comes to more of them walks alone. */
const MAX_COMPARED = 8;

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
  const chains = new Map<number, RememberedChain>();
  const authorities = new Map<number, Certificate>();
  const walks = new Map<number, Set<Walk>>();
  let latest: RememberedChain | undefined;
  return {
    recall(raw) {
      const key = keyOf(raw);
      const found = chains.get(key);
      if (found === undefined || !sameBytes(found.raw, raw)) return undefined;
      // Moving what is the last already would only wear the map out.
      if (found !== latest) {
        chains.delete(key);
        chains.set(key, found);
        latest = found;
      }
      return found;
    },
    keep(remembered) {
      const key = keyOf(remembered.raw);
      chains.delete(key);
      // The CRL is no part of a chain, may be large, and was not looked at yet. Chains share their authorities' bytes.
      latest = { ...remembered, raw: { ...bytesOf(remembered.supplied), crl: undefined } };
      chains.set(key, latest);
      const [oldest] = chains.keys();
      if (chains.size > maxChains && oldest !== undefined) chains.delete(oldest);
      const { intermediate, root } = remembered.supplied;
      if (authorities.size > MAX_AUTHORITIES) authorities.clear();
      for (const authority of [intermediate, root]) if (authority) authorities.set(tailOf(authority.der), authority);
    },
    readBefore(der) {
      const found = authorities.get(tailOf(der));
      return found !== undefined && equalBytes(found.der, der) ? found : undefined;
    },
    *walk(raw, anchor, steps): Steps<WalkedChain> {
      const key = keyOf(raw);
      const alike = [...(walks.get(key) ?? [])];
      const same = alike.find((walk) => walk.anchor === anchor && sameBytes(walk.raw, raw));
      if (same === undefined && alike.length >= MAX_COMPARED) return yield* steps();
      const begin = (engine: CryptoEngine) => {
        const walk = { raw, anchor, result: runAsync(steps(), engine) };
        share(walks, key, walk);
        return walk.result;
      };
      // The step answers what the walk that it joins or begins answers.
      return (yield (engine) => same?.result ?? begin(engine)) as WalkedChain;
    },
  };
}

/** Lets others join a walk until it ends; no signal ends it, since it is not one caller's alone. */
function share(walks: Map<number, Set<Walk>>, key: number, walk: Walk): void {
  const alike = walks.get(key) ?? new Set<Walk>();
  walks.set(key, alike.add(walk));
  const forget = () => {
    alike.delete(walk);
    if (alike.size === 0) walks.delete(key);
  };
  walk.result.then(forget, forget);
}

/** A number for where to look; other chains may have it too. A root in the intermediate's place has another one. */
function keyOf({ leaf, intermediate, root }: RawCertificates): number {
  return tailOf(leaf) ^ (tailOf(intermediate) >>> 1) ^ (tailOf(root) >>> 2);
}

/** The bytes that the certificates were read from, which are the chain's own. */
function bytesOf({ leaf, intermediate, root }: Supplied): Pick<RawCertificates, "leaf" | "intermediate" | "root"> {
  return { leaf: leaf?.der, intermediate: intermediate?.der, root: root?.der };
}

/** The last bytes of a signature; zero for a certificate that is shorter, which none is, or absent. */
function tailOf(der: Uint8Array | undefined): number {
  if (der === undefined || der.length < TAIL_BYTES) return 0;
  return new DataView(der.buffer, der.byteOffset).getInt32(der.length - TAIL_BYTES);
}

function sameBytes(a: RawCertificates, b: RawCertificates): boolean {
  return sameOrAbsent(a.leaf, b.leaf) && sameOrAbsent(a.intermediate, b.intermediate) && sameOrAbsent(a.root, b.root);
}

function sameOrAbsent(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}
