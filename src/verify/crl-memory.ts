import { CollateralError } from "../errors.js";
import type { Crl } from "../x509/crl.js";
import type { RootAnchor } from "./anchors.js";

/** The newest CRL of a root that a verifier has seen, and the greatest number, which may be no longer the same. */
interface Seen {
  readonly newest: Crl;
  readonly greatest: bigint;
}

/** What a verifier knows of revocation lists. Only verified CRLs come in. */
export interface CrlMemory {
  /** The newest known CRL of a root. */
  newest(anchor: RootAnchor): Crl | undefined;
  /** Takes note of a CRL. @throws CollateralError ERR_COLLATERAL_CRL_ROLLBACK below a number already seen. */
  keep(anchor: RootAnchor, crl: Crl): void;
}

/** For a single verification: knows nothing and keeps nothing. */
export const NO_CRL_MEMORY: CrlMemory = { newest: () => undefined, keep: () => undefined };

/** A memory of one CRL a root. */
export function createCrlMemory(): CrlMemory {
  const seen = new Map<RootAnchor, Seen>();
  return {
    newest: (anchor) => seen.get(anchor)?.newest,
    keep(anchor, crl) {
      const known = seen.get(anchor);
      const number = crl.number ?? known?.greatest ?? 0n;
      if (known !== undefined && number < known.greatest) throw rollback(number, known.greatest);
      const newest = known !== undefined && known.newest.thisUpdate >= crl.thisUpdate ? known.newest : crl;
      seen.set(anchor, { newest, greatest: number });
    },
  };
}

function rollback(number: bigint, greatest: bigint): CollateralError {
  const detail = { number: `0x${number.toString(16)}`, seen: `0x${greatest.toString(16)}` };
  return new CollateralError(
    "ERR_COLLATERAL_CRL_ROLLBACK",
    `the CRL has number ${detail.number}, and this verifier has seen ${detail.seen}; supply the newer one`,
    detail,
    { retryable: true },
  );
}
