/** The product lines that have a published key hierarchy. Bergamo and Siena are Genoa's; Turin Dense is Turin's. */
export type ProductLine = "Milan" | "Genoa" | "Turin";

/** The two keys that sign reports: the chip's own (VCEK) and the one a provider loads (VLEK). */
export type SigningKey = "VCEK" | "VLEK";

/** What a CPU says of itself, as in the report's bytes: combined family and model, stepping. */
export interface Cpuid {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
}
