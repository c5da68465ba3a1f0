import { toHex } from "../bytes/codecs.js";
import { digestWith } from "../crypto/digest.js";
import { anchorsOf } from "../verify/anchors.js";
import type { CollateralRequest } from "../verify/types.js";
import type { KdsSettings } from "./options.js";

/** Changes whenever entries of an earlier version must not be read. */
const FORMAT = "attestry-1-";

/** One thing that is asked for. */
export interface Job {
  readonly request: CollateralRequest;
  /** Letters, digits and hyphens. */
  readonly key: string;
  readonly url: string;
  /** For a leaf under roots of the caller's own, which pin none. */
  readonly intermediate: Uint8Array | undefined;
}

/**
 * What is to be done for a request, and the key that it is cached by: the format's version, the roots, and the URL,
 * which holds base URL, branch, line, and for a leaf hwID and every SPL.
 *
 * @throws UntrustedError ERR_UNTRUSTED_ROOT for a line of which no root is trusted
 */
export async function jobOf(
  request: CollateralRequest,
  url: string,
  settings: KdsSettings,
): Promise<Omit<Job, "intermediate">> {
  const { anchors, engine } = settings.verification;
  const roots = anchorsOf(anchors, request.productLine).map((anchor) => toHex(anchor.key.modulus));
  const text = new TextEncoder().encode(JSON.stringify([url, ...roots]));
  return { request, url, key: FORMAT + toHex(await digestWith(engine, "SHA-256", text)) };
}
