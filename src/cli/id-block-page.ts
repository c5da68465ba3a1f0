import { toHex } from "../bytes/codecs.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { keyDigest } from "../id-block/amd-key.js";
import type { P384Signature } from "../id-block/amd-signature.js";
import type { IdAuth } from "../id-block/id-auth.js";
import type { IdBlock } from "../id-block/id-block.js";
import { nodeEngine } from "../node/engine.js";
import type { Section } from "./layout.js";

/** A key or signature of an ID_AUTH, bytes as lower-case hex, numbers big-endian. */
interface KeyJson {
  readonly x: string;
  readonly y: string;
  /** By which a report names it. */
  readonly digest: string;
}
interface SignatureJson {
  readonly r: string;
  readonly s: string;
}

/** An ID block as data. */
export interface IdBlockJson {
  readonly measurement: string;
  readonly familyId: string;
  readonly imageId: string;
  readonly guestSvn: number;
  readonly policy: string;
}

/** An ID_AUTH as data. */
export interface IdAuthJson {
  readonly idKey: KeyJson;
  readonly signature: SignatureJson;
  readonly author: { readonly key: KeyJson; readonly signature: SignatureJson } | null;
}

/** An ID block as data. */
export function blockJson({ measurement, familyId, imageId, guestSvn, policy }: IdBlock): IdBlockJson {
  return {
    measurement: toHex(measurement),
    familyId: toHex(familyId),
    imageId: toHex(imageId),
    guestSvn,
    policy: `0x${policy.raw.toString(16)}`,
  };
}

async function keyJson(key: P384PublicKey): Promise<KeyJson> {
  const digest = toHex(await keyDigest(key, { engine: nodeEngine }));
  return { x: toHex(key.point.subarray(1, 49)), y: toHex(key.point.subarray(49)), digest };
}

function signatureJson({ r, s }: P384Signature): SignatureJson {
  return { r: toHex(r), s: toHex(s) };
}

/** An ID_AUTH as data. */
export async function authJson({ idKey, signature, author }: IdAuth): Promise<IdAuthJson> {
  return {
    idKey: await keyJson(idKey),
    signature: signatureJson(signature),
    author: author === null ? null : { key: await keyJson(author.key), signature: signatureJson(author.signature) },
  };
}

/** The fields of an ID block for a page. */
export function blockSection({ measurement, familyId, imageId, guestSvn, policy }: IdBlock): Section {
  return {
    title: "ID block",
    rows: [
      { name: "LD", value: measurement, note: "what MEASUREMENT must be" },
      { name: "FAMILY_ID", value: familyId },
      { name: "IMAGE_ID", value: imageId },
      { name: "GUEST_SVN", value: String(guestSvn) },
      { name: "POLICY", value: `0x${policy.raw.toString(16)}`, ...(policy.debug ? { note: "DEBUG is allowed" } : {}) },
    ],
  };
}

/** The keys of an ID_AUTH for a page. */
export function authSection({ idKey, author }: IdAuthJson): Section {
  const none = { name: "Author key", value: "none" };
  const rows = [
    { name: "ID key", value: `x ${idKey.x} y ${idKey.y}` },
    { name: "ID_KEY_DIGEST", value: idKey.digest },
  ];
  const authorRows = [
    { name: "Author key", value: `x ${author?.key.x} y ${author?.key.y}` },
    { name: "AUTHOR_KEY_DIGEST", value: author?.key.digest ?? "" },
  ];
  return { title: "ID authentication", rows: [...rows, ...(author === null ? [none] : authorRows)] };
}
