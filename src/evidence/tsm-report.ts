import { copyBytes, readOptions } from "../bytes/arguments.js";
import { fromBase64Url } from "../bytes/codecs.js";
import { readCbor } from "./cbor.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { BYTES, jsonMembers, type Members, memberOf, NUMBER, TEXT } from "./json-members.js";
import { MAX_JSON_BYTES } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { promised } from "./promised.js";
import { openTsm, type TsmClaims } from "./tsm.js";

const JSON_NAME = "TSM report (JSON)";
const CBOR_NAME = "TSM report (CBOR)";
const BLOBS = ["outblob", "auxblob", "manifestblob"] as const;
/** The names of a TSM report; a member with another may say something that must not be passed over. */
const KNOWN: readonly (string | number)[] = [...BLOBS, "provider", "service_provider", "privlevel"];

type Blob = (typeof BLOBS)[number];

function openMembers(
  container: string,
  members: Members,
  blobOf: (name: Blob) => Uint8Array | undefined,
): OpenedEvidence<TsmClaims> {
  const stranger = [...members.keys()].find((name) => !KNOWN.includes(name));
  if (stranger !== undefined) throw unsupportedContainer(container, "members", `a member ${shown(stranger)}`);
  const outblob = blobOf("outblob");
  if (outblob === undefined) throw malformedContainer(container, "outblob", "it is missing");
  const place = { container, members };
  return openTsm(container, {
    outblob,
    auxblob: blobOf("auxblob"),
    manifestblob: blobOf("manifestblob"),
    provider: memberOf(place, "provider", TEXT),
    serviceProvider: memberOf(place, "service_provider", TEXT),
    privlevel: memberOf(place, "privlevel", NUMBER),
  });
}

/** Opens the JSON form, which is copied. */
export function openTsmJsonNow(input: unknown): OpenedEvidence<TsmClaims> {
  const members = jsonMembers(JSON_NAME, input);
  return openMembers(JSON_NAME, members, (name) => {
    const text = memberOf({ container: JSON_NAME, members }, name, TEXT);
    return text === undefined ? undefined : fromBase64Url(text, `${JSON_NAME}: ${name}`);
  });
}

/** Opens the CBOR form in bytes that are private already. */
export function openTsmCborNow(bytes: Uint8Array): OpenedEvidence<TsmClaims> {
  const members = readCbor(CBOR_NAME, bytes);
  if (!(members instanceof Map)) throw malformedContainer(CBOR_NAME, "CBOR", "expected a map");
  return openMembers(CBOR_NAME, members, (name) => memberOf({ container: CBOR_NAME, members }, name, BYTES));
}

/**
 * Unverified: a TSM report in Veraison's JSON form: the configfs-tsm files as members, blobs in base64url without
 * padding.
 *
 * @param input - JSON as text or UTF-8, at most 256 KiB
 * @param options - none are known
 * @throws TypeError when `input` is neither a text nor a `Uint8Array`, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit or for an outblob of another length than 1184;
 * `ERR_MALFORMED_CONTAINER` for what is not JSON, a name that stands there twice, a member of the wrong kind or a
 * missing outblob; `ERR_MALFORMED_ENCODING` for broken base64url; what `parseCertificateTable` throws.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another provider than `sev_guest`, or a member that is not
 * known.
 *
 * Source: veraison/ratsd, docs/tsm-report.cddl.
 */
export function openTsmJson(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<TsmClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return openTsmJsonNow(input);
  });
}

/**
 * Unverified: a TSM report in Veraison's CBOR form: a map of the configfs-tsm files, blobs as byte strings.
 *
 * CBOR of definite lengths and shortest heads alone, without tags and floats and with no key twice; the order of keys
 * is not judged.
 *
 * @param input - at most 256 KiB
 * @param options - none are known
 * @throws as `openTsmJson`; `ERR_MALFORMED_CONTAINER` for what is not such CBOR.
 *
 * Source: veraison/ratsd, docs/tsm-report.cddl.
 */
export function openTsmCbor(
  input: Uint8Array,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<TsmClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return openTsmCborNow(copyBytes(input, "input", MAX_JSON_BYTES));
  });
}
