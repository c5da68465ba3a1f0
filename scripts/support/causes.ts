import type { ErrorCode } from "../../src/errors.js";

/** Where a failure usually comes from, most frequent first, and what to do about it. */
export interface Cause {
  readonly from: string;
  readonly cure: string;
}

/** For each code there is; the compiler asks for the ones that lack. */
export const CAUSES: Readonly<Record<ErrorCode, Cause>> = {
  ERR_MALFORMED_LENGTH: {
    from: "A report still inside its container (an extended report, MSG_REPORT_RSP with its 32-byte header, a file of 4,000 bytes); a download that was cut off; a web page in place of a certificate.",
    cure: "Open the container with `attestry/evidence`, or `attestry inspect --format`; look at the first bytes of what was downloaded.",
  },
  ERR_MALFORMED_RESERVED: {
    from: "Bytes in the wrong place, such as an offset by a header; a report of firmware that uses bytes which the known versions leave zero.",
    cure: "Check where the report was cut out. If a newer firmware really sets them, refuse until a release knows what they mean.",
  },
  ERR_MALFORMED_ENCODING: {
    from: "Text with line breaks, spaces or a prefix such as 0x; base64url where base64 is asked for, or the other way round; PEM with text around it.",
    cure: "Pass bytes where you have them. Else strip what surrounds the text; the reason names the first character that is wrong.",
  },
  ERR_MALFORMED_DER: {
    from: "PEM passed as DER; a file cut off or with something behind it; a certificate made by tools that write BER.",
    cure: "Convert to DER and compare the length with the one that the first four bytes name. AMD's own files are strict DER.",
  },
  ERR_MALFORMED_CERTIFICATE: {
    from: "A certificate that is not AMD's: X.509 version 1, or a shape that their profile does not have.",
    cure: "Fetch the certificate again from AMD's key server or from the host's certificate table.",
  },
  ERR_MALFORMED_CRL: {
    from: "A certificate, or a list of X.509 version 1, in the place of the CRL.",
    cure: "Fetch the line's CRL again; it stands beside the chain on AMD's key server.",
  },
  ERR_MALFORMED_CERTIFICATE_TABLE: {
    from: "A table cut to a page although it is longer; a host that wrote entries over each other.",
    cure: "Ask for the extended report again with the length that the first answer named.",
  },
  ERR_MALFORMED_CONTAINER: {
    from: "Another format than the one that was asked for; JSON with a field of another type; CBOR that is not in its shortest form.",
    cure: "Let `attestry inspect` tell the format by its shape, then name it; `where` points at the field.",
  },
  ERR_MALFORMED_ID_BLOCK: {
    from: "Block and authentication information swapped; base64 with line breaks; a structure without its reserved bytes.",
    cure: "Build both anew with `attestry id-block build`; the block has 96 bytes, the authentication 4,096.",
  },
  ERR_MALFORMED_PUBLIC_KEY: {
    from: "A private key, a certificate or a compressed point where a public key belongs; coordinates in the wrong byte order.",
    cure: "Export the key as SubjectPublicKeyInfo in PEM or DER.",
  },
  ERR_MALFORMED_FIRMWARE: {
    from: "A vars file, a capsule or a compressed image in place of OVMF.fd; firmware that was built without SEV metadata.",
    cure: "Use the very file that the VMM is given, and check that it is a build with SNP support.",
  },
  ERR_MALFORMED_IGVM: {
    from: "A file that was cut off or changed after it was made: its checksum and its tables no longer fit.",
    cure: "Compare it with the file that the VMM loads, byte for byte; `offset` is where reading stopped.",
  },
  ERR_MALFORMED_POLICY: {
    from: "A typo in a key, a decision that is left out, hex of a wrong length.",
    cure: "Go to the JSON Pointer that the error names; an editor that knows `schemas/policy.v1.schema.json` marks it as you type.",
  },
  ERR_MALFORMED_IMPORT: {
    from: "A file of another version of that system, a field that the importer does not know, a placeholder that was never filled in.",
    cure: "Go to the place that `where` names. What a system ignores in its own files is not ignored here when it could mean a demand.",
  },
  ERR_MALFORMED_ADVISORIES: {
    from: "A data set that was written by hand or is of another schema version.",
    cure: "Take the one that the package ships, or go to the JSON Pointer that the error names.",
  },
  ERR_UNSUPPORTED_REPORT_VERSION: {
    from: "Firmware that is newer than this library, or a report that begins elsewhere.",
    cure: "Update attestry. Until a release knows the version, refuse.",
  },
  ERR_UNSUPPORTED_PRODUCT: {
    from: "A processor whose line is not known here yet, or an offset that reads other bytes as CPUID.",
    cure: "Update attestry; CONTRIBUTING.md says what a new line needs.",
  },
  ERR_UNSUPPORTED_SIGNATURE_ALGO: {
    from: "Bytes in the wrong place; no firmware so far signs by another algorithm.",
    cure: "Check where the report was cut out.",
  },
  ERR_UNSUPPORTED_SIGNING_KEY: {
    from: "A report that was not signed: the request asked for none, or the value is reserved.",
    cure: "Ask in the guest for a report signed by VCEK or VLEK (KEY_SEL 0, 1 or 2).",
  },
  ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM: {
    from: "A certificate of another authority, such as a TLS certificate, in the place of AMD's.",
    cure: "Look at `what` and `field`, and bring AMD's own: RSA-4096 keys, RSASSA-PSS with SHA-384, P-384 leaves.",
  },
  ERR_UNSUPPORTED_CONTAINER: {
    from: "A newer version of the container, or evidence of another technology (TDX, vTPM) in one that carries several.",
    cure: "Ask the guest for its SNP report in a format that docs/evidence.md lists.",
  },
  ERR_UNSUPPORTED_ID_BLOCK: {
    from: "A key or signature algorithm other than ECDSA P-384 with SHA-384, the one that firmware knows.",
    cure: "Sign with a P-384 key; `found` and `supported` name the numbers.",
  },
  ERR_UNSUPPORTED_PUBLIC_KEY: {
    from: "An RSA, P-256 or Ed25519 key where firmware takes P-384 alone.",
    cure: "Make a P-384 key.",
  },
  ERR_UNSUPPORTED_FIRMWARE: {
    from: "An image that lacks what the launch needs, such as the hashes table for a measured kernel, or has sections of a kind whose measurement nobody wrote down.",
    cure: "`where` and `found` name it: launch otherwise, or use another build of the firmware.",
  },
  ERR_UNSUPPORTED_IGVM: {
    from: "A file for another platform (TDX, VSM), or of a newer version of the format.",
    cure: "Take a build for SEV-SNP.",
  },
  ERR_UNSUPPORTED_IGVM_DIRECTIVE: {
    from: "A directive that other loaders treat differently or that is not documented for SNP.",
    cure: "Leave it out of the file; a digest that is guessed would refuse good guests at best.",
  },
  ERR_UNSUPPORTED_CRYPTO: {
    from: "A page without https, where browsers have no `crypto.subtle`; a runtime without RSA-PSS; an engine of your own that throws.",
    cure: "Use `attestry/noble`, which needs nothing of the runtime; read the error's `cause`.",
  },
  ERR_UNTRUSTED_MASKED_CHIP_KEY: {
    from: "The host set MASK_CHIP_KEY: its reports carry no signature.",
    cure: "The host must unmask the key (SNP_CONFIG); there is nothing to verify before.",
  },
  ERR_UNTRUSTED_HOST_REQUESTED: {
    from: "The report was asked for by the host (SNP_HV_REPORT_REQ), who also chose REPORT_DATA.",
    cure: "Let the guest itself ask, through /dev/sev-guest or configfs-tsm.",
  },
  ERR_UNTRUSTED_VMPL: {
    from: "Bytes in the wrong place, or bytes that were changed.",
    cure: "Check where the report was cut out; a genuine guest is at VMPL 0 to 3.",
  },
  ERR_UNTRUSTED_GUEST_POLICY: {
    from: "Bytes in the wrong place, or bytes that were changed: firmware launches no guest without bit 17.",
    cure: "Check where the report was cut out.",
  },
  ERR_UNTRUSTED_TCB_ORDER: {
    from: "Bytes that were changed. Firmware reports nothing above what runs.",
    cure: "Drop the evidence; ask the guest for a fresh report.",
  },
  ERR_UNTRUSTED_FIRMWARE_ORDER: {
    from: "Bytes that were changed. Firmware commits nothing above what runs.",
    cure: "Drop the evidence; ask the guest for a fresh report.",
  },
  ERR_UNTRUSTED_PRODUCT_LINE: {
    from: "Certificates of another line than the processor's, such as a Milan chain kept for a Genoa host; a wrong `productLine` option.",
    cure: "`where` says who disagrees. Fetch the chain of the line that the report's CPUID names.",
  },
  ERR_UNTRUSTED_SIGNING_KEY: {
    from: "A VLEK report with the chip's VCEK beside it, or the other way round; clouds with both keys often mix them up.",
    cure: "Bring the certificate of the key that the report names, or ask for a report by the other key.",
  },
  ERR_UNTRUSTED_BRANCH: {
    from: "The ASK in the place of the ASVK or the other way round; files of a folder under the wrong names.",
    cure: "A VCEK stands under the ASK, a VLEK under the ASVK: fetch the chain of the right branch.",
  },
  ERR_UNTRUSTED_ROOT: {
    from: "The root of another line; a test root in production; with `anchors` of your own, a line that they do not cover.",
    cure: "Leave the root out, since AMD's keys are built in; give test roots as `options.anchors`, where they replace all others.",
  },
  ERR_UNTRUSTED_CERTIFICATE_NAME: {
    from: "Certificates in each other's place; a certificate of another authority.",
    cure: "`field`, `expected` and `actual` say which name differs. Fetch the chain again.",
  },
  ERR_UNTRUSTED_CERTIFICATE_SIGNATURE: {
    from: "A file that was changed or re-encoded on its way; a leaf of another line or branch; a forgery with AMD's names.",
    cure: "Fetch the certificate again. If it still fails, treat it as an attack.",
  },
  ERR_UNTRUSTED_CERTIFICATE_PROFILE: {
    from: "Under AMD's keys, something that AMD never issued so far; under anchors of your own, a hierarchy that lacks basicConstraints or keyUsage.",
    cure: "`role`, `field` and `reason` name it. The forge of `attestry/testing` makes hierarchies that fit.",
  },
  ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID: {
    from: "A clock that is behind: at boot, in a sandbox, in a test with a fixed time.",
    cure: "Set the clock; compare `now` with `notBefore`.",
  },
  ERR_UNTRUSTED_CERTIFICATE_EXPIRED: {
    from: "A VCEK or VLEK kept for years (a VLEK lives one year); a clock that is ahead.",
    cure: "Fetch the certificate again; with stored evidence, verify at the time when it was taken and say so.",
  },
  ERR_UNTRUSTED_CERTIFICATE_REVOKED: {
    from: "AMD took back an intermediate and issued another one; your chain is the old one.",
    cure: "Fetch the present chain. Evidence under a revoked certificate is not trusted, whatever its date.",
  },
  ERR_UNTRUSTED_CRL_ISSUER: {
    from: "The CRL of another line.",
    cure: "Fetch the CRL of the line that the chain is of.",
  },
  ERR_UNTRUSTED_CRL_SIGNATURE: {
    from: "A file that was changed on its way; a CRL of a test hierarchy.",
    cure: "Fetch it again; one that is supplied and bad is never replaced quietly.",
  },
  ERR_UNTRUSTED_CRL_PROFILE: {
    from: "A delta or partial list, or one without a number, of a hierarchy of your own; AMD issues none of these.",
    cure: "Issue full lists with cRLNumber.",
  },
  ERR_UNTRUSTED_TCB_MISMATCH: {
    from: "A firmware update on the host after the VCEK was fetched, or a VCEK that was fetched for CURRENT_TCB: the key belongs to REPORTED_TCB.",
    cure: "Fetch the VCEK for the report's own REPORTED_TCB; `attestry fetch` does.",
  },
  ERR_UNTRUSTED_CHIP_ID: {
    from: "The VCEK of another machine: a cache without the chip in its key, a guest that moved.",
    cure: "Fetch the VCEK for this report's CHIP_ID.",
  },
  ERR_UNTRUSTED_MASKED_CHIP_ID: {
    from: "The host set MASK_CHIP_ID, so the report names no chip.",
    cure: "If you trust all chips alike, pass `allowMaskedChipId: true`; your policy then cannot tell machines apart.",
  },
  ERR_UNTRUSTED_CONTAINER_BINDING: {
    from: "A container whose outer part was changed or exchanged, such as Azure's runtime data or the key of an RA-TLS certificate.",
    cure: "Treat it as an attack, unless your own code re-encoded that part: bind the bytes as received.",
  },
  ERR_UNTRUSTED_ID_BLOCK_SIGNATURE: {
    from: "A block that was changed after it was signed; the authentication information of another block.",
    cure: "`signature` and `signer` say which one fails: sign the block anew.",
  },
  ERR_UNTRUSTED_REPORT_SIGNATURE: {
    from: "A report that was changed on its way, even by a byte; the VCEK of another TCB with the same numbers is ruled out before this check.",
    cure: "Ask the guest for a fresh report. If that fails as well, treat it as an attack.",
  },
  ERR_COLLATERAL_MISSING: {
    from: "Evidence without certificates and no `collateral` source; a VLEK, which AMD's key server gives to providers alone.",
    cure: "Pass the host's certificate table, or a source (docs/collateral.md). For VLEKs the table is the only way.",
  },
  ERR_COLLATERAL_UNAVAILABLE: {
    from: "A network that is shut, a proxy that is not set, a server that is down.",
    cure: "`reason` says what failed. Try again later, or ship certificates with the evidence (`attestry bundle`).",
  },
  ERR_COLLATERAL_BUSY: {
    from: "Many new chips at once: AMD's server gives one VCEK in about ten seconds.",
    cure: "Answer your client 503 with Retry-After, keep certificates in a shared cache, use a mirror.",
  },
  ERR_COLLATERAL_NOT_ALLOWED: {
    from: "Your `allow` does not know the chip, or threw.",
    cure: "Let it answer true for the chips that you serve.",
  },
  ERR_COLLATERAL_CRL_MISSING: {
    from: "Revocation is required, which is the default, and neither evidence nor source has a CRL.",
    cure: "Add the CRL to the evidence or give a source; `if-available` and `skip` are words for those who accept the risk.",
  },
  ERR_COLLATERAL_CRL_STALE: {
    from: "A cached or shipped CRL that nobody renewed; a clock that is ahead.",
    cure: "Fetch the present one. `maxStaleMs` gives a grace, and its length is your decision.",
  },
  ERR_COLLATERAL_CRL_FUTURE: {
    from: "A clock that is behind.",
    cure: "Set the clock.",
  },
  ERR_COLLATERAL_CRL_ROLLBACK: {
    from: "A cache or mirror that still serves the list before; somebody who hides a revocation behind an old list.",
    cure: "Renew the cache. Find out who brought the old list.",
  },
  ERR_COLLATERAL_ABORTED: {
    from: "Your own time-out or cancellation.",
    cure: "Nothing was decided: try again, with more time.",
  },
  ERR_POLICY_REJECTED: {
    from: "Genuine evidence that is not what the policy asks for.",
    cure: "Read `failures`: each line has the check's id, the place in the policy, what was expected and found, and what to do. [policy.md](policy.md) explains every check.",
  },
  ERR_CHALLENGE_MALFORMED: {
    from: "A nonce that was cut, encoded twice, or made by something else.",
    cure: "Send the nonce as it was issued; compare the lengths on both sides.",
  },
  ERR_CHALLENGE_UNKNOWN_KEY: {
    from: "A copy of the service with other keys; a key that was retired while its challenges were still alive.",
    cure: "Give all copies the same keys, and keep an old one for a challenge's lifetime after the new one signs.",
  },
  ERR_CHALLENGE_FORGED: {
    from: "Another audience or policy than at issue, such as a policy that was changed in between; a guess.",
    cure: "Issue a new challenge for the present policy.",
  },
  ERR_CHALLENGE_EXPIRED: {
    from: "A guest that took too long, or clocks of copies that differ.",
    cure: "Issue a new challenge; lengthen `ttlMs` if guests are honestly slow.",
  },
  ERR_CHALLENGE_CLOCK: {
    from: "A clock that was set back, or copies whose clocks differ by more than the allowance.",
    cure: "Run a time service on every copy.",
  },
  ERR_CHALLENGE_SPENT: {
    from: "A request that was sent twice; a copy that died after it had spent the challenge; a replay.",
    cure: "Issue a new challenge and ask the guest again. Nothing is released twice.",
  },
  ERR_CHALLENGE_STORE_UNAVAILABLE: {
    from: "Redis is down, slow or refuses writes.",
    cure: "Mend the store; the same challenge may be tried again while it lives, unless the store took it.",
  },
  ERR_CHALLENGE_STORE_FULL: {
    from: "More challenges spent within their lifetime than the store in memory may hold.",
    cure: "Raise `max`, shorten `ttlMs`, or use Redis. An id that is still alive is never forgotten to make room.",
  },
  ERR_RESULT_MALFORMED: {
    from: "Something that is no token of this kind; a token that was cut; a member that stands twice.",
    cure: "`where` names the part or the claim; ask the issuer for a token of the agreed profile.",
  },
  ERR_RESULT_TOO_LARGE: {
    from: "Something that is no token, or one with claims that ours do not have.",
    cure: "Look at what was sent.",
  },
  ERR_RESULT_HEADER: {
    from: "A token of another kind (`typ`), or one that brings its own key or key URL, which is never believed.",
    cure: "Configure the issuer's keys; let the issuer leave those members out.",
  },
  ERR_RESULT_ALGORITHM: {
    from: "An issuer that changed its key's algorithm; an attack that names a weaker one.",
    cure: "Name the algorithm in `algorithms` if you do trust it with that key.",
  },
  ERR_RESULT_UNKNOWN_KEY: {
    from: "A key that is new at the issuer and not yet here, or was retired.",
    cure: "Renew the set of keys; keep retired keys for a token's lifetime.",
  },
  ERR_RESULT_KEYS_UNAVAILABLE: {
    from: "The issuer's key URL does not answer, or answers something else.",
    cure: "Try again; `reason` says what came.",
  },
  ERR_RESULT_SIGNATURE: {
    from: "A token that was changed; two issuers that use one key id.",
    cure: "Drop the token.",
  },
  ERR_RESULT_PROFILE: {
    from: "An issuer that writes the other spelling of EAR.",
    cure: "Ask for the profile that you both speak.",
  },
  ERR_RESULT_ISSUER: { from: "A token of another service.", cure: "Drop it, or trust that issuer by name." },
  ERR_RESULT_AUDIENCE: {
    from: "A token that was made for another relying party and carried to you.",
    cure: "Drop it; let the guest ask for one with your name.",
  },
  ERR_RESULT_POLICY: {
    from: "The policy changed after the token was issued, or the issuer uses another one.",
    cure: "Ask for a new token; compare `attestry policy digest` on both sides.",
  },
  ERR_RESULT_NONCE: {
    from: "A token that answers another request, or that was kept and sent again.",
    cure: "Ask for a new token with your nonce.",
  },
  ERR_RESULT_NOT_YET_VALID: { from: "A clock that is behind, here or at the issuer.", cure: "Set the clocks." },
  ERR_RESULT_EXPIRED: { from: "A token that was kept too long.", cure: "Ask for a new one." },
  ERR_RESULT_TOO_OLD: {
    from: "A token that still lives and is older than your `maxAgeMs`.",
    cure: "Ask for a new one.",
  },
  ERR_RESULT_NOT_AFFIRMING: {
    from: "The verifier refused the evidence, or warned; the token says why.",
    cure: "Read `failures`; they are ids of checks that [policy.md](policy.md) explains.",
  },
  ERR_RESULT_REFUSED: {
    from: "Code that issues a token without looking at the verdict.",
    cure: "Answer the refusal itself; `issueRefusal: true` makes a token that says contraindicated and names no key.",
  },
  ERR_RESULT_OVER: {
    from: "An appraisal that was kept until its CRL, a certificate or the policy ended.",
    cure: "Verify and appraise again, then issue.",
  },
  ERR_RESULT_KEY: {
    from: "A binding scheme whose key has a form that no token can name.",
    cure: "Bind a key as SubjectPublicKeyInfo, raw X25519 or JWK.",
  },
  ERR_RELEASE_NO_KEY: {
    from: 'A policy with `reportData: "any"` or exact bytes; a scheme without a key; a challenge bound without one.',
    cure: "Let the policy name a scheme, and let the guest bind its public key with the nonce.",
  },
  ERR_RELEASE_KEY: {
    from: "A weak or broken key (small RSA, a point off the curve), or a key type that the format cannot seal to.",
    cure: "Let the guest make a P-384 or X25519 key for HPKE, or one that JWE takes.",
  },
  ERR_RELEASE_EXPIRED: {
    from: "Too much time between challenge and release.",
    cure: "Begin again with a new challenge.",
  },
  ERR_RELEASE_UNSPENT: {
    from: "Code that seals before it has spent the challenge.",
    cure: "Await `challenger.spend(...)`, then seal.",
  },
  ERR_RELEASE_OTHER_POLICY: {
    from: "The policy changed between challenge and appraisal; a challenge of another flow.",
    cure: "Begin again: challenge, appraisal and release go by one policy.",
  },
  ERR_RELEASE_NO_NONCE: {
    from: "A binding scheme without a nonce, or a token that does not speak of it.",
    cure: "Use a scheme with a nonce, such as `attestry-v1`.",
  },
  ERR_RELEASE_OTHER_NONCE: {
    from: "Two flows of one guest mixed up, or somebody who offers old evidence for a new challenge.",
    cure: "Hold the challenge against the evidence that answers it.",
  },
  ERR_RELEASE_USED: {
    from: "A request that was sent twice; a replay.",
    cure: "Begin again with a new challenge.",
  },
  ERR_RELEASE_MALFORMED: {
    from: "A sealed secret that was cut or encoded twice; the other format.",
    cure: "Name the format that it was sealed in; `what` says which part fails.",
  },
  ERR_RELEASE_CONTEXT: {
    from: "A secret for another request of the same guest, or one that somebody moved.",
    cure: "Open it with the challenge, policy digest and report of its own request.",
  },
  ERR_RELEASE_NOT_OPENED: {
    from: "Another private key than the one whose public half was bound; a ciphertext that was changed.",
    cure: "Keep the key pair for as long as the request lives; ask again.",
  },
};
