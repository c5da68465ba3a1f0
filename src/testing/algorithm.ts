import { Integer, Null } from "asn1js";
import { AlgorithmIdentifier, RSASSAPSSParams } from "pkijs";
import { contentOf, explicit, objectIdentifier, sequence } from "./der.js";
import type { PssHash, PssParameters } from "./rsa.js";
import { AMD_PSS } from "./rsa.js";

/**
 * How a certificate names its signature algorithm: one of AMD's two encodings, another RSASSA-PSS (the signature is
 * then really made so), or the whole AlgorithmIdentifier in DER (the signature stays AMD's).
 */
export type AlgorithmOption = "explicit-trailer" | "default-trailer" | PssParameters | Uint8Array;

const RSASSA_PSS = "1.2.840.113549.1.1.10";
const MGF1 = "1.2.840.113549.1.1.8";
const HASH_OIDS: Readonly<Record<PssHash, string>> = {
  "SHA-256": "2.16.840.1.101.3.4.2.1",
  "SHA-384": "2.16.840.1.101.3.4.2.2",
  "SHA-512": "2.16.840.1.101.3.4.2.3",
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

/** The AlgorithmIdentifier in DER. */
export function encodeAlgorithm(option: AlgorithmOption): Uint8Array {
  if (option instanceof Uint8Array) return option;
  const parameters = contentOf(pssParameters(typeof option === "string" ? AMD_PSS : option));
  // DER forbids to write a default, but AMD's CA certificates do.
  const trailer = option === "explicit-trailer" ? [explicit(3, new Uint8Array(new Integer({ value: 1 }).toBER()))] : [];
  return sequence(objectIdentifier(RSASSA_PSS), sequence(parameters, ...trailer));
}

/** How the signature is made under this option. */
export function parametersOf(option: AlgorithmOption): PssParameters {
  return typeof option === "string" || option instanceof Uint8Array ? AMD_PSS : option;
}
