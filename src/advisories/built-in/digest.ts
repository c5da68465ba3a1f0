/** SHA-384 of the canonical form (RFC 8785) of `ADVISORIES`, lower-case hex: what a policy pins. */
export const ADVISORIES_DIGEST =
  "90e15257fdc34db97d15b24521875eccdcbc494baf11c7b05089cc74e11434118ec3b5f6ec60a95025343f14d0b4e259";
