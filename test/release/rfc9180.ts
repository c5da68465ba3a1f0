import { createDecipheriv, createHmac, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { hex } from "../support/hex.js";
import { utf8 } from "./support.js";

/**
 * HPKE in base mode, opened by the formulas of RFC 9180 and node:crypto alone: no line of it is shared with src/, nor
 * with the library that src/ seals with.
 */

/** A KEM and the KDF beside it. */
interface Kem {
  readonly id: number;
  readonly kdf: number;
  readonly hash: "sha256" | "sha384";
  readonly hashBytes: number;
  /** What comes before a raw public key in SubjectPublicKeyInfo. */
  readonly spkiPrefix: Uint8Array;
}

export const KEMS = {
  X25519: { id: 0x20, kdf: 1, hash: "sha256", hashBytes: 32, spkiPrefix: hex("302a300506032b656e032100") },
  "P-384": {
    id: 0x11,
    kdf: 2,
    hash: "sha384",
    hashBytes: 48,
    spkiPrefix: hex("3076301006072a8648ce3d020106052b81040022036200"),
  },
} as const satisfies Record<string, Kem>;

const AES_256_GCM = 2;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const NONE = new Uint8Array(0);

const u16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff);

/** LabeledExtract and LabeledExpand of one suite (sections 4 and 4.1). */
function labeled({ hash, hashBytes }: Kem, suite: Uint8Array) {
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac(hash, key).update(data).digest();
  const extract = (salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
    hmac(
      salt.length === 0 ? new Uint8Array(hashBytes) : salt,
      Buffer.concat([utf8("HPKE-v1"), suite, utf8(label), ikm]),
    );
  const expand = (prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array => {
    const whole = Buffer.concat([u16(length), utf8("HPKE-v1"), suite, utf8(label), info]);
    let [block, output] = [Buffer.alloc(0), Buffer.alloc(0)];
    for (let counter = 1; output.length < length; counter++) {
      block = hmac(prk, Buffer.concat([block, whole, Uint8Array.of(counter)]));
      output = Buffer.concat([output, block]);
    }
    return output.subarray(0, length);
  };
  return { extract, expand };
}

/** Decap (section 4.1): the shared secret. */
function decapsulate(kem: Kem, privateKey: KeyObject, enc: Uint8Array): Uint8Array {
  const spki = Buffer.concat([kem.spkiPrefix, enc]);
  const ephemeral = createPublicKey({ key: spki, format: "der", type: "spki" });
  const dh = diffieHellman({ privateKey, publicKey: ephemeral });
  const own = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(kem.spkiPrefix.length);
  const { extract, expand } = labeled(kem, Buffer.concat([utf8("KEM"), u16(kem.id)]));
  return expand(extract(NONE, "eae_prk", dh), "shared_secret", Buffer.concat([enc, own]), kem.hashBytes);
}

/** What is opened. */
export interface HpkeMessage {
  readonly enc: Uint8Array;
  readonly info: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** OpenBase (section 6.1) with AES-256-GCM, empty aad, sequence number 0. Throws when the tag does not hold. */
export function openBase(kem: Kem, privateKey: KeyObject, { enc, info, ciphertext }: HpkeMessage): Uint8Array {
  const shared = decapsulate(kem, privateKey, enc);
  const suite = Buffer.concat([utf8("HPKE"), u16(kem.id), u16(kem.kdf), u16(AES_256_GCM)]);
  const { extract, expand } = labeled(kem, suite);
  const context = Buffer.concat([
    Uint8Array.of(0),
    extract(NONE, "psk_id_hash", NONE),
    extract(NONE, "info_hash", info),
  ]);
  const secret = extract(shared, "secret", NONE);
  const key = expand(secret, "key", context, KEY_BYTES);
  const nonce = expand(secret, "base_nonce", context, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAuthTag(ciphertext.subarray(-16));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
}
