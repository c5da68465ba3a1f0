import { equalBytes, fromHex } from "../bytes/codecs.js";
import type { DerCursor } from "../der/cursor.js";
import { TAG } from "../der/cursor.js";

const OID_RSASSA_PSS = "06092a864886f70d01010a";
const HASH_SHA384 = "a00f300d06096086480165030402020500";
const MGF1_SHA384 = "a11c301a06092a864886f70d010108300d06096086480165030402020500";
const SALT_48 = "a203020130";
const TRAILER_1 = "a303020101";

/** How the parameters of RSASSA-PSS are written: with the trailer field spelled out, or left to its default. */
export type PssForm = "explicit-trailer" | "default-trailer";

/**
 * The two AlgorithmIdentifiers that AMD uses: RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt 48, trailer 1.
 *
 * Source: RFC 8017 A.2.3; both forms measured on AMD's certificates.
 */
const FORMS: readonly { form: PssForm; der: Uint8Array }[] = [
  {
    form: "explicit-trailer",
    der: fromHex(`3046${OID_RSASSA_PSS}3039${HASH_SHA384}${MGF1_SHA384}${SALT_48}${TRAILER_1}`),
  },
  { form: "default-trailer", der: fromHex(`3041${OID_RSASSA_PSS}3034${HASH_SHA384}${MGF1_SHA384}${SALT_48}`) },
];

/** The bytes of a signature by an RSA-4096 key. */
export const RSA_4096_BYTES = 512;

/** An AlgorithmIdentifier as received, and which of AMD's two forms it is; null for every other algorithm. */
export interface SignatureAlgorithm {
  readonly der: Uint8Array;
  readonly form: PssForm | null;
}

/** Reads an AlgorithmIdentifier whole, without looking into it: only the two known encodings count. */
export function readSignatureAlgorithm(cursor: DerCursor): SignatureAlgorithm {
  const der = cursor.wholeOf(cursor.take(TAG.sequence));
  return { der, form: FORMS.find((known) => equalBytes(known.der, der))?.form ?? null };
}
