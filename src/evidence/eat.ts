import { checkText, readOptions } from "../bytes/arguments.js";
import { CborTag, readCbor } from "./cbor.js";
import { type CmwClaims, openCmwItems } from "./cmw.js";
import { type CmwItems, cmwItemsOf, readCmwItems } from "./cmw-items.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { jsonMembers, type Members, memberOf, TEXT } from "./json-members.js";
import { base64UrlOf, MAX_JSON_BYTES, textBytes } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { promised } from "./promised.js";

const NAME = "EAT";
const OBJECT_START = 0x7b;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;
/** An unprotected CWT claims set. Source: RFC 9781. */
const UCCS_TAG = 601;
const MAX_NONCES = 16;

/** The keys of the claims that are read. Source: RFC 9711; draft-ietf-rats-msg-wrap for the CMW. */
const KEYS = {
  JSON: { nonce: "eat_nonce", profile: "eat_profile", cmw: "cmw" },
  CBOR: { nonce: 10, profile: 265, cmw: 299 },
} as const;

const RATSD_PROFILE = "tag:github.com,2024:veraison/ratsd";
const RATSD_COLLECTION = "tag:github.com,2025:veraison/ratsd/cmw";

/** What an EAT says beside the report and its certificates. */
export interface EatClaims {
  readonly profile: string;
  /** Nonces as found: never the nonce to expect. Text in JSON (mostly base64url), bytes in CBOR. */
  readonly nonces: readonly (string | Uint8Array)[];
  readonly cmw: CmwClaims;
}

/** Options of `openEat`; an unknown name is a TypeError. */
export interface EatOptions {
  /** What `eat_profile` must say, to the letter: without a profile nobody knows what the claims mean. */
  profile: string;
}

/** The claims of an EAT that is not signed. */
interface ClaimsSet {
  readonly form: keyof typeof KEYS;
  readonly members: Members;
}

function claimsOfCbor(bytes: Uint8Array): ClaimsSet {
  const item = readCbor(NAME, bytes);
  if (item instanceof CborTag && item.tag !== UCCS_TAG) {
    throw unsupportedContainer(NAME, "0x0", `CBOR tag ${item.tag}; a signed token is for its own verifier first`);
  }
  const members = item instanceof CborTag ? item.content : item;
  if (members instanceof Map) return { form: "CBOR", members };
  throw malformedContainer(NAME, "0x0", "expected a map of claims");
}

function readClaims(bytes: Uint8Array): ClaimsSet {
  const first = bytes[0] ?? 0;
  if (first === OBJECT_START) return { form: "JSON", members: jsonMembers(NAME, bytes) };
  const major = first >> 5;
  if (major === MAJOR_MAP || major === MAJOR_TAG) return claimsOfCbor(bytes);
  const found = `first byte 0x${first.toString(16)}; a signed token is for its own verifier first, its claims then`;
  throw unsupportedContainer(NAME, "0x0", found);
}

function checkProfile({ form, members }: ClaimsSet, wanted: string): string {
  const key = KEYS[form].profile;
  const profile = memberOf({ container: NAME, members }, key, TEXT);
  if (profile === wanted) return profile;
  throw unsupportedContainer(NAME, String(key), profile === undefined ? "an EAT without a profile" : shown(profile));
}

function noncesOf({ form, members }: ClaimsSet): readonly (string | Uint8Array)[] {
  const key = KEYS[form].nonce;
  const value = members.get(key);
  if (value === undefined) return [];
  const nonces: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (nonces.length > MAX_NONCES) throw malformedContainer(NAME, String(key), `more than ${MAX_NONCES} nonces`);
  return nonces.map((nonce) => {
    if (form === "JSON" && typeof nonce === "string") return nonce;
    if (form === "CBOR" && nonce instanceof Uint8Array) return nonce.slice();
    throw malformedContainer(NAME, String(key), `expected a nonce, found ${shown(nonce)}`);
  });
}

/** The CMW of a claims set: a value of its own form or, in JSON, base64url of the bytes of one. */
function cmwOf({ form, members }: ClaimsSet): CmwItems {
  const key = KEYS[form].cmw;
  const value = members.get(key);
  if (value === undefined) throw malformedContainer(NAME, String(key), "the EAT has none");
  // Early tokens of ratsd have padding.
  if (form === "JSON" && typeof value === "string") {
    return readCmwItems(base64UrlOf({ container: NAME, where: String(key), value }));
  }
  return cmwItemsOf(form, value);
}

function openClaims(claims: ClaimsSet, profile: string): OpenedEvidence<EatClaims> {
  checkProfile(claims, profile);
  const nonces = noncesOf(claims);
  const { evidence, claims: cmw } = openCmwItems(cmwOf(claims));
  return { evidence, claims: { profile, nonces, cmw } };
}

/**
 * Unverified: the claims set of an EAT that carries a CMW with a report: a JSON object, or a CBOR map with or without
 * the tag of unprotected claims sets. The first byte tells which.
 *
 * Signed tokens (JWT, CWT) are not opened: their signature says who wrapped the evidence, and is for a verifier of
 * such tokens; hand in the claims that it gives. Claims other than profile, nonce and CMW are passed over.
 *
 * @param input - JSON as text or bytes, CBOR as bytes, at most 256 KiB
 * @throws TypeError when `input` is neither, for no `options.profile`, or for an unknown option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit; `ERR_MALFORMED_CONTAINER` for what is no claims set
 * or has no CMW; `ERR_MALFORMED_ENCODING`; what `openCmw` throws.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another profile, or a signed token.
 *
 * Source: RFC 9711; RFC 9781; draft-ietf-rats-msg-wrap.
 */
export function openEat(input: Uint8Array | string, options: EatOptions): Promise<OpenedEvidence<EatClaims>> {
  return promised(() => {
    const { profile } = readOptions(options, "options", ["profile"]);
    const wanted = checkText(profile, "options.profile");
    return openClaims(readClaims(textBytes(input, "input", MAX_JSON_BYTES)), wanted);
  });
}

/**
 * Unverified: a token of Veraison's ratsd, which is an EAT in JSON of ratsd's profile whose CMW is a collection of
 * ratsd's type. Version 2, a signed CBOR collection, is not handled.
 *
 * @param input - JSON as text or bytes, at most 256 KiB
 * @param options - none are known
 * @throws as `openEat`; also UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a CBOR form or another collection type.
 *
 * Source: veraison/ratsd, README.md.
 */
export function openRatsd(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<EatClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    const claims = readClaims(textBytes(input, "input", MAX_JSON_BYTES));
    if (claims.form !== "JSON") throw unsupportedContainer("ratsd", "0x0", "a token in CBOR");
    const opened = openClaims(claims, RATSD_PROFILE);
    const { collectionType } = opened.claims.cmw;
    if (collectionType === RATSD_COLLECTION) return opened;
    throw unsupportedContainer("ratsd", "__cmwc_t", shown(collectionType));
  });
}
