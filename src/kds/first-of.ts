import { AttestationError, CollateralError } from "../errors.js";
import { isSource } from "../verify/options.js";
import type { CollateralSource } from "../verify/types.js";

/**
 * Sources tried in their order: the first that has something answers, good or bad, and the rest are not asked.
 *
 * One that fails is stepped over. Where none has it, the first failure is thrown, or undefined answered where none
 * failed. What ends it at once: an abort, and errors of ours that are no CollateralError.
 *
 * @throws TypeError for anything but a list of sources
 */
export function firstOf(sources: readonly CollateralSource[]): CollateralSource {
  const list: readonly unknown[] = Array.isArray(sources) ? Array.from(sources) : [];
  if (list.length === 0 || !list.every(isSource)) throw new TypeError("sources must be a list of CollateralSources");
  return Object.freeze({
    async get(...asked: Parameters<CollateralSource["get"]>): Promise<Uint8Array | undefined> {
      const failures: unknown[] = [];
      for (const source of list) {
        try {
          const found = await source.get(...asked);
          if (found !== undefined) return found;
        } catch (error) {
          if (isFinal(error)) throw error;
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      return undefined;
    },
  });
}

function isFinal(error: unknown): boolean {
  if (error instanceof CollateralError) return error.code === "ERR_COLLATERAL_ABORTED";
  return error instanceof AttestationError;
}
