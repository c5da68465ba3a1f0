/** What this service itself refuses, beside what the library's errors say. */
export type RefusalCode =
  | "ERR_REQUEST_BODY"
  | "ERR_REQUEST_TOO_LARGE"
  | "ERR_REQUEST_MEDIA_TYPE"
  | "ERR_REQUEST_ENCODING"
  | "ERR_REQUEST_POLICY"
  | "ERR_REQUEST_POLICY_CHANGED"
  | "ERR_REQUEST_SESSION"
  | "ERR_REQUEST_RATE"
  | "ERR_REQUEST_NOT_FOUND"
  | "ERR_SERVICE_NO_SECRET"
  | "ERR_SERVICE_FAILED";

/** A request that cannot be served as it stands; becomes a problem answer. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: RefusalCode;
  /** What a person is told of this one request. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }
}
