/** SHA-384 of the canonical form (RFC 8785) of `ADVISORIES`, lower-case hex: what a policy pins. */
export const ADVISORIES_DIGEST =
  "2a0f95307d9ff676203292122c4365bd32d791b3722b3fc522b043e7c837fb3c9b196bd24e6147360e8464278a361405";
