import type { AdvisoryProof } from "../schema.js";
import type { SOURCES } from "./sources.js";

type Source = keyof typeof SOURCES;
type Proof<Kind extends AdvisoryProof["check"]> = Extract<AdvisoryProof, { check: Kind }>;
type Origin = readonly [confidence: AdvisoryProof["confidence"], ...sources: readonly Source[]];

/** Where a number comes from, and how sure it is. */
export function from([confidence, ...sources]: Origin) {
  return { sources, confidence };
}

/** A floor of the SNP firmware. */
export const snp = (minimum: number, ...origin: Origin): AdvisoryProof => ({
  check: "tcb",
  component: "snp",
  minimum,
  ...from(origin),
});
/** A floor of the microcode. */
export const microcode = (minimum: number, ...origin: Origin): AdvisoryProof => ({
  check: "tcb",
  component: "microcode",
  minimum,
  ...from(origin),
});
/** A floor of the boot loader. */
export const bootLoader = (minimum: number, ...origin: Origin): AdvisoryProof => ({
  check: "tcb",
  component: "bootLoader",
  minimum,
  ...from(origin),
});
/** The least committed firmware version. */
export const firmware = (minimum: string, ...origin: Origin): AdvisoryProof => ({
  check: "firmware",
  minimum,
  ...from(origin),
});
/** A bit of both mitigation vectors. */
export const mitigation = (bit: number, ...origin: Origin): AdvisoryProof => ({
  check: "mitigation",
  bit,
  ...from(origin),
});

type Bit<Kind extends "platformInfo" | "guestPolicy"> = Pick<Proof<Kind>, "bit" | "state">;

/** A bit of PLATFORM_INFO. */
export const platformInfo = ({ bit, state }: Bit<"platformInfo">, ...origin: Origin): AdvisoryProof => ({
  check: "platformInfo",
  bit,
  state,
  ...from(origin),
});
/** A bit of POLICY. */
export const guestPolicy = ({ bit, state }: Bit<"guestPolicy">, ...origin: Origin): AdvisoryProof => ({
  check: "guestPolicy",
  bit,
  state,
  ...from(origin),
});

/** Where AMD has a bulletin. */
export const bulletin = (number: number) =>
  `https://www.amd.com/en/resources/product-security/bulletin/amd-sb-${number}.html`;

/** Milan, stepping B1. */
export const MILAN_B1 = "0x19-0x01-0x01";
/** Milan-X, stepping B2. */
export const MILAN_B2 = "0x19-0x01-0x02";
/** Genoa, stepping B1. */
export const GENOA_B1 = "0x19-0x11-0x01";
/** Genoa-X, stepping B2. */
export const GENOA_X_B2 = "0x19-0x11-0x02";
/** Bergamo and Siena, stepping 2. */
export const BERGAMO_A2 = "0x19-0xa0-0x02";
/** Turin, stepping C1. */
export const TURIN_C1 = "0x1a-0x02-0x01";
/** Turin Dense, stepping 0. */
export const TURIN_DENSE_B0 = "0x1a-0x11-0x00";
