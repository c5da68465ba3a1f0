import { readCallOptions } from "../verify/options.js";
import type { VerifyOptions } from "../verify/types.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/**
 * The options as they are, once the library has found nothing wrong with them; after this a TypeError of the
 * library is a fault of this program and no mistake of its user.
 *
 * @throws UsageError for what the library calls a TypeError, such as an anchor that is no root.
 */
export function checkVerifyOptions(options: VerifyOptions): VerifyOptions {
  try {
    readCallOptions(options);
  } catch (error) {
    if (!(error instanceof TypeError && error.message.startsWith("options."))) throw error;
    throw new UsageError(printable(error.message.replace(/^options\./, "")), { cause: error });
  }
  return options;
}
