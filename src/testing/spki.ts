import { KEY_ALGORITHM } from "../amd/oids.js";
import { bitString, integer, nil, objectIdentifier, sequence } from "./der.js";
import { bytesToNumber } from "./numbers.js";

/** SubjectPublicKeyInfo of an RSA key as AMD writes it, for any modulus and exponent (big-endian). */
export function rsaSpki(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return sequence(
    sequence(objectIdentifier(KEY_ALGORITHM.rsaEncryption), nil()),
    bitString(rsaPublicKey(modulus, exponent)),
  );
}

/** RSAPublicKey of RFC 8017: what a CA's subjectKeyIdentifier is the SHA-1 of. */
export function rsaPublicKey(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return sequence(integer(bytesToNumber(modulus)), integer(bytesToNumber(exponent)));
}

/** SubjectPublicKeyInfo for secp384r1 around any bytes in place of the point: 97 for a proper one. */
export function p384Spki(point: Uint8Array): Uint8Array {
  const algorithm = sequence(objectIdentifier(KEY_ALGORITHM.ecPublicKey), objectIdentifier(KEY_ALGORITHM.secp384r1));
  return sequence(algorithm, bitString(point));
}
