import type { Plugin } from "vite";
import { bindReportData } from "../../src/index.js";
import { createForge, type EvidenceOptions, type ForgedEvidence, type ForgeOptions } from "../../src/testing/index.js";
import { dataModule } from "./data-module.js";

type Parts = "report" | "leaf" | "intermediate" | "root" | "crl";

interface Plan {
  readonly id: string;
  readonly title: string;
  /** What is to be seen in it. */
  readonly lesson: string;
  readonly broken: boolean;
  readonly forge: Omit<ForgeOptions, "seed">;
  readonly evidence?: EvidenceOptions;
  readonly changed?: (parts: Map<Parts, Uint8Array>) => void;
}

const NONCE = Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256);
const MEASUREMENT = Uint8Array.from({ length: 48 }, (_, at) => (at * 29 + 90) % 256);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function flip(parts: Map<Parts, Uint8Array>, name: Parts, at: number): void {
  const copy = parts.get(name)?.slice();
  if (copy === undefined) throw new TypeError(`no part ${name}`);
  copy[at] = (copy[at] ?? 0) ^ 1;
  parts.set(name, copy);
}

const MILAN = { productLine: "Milan" } as const;
const GENOA = { productLine: "Genoa" } as const;
const TURIN = { productLine: "Turin" } as const;

const SOUND: readonly Plan[] = [
  { id: "milan", title: "Milan", lesson: "A guest on a third-generation EPYC.", broken: false, forge: MILAN },
  { id: "genoa", title: "Genoa", lesson: "A guest on a fourth-generation EPYC.", broken: false, forge: GENOA },
  {
    id: "turin",
    title: "Turin",
    lesson: "A guest on a fifth-generation EPYC: another TCB layout, a shorter chip id.",
    broken: false,
    forge: TURIN,
  },
  {
    id: "genoa-vlek",
    title: "Genoa, VLEK",
    lesson: "Signed by a cloud provider's key instead of the chip's own.",
    broken: false,
    forge: { ...GENOA, signingKey: "VLEK" },
  },
];

const BROKEN: readonly Plan[] = [
  {
    id: "debug",
    title: "Debug allowed",
    lesson: "Genuine, and still refused: the host may read the guest's memory.",
    broken: true,
    forge: GENOA,
    evidence: { report: { policy: 0xb0000n } },
  },
  {
    id: "old-firmware",
    title: "Old firmware",
    lesson: "A TCB below what the advisories ask for.",
    broken: true,
    forge: MILAN,
    evidence: { chip: "old", tcb: { snp: 20, microcode: 210 }, report: { policy: 0x30000n } },
  },
  {
    id: "flipped",
    title: "One bit flipped",
    lesson: "A single bit of the measurement differs from what was signed.",
    broken: true,
    forge: GENOA,
    changed: (parts) => flip(parts, "report", 0x90),
  },
  {
    id: "other-chip",
    title: "Another chip's VCEK",
    lesson: "A certificate that is sound, and belongs to somebody else.",
    broken: true,
    forge: GENOA,
    evidence: { chip: "stranger" },
  },
  {
    id: "malformed",
    title: "Reserved bytes set",
    lesson: "Bytes that must be zero are not: this is no report.",
    broken: true,
    forge: MILAN,
    changed: (parts) => flip(parts, "report", 0x4d),
  },
  {
    id: "unknown-bits",
    title: "Unknown bits",
    lesson: "Bits that nobody has published a meaning for.",
    broken: true,
    forge: TURIN,
    evidence: { report: { platformInfo: 0x10025n } },
  },
  {
    id: "report-only",
    title: "No certificates",
    lesson: "A bare report: its signature cannot be checked yet.",
    broken: true,
    forge: TURIN,
    changed: (parts) => {
      for (const name of ["leaf", "intermediate", "root", "crl"] as const) parts.delete(name);
    },
  },
];

/** A policy that a sound sample meets. */
function policyFor(plan: Plan) {
  const signer = plan.forge.signingKey === "VLEK" ? { signingKey: ["VLEK"], cspId: "any" } : {};
  return {
    version: 1,
    id: `forged ${plan.id}`,
    snp: {
      ...signer,
      measurement: [hex(MEASUREMENT)],
      reportData: { scheme: "attestry-v1" },
      minimumTcb: "any",
      platformInfo: { aliasCheckComplete: "required" },
    },
  };
}

async function forged(plan: Plan): Promise<ForgedEvidence> {
  const { bytes: reportData } = await bindReportData("attestry-v1", { nonce: NONCE });
  const forge = await createForge({ seed: "attestry/site", ...plan.forge });
  const report = { measurement: MEASUREMENT, reportData, ...plan.evidence?.report };
  const evidence = forge.evidence({ ...plan.evidence, report });
  if (plan.id !== "other-chip") return evidence;
  // The report of one chip, the certificate of another.
  const usual = forge.evidence({ report });
  return { ...evidence, evidence: { ...evidence.evidence, certificates: { ...usual.evidence.certificates } } };
}

async function samples() {
  const blobs: string[] = [];
  const keep = (bytes: Uint8Array): number => {
    const text = base64(bytes);
    const known = blobs.indexOf(text);
    return known >= 0 ? known : blobs.push(text) - 1;
  };
  const make = async (plan: Plan) => {
    const made = await forged(plan);
    const { report, certificates = {} } = made.evidence;
    const parts = new Map<Parts, Uint8Array>([["report", report], ...Object.entries(certificates)] as [
      Parts,
      Uint8Array,
    ][]);
    plan.changed?.(parts);
    return {
      id: plan.id,
      title: plan.title,
      lesson: plan.lesson,
      broken: plan.broken,
      signingKey: made.signingKey,
      now: made.now.toISOString(),
      nonce: hex(NONCE),
      anchors: made.anchors.map(keep),
      parts: Object.fromEntries([...parts].map(([name, bytes]) => [name, keep(bytes)])),
      policy: policyFor(plan),
    };
  };
  const list = [];
  for (const plan of [...SOUND, ...BROKEN]) list.push(await make(plan));
  return { BLOBS: blobs, SAMPLES: list };
}

/** `virtual:samples`: evidence from the forge, made anew by every build from the same seed. */
export function samplesPlugin(): Plugin {
  return dataModule("virtual:samples", samples);
}
