import { byteLengthOf, copyBytes } from "../bytes/arguments.js";
import { concatBytes } from "../bytes/codecs.js";
import { refusal } from "./refuse.js";

/** What a nonce says in clear. */
export interface Token {
  readonly keyId: string;
  readonly random: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The one version there is. */
export const TOKEN_VERSION = 1;

export const RANDOM_LENGTH = 32;
const MAC_LENGTH = 32;
const EXPIRY_LENGTH = 8;

/** Version and length of the key id, the expiry, the random bytes, the MAC; all but the key id itself. */
const FIXED_LENGTH = 2 + EXPIRY_LENGTH + RANDOM_LENGTH + MAC_LENGTH;

/** A key id in a nonce: what is printed of it needs no escaping anywhere. */
export const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;

/** The expiry as 64 bits, big-endian. */
export function expiryBytes(expiresAt: number): Uint8Array {
  const bytes = new Uint8Array(EXPIRY_LENGTH);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(expiresAt));
  return bytes;
}

/** The nonce: version, length of the key id, key id, expiry, random bytes, MAC. */
export function encodeToken({ keyId, random, expiresAt }: Token, mac: Uint8Array): Uint8Array {
  const id = new TextEncoder().encode(keyId);
  return concatBytes(Uint8Array.of(TOKEN_VERSION, id.length), id, expiryBytes(expiresAt), random, mac);
}

function malformed(reason: string) {
  return refusal("ERR_CHALLENGE_MALFORMED", {
    message: `nonce: ${reason}; pass the nonce of a challenge, whole and unchanged`,
    detail: { reason },
  });
}

function checkHead(bytes: Uint8Array): number {
  const [version = 0, idLength = 0] = bytes;
  if (version !== TOKEN_VERSION) throw malformed(`expected version ${TOKEN_VERSION}, found ${version}`);
  const expected = FIXED_LENGTH + idLength;
  if (bytes.length !== expected) throw malformed(`expected ${expected} bytes, found ${bytes.length}`);
  return idLength;
}

/** What a nonce says and the MAC it carries, all unverified; and a private copy of it. */
export interface DecodedToken {
  readonly token: Token;
  readonly mac: Uint8Array;
  readonly nonce: Uint8Array;
}

/**
 * Reads a nonce.
 *
 * @throws TypeError for anything but a `Uint8Array`; ChallengeError `ERR_CHALLENGE_MALFORMED`.
 */
export function decodeToken(value: unknown): DecodedToken {
  const length = byteLengthOf(value, "nonce");
  const [least, greatest] = [FIXED_LENGTH + 1, FIXED_LENGTH + 32];
  if (length < least || length > greatest) {
    throw malformed(`expected ${least} to ${greatest} bytes, found ${length}`);
  }
  const nonce = copyBytes(value, "nonce");
  const expiryOffset = 2 + checkHead(nonce);
  const keyId = String.fromCharCode(...nonce.subarray(2, expiryOffset));
  if (!KEY_ID.test(keyId)) throw malformed("expected a key id of letters, digits, dots, hyphens and underscores");
  const expiresAt = Number(new DataView(nonce.buffer).getBigUint64(expiryOffset));
  const randomOffset = expiryOffset + EXPIRY_LENGTH;
  const macOffset = randomOffset + RANDOM_LENGTH;
  const random = nonce.subarray(randomOffset, macOffset);
  return { token: { keyId, random, expiresAt }, mac: nonce.subarray(macOffset), nonce };
}
