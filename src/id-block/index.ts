/**
 * `attestry/id-block`: identity blocks and the keys that sign them, and what a sealing key depends on.
 */

export type { P384PublicKey } from "../crypto/engine.js";
export type { P384Signer } from "../crypto/signer.js";
export type { WebCryptoKey, WebCryptoKeyPair } from "../crypto/web-crypto-key.js";
export { type EngineOption, keyDigest, keyFromAmd, keyToAmd } from "./amd-key.js";
export type { P384Signature } from "./amd-signature.js";
export { buildIdAuth, type IdAuthInputs } from "./build-id-auth.js";
export { type IdAuth, type IdAuthor, parseIdAuth } from "./id-auth.js";
export { buildIdBlock, type IdBlock, type IdBlockFields, parseIdBlock } from "./id-block.js";
export { keyFromJwk, keyFromPem, keyFromSpki } from "./key-formats.js";
export type { IdBlockCheck, IdBlockCheckId } from "./match-checks.js";
export { type IdBlockExpectation, type IdBlockMatch, matchesIdBlock } from "./matches.js";
export { type DerivedKeyDescription, describeDerivedKey } from "./sealing.js";
export type { KeyEvent, KeyEventName } from "./sealing-events.js";
export type { MixedField } from "./sealing-fields.js";
export type { DerivedKeyField, DerivedKeyRoot, DerivedKeySelection } from "./sealing-selection.js";
export type { KeyWarning } from "./sealing-warnings.js";
export type { TrustedKeys } from "./trusted-keys.js";
export { type IdBlockPair, type SignedIdBlock, verifyIdAuth } from "./verify-id-auth.js";
export { webCryptoSigner } from "./webcrypto-signer.js";
