import type { ImageInputs } from "../measure/inputs.js";
import { VMM_NAMES, type VmmName } from "../measure/profiles.js";
import { isVcpuModel, VCPU_MODELS, type VcpuType } from "../measure/vcpu-types.js";
import type { ParsedArguments } from "./arguments.js";
import { requiredText } from "./arguments.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/** The options that both verbs of `measure` share. */
export const GUEST_OPTIONS = {
  firmware: { type: "string" },
  kernel: { type: "string" },
  initrd: { type: "string" },
  append: { type: "string" },
  vmm: { type: "string" },
  svsm: { type: "string" },
  "vars-size": { type: "string" },
  "vcpu-type": { type: "string" },
  vcpus: { type: "string" },
  features: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** A guest as the command line names it; files by their paths. */
export interface GuestPlan {
  readonly firmware: string;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly svsm: { readonly path: string; readonly varsSize: number } | undefined;
  readonly machine: Pick<ImageInputs, "vmm" | "vcpuType">;
  /** As `--vcpu-type` says it. */
  readonly typeText: string | null;
  readonly vcpus: readonly number[];
  readonly features: readonly number[];
}

const MAX_VCPUS = 4096;
const NUMBER = /^(?:0x[0-9a-fA-F]{1,14}|\d{1,15})$/;
const RANGE = /^(\d{1,4})(?:-(\d{1,4}))?$/;

function usage(option: string, expected: string, found: string): UsageError {
  return new UsageError(`--${option}: expected ${expected}, found ${JSON.stringify(printable(found, 100))}`);
}

/** A whole number, decimal or hex after `0x`. @throws UsageError for any other text. */
function readNumber(text: string, option: string): number {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw usage(option, "a whole number, decimal or hex after 0x", text);
}

function countsOf(part: string, option: string): readonly number[] {
  const [, first = "", last = first] = RANGE.exec(part) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || from < 1 || to < from || to > MAX_VCPUS) {
    throw usage(option, `counts of 1 to ${MAX_VCPUS} as in 1,2,4 or 1-8`, part);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** vCPU counts as in `1,2,4-8`. @throws UsageError for any other text. */
export function readCounts(text: string, option: string): readonly number[] {
  return text.split(",").flatMap((part) => countsOf(part, option));
}

function readFeatures(text: string): readonly number[] {
  return text.split(",").map((part) => {
    const word = readNumber(part, "features");
    if (word % 2 === 1) return word;
    throw usage("features", "SEV_FEATURES with bit 0 (SNPActive) set, as in 0x1,0x21", part);
  });
}

function readVmm(text: string): VmmName {
  const vmm = VMM_NAMES.find((name) => name === text);
  if (vmm !== undefined) return vmm;
  throw usage("vmm", VMM_NAMES.join(", "), text);
}

function readType(text: string): VcpuType {
  if (isVcpuModel(text)) return text;
  if (/^0x[0-9a-fA-F]{1,8}$/.test(text)) return Number(text);
  throw usage("vcpu-type", `one of ${VCPU_MODELS.join(", ")}, or EAX of CPUID leaf 1 as hex after 0x`, text);
}

function readSvsm(parsed: ParsedArguments, vmm: VmmName): GuestPlan["svsm"] {
  const path = parsed.text("svsm");
  const size = parsed.text("vars-size");
  if (vmm !== "svsm") {
    if (path === undefined && size === undefined) return undefined;
    throw new UsageError("--svsm and --vars-size belong to --vmm svsm");
  }
  if (path === undefined || size === undefined) throw new UsageError("--vmm svsm needs --svsm and --vars-size");
  const varsSize = readNumber(size, "vars-size");
  if (varsSize % 4096 !== 0) throw usage("vars-size", "whole pages of 4096 bytes", size);
  return { path, varsSize };
}

function checkParts({ kernel, initrd, append }: Pick<GuestPlan, "kernel" | "initrd" | "append">): void {
  if (kernel !== undefined) return;
  if (initrd !== undefined) throw new UsageError("--initrd is measured with --kernel only");
  if (append !== undefined) throw new UsageError("--append is measured with --kernel only");
}

function checkStdin(paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === "-").length > 1) throw new UsageError("only one file can be - (stdin)");
}

/** @throws UsageError for what does not fit together. */
export function readGuestPlan(parsed: ParsedArguments): GuestPlan {
  const [surplus] = parsed.positionals;
  if (surplus !== undefined) throw new UsageError(`expected no operand, found ${printable(surplus, 100)}`);
  const vmm = readVmm(parsed.text("vmm") ?? "qemu");
  const type = parsed.text("vcpu-type");
  if (type === undefined && (vmm === "qemu" || vmm === "svsm")) {
    throw new UsageError(`--vcpu-type is missing; ${vmm} measures it (the model of -cpu, for instance EPYC-Milan)`);
  }
  const parts = { kernel: parsed.text("kernel"), initrd: parsed.text("initrd"), append: parsed.text("append") };
  checkParts(parts);
  const firmware = requiredText(parsed, "firmware");
  const svsm = readSvsm(parsed, vmm);
  checkStdin([firmware, parts.kernel, parts.initrd, svsm?.path]);
  return {
    firmware,
    ...parts,
    svsm,
    machine: { vmm, ...(type === undefined ? {} : { vcpuType: readType(type) }) },
    typeText: type ?? null,
    vcpus: readCounts(parsed.text("vcpus") ?? "1", "vcpus"),
    features: readFeatures(parsed.text("features") ?? "0x1"),
  };
}
