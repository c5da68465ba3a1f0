import { encodeTcb } from "../amd/tcb.js";
import { toHex } from "../bytes/codecs.js";
import { digestWith } from "../crypto/digest.js";
import { anchorsOf } from "../verify/anchors.js";
import type { CollateralRequest } from "../verify/types.js";
import type { KdsSettings } from "./options.js";
import { kdsUrl } from "./urls.js";

/** Changes whenever entries of an earlier version must not be read. */
const FORMAT_VERSION = 1;

/** One thing that is asked for. */
export interface Job {
  readonly request: CollateralRequest;
  /** Letters, digits and hyphens. */
  readonly key: string;
  readonly url: string;
}

/**
 * What is to be done for a request, and the key that it is cached by: format version, base URL, roots, line, branch,
 * role, and for a leaf hwID and every byte of the TCB.
 *
 * @throws UntrustedError ERR_UNTRUSTED_ROOT for a line of which no root is trusted
 */
export async function jobOf(request: CollateralRequest, settings: KdsSettings): Promise<Job> {
  const { baseUrl, verification } = settings;
  const { role, productLine, signingKey } = request;
  const roots = anchorsOf(verification.anchors, productLine).map(({ nameDer, serial, key }) => [
    toHex(nameDer),
    serial.toString(),
    toHex(key.modulus),
  ]);
  const leaf = role === "leaf" ? [toHex(request.hwId), toHex(encodeTcb(productLine, request.reportedTcb))] : [];
  const text = JSON.stringify([FORMAT_VERSION, baseUrl, roots, productLine, signingKey, role, ...leaf]);
  const digest = await digestWith(verification.engine, "SHA-256", new TextEncoder().encode(text));
  const key = `attestry-kds-${FORMAT_VERSION}-${signingKey}-${productLine}-${role}-${toHex(digest)}`;
  return { request, key, url: kdsUrl(request, baseUrl) };
}
