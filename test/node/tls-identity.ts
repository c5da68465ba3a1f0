import { createPrivateKey } from "node:crypto";
import { der, type Forge } from "../../src/testing/index.js";

const SUBJECT_ALT_NAME = "2.5.29.17";
const LOOPBACK = Uint8Array.of(127, 0, 0, 1);

/** A PEM block. */
function pem(label: string, bytes: Uint8Array): string {
  const rows =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...rows, `-----END ${label}-----`, ""].join("\n");
}

/** A self-signed certificate for 127.0.0.1 with its key, as a TLS server takes them; no public CA knows it. */
export function tlsIdentity(forge: Forge): { key: string; cert: string } {
  const key = forge.foreignLeafKey();
  const names = der.sequence(der.tlv(0x87, LOOPBACK));
  const { der: bytes } = forge.ark({
    spki: key.spki,
    signWith: key,
    algorithm: "ecdsa-sha384",
    keyUsage: null,
    extensions: { add: [{ oid: SUBJECT_ALT_NAME, critical: false, value: names }] },
  });
  const part = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const [x, y] = [key.point.subarray(1, 49), key.point.subarray(49)];
  const jwk = { kty: "EC", crv: "P-384", d: part(key.secretKey), x: part(x), y: part(y) };
  const secret = createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "pkcs8", format: "pem" });
  return { key: String(secret), cert: pem("CERTIFICATE", bytes) };
}
