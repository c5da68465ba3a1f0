import { openSealed, type SealFormat, sealTo, type WebCryptoKeyPair } from "attestry/release";
import { verifyResult } from "attestry/result";
import { said, same } from "./assert.js";
import { attest, boundPolicy, NOW } from "./guest.js";
import { base64Of } from "./input.js";
import { issued } from "./result.js";
import type { Case, Suite } from "./suite.js";

const SECRET = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);

type Kind = "X25519" | "P-256" | "P-384" | "P-521" | "RSA";

const RSA = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" };

/** Keys of a guest, the private one not extractable, and the public one as `attestry-v1` takes it. */
async function guestKeys(kind: Kind): Promise<{ keyPair: WebCryptoKeyPair; publicKey: Uint8Array }> {
  const { subtle } = crypto;
  const algorithm = kind === "X25519" ? { name: "X25519" } : { name: "ECDH", namedCurve: kind };
  // The declarations know these overloads by the name of the algorithm alone, which is not known here.
  const keyPair = (await (kind === "RSA"
    ? subtle.generateKey(RSA, false, ["decrypt"])
    : subtle.generateKey(algorithm, false, ["deriveBits"]))) as CryptoKeyPair;
  const form = kind === "X25519" ? "raw" : "spki";
  return { keyPair, publicKey: new Uint8Array(await subtle.exportKey(form, keyPair.publicKey)) };
}

function sealedCase(kind: Kind, format: SealFormat): Case {
  const run = async () => {
    const { keyPair, publicKey } = await guestKeys(kind);
    const { appraisal, challenge, policy, report } = await attest(publicKey);
    const sealed = JSON.parse(JSON.stringify(await sealTo(appraisal, SECRET, { challenge, format, now: NOW })));
    const expected = { format, keyPair, challengeId: challenge.id, policyDigest: policy.digest, report };
    same(base64Of(await openSealed(sealed, expected)), base64Of(SECRET));
    const other = await guestKeys(kind);
    const { digest: policyDigest } = await boundPolicy("other");
    same(await said(() => openSealed(sealed, { ...expected, keyPair: other.keyPair })), "ERR_RELEASE_NOT_OPENED");
    same(await said(() => openSealed(sealed, { ...expected, policyDigest })), "ERR_RELEASE_CONTEXT");
    same(await said(() => sealTo(appraisal, SECRET, { challenge, format, now: NOW })), "ERR_RELEASE_USED");
  };
  return { name: `${format} to ${kind}`, run };
}

const toResult: Case = {
  name: "hpke to the key of a verified result",
  run: async () => {
    const { keyPair, publicKey } = await guestKeys("X25519");
    const attested = await attest(publicKey);
    const { challenge, policy, report } = attested;
    const { token, demand } = await issued("ES256", attested);
    const result = await verifyResult(token, demand);
    const sealed = await sealTo(result, SECRET, { challenge, format: "hpke", now: NOW });
    const expected = {
      format: "hpke",
      keyPair,
      challengeId: challenge.id,
      policyDigest: policy.digest,
      report,
    } as const;
    same(base64Of(await openSealed(sealed, expected)), base64Of(SECRET));
  },
};

/** Secrets, sealed and opened by the runtime's WebCrypto, for each kind of key. */
export const releaseSuite: Suite = {
  name: "release",
  cases: () => [
    sealedCase("X25519", "hpke"),
    sealedCase("P-384", "hpke"),
    sealedCase("P-256", "jwe"),
    sealedCase("P-384", "jwe"),
    sealedCase("P-521", "jwe"),
    sealedCase("RSA", "jwe"),
    toResult,
  ],
};
