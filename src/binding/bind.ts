import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { checkEngine, digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoEngine } from "../crypto/webcrypto.js";
import { attestryV1Scheme } from "./attestry-v1.js";
import { exactScheme } from "./exact.js";
import { BINDING_SCHEMES, type BindingSchemeName, type ExpectedReportData, keepExpected } from "./expected.js";
import { nonceScheme } from "./nonce.js";
import { type BindingScheme, type PartsOf, takeParts } from "./scheme.js";

/** Every scheme by its name; a new one is a file, a line here, and its name in `BINDING_SCHEMES`. */
const SCHEMES = {
  exact: exactScheme,
  nonce: nonceScheme,
  "attestry-v1": attestryV1Scheme,
} satisfies Record<BindingSchemeName, unknown>;

/** The parts that each scheme takes. */
export type BindingParts = {
  readonly [Name in BindingSchemeName]: PartsOf<(typeof SCHEMES)[Name]["parts"]>;
};

/** Options of `bindReportData`; an unknown name is a TypeError. */
export interface BindOptions {
  /** Default: WebCrypto. */
  engine?: CryptoEngine;
}

function schemeOf(name: unknown): BindingScheme {
  if (typeof name === "string" && Object.hasOwn(SCHEMES, name)) {
    // Each scheme gets the parts that its own rules let through (takeParts), so the erased type is safe to call.
    return SCHEMES[name as BindingSchemeName] as unknown as BindingScheme;
  }
  throw new TypeError(`scheme must be one of ${BINDING_SCHEMES.join(", ")}, found ${textOf(name)}`);
}

/**
 * The 64 bytes that REPORT_DATA must be, by a named scheme over the caller's parts. Not checked: that the nonce is
 * fresh and was not used before; that is the caller's to remember.
 *
 * `parts` are read and copied before anything else happens.
 *
 * @throws TypeError for an unknown scheme, option or part, or a part of a wrong length (nonces under 16 bytes).
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine cannot work.
 */
export async function bindReportData<Name extends BindingSchemeName>(
  scheme: Name,
  parts: BindingParts[Name],
  options: BindOptions = {},
): Promise<ExpectedReportData> {
  const rules = schemeOf(scheme);
  const taken = takeParts(parts, rules.parts);
  const { engine = webCryptoEngine } = readOptions(options, "options", ["engine"]);
  const used = checkEngine(engine, "options.engine");
  const bytes = await rules.bind(taken, (data) => digestWith(used, "SHA-512", data));
  return keepExpected({ scheme, bytes, publicKey: taken["publicKey"] ?? null });
}
