import * as v from "valibot";
import { EVIDENCE_TYPES } from "../service/evidence-types.js";
import { BASE64URL } from "./encoding.js";

/** Longer text than any that this API knows is refused before anything is made of it. */
const MAX_NAME = 200;
const MAX_NONCE = 1024;
const MAX_KEY = 4096;
const MAX_TOKEN = 32_768;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME));
const base64Url = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max), v.regex(BASE64URL));
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{96}$/), v.description("SHA-384 of the policy, hex."));
const policy = v.pipe(
  v.strictObject({ id: name, digest }),
  v.description("The policy, as /v1/challenges answered it: whoever asks knows what it will be judged by."),
);
const nonce = v.pipe(base64Url(MAX_NONCE), v.description("The nonce of /v1/challenges, as it was given."));
const publicKey = v.pipe(
  base64Url(MAX_KEY),
  v.description("The key that REPORT_DATA binds: an X25519 key of 32 bytes, or SubjectPublicKeyInfo of P-384 or RSA."),
);

const evidence = v.pipe(
  v.strictObject({
    type: v.pipe(v.picklist(EVIDENCE_TYPES), v.description("What the bytes are; nothing is guessed.")),
    data: v.pipe(base64Url(65_536), v.description("The container, base64url.")),
  }),
  v.description("A report, in the container in which it came."),
);

/** Body of POST /v1/challenges. */
export const ChallengeRequest = v.strictObject({
  policy: v.pipe(name, v.description("The id of a policy of this service.")),
});

const evidenceMembers = { policy, nonce, publicKey, evidence };

/** Body of POST /v1/appraisals. */
export const AppraisalRequest = v.strictObject(evidenceMembers);

const format = v.pipe(
  v.picklist(["hpke", "jwe"]),
  v.description("How the secret is sealed: hpke for X25519 and P-384, jwe for P-384 and RSA."),
);

/** Body of POST /v1/releases in the shape "background check". */
const EvidenceRequest = v.strictObject({ ...evidenceMembers, format });

/** Body of POST /v1/releases in the shape "passport". */
export const PassportRequest = v.strictObject({
  policy,
  nonce,
  format,
  token: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TOKEN), v.description("A result of /v1/appraisals.")),
});

/** Body of POST /v1/releases: evidence or a result, never both. */
export const ReleaseRequest = v.union([EvidenceRequest, PassportRequest]);

/** Body of POST /v1/decode. */
export const DecodeRequest = v.strictObject({ evidence });

/** What a policy is called, and which state of it is meant. */
const PolicyAnswer = v.object({ id: v.string(), digest });

/** Answer of POST /v1/challenges. */
export const ChallengeAnswer = v.object({
  id: v.string(),
  nonce: v.string(),
  expiresAt: v.pipe(v.string(), v.isoTimestamp()),
  policy: PolicyAnswer,
  binding: v.pipe(v.literal("attestry-v1"), v.description("How REPORT_DATA is made of nonce and key.")),
});

const Reason = v.object({
  code: v.pipe(v.string(), v.description("A code of the library, or the id of a policy's check.")),
  pointer: v.pipe(v.nullable(v.string()), v.description("Where the policy asks for it.")),
  text: v.string(),
});

const CheckAnswer = v.object({
  id: v.string(),
  pointer: v.string(),
  outcome: v.picklist(["pass", "fail", "waived", "not-applicable"]),
  severity: v.picklist(["error", "warning"]),
  reason: v.string(),
});

/** Answer of POST /v1/appraisals, whatever the verdict. */
export const AppraisalAnswer = v.object({
  verdict: v.picklist(["accept", "reject"]),
  policy: PolicyAnswer,
  reasons: v.pipe(v.array(Reason), v.description("Why it was refused; empty where it was not.")),
  checks: v.pipe(v.array(CheckAnswer), v.description("Every check; empty where there was nothing to appraise.")),
  token: v.pipe(v.nullable(v.string()), v.description("The signed result; null where the evidence does not hold.")),
});

/** Answer of POST /v1/releases. */
export const ReleaseAnswer = v.object({
  policy: PolicyAnswer,
  challenge: v.string(),
  sealed: v.pipe(v.record(v.string(), v.unknown()), v.description("For openSealed of attestry/release.")),
});

/** Answer of POST /v1/decode. */
export const DecodeAnswer = v.object({
  unverified: v.literal(true),
  report: v.record(v.string(), v.unknown()),
  certificates: v.array(
    v.object({
      role: v.string(),
      subject: v.string(),
      issuer: v.string(),
      notBefore: v.string(),
      notAfter: v.string(),
    }),
  ),
  hasCrl: v.boolean(),
});

/** Every problem (RFC 9457). */
export const ProblemAnswer = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  instance: v.string(),
  code: v.string(),
  action: v.string(),
  failures: v.array(v.string()),
});
