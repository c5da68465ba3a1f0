import type { EvidenceCertificates } from "attestry";
import { createForge, type Forge, type ReportOptions } from "attestry/testing";

/** What all processes of the demonstration agree on: whose hardware it is, and when it was made. */
export interface Factory {
  readonly seed: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The machines of the demonstration. */
export type MachineName = "sound" | "debug" | "old firmware" | "revoked" | "cloud";

/** The hardware under a guest: it signs reports, and its host hands out what certificates it has. */
export interface Machine {
  report(reportData: Uint8Array): Uint8Array;
  readonly certificates: EvidenceCertificates;
}

const MEASUREMENT = new Uint8Array(48).fill(0x5a);
/** SMT allowed, the bit that must be one, and debugging. */
const DEBUG_POLICY = 0xb0000n;

/** The forge of the demonstration; the same everywhere, and trusted where its roots are named as anchors. */
export function openFactory({ seed, now }: Factory): Promise<Forge> {
  return createForge({ seed, now: new Date(now) });
}

/** The chip of a machine, and what its reports say that a sound one's do not. */
function build(forge: Forge, name: MachineName): { chip: Parameters<Forge["chip"]>[0]; report: ReportOptions } {
  switch (name) {
    case "sound":
      return { chip: {}, report: {} };
    case "debug":
      return { chip: {}, report: { policy: DEBUG_POLICY } };
    case "old firmware":
      return { chip: { tcb: { ...forge.chip().tcb, snp: 8 } }, report: {} };
    case "revoked":
      return { chip: { productLine: "Genoa" }, report: {} };
    case "cloud":
      return { chip: { signingKey: "VLEK" }, report: {} };
  }
}

/** A machine, switched on. Only the cloud's host has a certificate to hand out; the others' come from the KDS. */
export function switchOn(forge: Forge, name: MachineName): Machine {
  const { chip = {}, report } = build(forge, name);
  const { productLine = "Milan", signingKey = "VCEK", tcb } = chip;
  return {
    certificates: signingKey === "VLEK" ? { leaf: forge.vlek({ productLine }).der } : {},
    report: (reportData) => {
      const whole = { ...report, measurement: MEASUREMENT, reportData, productLine, signingKey };
      return forge.report(tcb === undefined ? whole : { ...whole, tcb }).bytes;
    },
  };
}
