import { readJson } from "../bytes/json.js";
import { checkKey, isAlgorithm, KEY_SHAPES, mayDo, RESULT_ALGORITHMS, type ResultAlgorithm } from "./algorithms.js";
import { type FoundKey, foundKey } from "./keys.js";
import { isObject } from "./readers.js";

/** More than any issuer rotates through. */
const MAX_KEYS = 64;
const MAX_KEY_ID = 256;

/** The algorithm that a key of a set is for; undefined where it is for none of ours. */
function algorithmOf({ kty, crv, alg }: Readonly<Record<string, unknown>>): ResultAlgorithm | undefined {
  const fits = RESULT_ALGORITHMS.find((name) => KEY_SHAPES[name].kty === kty && KEY_SHAPES[name].crv === crv);
  if (alg === undefined) return fits;
  return isAlgorithm(alg) && alg === fits ? fits : undefined;
}

/** A key of a set by its id; undefined for keys of other uses and kinds, which sets may have. */
function readKey(entry: unknown, fault: (reason: string) => Error): readonly [string, FoundKey] | undefined {
  if (!isObject(entry)) throw fault("an entry that is no object");
  const { kid, use = "sig", key_ops: operations, kty, crv, x, y } = entry;
  const algorithm = algorithmOf(entry);
  if (typeof kid !== "string" || kid === "" || kid.length > MAX_KEY_ID) return undefined;
  if (algorithm === undefined || use !== "sig" || !mayDo(operations, "public")) return undefined;
  if ("d" in entry) throw fault(`the private half of the key ${JSON.stringify(kid)}, which is thereby lost`);
  const numbers = KEY_SHAPES[algorithm].numbers.includes("y") ? { x, y } : { x };
  try {
    const usable = checkKey({ kty, crv, ...numbers }, "key", [algorithm, "public"]);
    return [kid, foundKey(usable, algorithm, () => fault(`numbers that are no key under ${JSON.stringify(kid)}`))];
  } catch (error) {
    // What checkKey throws for numbers of another length; here they are the issuer's and not the caller's.
    if (error instanceof TypeError) throw fault(`numbers that are no key under ${JSON.stringify(kid)}`);
    throw error;
  }
}

/**
 * The keys of a JSON Web Key Set (RFC 7517) that can verify tokens, by id.
 *
 * @param fault - makes the error for what is no such set: a member twice in the JSON, two keys of one id, a private key
 */
export function readKeySet(body: Uint8Array, fault: (reason: string) => Error): ReadonlyMap<string, FoundKey> {
  const outcome = readJson(body);
  if (!outcome.ok) throw fault(`${outcome.fault.pointer} ${outcome.fault.reason}`.trim());
  const keys = isObject(outcome.value) ? outcome.value["keys"] : undefined;
  if (!Array.isArray(keys)) throw fault('no list "keys"');
  if (keys.length > MAX_KEYS) throw fault(`${keys.length} keys, more than ${MAX_KEYS}`);
  const found = new Map<string, FoundKey>();
  for (const [kid, key] of keys.map((entry: unknown) => readKey(entry, fault)).filter((one) => one !== undefined)) {
    if (found.has(kid)) throw fault(`two keys of the id ${JSON.stringify(kid)}`);
    found.set(kid, key);
  }
  return found;
}
