import {
  Aes256Gcm,
  CipherSuite,
  DhkemP384HkdfSha384,
  DhkemX25519HkdfSha256,
  HkdfSha256,
  HkdfSha384,
  OpenError,
  type RecipientContextParams,
} from "@hpke/core";
import { toBase64Url } from "../bytes/codecs.js";
import { ownBuffer } from "../crypto/webcrypto-digest.js";
import { infoOf, matchContext, type ReleaseContext, readContext } from "./context.js";
import { findCurve } from "./curves.js";
import type { JwkRecipient } from "./jwk.js";
import { ATTESTED_KEY, shown, unfitKey } from "./key-error.js";
import { MAX_SECRET_BYTES, TAG_BYTES } from "./limits.js";
import { exactMembers, malformed, sealedBytes } from "./malformed.js";
import { notOpened } from "./not-opened.js";
import type { GuestKeyPair, Opener, Sealing } from "./sealing.js";
import { withWebCrypto } from "./web-crypto.js";
import { isSmallOrder, X25519_BYTES } from "./x25519.js";

/**
 * A secret sealed by HPKE in base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256) with HKDF-SHA256, or DHKEM(P-384,
 * HKDF-SHA384) with HKDF-SHA384, as the key is; AES-256-GCM with empty aad; one message. JSON-safe.
 */
export interface SealedHpke {
  /** What the secret is for; `info` is made of it. */
  readonly context: ReleaseContext;
  /** The encapsulated key in base64url. */
  readonly enc: string;
  /** Ciphertext and tag in base64url. */
  readonly ciphertext: string;
}

/** An uncompressed point on P-384. */
const MAX_ENC_BYTES = 97;

/** A KEM with the key derivation that goes with it, and the form of its public keys. */
interface Suite {
  readonly create: () => CipherSuite;
  /** True for the raw form of a public key that somebody can have made. */
  readonly isKey: (raw: Uint8Array) => boolean;
}

const X25519: Suite = {
  create: () => new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() }),
  isKey: (raw) => raw.length === X25519_BYTES && !isSmallOrder(raw),
};

const P384: Suite = {
  create: () => new CipherSuite({ kem: new DhkemP384HkdfSha384(), kdf: new HkdfSha384(), aead: new Aes256Gcm() }),
  isKey: (raw) => findCurve("P-384")?.isPoint(raw) === true,
};

/** The suite and the raw public key of a recipient. */
function suiteFor({ key, algorithm }: JwkRecipient): { suite: Suite; raw: Uint8Array } {
  if (algorithm !== null) throw unfitKey(ATTESTED_KEY, `its JWK is for ${shown(algorithm)}; seal by the format jwe`);
  if (key.kind === "x25519") return { suite: X25519, raw: key.raw };
  if (key.kind === "ec" && key.curve.name === "P-384") return { suite: P384, raw: key.point };
  const found = key.kind === "ec" ? key.curve.name : key.kind.toUpperCase();
  throw unfitKey(ATTESTED_KEY, `HPKE takes X25519 and P-384, found ${found}; seal by the format jwe`);
}

/**
 * Checks a recipient for HPKE at once, and answers what seals to it later.
 *
 * @throws ReleaseError `ERR_RELEASE_KEY`
 */
export function hpkeSealer(recipient: JwkRecipient): (sealing: Sealing) => Promise<SealedHpke> {
  const { suite, raw } = suiteFor(recipient);
  return ({ secret, context }) =>
    withWebCrypto("seal by HPKE", async () => {
      const hpke = suite.create();
      const recipientPublicKey = await hpke.kem.importKey("raw", ownBuffer(raw).buffer, true);
      const info = ownBuffer(infoOf(context));
      const { enc, ct } = await hpke.seal({ recipientPublicKey, info }, ownBuffer(secret));
      return Object.freeze({
        context,
        enc: toBase64Url(new Uint8Array(enc)),
        ciphertext: toBase64Url(new Uint8Array(ct)),
      });
    });
}

function suiteOf({ algorithm }: CryptoKey): Suite {
  if (algorithm.name === "X25519") return X25519;
  if (algorithm.name === "ECDH" && "namedCurve" in algorithm && algorithm.namedCurve === "P-384") return P384;
  throw new TypeError(`options.keyPair must be of X25519 or ECDH on P-384 for HPKE, found ${algorithm.name}`);
}

/**
 * Reads at once what `hpkeSealer` made, and answers what opens it for a context later.
 *
 * @throws as `openSealed`
 */
export function hpkeOpener(sealed: unknown, keyPair: GuestKeyPair): Opener {
  const suite = suiteOf(keyPair.privateKey);
  const members = exactMembers(sealed, "sealed", ["context", "enc", "ciphertext"]);
  const context = readContext(members.context, "sealed.context");
  const enc = ownBuffer(sealedBytes(members.enc, "sealed.enc", MAX_ENC_BYTES));
  const ciphertext = ownBuffer(sealedBytes(members.ciphertext, "sealed.ciphertext", MAX_SECRET_BYTES + TAG_BYTES));
  if (!suite.isKey(enc)) throw malformed("sealed.enc", "expected a public key of the guest's own kind");
  return (expected) => {
    matchContext(context, expected);
    const params = { recipientKey: keyPair, enc, info: ownBuffer(infoOf(context)) };
    return withWebCrypto("open by HPKE", () => open(suite.create(), params, ciphertext));
  };
}

async function open(suite: CipherSuite, params: RecipientContextParams, ciphertext: Uint8Array<ArrayBuffer>) {
  try {
    return new Uint8Array(await suite.open(params, ciphertext));
  } catch (cause) {
    if (!(cause instanceof OpenError)) throw cause;
    throw notOpened("hpke", cause);
  }
}
