import type { ProductLine } from "./product-lines.js";

/**
 * A TCB_VERSION, one number a byte. Milan and Genoa have no `fmc` and have `spl4`; Turin has `fmc` and no `spl4`.
 * `spl4`..`spl7` are the bytes that AMD reserves, zero so far.
 *
 * Source: AMD 56860 TCB_VERSION; 57230 for the certificate's names.
 */
export interface Tcb {
  readonly fmc?: number;
  readonly bootLoader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
  readonly spl4?: number;
  readonly spl5: number;
  readonly spl6: number;
  readonly spl7: number;
}

/** The name of one component. */
export type TcbComponent = keyof Tcb;

// decodeTcb(line, bytes), encodeTcb(line, tcb), compareTcb(a, b), TCB_COMPONENTS: to come.
export type _Line = ProductLine;
