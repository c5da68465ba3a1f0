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

/** The tiers that the numbers fall into, from nothing said to the worst. */
export const TRUST_TIERS = ["none", "affirming", "warning", "contraindicated"] as const;

/** The name of one tier. */
export type TrustTier = (typeof TRUST_TIERS)[number];

/** The last number of each tier above zero, and how far it reaches below. */
const ENDS = [
  { tier: "none", highest: 1, lowest: -1 },
  { tier: "affirming", highest: 31, lowest: -32 },
  { tier: "warning", highest: 95, lowest: -96 },
  { tier: "contraindicated", highest: 127, lowest: -128 },
] as const;

/** True for a number that a claim of the vector can have. */
export function isTrustValue(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= -128 && Number(value) <= 127;
}

/** The tier of a number of -128 to 127. Source: draft-ietf-rats-ar4si, section 3.2. */
export function tierOf(value: number): TrustTier {
  const end = ENDS.find(({ highest, lowest }) => value <= highest && value >= lowest);
  return end?.tier ?? "contraindicated";
}

/** The worst tier of a vector: the best that a status may say. */
export function worstTier(vector: TrustVector): TrustTier {
  const ranks = Object.values(vector).map((value) => TRUST_TIERS.indexOf(tierOf(value)));
  return TRUST_TIERS[Math.max(...ranks)] ?? "contraindicated";
}
