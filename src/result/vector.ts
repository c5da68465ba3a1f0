/** The claims of AR4SI's trustworthiness vector, in its order. */
export const TRUST_CLAIMS = [
  "instance-identity",
  "configuration",
  "executables",
  "file-system",
  "hardware",
  "runtime-opaque",
  "storage-opaque",
  "sourced-data",
] as const;

/** The name of one claim of the vector. */
export type TrustClaim = (typeof TRUST_CLAIMS)[number];

/** AR4SI's trustworthiness vector: one number a claim, 0 where nothing is claimed. Source: draft-ietf-rats-ar4si. */
export type TrustVector = Readonly<Record<TrustClaim, number>>;
