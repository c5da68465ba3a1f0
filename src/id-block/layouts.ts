import { defineLayout } from "../bytes/layout.js";

// Source of every row: AMD 56860, SNP_LAUNCH_FINISH: ID block, ID authentication information, public keys and
// signatures for ECDSA P-384. Numbers are little-endian, coordinates and scalars too.

/** The length of an ID_BLOCK in bytes. */
export const ID_BLOCK_LENGTH = 0x60;
/** The length of an ID_AUTH in bytes. */
export const ID_AUTH_LENGTH = 0x1000;
/** The length of a public key as AMD writes it, in bytes. */
export const AMD_KEY_LENGTH = 0x404;
/** The length of a signature as AMD writes it, in bytes. */
export const AMD_SIGNATURE_LENGTH = 0x200;

/** VERSION of the ID block. */
export const ID_BLOCK_VERSION = 1;
/** ID_KEY_ALGO and AUTH_KEY_ALGO: ECDSA P-384 with SHA-384. */
export const ALGO_ECDSA_P384 = 1;
/** AUTH_KEY_ALGO where there is no author key. */
export const ALGO_NONE = 0;
/** CURVE: P-384. */
export const CURVE_P384 = 2;

/** ID_BLOCK: what a signer says of a guest. */
export const ID_BLOCK_LAYOUT = /* @__PURE__ */ defineLayout("ID_BLOCK", ID_BLOCK_LENGTH, [
  { name: "measurement", offset: 0x00, size: 48, type: "bytes", doc: "LD: the launch digest that MEASUREMENT must be" },
  { name: "familyId", offset: 0x30, size: 16, type: "bytes", doc: "FAMILY_ID: of the signer's choice" },
  { name: "imageId", offset: 0x40, size: 16, type: "bytes", doc: "IMAGE_ID: of the signer's choice" },
  { name: "version", offset: 0x50, size: 4, type: "u32", doc: "VERSION: of this structure" },
  { name: "guestSvn", offset: 0x54, size: 4, type: "u32", doc: "GUEST_SVN: the signer's version of the guest" },
  { name: "policy", offset: 0x58, size: 8, type: "u64", doc: "POLICY: must equal the policy given at launch" },
]);

/** ID_AUTH: who says it. */
export const ID_AUTH_LAYOUT = /* @__PURE__ */ defineLayout("ID_AUTH", ID_AUTH_LENGTH, [
  { name: "idKeyAlgo", offset: 0x000, size: 4, type: "u32", doc: "ID_KEY_ALGO: 1 is ECDSA P-384 with SHA-384" },
  { name: "authorKeyAlgo", offset: 0x004, size: 4, type: "u32", doc: "AUTH_KEY_ALGO: as before, 0 without author key" },
  { reserved: "refuse", offset: 0x008, size: 0x38 },
  { name: "idBlockSignature", offset: 0x040, size: 0x200, type: "bytes", doc: "ID_BLOCK_SIG: of ID_BLOCK, by ID_KEY" },
  { name: "idKey", offset: 0x240, size: 0x404, type: "bytes", doc: "ID_KEY: public key" },
  { reserved: "refuse", offset: 0x644, size: 0x3c },
  { name: "idKeySignature", offset: 0x680, size: 0x200, type: "bytes", doc: "ID_KEY_SIG: of ID_KEY, by AUTHOR_KEY" },
  { name: "authorKey", offset: 0x880, size: 0x404, type: "bytes", doc: "AUTHOR_KEY: public key, or zeros" },
  { reserved: "refuse", offset: 0xc84, size: 0x37c },
]);

/** A public key; `name` is its own in errors. */
export function publicKeyLayout(name: string) {
  return defineLayout(name, AMD_KEY_LENGTH, [
    { name: "curve", offset: 0x000, size: 4, type: "u32", doc: "CURVE: 2 is P-384" },
    { name: "x", offset: 0x004, size: 48, type: "bytes", doc: "QX: little-endian" },
    { reserved: "refuse", offset: 0x034, size: 24 },
    { name: "y", offset: 0x04c, size: 48, type: "bytes", doc: "QY: little-endian" },
    { reserved: "refuse", offset: 0x07c, size: 24 },
    { reserved: "refuse", offset: 0x094, size: 0x370 },
  ]);
}

/** A signature; `name` is its own in errors. */
export function signatureLayout(name: string) {
  return defineLayout(name, AMD_SIGNATURE_LENGTH, [
    { name: "r", offset: 0x000, size: 48, type: "bytes", doc: "R: little-endian" },
    { reserved: "refuse", offset: 0x030, size: 24 },
    { name: "s", offset: 0x048, size: 48, type: "bytes", doc: "S: little-endian" },
    { reserved: "refuse", offset: 0x078, size: 24 },
    { reserved: "refuse", offset: 0x090, size: 0x170 },
  ]);
}
