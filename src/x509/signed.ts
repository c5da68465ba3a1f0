import { equalBytes } from "../bytes/codecs.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { readBitStringBytes } from "../der/values.js";
import { MalformedError, UnsupportedError } from "../errors.js";
import { type PssForm, RSA_4096_BYTES, readSignatureAlgorithm } from "./algorithm.js";

/** What a certificate and a CRL have in common: something signed, how, and the signature. */
export interface SignedDer {
  /** The whole, a private copy. */
  readonly der: Uint8Array;
  /** The bytes that are signed, as received. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: PssForm;
  readonly signature: Uint8Array;
}

/** The envelope of `der`, and a cursor over the content of what is signed. */
export interface OpenedDer extends SignedDer {
  readonly content: DerCursor;
  /** The outer AlgorithmIdentifier, to which the inner one must be equal. */
  readonly outerAlgorithm: Uint8Array;
}

/**
 * Opens the SEQUENCE of (signed content, AlgorithmIdentifier, signature) that certificates and CRLs are.
 *
 * @throws UnsupportedError ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM for a signature other than AMD's RSASSA-PSS.
 */
export function openSigned(der: Uint8Array, what: string): OpenedDer {
  const whole = DerCursor.over(der, what);
  const outer = whole.enter(TAG.sequence);
  whole.finish();
  const element = outer.take(TAG.sequence);
  const algorithm = readSignatureAlgorithm(outer);
  const signature = readBitStringBytes(outer);
  outer.finish();
  if (algorithm.form === null) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
      `${what}: expected a signature by RSASSA-PSS with SHA-384 and salt 48, found another algorithm; AMD uses no other`,
      { what, field: "signatureAlgorithm" },
    );
  }
  if (signature.length !== RSA_4096_BYTES) {
    throw new MalformedError(
      "ERR_MALFORMED_LENGTH",
      `${what}: expected a signature of ${RSA_4096_BYTES} bytes, found ${signature.length}; it is cut or no RSA-4096 signature`,
      { what: `${what}: signature`, expected: RSA_4096_BYTES, actual: signature.length },
    );
  }
  return {
    der,
    tbs: outer.wholeOf(element),
    content: outer.inside(element.content, element.end),
    outerAlgorithm: algorithm.der,
    signatureAlgorithm: algorithm.form,
    signature,
  };
}

/** Reads the inner AlgorithmIdentifier and refuses one that differs from the outer in any byte. */
export function readInnerAlgorithm(opened: OpenedDer): void {
  const { content, outerAlgorithm } = opened;
  if (!equalBytes(readSignatureAlgorithm(content).der, outerAlgorithm)) {
    content.fail("the signature algorithm inside differs from the one outside");
  }
}
