/**
 * Everything that this library throws on account of evidence, certificates, policies or networks.
 *
 * Each class asks for a reaction of its own; the code is the contract and the message is for people.
 * A caller's own mistake (a wrong argument) is a `TypeError` and none of these.
 */

/** What each code carries in `detail`: the one list of codes there is. Every value is JSON-safe. */
export interface ErrorDetails {
  /** A structure has another length than its specification gives it. */
  ERR_MALFORMED_LENGTH: { what: string; expected: number | string; actual: number };
  /** Bytes that must be zero are not; `offset` counts from the start of `what`. */
  ERR_MALFORMED_RESERVED: { what: string; offset: number; length: number };
  /** Text is not the hex, base64 or PEM that it should be. */
  ERR_MALFORMED_ENCODING: { what: string; reason: string };
  /** Bytes are not strict DER; `offset` counts from the start of `what`. */
  ERR_MALFORMED_DER: { what: string; offset: number; reason: string };
  /** Well-formed DER that is not an X.509 version 3 certificate of AMD's shape. */
  ERR_MALFORMED_CERTIFICATE: { what: string; field: string; reason: string };
  /** Well-formed DER that is not a version 2 certificate revocation list. */
  ERR_MALFORMED_CRL: { what: string; field: string; reason: string };
  /** A GHCB certificate table that does not fit its own buffer or names an entry twice. */
  ERR_MALFORMED_CERTIFICATE_TABLE: { offset: number; reason: string };
  /** An evidence container that is not what its format says; `where` is the field, with its offset where it has one. */
  ERR_MALFORMED_CONTAINER: { container: string; where: string; reason: string };
  /** An ID block, its authentication information or a part of them is not what it claims to be. */
  ERR_MALFORMED_ID_BLOCK: { what: string; field: string; reason: string };
  /** A public key that is no point of its curve, or not written as its format has it. */
  ERR_MALFORMED_PUBLIC_KEY: { what: string; reason: string };
  /** A firmware or SVSM image whose tables do not fit; `offset` counts from the image's start, where there is a place. */
  ERR_MALFORMED_FIRMWARE: { what: string; offset: number | null; reason: string };
  /** An IGVM file that breaks its format; `offset` counts from the file's start, where there is a place. */
  ERR_MALFORMED_IGVM: { offset: number | null; reason: string };
  /** A policy document that does not validate; `pointer` is the JSON Pointer of the mistake. */
  ERR_MALFORMED_POLICY: { pointer: string; reason: string };
  /** Another system's policy that is not what its format says, or that no policy here may mean; `where` is the place. */
  ERR_MALFORMED_IMPORT: { format: string; where: string; reason: string };
  /** A data set of advisories that does not validate; `pointer` is the JSON Pointer of the mistake. */
  ERR_MALFORMED_ADVISORIES: { pointer: string; reason: string };

  /** A report version that this library does not know. */
  ERR_UNSUPPORTED_REPORT_VERSION: { version: number; supported: readonly number[] };
  /** A processor that is no Milan, Genoa or Turin. */
  ERR_UNSUPPORTED_PRODUCT: { family: number; model: number; stepping: number; name: string | null };
  /** SIGNATURE_ALGO is not 1 (ECDSA P-384 with SHA-384). */
  ERR_UNSUPPORTED_SIGNATURE_ALGO: { signatureAlgo: number; supported: number };
  /** KEY_INFO names neither VCEK nor VLEK as the signing key. */
  ERR_UNSUPPORTED_SIGNING_KEY: { signingKey: number };
  /** A certificate or CRL is signed, or holds a key, by another algorithm than AMD's. */
  ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM: { what: string; field: string };
  /** A container of a version, or with a content, that is not handled. */
  ERR_UNSUPPORTED_CONTAINER: { container: string; where: string; found: string };
  /** An ID block of another version, or with another key or signature algorithm, than the one that is known. */
  ERR_UNSUPPORTED_ID_BLOCK: { what: string; field: string; found: number; supported: number };
  /** A public key that is not for ECDSA on P-384, or in a form that is not read. */
  ERR_UNSUPPORTED_PUBLIC_KEY: { what: string; found: string };
  /** An image that cannot be launched as the caller says, or with content whose measurement is not known. */
  ERR_UNSUPPORTED_FIRMWARE: { what: string; where: string; found: string };
  /** An IGVM file of a version, or for a platform, that is not handled. */
  ERR_UNSUPPORTED_IGVM: { where: string; found: string };
  /** An IGVM directive whose effect on the launch digest is not known; `type` in hex. */
  ERR_UNSUPPORTED_IGVM_DIRECTIVE: { directive: string; type: string; offset: number; reason: string };
  /** The crypto engine cannot work here, or failed in a way that says nothing about the evidence. */
  ERR_UNSUPPORTED_CRYPTO: { engine: string; operation: string };

  /** KEY_INFO bit 1: the host masked the chip key, so the report is unsigned. */
  ERR_UNTRUSTED_MASKED_CHIP_KEY: { keyInfo: string };
  /** VMPL 0xFFFFFFFF: the host asked for this report, not the guest. */
  ERR_UNTRUSTED_HOST_REQUESTED: { vmpl: number };
  /** VMPL above 3 and not the host's value. */
  ERR_UNTRUSTED_VMPL: { vmpl: number };
  /** POLICY bit 17 must be one. */
  ERR_UNTRUSTED_GUEST_POLICY: { policy: string; bit: number };
  /** REPORTED_TCB or COMMITTED_TCB is above CURRENT_TCB in a component. */
  ERR_UNTRUSTED_TCB_ORDER: { field: string; component: string; value: number; current: number };
  /** The committed firmware version is above the current one. */
  ERR_UNTRUSTED_FIRMWARE_ORDER: { committed: string; current: string };
  /** Report, certificates and caller do not speak of one product line. */
  ERR_UNTRUSTED_PRODUCT_LINE: { expected: string; actual: string; where: string };
  /** The report's SIGNING_KEY and the leaf certificate disagree (VCEK, VLEK). */
  ERR_UNTRUSTED_SIGNING_KEY: { expected: string; actual: string };
  /** A certificate stands in the wrong branch: VCEK under an ASVK, a leaf under the ARK, and the like. */
  ERR_UNTRUSTED_BRANCH: { role: string; expected: string; actual: string };
  /** A supplied root is not the pinned one. */
  ERR_UNTRUSTED_ROOT: { expected: string; field: string };
  /** A certificate's names are not those of its role, or its issuer is not its issuer's subject. */
  ERR_UNTRUSTED_CERTIFICATE_NAME: { role: string; field: string; expected: string; actual: string };
  /** A certificate is not signed by the key above it. */
  ERR_UNTRUSTED_CERTIFICATE_SIGNATURE: { role: string; issuer: string };
  /** A genuine signature on a certificate that its role may not look like. */
  ERR_UNTRUSTED_CERTIFICATE_PROFILE: { role: string; field: string; reason: string };
  /** `now` is before a certificate's notBefore. */
  ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID: { role: string; notBefore: string; now: string };
  /** `now` is after a certificate's notAfter. */
  ERR_UNTRUSTED_CERTIFICATE_EXPIRED: { role: string; notAfter: string; now: string };
  /** A CRL of the ARK lists the certificate. */
  ERR_UNTRUSTED_CERTIFICATE_REVOKED: { role: string; serial: string; crlNumber: string | null; revokedAt: string };
  /** The CRL is of another issuer. */
  ERR_UNTRUSTED_CRL_ISSUER: { expected: string; actual: string };
  /** The CRL is not signed by the ARK. */
  ERR_UNTRUSTED_CRL_SIGNATURE: { issuer: string };
  /** A genuinely signed CRL of a form that must not be used (delta, partial, no number). */
  ERR_UNTRUSTED_CRL_PROFILE: { field: string; reason: string };
  /** A TCB component of the leaf certificate differs from REPORTED_TCB. */
  ERR_UNTRUSTED_TCB_MISMATCH: { component: string; certificate: number; report: number };
  /** hwID of the VCEK differs from CHIP_ID. */
  ERR_UNTRUSTED_CHIP_ID: { certificate: string; report: string };
  /** CHIP_ID is masked (zero) under a VCEK and the caller did not allow that. */
  ERR_UNTRUSTED_MASKED_CHIP_ID: { option: string };
  /** What a container carries beside the report is not what the container's own rule ties into REPORT_DATA. */
  ERR_UNTRUSTED_CONTAINER_BINDING: { container: string; expected: string; actual: string };
  /** The ID key did not sign the ID block, or the author key not the ID key. */
  ERR_UNTRUSTED_ID_BLOCK_SIGNATURE: { signature: string; signer: string; reason: string };
  /** The leaf's key did not sign this report. */
  ERR_UNTRUSTED_REPORT_SIGNATURE: { reason: string };

  /** A certificate is needed, was not supplied, and no source has it. */
  ERR_COLLATERAL_MISSING: { role: string };
  /** A collateral source failed. */
  ERR_COLLATERAL_UNAVAILABLE: { role: string; reason: string };
  /** A source has more to do than it takes on; come back later. */
  ERR_COLLATERAL_BUSY: { role: string; limit: number };
  /** The caller's `allow` refused a download. */
  ERR_COLLATERAL_NOT_ALLOWED: { role: string };
  /** Revocation is required and there is no CRL. */
  ERR_COLLATERAL_CRL_MISSING: { productLine: string };
  /** The CRL is past its nextUpdate, or older than the caller's greatest age. */
  ERR_COLLATERAL_CRL_STALE: { thisUpdate: string; nextUpdate: string; now: string; limit: string };
  /** The CRL's thisUpdate is after `now`. */
  ERR_COLLATERAL_CRL_FUTURE: { thisUpdate: string; now: string };
  /** The CRL's number is below one that this verifier has already seen. */
  ERR_COLLATERAL_CRL_ROLLBACK: { number: string; seen: string };
  /** The caller's AbortSignal fired. */
  ERR_COLLATERAL_ABORTED: { reason: string };

  /** `assertAccepted` was given a refused appraisal; `failures` are its failed checks, one line each. */
  ERR_POLICY_REJECTED: { policyId: string; failures: readonly string[] };

  /** Bytes that no challenger makes: another length, version or form. */
  ERR_CHALLENGE_MALFORMED: { reason: string };
  /** The nonce names a key that this challenger does not have, or no longer has. */
  ERR_CHALLENGE_UNKNOWN_KEY: { keyId: string };
  /** The MAC is not the key's over this nonce, audience and policy digest: one of them is another, or was changed. */
  ERR_CHALLENGE_FORGED: { keyId: string };
  /** The challenge's time is up. */
  ERR_CHALLENGE_EXPIRED: { expiresAt: string; now: string };
  /** The clock went back, or the challenge lives longer than one that was issued by now can. */
  ERR_CHALLENGE_CLOCK: { now: string; limit: string };
  /** The challenge was spent before. */
  ERR_CHALLENGE_SPENT: { id: string };
  /** The store of spent challenges failed, did not answer in time, or answered neither true nor false. */
  ERR_CHALLENGE_STORE_UNAVAILABLE: { reason: string };
  /** The store of spent challenges holds as many as it may, and none of them has expired. */
  ERR_CHALLENGE_STORE_FULL: { max: number };

  /** A token that is not of its form; `where` is the part, or the JSON Pointer of a claim that is not as it must be. */
  ERR_RESULT_MALFORMED: { where: string; reason: string };
  /** A token of more characters than one may have. */
  ERR_RESULT_TOO_LARGE: { length: number; limit: number };
  /** A header that tokens of this library do not have, or another value than the one it must have. */
  ERR_RESULT_HEADER: { member: string; reason: string };
  /** The token names an algorithm that the caller does not accept, or another one than its key is for. */
  ERR_RESULT_ALGORITHM: { algorithm: string; accepted: readonly string[] };
  /** None of the keys has the id that the token names. */
  ERR_RESULT_UNKNOWN_KEY: { keyId: string };
  /** The issuer's keys could not be fetched, or what came is no set of keys; nothing is known against the token. */
  ERR_RESULT_KEYS_UNAVAILABLE: { url: string; reason: string };
  /** The key did not sign this token. */
  ERR_RESULT_SIGNATURE: { keyId: string };
  /** The token is of another profile than the caller asks for. */
  ERR_RESULT_PROFILE: { expected: string; actual: string };
  /** The token is of another issuer. */
  ERR_RESULT_ISSUER: { expected: string; actual: string };
  /** The token is for somebody else. */
  ERR_RESULT_AUDIENCE: { expected: string; actual: string };
  /** The token rests on another policy. */
  ERR_RESULT_POLICY: { expected: string; actual: string };
  /** The token answers another request, or none. */
  ERR_RESULT_NONCE: { expected: string; actual: string | null };
  /** The token is of the future. */
  ERR_RESULT_NOT_YET_VALID: { issuedAt: string; now: string };
  /** The token's time is up. */
  ERR_RESULT_EXPIRED: { expiresAt: string; now: string };
  /** The token was issued longer ago than the caller accepts. */
  ERR_RESULT_TOO_OLD: { issuedAt: string; now: string; maxAgeMs: number };
  /** The verifier did not affirm the evidence; `failures` are the ids of the checks that refused. */
  ERR_RESULT_NOT_AFFIRMING: { status: string; failures: readonly string[] };
  /** `issueResult` was given a refused appraisal and not told to issue it. */
  ERR_RESULT_REFUSED: { policyId: string; failures: readonly string[] };
  /** What the appraisal rests on has ended, or its time to live has. */
  ERR_RESULT_OVER: { end: string; now: string };
  /** The attested key cannot stand in a token. */
  ERR_RESULT_KEY: { scheme: string; reason: string };

  /** Nothing shows which key the guest holds: REPORT_DATA was not asked for by a scheme, or the scheme names no key. */
  ERR_RELEASE_NO_KEY: { scheme: string | null };
  /** The attested key is not one that secrets are sealed to, or not by the format asked for. */
  ERR_RELEASE_KEY: { what: string; reason: string };
  /** The challenge or the result is past its expiry, or something ended that the appraisal rests on. */
  ERR_RELEASE_EXPIRED: { what: "challenge" | "appraisal" | "result"; expiresAt: string; now: string };
  /** The challenge was verified and not spent, so that somebody else could still spend it. */
  ERR_RELEASE_UNSPENT: { challengeId: string };
  /** The policy that accepted is not the one that the challenge was issued for. */
  ERR_RELEASE_OTHER_POLICY: { challenge: string; recipient: string };
  /** Nothing shows that the evidence answers a challenge: its scheme has no nonce, or the token does not vouch for it. */
  ERR_RELEASE_NO_NONCE: { scheme: string };
  /** The evidence answers another challenge than the one that was spent. */
  ERR_RELEASE_OTHER_NONCE: { challengeId: string };
  /** The challenge has released a secret before. */
  ERR_RELEASE_USED: { challengeId: string };
  /** What was to be opened is not a sealed secret of the format asked for. */
  ERR_RELEASE_MALFORMED: { what: string; reason: string };
  /** A sealed secret is for another challenge, policy or report than the guest's. */
  ERR_RELEASE_CONTEXT: { field: string; expected: string; actual: string };
  /** A sealed secret does not open: changed on its way, or sealed to another key. */
  ERR_RELEASE_NOT_OPENED: { format: string };
}

/** Every code, as a union. */
export type ErrorCode = keyof ErrorDetails;
type CodeOf<Prefix extends string> = Extract<ErrorCode, `ERR_${Prefix}_${string}`>;

const BRAND = Symbol.for("attestry.AttestationError");

/** The class above the others; catch this one, or ask `isAttestationError`, which works across copies. */
export class AttestationError<Code extends ErrorCode = ErrorCode> extends Error {
  override name = "AttestationError";
  /** The contract: stable across versions. */
  readonly code: Code;
  /** What was expected and found, typed by the code, JSON-safe. */
  readonly detail: Readonly<ErrorDetails[Code]>;

  constructor(code: Code, message: string, detail: ErrorDetails[Code], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.detail = Object.freeze(detail);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** The error as plain data, for logs and answers. */
  toJSON(): { name: string; code: Code; message: string; detail: Readonly<ErrorDetails[Code]> } {
    return { name: this.name, code: this.code, message: this.message, detail: this.detail };
  }
}

/** These bytes are not what they claim to be. */
export class MalformedError<C extends CodeOf<"MALFORMED"> = CodeOf<"MALFORMED">> extends AttestationError<C> {
  override name = "MalformedError";
}

/** Perhaps genuine, but not handled here, and therefore never accepted. */
export class UnsupportedError<C extends CodeOf<"UNSUPPORTED"> = CodeOf<"UNSUPPORTED">> extends AttestationError<C> {
  override name = "UnsupportedError";
}

/** Stop: the evidence does not hold. */
export class UntrustedError<C extends CodeOf<"UNTRUSTED"> = CodeOf<"UNTRUSTED">> extends AttestationError<C> {
  override name = "UntrustedError";
}

/** A certificate or CRL is missing or out of date; nothing is known against the evidence itself. */
export class CollateralError<C extends CodeOf<"COLLATERAL"> = CodeOf<"COLLATERAL">> extends AttestationError<C> {
  override name = "CollateralError";
  /** True when the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: C, message: string, detail: ErrorDetails[C], options: ErrorOptions & { retryable: boolean }) {
    super(code, message, detail, options);
    this.retryable = options.retryable;
  }
}

/** The policy refused; thrown by `assertAccepted` alone. */
export class PolicyError<C extends CodeOf<"POLICY"> = CodeOf<"POLICY">> extends AttestationError<C> {
  override name = "PolicyError";
}

/** No secret is released, or none comes out of what was received. */
export class ReleaseError<C extends CodeOf<"RELEASE"> = CodeOf<"RELEASE">> extends AttestationError<C> {
  override name = "ReleaseError";
}

/** No result is issued, or the token does not count. */
export class ResultError<C extends CodeOf<"RESULT"> = CodeOf<"RESULT">> extends AttestationError<C> {
  override name = "ResultError";
}

/** The challenge does not count, or nobody can tell whether it was spent. */
export class ChallengeError<C extends CodeOf<"CHALLENGE"> = CodeOf<"CHALLENGE">> extends AttestationError<C> {
  override name = "ChallengeError";
  /** True when the same call may succeed later; otherwise the guest needs a new challenge. */
  readonly retryable: boolean;

  constructor(code: C, message: string, detail: ErrorDetails[C], options: ErrorOptions & { retryable: boolean }) {
    super(code, message, detail, options);
    this.retryable = options.retryable;
  }
}

type ErrorWith<Code extends ErrorCode> = { [C in Code]: AttestationError<C> }[Code];

/**
 * True for an error of this library, also one from another copy of it; with `code`, only for that code.
 */
export function isAttestationError<Code extends ErrorCode = ErrorCode>(
  value: unknown,
  code?: Code,
): value is ErrorWith<Code> {
  if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
  return code === undefined || ("code" in value && value.code === code);
}
