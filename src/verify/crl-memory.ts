import { equalBytes } from "../bytes/codecs.js";
import { CollateralError, type ErrorDetails } from "../errors.js";
import type { Crl } from "../x509/crl.js";
import type { RootAnchor } from "./anchors.js";
import { rfc3339 } from "./validity.js";

/** What a verifier knows of revocation lists. Only verified CRLs come in. */
export interface CrlMemory {
  /** The CRL with the greatest number that was seen of a root. */
  newest(anchor: RootAnchor): Crl | undefined;
  /**
   * Takes note of a CRL.
   *
   * @param refused - told of one that is older than the newest, before it is thrown
   * @throws CollateralError ERR_COLLATERAL_CRL_ROLLBACK for that
   */
  keep(anchor: RootAnchor, crl: Crl, refused: (rollback: Rollback) => void): void;
}

/** The numbers of a list that was refused, and of the newer one. */
export type Rollback = ErrorDetails["ERR_COLLATERAL_CRL_ROLLBACK"];

/** For a single verification: knows nothing and keeps nothing. */
export const NO_CRL_MEMORY: CrlMemory = { newest: () => undefined, keep: () => undefined };

/** A memory of one CRL a root. Two anchors of one name and key are one root, which issues one series of CRLs. */
export function createCrlMemory(): CrlMemory {
  const seen = new Map<RootAnchor, Crl>();
  const rootOf = (anchor: RootAnchor) =>
    seen.has(anchor) ? anchor : ([...seen.keys()].find((known) => sameIssuer(known, anchor)) ?? anchor);
  return {
    newest: (anchor) => seen.get(rootOf(anchor)),
    keep(anchor, crl, refused) {
      const root = rootOf(anchor);
      const known = seen.get(root);
      const order = known === undefined ? 1 : compareAge(crl, known);
      if (known !== undefined && order < 0) {
        const numbers = { number: nameOf(crl), seen: nameOf(known) };
        refused(numbers);
        throw rollback(numbers);
      }
      if (order > 0) seen.set(root, crl);
    },
  };
}

/** Above zero when `a` is the newer: by number, and where the numbers are equal or one has none, by thisUpdate. */
function compareAge(a: Crl, b: Crl): number {
  if (a.number !== null && b.number !== null && a.number !== b.number) return a.number > b.number ? 1 : -1;
  const sameNumber = a.number === b.number && a.number !== null;
  // Of two with one number none is a step back.
  return sameNumber ? Math.max(0, a.thisUpdate - b.thisUpdate) : a.thisUpdate - b.thisUpdate;
}

function sameIssuer(a: RootAnchor, b: RootAnchor): boolean {
  return equalBytes(a.nameDer, b.nameDer) && equalBytes(a.key.modulus, b.key.modulus);
}

function rollback(detail: Rollback): CollateralError {
  return new CollateralError(
    "ERR_COLLATERAL_CRL_ROLLBACK",
    `the CRL has number ${detail.number}, and this verifier has seen ${detail.seen}; supply the newer one`,
    detail,
    { retryable: true },
  );
}

function nameOf({ number, thisUpdate }: Crl): string {
  return number === null ? `none (of ${rfc3339(thisUpdate)})` : `0x${number.toString(16)}`;
}
