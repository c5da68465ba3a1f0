import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { checkEngine, digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoEngine } from "../crypto/webcrypto.js";
import { atlsScheme } from "./atls.js";
import { attestryV1Scheme } from "./attestry-v1.js";
import { azureScheme } from "./azure.js";
import { exactScheme } from "./exact.js";
import {
  BINDING_SCHEMES,
  type BindingSchemeName,
  EVIDENCE_PARTS,
  type EvidencePart,
  type ExpectedReportData,
  keepExpected,
} from "./expected.js";
import { nonceScheme } from "./nonce.js";
import { type BindingScheme, type PartsOf, takeParts } from "./scheme.js";
import { svsmScheme } from "./svsm.js";
import { tinfoilV2Scheme } from "./tinfoil-v2.js";
import { trusteeScheme } from "./trustee.js";

/** Every scheme by its name; a new one is a file, a line here, and a line in `EVIDENCE_PARTS`. */
const SCHEMES = {
  exact: exactScheme,
  nonce: nonceScheme,
  "attestry-v1": attestryV1Scheme,
  trustee: trusteeScheme,
  azure: azureScheme,
  svsm: svsmScheme,
  "tinfoil-v2": tinfoilV2Scheme,
  atls: atlsScheme,
} satisfies Record<BindingSchemeName, unknown>;

/** The parts that each scheme takes. */
export type BindingParts = {
  readonly [Name in BindingSchemeName]: PartsOf<(typeof SCHEMES)[Name]["parts"]>;
};

/** Options of `bindReportData`; an unknown name is a TypeError. */
export interface BindOptions<Name extends BindingSchemeName = BindingSchemeName> {
  /** Default: WebCrypto. */
  engine?: CryptoEngine;
  /**
   * The parts that were found in the evidence, where the verifier does not know them by itself. The appraisal fails
   * unless its policy allows each by the word "fromEvidence". Default: none.
   */
  fromEvidence?: readonly EvidencePart<Name>[];
}

function schemeOf(name: unknown): BindingScheme {
  if (typeof name === "string" && Object.hasOwn(SCHEMES, name)) {
    // Each scheme gets the parts that its own rules let through (takeParts), so the erased type is safe to call.
    return SCHEMES[name as BindingSchemeName] as unknown as BindingScheme;
  }
  throw new TypeError(`scheme must be one of ${BINDING_SCHEMES.join(", ")}, found ${textOf(name)}`);
}

function readEvidenceParts(scheme: BindingSchemeName, value: unknown): readonly string[] {
  if (value === undefined) return Object.freeze([]);
  const known: readonly unknown[] = EVIDENCE_PARTS[scheme];
  if (!Array.isArray(value)) throw new TypeError(`options.fromEvidence must be a list, found ${textOf(value)}`);
  return Object.freeze(
    Array.from(value, (part: unknown): string => {
      if (typeof part === "string" && known.includes(part)) return part;
      const names = known.length === 0 ? "nothing" : known.join(", ");
      throw new TypeError(`options.fromEvidence: of ${scheme} ${names} may come from evidence, found ${textOf(part)}`);
    }),
  );
}

/**
 * The 64 bytes that REPORT_DATA must be, by a named scheme over the caller's parts. Not checked: that the nonce is
 * fresh and was not used before; that is the caller's to remember.
 *
 * `parts` are read and copied before anything else happens.
 *
 * @throws TypeError for an unknown scheme, option or part, or a part of a wrong length (nonces under 16 bytes).
 * @throws MalformedError `ERR_MALFORMED_ENCODING`, `ERR_MALFORMED_DER` for a key that is not of its form (`trustee`,
 * `atls`).
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine cannot work.
 */
export async function bindReportData<Name extends BindingSchemeName>(
  scheme: Name,
  parts: BindingParts[Name],
  options: BindOptions<Name> = {},
): Promise<ExpectedReportData> {
  const rules = schemeOf(scheme);
  const taken = takeParts(parts, rules.parts);
  const { engine = webCryptoEngine, fromEvidence } = readOptions(options, "options", ["engine", "fromEvidence"]);
  const used = checkEngine(engine, "options.engine");
  const found = readEvidenceParts(scheme, fromEvidence);
  const bound = await rules.bind(taken, (algorithm, data) => digestWith(used, algorithm, data));
  // Every scheme that takes a nonce calls it so, and none takes it out of the evidence.
  return keepExpected({ scheme, ...bound, nonce: taken["nonce"] ?? null, fromEvidence: found });
}
