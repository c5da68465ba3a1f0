import { Integer, Null } from "asn1js";
import { AlgorithmIdentifier, RSASSAPSSParams } from "pkijs";
import { contentOf, explicit, integer, nil, objectIdentifier, sequence } from "./der.js";
import { bytesToNumber } from "./numbers.js";
import type { ForgedP384Key } from "./p384.js";
import type { ForgedRsaKey, PssParameters } from "./rsa.js";
import { AMD_PSS, HASH_OIDS } from "./rsa.js";

/** Algorithms that AMD's certificates never have. */
export type ForeignAlgorithm = "pkcs1-sha384" | "ecdsa-sha384";

/**
 * How a certificate names its signature algorithm: one of AMD's two encodings, another RSASSA-PSS or another
 * algorithm (the signature is then really made so), or the whole AlgorithmIdentifier in DER (the signature stays
 * AMD's).
 */
export type AlgorithmOption = "explicit-trailer" | "default-trailer" | ForeignAlgorithm | PssParameters | Uint8Array;

function isForeign(option: AlgorithmOption): option is ForeignAlgorithm {
  return option === "pkcs1-sha384" || option === "ecdsa-sha384";
}

const RSASSA_PSS = "1.2.840.113549.1.1.10";
const MGF1 = "1.2.840.113549.1.1.8";

/** Identifiers without RSASSA-PSS: none of them is AMD's. */
const FOREIGN: Readonly<Record<ForeignAlgorithm, Uint8Array>> = {
  "pkcs1-sha384": sequence(objectIdentifier("1.2.840.113549.1.1.12"), nil()),
  "ecdsa-sha384": sequence(objectIdentifier("1.2.840.10045.4.3.3")),
};

/** RSASSA-PSS parameters without the trailer, which DER leaves out where it is the default. */
function pssParameters(parameters: PssParameters): Uint8Array {
  const hashAlgorithm = new AlgorithmIdentifier({
    algorithmId: HASH_OIDS[parameters.hash],
    algorithmParams: new Null(),
  });
  const maskGenAlgorithm = new AlgorithmIdentifier({ algorithmId: MGF1, algorithmParams: hashAlgorithm.toSchema() });
  const encoded = new RSASSAPSSParams({ hashAlgorithm, maskGenAlgorithm, saltLength: parameters.saltLength });
  return new Uint8Array(encoded.toSchema().toBER());
}

const encoded = new Map<string, Uint8Array>();

/** The AlgorithmIdentifier in DER. */
export function encodeAlgorithm(option: AlgorithmOption): Uint8Array {
  if (option instanceof Uint8Array) return option;
  if (isForeign(option)) return FOREIGN[option];
  const { hash, saltLength } = typeof option === "string" ? AMD_PSS : option;
  const explicitTrailer = option === "explicit-trailer";
  // Every certificate needs it twice, and pkijs takes a millisecond for each.
  const name = `${hash} ${saltLength} ${explicitTrailer}`;
  const der = encoded.get(name) ?? encodePss({ hash, saltLength }, explicitTrailer);
  encoded.set(name, der);
  return der;
}

function encodePss(parameters: PssParameters, explicitTrailer: boolean): Uint8Array {
  // DER forbids to write a default, but AMD's CA certificates do.
  const trailer = explicitTrailer ? [explicit(3, new Uint8Array(new Integer({ value: 1 }).toBER()))] : [];
  return sequence(objectIdentifier(RSASSA_PSS), sequence(contentOf(pssParameters(parameters)), ...trailer));
}

/** An ECDSA signature as X.509 has it: SEQUENCE of r and s. */
function ecdsaValue(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  return sequence(
    integer(bytesToNumber(signature.subarray(0, half))),
    integer(bytesToNumber(signature.subarray(half))),
  );
}

/** The signature under an algorithm; a P-384 key makes ECDSA with SHA-384 whatever the algorithm says. */
export function signWithAlgorithm(
  key: ForgedRsaKey | ForgedP384Key,
  algorithm: AlgorithmOption,
  message: Uint8Array,
): Uint8Array {
  if (key.kind === "p384") return ecdsaValue(key.sign(message));
  if (algorithm === "pkcs1-sha384") return key.signPkcs1(message);
  return key.signPss(message, typeof algorithm === "string" || algorithm instanceof Uint8Array ? AMD_PSS : algorithm);
}
