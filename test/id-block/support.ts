import { concatBytes } from "../../src/bytes/codecs.js";
import type { P384PublicKey } from "../../src/crypto/engine.js";
import { p384PublicKey } from "../../src/crypto/p384.js";
import type { P384Signer } from "../../src/crypto/signer.js";
import { buildIdAuth, buildIdBlock, type IdBlockFields } from "../../src/id-block/index.js";
import { nobleSigner } from "../../src/noble/signer.js";

/** Bytes that count up from `start`. */
export function counting(length: number, start = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (start + index) % 256);
}

/** A signer whose key is one byte, 48 times: everybody's. */
function signerOf(byte: number): P384Signer {
  return nobleSigner(new Uint8Array(48).fill(byte));
}

export const ID_SIGNER = signerOf(1);
export const AUTHOR_SIGNER = signerOf(2);
export const OTHER_SIGNER = signerOf(3);

/** Fields in which no two are alike. */
export function fieldsWith(change: Partial<IdBlockFields> = {}): IdBlockFields {
  return {
    measurement: counting(48),
    familyId: counting(16, 100),
    imageId: counting(16, 150),
    guestSvn: 7,
    policy: 0x30000n,
    ...change,
  };
}

export const BLOCK = buildIdBlock(fieldsWith());

/** A block, and an ID_AUTH for it with or without author key. */
export async function pairOf({ author = true, fields = fieldsWith(), idKey = ID_SIGNER } = {}) {
  const block = buildIdBlock(fields);
  const auth = await buildIdAuth({ block, idKey, ...(author ? { authorKey: AUTHOR_SIGNER } : {}) });
  return { block, auth };
}

/** A copy with other bytes at an offset. */
export function patched(bytes: Uint8Array, offset: number, ...content: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(content, offset);
  return copy;
}

/** A copy with one bit turned. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return patched(bytes, bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
}

/** A key from its coordinates; throws where they are no point. */
export function keyAt(x: Uint8Array, y: Uint8Array): P384PublicKey {
  const key = p384PublicKey(concatBytes(Uint8Array.of(4), x, y));
  if (key === null) throw new Error("no point of P-384");
  return key;
}
