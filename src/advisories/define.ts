import { readOptions } from "../bytes/arguments.js";
import { canonicalJson, type Json } from "../bytes/canonical-json.js";
import { toHex } from "../bytes/codecs.js";
import { checkEngine, digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoEngine } from "../crypto/webcrypto.js";
import { type AdvisoryAnswer, type AdvisoryData, keepAdvisoryData } from "../policy/advisory-data.js";
import type { VerifiedRecord } from "../verify/record.js";
import { timeOf } from "./consistency.js";
import { keepDataSet } from "./data-set.js";
import { judgeAdvisory, type PlacedAdvisory } from "./judge.js";
import { parseAdvisories } from "./parse.js";
import type { AdvisoryDocument } from "./schema.js";

/** Options of `defineAdvisories`; an unknown name is a TypeError. */
export interface DefineAdvisoriesOptions {
  /** Computes the digest. Default: WebCrypto. */
  engine?: CryptoEngine;
}

/** The advisories of a data set at their places, in its order. */
export function placedAdvisories({ advisories }: AdvisoryDocument): readonly PlacedAdvisory[] {
  return advisories.map((advisory, index) => ({ advisory, pointer: `/advisories/${index}` }));
}

/** What the rule `advisories` of a policy asks for each id that it lists. */
function assessor(document: AdvisoryDocument) {
  const byId = new Map(placedAdvisories(document).map((placed) => [placed.advisory.id, placed]));
  return (id: string, record: VerifiedRecord): AdvisoryAnswer => {
    const placed = byId.get(id);
    if (placed === undefined) return { status: "unknown", reason: "the data set does not have it" };
    const { status, reason } = judgeAdvisory(placed, record);
    return { status, reason };
  };
}

/**
 * A data set that was checked whole, with the digest that a policy pins: what `assessAdvisories` takes, and `appraise`
 * as its input `advisories`. The document is copied before anything else happens; changing it later changes nothing.
 *
 * Not checked: that the numbers are true, or that the data set is a recent one; the policy says how old it may be.
 *
 * @param json - what JSON.parse returned, or the built-in `ADVISORIES`
 * @throws MalformedError `ERR_MALFORMED_ADVISORIES`, as `parseAdvisories`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine cannot digest.
 * @throws TypeError for a wrong option.
 */
export async function defineAdvisories(json: unknown, options: DefineAdvisoriesOptions = {}): Promise<AdvisoryData> {
  const { engine = webCryptoEngine } = readOptions(options, "options", ["engine"]);
  const used = checkEngine(engine, "options.engine");
  const document = parseAdvisories(json);
  // A frozen copy of what a caller passed as JSON, which is what it still is.
  const text = canonicalJson(document as unknown as Json);
  const digest = toHex(await digestWith(used, "SHA-384", new TextEncoder().encode(text)));
  const publishedAt = timeOf(document.publishedAt, "/publishedAt");
  const handle = keepAdvisoryData({ digest, publishedAt, assess: assessor(document) });
  keepDataSet(handle, { document, digest, publishedAt });
  return handle;
}
