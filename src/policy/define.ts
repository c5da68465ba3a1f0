import { readOptions } from "../bytes/arguments.js";
import { canonicalJson } from "../bytes/canonical-json.js";
import { toHex } from "../bytes/codecs.js";
import { checkEngine, digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoDigest } from "../crypto/webcrypto-digest.js";
import { compile } from "./compile.js";
import { expandLists } from "./lists.js";
import { createPolicy, type Policy } from "./policy.js";
import { checkDocument } from "./schema.js";
import { snapshot } from "./snapshot.js";

/** Options of `definePolicy`; an unknown name is a TypeError. */
export interface DefinePolicyOptions {
  /** Computes the digest. Default: WebCrypto. */
  engine?: CryptoEngine;
}

/**
 * The policy that a JSON document says, checked whole: an unknown key anywhere, an empty rule, or a way to acceptance
 * that leaves `measurement`, `reportData` or `minimumTcb` undecided is an error. Not checked: that it is a wise one.
 *
 * The document is copied before anything else happens; changing it later changes nothing.
 *
 * @param json - what JSON.parse returned; duplicate keys are for the reader of the text to refuse
 * @throws MalformedError `ERR_MALFORMED_POLICY`, whose `detail.pointer` is the JSON Pointer of the mistake.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine cannot digest.
 * @throws TypeError for a wrong option.
 */
export async function definePolicy(json: unknown, options: DefinePolicyOptions = {}): Promise<Policy> {
  const { engine } = readOptions(options, "options", ["engine"]);
  // The whole default engine would bring the checking of signatures along.
  const used = engine === undefined ? undefined : checkEngine(engine, "options.engine");
  const copy = snapshot(json);
  const expanded = expandLists(copy);
  const document = checkDocument(expanded.document, expanded.malformed);
  const compiled = compile(document, expanded.malformed);
  const text = new TextEncoder().encode(canonicalJson(copy));
  const digest = await (used === undefined ? webCryptoDigest("SHA-384", text) : digestWith(used, "SHA-384", text));
  return createPolicy({ id: document.id, digest: toHex(digest), text: JSON.stringify(copy), compiled });
}
