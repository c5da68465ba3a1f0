import type { RuleNote, Test } from "./check.js";
import type { Waiver } from "./waivers.js";

/** A test at its place in one policy. */
export interface PlacedTest {
  readonly test: Test;
  readonly pointer: string;
  /** True where the policy did not write it. */
  readonly implied: boolean;
  readonly rule: RuleNote | null;
  /** What may keep its failure from refusing. */
  readonly waivers: readonly Waiver[];
}
