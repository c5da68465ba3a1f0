import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { Forge } from "attestry/testing";

/** A forged chip that signs many reports. */
export interface Chip {
  /** A report that binds these 64 bytes, signed. */
  report(reportData: Uint8Array): Uint8Array;
  /** The key of the chip's certificate, for whoever verifies by hand. */
  readonly publicKey: ReturnType<typeof createPublicKey>;
}

/** What the policies of the example expect. */
const MEASUREMENT = new Uint8Array(48).fill(0x5a);
const REPORT_DATA_AT = 0x50;
const SIGNED_BYTES = 0x2a0;
const SIGNATURE_AT = { r: 0x2a0, s: 0x2e8 } as const;
const SCALAR_BYTES = 48;
const HASH = "sha384";
const FORM = "ieee-p1363";

const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** A chip of this name. Node signs for it, since the forge's own signer takes several times as long. */
export function makeChip(forge: Forge, name: string): Chip {
  const { secretKey, point } = forge.chip({ chip: name }).key;
  const x = base64Url(point.subarray(1, 1 + SCALAR_BYTES));
  const y = base64Url(point.subarray(1 + SCALAR_BYTES));
  const jwk = { kty: "EC", crv: "P-384", x, y, d: base64Url(secretKey) };
  const key = createPrivateKey({ format: "jwk", key: jwk });
  const template = forge.report({ chip: name, measurement: MEASUREMENT }).bytes;
  return {
    publicKey: createPublicKey(key),
    report(reportData) {
      const bytes = template.slice();
      bytes.set(reportData, REPORT_DATA_AT);
      const signature = sign(HASH, bytes.subarray(0, SIGNED_BYTES), { key, dsaEncoding: FORM });
      bytes.set(signature.subarray(0, SCALAR_BYTES).reverse(), SIGNATURE_AT.r);
      bytes.set(signature.subarray(SCALAR_BYTES).reverse(), SIGNATURE_AT.s);
      return bytes;
    },
  };
}
