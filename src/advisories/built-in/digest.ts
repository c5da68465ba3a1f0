/** SHA-384 of the canonical form (RFC 8785) of `ADVISORIES`, lower-case hex: what a policy pins. */
export const ADVISORIES_DIGEST =
  "708d865437d152860c93c7567b32d53b3c7311dfb0abb1ef9591bbc753005ac908016fbbe6acb43b02cf61a71b9ef3f9";
