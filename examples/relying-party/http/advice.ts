import { type ErrorCode, isAttestationError } from "attestry";
import { Refusal, type RefusalCode } from "./refusal.js";

/** What a code means to a client: the status, a title, and what to do next. */
export interface Advice {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503;
  readonly title: string;
  readonly action: string;
}

const UNKNOWN_WHETHER_SPENT: Advice = {
  status: 503,
  title: "The service cannot tell whether the challenge may be used",
  action: "Ask for a new challenge in a moment; nothing was released.",
};

/** Codes of this service, and those of the library whose advice is not that of their class. */
const BY_CODE: Readonly<Partial<Record<RefusalCode | ErrorCode, Advice>>> = {
  ERR_REQUEST_BODY: {
    status: 400,
    title: "The request is not what the API describes",
    action: "Compare it with /openapi.json; detail names the place.",
  },
  ERR_REQUEST_TOO_LARGE: {
    status: 413,
    title: "The body is too large",
    action: "Send report and certificates alone; the limit holds before and after gzip.",
  },
  ERR_REQUEST_MEDIA_TYPE: {
    status: 415,
    title: "The media type is not handled",
    action: "Send application/json, and evidence of one of the types in /openapi.json.",
  },
  ERR_REQUEST_ENCODING: {
    status: 415,
    title: "The content encoding is not handled, or broken",
    action: "Send gzip or nothing.",
  },
  ERR_REQUEST_POLICY: {
    status: 404,
    title: "No such policy",
    action: "Ask whoever runs this service for the name of your policy.",
  },
  ERR_REQUEST_POLICY_CHANGED: {
    status: 409,
    title: "The policy has changed since the challenge",
    action: "Ask for a new challenge; it is for the policy as it is now.",
  },
  ERR_REQUEST_SESSION: {
    status: 401,
    title: "No attested session",
    action: "Begin again with a new challenge.",
  },
  ERR_REQUEST_RATE: { status: 429, title: "Too many requests", action: "Wait as long as Retry-After says." },
  ERR_REQUEST_NOT_FOUND: { status: 404, title: "Nothing is here", action: "See /openapi.json for what there is." },
  ERR_SERVICE_NO_SECRET: {
    status: 404,
    title: "Nothing is released under this policy",
    action: "Ask whoever runs this service to deposit a secret for the policy.",
  },
  ERR_SERVICE_FAILED: {
    status: 500,
    title: "The service failed",
    action: "Try again later; quote the instance to whoever runs this service.",
  },
  ERR_CHALLENGE_STORE_UNAVAILABLE: UNKNOWN_WHETHER_SPENT,
  ERR_CHALLENGE_STORE_FULL: UNKNOWN_WHETHER_SPENT,
  ERR_CHALLENGE_CLOCK: UNKNOWN_WHETHER_SPENT,
  ERR_COLLATERAL_NOT_ALLOWED: {
    status: 403,
    title: "Certificates are not fetched for this chip",
    action: "Send the chip's certificate along with the report.",
  },
};

/** Every other code of the library, by the class in its name. */
const BY_CLASS: Readonly<Record<string, Advice>> = {
  MALFORMED: {
    status: 400,
    title: "The evidence is not what it claims to be",
    action: "Send the bytes as they came, under the media type that they have.",
  },
  UNSUPPORTED: {
    status: 422,
    title: "Evidence of this kind is not handled",
    action: "See /openapi.json for the kinds that are.",
  },
  UNTRUSTED: {
    status: 403,
    title: "The evidence does not hold",
    action: "Stop: do not send it again. Look at the machine, its firmware and its certificates.",
  },
  COLLATERAL: {
    status: 503,
    title: "A certificate or revocation list is missing",
    action: "Try again later, or send the certificates along.",
  },
  POLICY: {
    status: 403,
    title: "The policy refuses this machine",
    action: "Mend what failures lists, then ask for a new challenge.",
  },
  CHALLENGE: {
    status: 409,
    title: "The challenge does not count",
    action: "Ask for a new challenge and make a new report for it.",
  },
  RESULT: {
    status: 403,
    title: "The result token does not count",
    action: "Have the evidence appraised here, for a new challenge.",
  },
  RELEASE: {
    status: 403,
    title: "Nothing can be sealed to this machine",
    action: "Bind a key of a form that /openapi.json names into the report.",
  },
};

// The table has an entry for this code; the type of the table forgets that.
const FAILED = BY_CODE.ERR_SERVICE_FAILED as Advice;

/** The code that a client is told; an error that nobody foresaw is told as a failure of the service. */
export function codeOf(error: unknown): RefusalCode | ErrorCode {
  if (error instanceof Refusal || isAttestationError(error)) return error.code;
  return "ERR_SERVICE_FAILED";
}

/** What a code means to a client. */
export function adviceOf(code: RefusalCode | ErrorCode): Advice {
  return BY_CODE[code] ?? BY_CLASS[code.split("_")[1] ?? ""] ?? FAILED;
}
