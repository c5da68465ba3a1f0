import type { CollateralRequest, CollateralSource } from "attestry";

/** Options of `rememberedSource`. */
export interface RememberedSourceOptions {
  readonly clock: () => Date;
  /** How long an answer is given again without asking: a CRL is this much late at the most. */
  readonly forMs: number;
  /** How many answers are kept; the oldest go first. */
  readonly max: number;
}

interface Kept {
  readonly der: Uint8Array;
  readonly until: number;
}

function nameOf(request: CollateralRequest): string {
  const { role, productLine, signingKey } = request;
  if (request.role !== "leaf") return `${role} ${productLine} ${signingKey}`;
  return `${role} ${productLine} ${signingKey} ${request.hwId.join()} ${JSON.stringify(request.reportedTcb)}`;
}

/**
 * A source that answers from this process's memory what it answered a moment ago, so that neither Redis nor the key
 * server is asked for each report. What it answers is verified like everything else.
 */
export function rememberedSource(source: CollateralSource, options: RememberedSourceOptions): CollateralSource {
  const { clock, forMs, max } = options;
  const kept = new Map<string, Kept>();
  return {
    async get(request, call) {
      const name = nameOf(request);
      const now = clock().getTime();
      const known = kept.get(name);
      if (known !== undefined && now < known.until) return known.der;
      const der = await source.get(request, call);
      kept.delete(name);
      if (der === undefined) return undefined;
      const [oldest] = kept.keys();
      if (kept.size >= max && oldest !== undefined) kept.delete(oldest);
      kept.set(name, { der, until: now + forMs });
      return der;
    },
  };
}
