import { readJson } from "../bytes/json.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { base64UrlOf, hexOf, itemsOf, type JsonPart, memberOf, needMember, textOf } from "./json-parts.js";

/** An RSA key that the paravisor put into the runtime data; byte strings big-endian. */
export interface AzureHclKey {
  /** `HCLAkPub` signs the vTPM's quotes, `HCLEkPub` is its endorsement key. */
  readonly kid: string;
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** What the runtime data of an HCL report say. */
export interface AzureHclRuntime {
  readonly keys: readonly AzureHclKey[];
  /** What the guest wrote into NV index 0x01400002 before it asked; null where there is none. */
  readonly userData: Uint8Array | null;
}

/** Two are there in every blob seen. */
const MAX_KEYS = 8;
const MAX_KEY_BYTES = 1024;
const USER_DATA_LENGTH = 64;

function keyBytes(part: JsonPart): Uint8Array {
  const bytes = base64UrlOf(part);
  if (bytes.length > 0 && bytes.length <= MAX_KEY_BYTES) return bytes;
  throw malformedContainer(part.container, part.where, `expected 1 to ${MAX_KEY_BYTES} bytes, found ${bytes.length}`);
}

function keyOf(part: JsonPart): AzureHclKey {
  const type = needMember(part, "kty");
  if (textOf(type) !== "RSA") {
    throw unsupportedContainer(type.container, type.where, `a key of type ${shown(type.value)}`);
  }
  return Object.freeze({
    kid: textOf(needMember(part, "kid")),
    modulus: keyBytes(needMember(part, "n")),
    exponent: keyBytes(needMember(part, "e")),
  });
}

function checkKids(part: JsonPart, keys: readonly AzureHclKey[]): void {
  const twice = keys.find(({ kid }, index) => keys.findIndex((key) => key.kid === kid) !== index);
  if (twice === undefined) return;
  throw malformedContainer(part.container, part.where, `two keys with the kid ${shown(twice.kid)}`);
}

function userDataOf(part: JsonPart): Uint8Array {
  const bytes = hexOf(part);
  if (bytes.length === USER_DATA_LENGTH) return bytes;
  const reason = `expected ${USER_DATA_LENGTH} bytes, found ${bytes.length}`;
  throw malformedContainer(part.container, part.where, reason);
}

/**
 * The parts of runtime data that a policy can use. Members that are not known are passed over: whoever wants them
 * reads the bytes.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for what is no JSON of this shape, a key twice in one object, or a
 * kid twice; `ERR_MALFORMED_ENCODING` for broken base64url or hex.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a key that is not RSA.
 */
export function readHclRuntime(container: string, bytes: Uint8Array): AzureHclRuntime {
  const outcome = readJson(bytes);
  if (!outcome.ok) throw malformedContainer(container, "runtime data", "expected JSON with each key once");
  const whole: JsonPart = { container, where: "runtime data", value: outcome.value };
  const list = needMember(whole, "keys");
  const keys = itemsOf(list, MAX_KEYS).map(keyOf);
  checkKids(list, keys);
  const userData = memberOf(whole, "user-data");
  return { keys: Object.freeze(keys), userData: userData === undefined ? null : userDataOf(userData) };
}
