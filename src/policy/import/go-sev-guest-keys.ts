import { isZero, toHex } from "../../bytes/codecs.js";
import type { SnpBlock } from "../schema.js";
import { FORMAT, type PolicyMessage } from "./go-sev-guest-messages.js";
import type { Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import type { Located } from "./proto.js";

/** One way in which a guest's ID block may be trusted: by its ID key, by its author key, or not looked at. */
export type KeyWay = Pick<SnpBlock, "idBlock">;

type KeyKind = "author" | "id";

/** The digests that are trusted; zeros, which mean that there is no key, are left out. */
function digestsOf(message: PolicyMessage, kind: KeyKind, notes: Notes): readonly string[] {
  const [certificate] = message[`trusted_${kind}_keys`];
  if (certificate !== undefined) {
    const advice = `write the SHA-384 of its key as trusted_${kind}_key_hashes (keyDigest of attestry/id-block)`;
    throw malformedImport(FORMAT, certificate.where, `expected no certificate, since importers do not hash; ${advice}`);
  }
  return message[`trusted_${kind}_key_hashes`].flatMap((digest) => oneDigest(digest, notes));
}

function oneDigest({ where, value }: Located<Uint8Array>, notes: Notes): readonly string[] {
  if (value.length !== 48) throw malformedImport(FORMAT, where, `expected 48 bytes, found ${value.length}`);
  if (!isZero(value)) return [toHex(value)];
  const text = "Left out: zeros mean that there is no key, and go-sev-guest takes them for a trusted one.";
  notes.add("tightened", { where, pointer: null, text });
  return [];
}

function listed(kind: KeyKind, digests: readonly string[]): readonly KeyWay[] {
  if (digests.length === 0) return [];
  // The schema takes lists that it will not change.
  const list = [...digests];
  return [{ idBlock: kind === "id" ? { idKeyDigests: list } : { authorKeyDigests: list } }];
}

/** True where go-sev-guest looks at the keys at all. */
function looksAtKeys({ require_author_key, require_id_block }: PolicyMessage): boolean {
  return require_author_key?.value === true || require_id_block?.value === true;
}

function noteIgnored(message: PolicyMessage, notes: Notes): void {
  const fields = (["author", "id"] as const).flatMap((kind) => [
    ...message[`trusted_${kind}_keys`],
    ...message[`trusted_${kind}_key_hashes`],
  ]);
  const text = "Left out: go-sev-guest looks at trusted keys only with require_id_block or require_author_key.";
  for (const { where } of fields) notes.add("meant", { where, pointer: null, text });
}

/**
 * The ways to trust the ID block: with `require_author_key` by author keys alone; with `require_id_block` by either;
 * without both the one way that looks at nothing.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` where keys are required and none is trusted, which no report passes,
 * and for certificates, whose keys would have to be hashed.
 */
export function keyWays(message: PolicyMessage, notes: Notes): readonly KeyWay[] {
  if (!looksAtKeys(message)) {
    noteIgnored(message, notes);
    return [{}];
  }
  const byAuthor = listed("author", digestsOf(message, "author", notes));
  const authorOnly = message.require_author_key?.value === true;
  const ways = authorOnly ? byAuthor : [...byAuthor, ...listed("id", digestsOf(message, "id", notes))];
  if (ways.length > 0) return ways;
  const where = authorOnly ? "trusted_author_key_hashes" : "trusted_id_key_hashes";
  throw malformedImport(FORMAT, where, "expected trusted keys, found none: no report would pass");
}

const BLOCK_CLAIMS = "FAMILY_ID, IMAGE_ID and GUEST_SVN are words of an ID block, which anybody's key can sign";

function idOf(field: Located<Uint8Array> | undefined): string[] {
  if (field === undefined) return [];
  if (field.value.length === 16) return [toHex(field.value)];
  throw malformedImport(FORMAT, field.where, `expected 16 bytes, found ${field.value.length}`);
}

/** What an ID block says, by the keys of the policy. */
function blockClaims({ family_id, image_id, minimum_guest_svn }: PolicyMessage) {
  const [familyId, imageId] = [idOf(family_id), idOf(image_id)];
  const minimum = minimum_guest_svn?.value ?? 0;
  return {
    ...(familyId.length === 0 ? {} : { familyId }),
    ...(imageId.length === 0 ? {} : { imageId }),
    ...(minimum === 0 ? {} : { guestSvn: { minimum } }),
  };
}

/**
 * The ways with what the ID block must say. A policy compares that only beside trusted ID keys, so a way without them
 * does without, and the notes say so.
 */
export function withBlockClaims(ways: readonly KeyWay[], message: PolicyMessage, notes: Notes): readonly SnpBlock[] {
  const claims = blockClaims(message);
  const fields = [message.family_id, message.image_id, message.minimum_guest_svn];
  const named = fields.filter((field) => field !== undefined).map(({ where }) => where);
  return ways.map((way) => {
    if (way.idBlock?.idKeyDigests !== undefined) return { ...way, ...claims };
    if (Object.keys(claims).length > 0) {
      const which = way.idBlock === undefined ? "no ID keys are trusted" : "an author key is trusted, and no ID key";
      const text = `Not compared where ${which}: ${BLOCK_CLAIMS}. List the digests of your ID keys in idBlock.`;
      for (const where of named) notes.add("not-carried", { where, pointer: null, text });
    }
    return way;
  });
}
