/** SHA-384 of the canonical form (RFC 8785) of `ADVISORIES`, lower-case hex: what a policy pins. */
export const ADVISORIES_DIGEST =
  "f14e352dbce267d23a93756e1cccad99c64277f824b96e2589786e19238440e5d7e13cc2bce6d22a4a497851840daf2f";
