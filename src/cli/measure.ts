import { fromHex } from "../bytes/codecs.js";
import type { KernelHashes } from "../measure/kernel-hashes.js";
import { computeMeasurements, type Measurement } from "../measure/measurements.js";
import { readArguments } from "./arguments.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { type Row, renderSections } from "./layout.js";
import { explainVerb } from "./measure-explain.js";
import { MEASURE_HELP } from "./measure-help.js";
import { clearingProgress, imageInputs, kernelHashesOf, measureOptions } from "./measure-input.js";
import { GUEST_OPTIONS, type GuestPlan, readGuestPlan } from "./measure-plan.js";
import { printable } from "./printable.js";
import { type Look, lookOf } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** Names the schema of launch digests; schemas/measure.v1.schema.json has it as `$id`. */
export const MEASURE_SCHEMA = "urn:attestry:schema:measure:v1";

const OPTIONS = { ...GUEST_OPTIONS, policy: { type: "boolean" } } as const;

interface Measured {
  readonly plan: GuestPlan;
  readonly kernelHashes: KernelHashes | null;
  readonly measurements: readonly Measurement[];
}

async function measure(io: CliIo, plan: GuestPlan): Promise<Measured> {
  const options = measureOptions(io);
  const kernelHashes = await kernelHashesOf(io, plan, options);
  const inputs = { ...imageInputs(io, plan), ...(kernelHashes === null ? {} : { kernelHashes }) };
  const { vcpus, features } = plan;
  return { plan, kernelHashes, measurements: await computeMeasurements(inputs, { ...options, vcpus, features }) };
}

function guestRows({ plan, kernelHashes }: Measured): readonly Row[] {
  const hashes: readonly Row[] =
    kernelHashes === null
      ? [{ name: "Kernel", value: "not measured" }]
      : [
          { name: "Kernel", value: kernelHashes.kernel, note: "SHA-256" },
          { name: "Initrd", value: kernelHashes.initrd, note: plan.initrd === undefined ? "none" : "SHA-256" },
          { name: "Command line", value: printable(JSON.stringify(plan.append ?? "")) },
        ];
  return [
    { name: "VMM", value: plan.machine.vmm },
    { name: "vCPU type", value: plan.typeText ?? "not measured" },
    ...hashes,
  ];
}

function measuredText(measured: Measured, look: Look): string {
  const rows = measured.measurements.map(({ vcpus, features, measurement }) => ({
    name: `${vcpus} vCPU${vcpus === 1 ? "" : "s"}, ${features}`,
    value: fromHex(measurement),
  }));
  return renderSections(
    [
      { title: "Guest", rows: guestRows(measured) },
      { title: "MEASUREMENT", aside: "by vCPUs and SEV_FEATURES", rows },
    ],
    look,
  );
}

function measuredJson({ plan, kernelHashes, measurements }: Measured): string {
  const { vmm } = plan.machine;
  const data = { schema: MEASURE_SCHEMA, vmm, vcpuType: plan.typeText, kernelHashes, measurements };
  return `${jsonText(data, 2)}\n`;
}

/** A rule of the policy language: one block with one key. */
function policyRule({ measurements }: Measured): string {
  const measurement = [...new Set(measurements.map((row) => row.measurement))];
  return `${jsonText({ snp: { measurement } }, 2)}\n`;
}

async function measureGuest(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  if (parsed.flag("json") && parsed.flag("policy")) throw new UsageError("--json and --policy exclude each other");
  const plan = readGuestPlan(parsed);
  const measured = await clearingProgress(io, measure(io, plan));
  if (parsed.flag("policy")) await io.stdout.write(policyRule(measured));
  else if (parsed.flag("json")) await io.stdout.write(measuredJson(measured));
  else await io.stdout.write(measuredText(measured, lookOf(io.stdout, io.env)));
  return EXIT.accepted;
}

/** `attestry measure`: the launch digests that a guest must have, or why it has another. */
export async function measureVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  if (args.includes("--help")) {
    await io.stdout.write(MEASURE_HELP);
    return EXIT.accepted;
  }
  const [first, ...rest] = args;
  return first === "explain" ? await explainVerb(rest, io) : await measureGuest(args, io);
}
