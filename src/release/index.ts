/** `attestry/release`: a secret, sealed to the one key that an appraisal or a verified result speaks for. */
export type { WebCryptoKey, WebCryptoKeyPair } from "../crypto/web-crypto-key.js";
export { ReleaseError } from "../errors.js";
export type { ReleaseContext } from "./context.js";
export type { SealedHpke } from "./hpke.js";
export type { SealedJwe } from "./jwe.js";
export { type OpenOptions, openSealed } from "./open.js";
export { type SealedAs, type SealFormat, type SealOptions, sealTo } from "./seal.js";
