import { copyBytes } from "../bytes/arguments.js";
import { concatBytes } from "../bytes/codecs.js";
import { encodeLayout } from "../bytes/layout-encode.js";
import { digestWith } from "../crypto/digest.js";
import type { CryptoEngine, P384PublicKey } from "../crypto/engine.js";
import { P384_BYTES, p384PublicKey } from "../crypto/p384.js";
import { MalformedError } from "../errors.js";
import { engineOf } from "./engine-option.js";
import { CURVE_P384, publicKeyLayout } from "./layouts.js";
import { expectNumber } from "./unsupported.js";

const UNCOMPRESSED = /* @__PURE__ */ Uint8Array.of(0x04);

/** The key of a caller, made anew: an object of the right shape may hold a point that is nowhere near the curve. */
export function checkP384Key(value: unknown, name: string): P384PublicKey {
  if (typeof value === "object" && value !== null && "point" in value) {
    const key = p384PublicKey(copyBytes(value.point, `${name}.point`));
    if (key !== null && "kind" in value && value.kind === "p384") return key;
  }
  throw new TypeError(`${name} must be a P384PublicKey: kind "p384", and a point of the curve in 97 bytes`);
}

/** `keyFromAmd` on private bytes, under the name that the key has in its structure. */
export function readAmdKey(bytes: Uint8Array, what: string): P384PublicKey {
  const { curve, x, y } = publicKeyLayout(what).parse(bytes).values;
  expectNumber(curve, { what, field: "CURVE", supported: CURVE_P384 });
  // The parser made these arrays for us alone, so reversing them in place changes nobody's bytes.
  const key = p384PublicKey(concatBytes(UNCOMPRESSED, x.reverse(), y.reverse()));
  if (key !== null) return key;
  const reason = "QX and QY are no point of P-384";
  throw new MalformedError("ERR_MALFORMED_PUBLIC_KEY", `${what}: ${reason}`, { what, reason });
}

/**
 * Unverified: a public key as AMD writes it. Nothing says whose it is.
 *
 * @param bytes - exactly 0x404 bytes: the curve, x and y little-endian in 72 bytes each, zeros
 * @throws TypeError when `bytes` is no `Uint8Array`.
 * @throws MalformedError `ERR_MALFORMED_LENGTH`; `ERR_MALFORMED_RESERVED` for bytes above x or y, or behind them, that
 * are not zero; `ERR_MALFORMED_PUBLIC_KEY` for a point that is not on the curve.
 * @throws UnsupportedError `ERR_UNSUPPORTED_ID_BLOCK` for another curve.
 *
 * Source: AMD 56860, ECDSA P-384 public key.
 */
export function keyFromAmd(bytes: Uint8Array): P384PublicKey {
  return readAmdKey(copyBytes(bytes, "bytes"), "public key");
}

/**
 * The 0x404 bytes of a public key as AMD writes it: what ID_KEY_DIGEST and AUTHOR_KEY_DIGEST are digests of.
 *
 * @throws TypeError for anything but a P-384 key.
 */
export function keyToAmd(key: P384PublicKey): Uint8Array {
  const { point } = checkP384Key(key, "key");
  return encodeLayout(publicKeyLayout("public key"), {
    curve: CURVE_P384,
    x: point.slice(1, 1 + P384_BYTES).reverse(),
    y: point.slice(1 + P384_BYTES).reverse(),
  });
}

/** Options of `keyDigest`; an unknown name is a TypeError. */
export interface EngineOption {
  /** Default: WebCrypto. */
  engine?: CryptoEngine;
}

/**
 * The digest by which a report names an ID key or an author key: SHA-384 of `keyToAmd(key)`, padding included. It is
 * neither the digest of the SPKI nor of the point.
 *
 * @returns 48 bytes; in lower-case hex it is what a policy lists under `idKeyDigests` or `authorKeyDigests`
 * @throws TypeError (a rejection) for anything but a P-384 key, or a wrong option.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine fails.
 *
 * Source: AMD 56860, ID_KEY_DIGEST.
 */
export async function keyDigest(key: P384PublicKey, options: EngineOption = {}): Promise<Uint8Array> {
  const engine = engineOf(options, "options");
  return await digestWith(engine, "SHA-384", keyToAmd(key));
}
