import * as v from "valibot";

/** The one version of the protocol that Trustee's key broker speaks. */
const PROTOCOL = "0.4.0";
const MAX_TEXT = 4096;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));

/** POST /kbs/v0/auth: who is there. */
export const AuthRequest = v.object({
  version: v.literal(PROTOCOL),
  tee: v.literal("snp"),
  "extra-params": v.optional(v.unknown()),
});

/** A public key as JWK: text alone, or lists of text. */
const Jwk = v.pipe(v.record(text, v.union([text, v.array(text)])), v.minEntries(1), v.maxEntries(20));

/** Padded base64, as Trustee writes nonces. */
const nonce = v.pipe(text, v.base64());

/**
 * POST /kbs/v0/attest. A member that is not here is refused, `init-data` among them: what is not judged may not look
 * as if it had been.
 */
export const AttestRequest = v.strictObject({
  "runtime-data": v.strictObject({ nonce, "tee-pubkey": Jwk }),
  "tee-evidence": v.strictObject({
    primary_evidence: v.record(v.string(), v.unknown()),
    /** Evidence of further devices, which nobody here can judge. */
    additional_evidence: v.optional(v.picklist(["", "{}"])),
  }),
});

/** What a session keeps between attest and resource. */
export const Session = v.strictObject({ token: v.string(), nonce: v.string() });
