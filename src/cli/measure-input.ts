import type { ImageInputs } from "../measure/inputs.js";
import type { MeasureOptions, MeasureProgress } from "../measure/job.js";
import type { KernelHashes } from "../measure/kernel-hashes.js";
import { computeKernelHashes } from "../measure/launch-digest.js";
import { nodeDigests } from "../node/digests.js";
import { unreadable } from "./input.js";
import type { CliIo } from "./io.js";
import type { GuestPlan } from "./measure-plan.js";
import { sizeText } from "./size.js";
import { lookOf } from "./terminal.js";

/** A file, piece by piece, so that no image is held whole; `-` is stdin. */
async function* streamOf(io: CliIo, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* path === "-" ? io.stdin : io.openFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Smaller files are read before anybody could look. */
const WORTH_TELLING = 8 * 1024 * 1024;

/** Tells a person at a terminal, on one line that is written over, how much has been read. */
function teller(io: CliIo): ((progress: MeasureProgress) => Promise<void>) | undefined {
  if (!io.stderr.isTerminal) return undefined;
  const { paint } = lookOf(io.stderr, io.env);
  let told = 0;
  return async ({ part, done }) => {
    if (part === "search") return;
    if (done < told) told = 0;
    if (done - told < WORTH_TELLING) return;
    told = done;
    // Back to the line's start and clear it. Nobody is left to tell where stderr cannot be written.
    const line = `\r\u001b[K${paint("dim", `${part}: ${sizeText(done)} read`)}`;
    await io.stderr.write(line).catch(() => undefined);
  };
}

/** The options of the functions that read images. */
export function measureOptions(io: CliIo): MeasureOptions {
  const onProgress = teller(io);
  return { digests: nodeDigests, ...(onProgress === undefined ? {} : { onProgress }) };
}

/** What work answers, the line of progress cleared when it ends. */
export async function clearingProgress<Answer>(io: CliIo, work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } finally {
    if (io.stderr.isTerminal) await io.stderr.write("\r\u001b[K").catch(() => undefined);
  }
}

/** The parts of a directly booted kernel, as streams. */
export function kernelInputs(io: CliIo, { kernel, initrd, append }: GuestPlan) {
  if (kernel === undefined) return null;
  return {
    kernel: streamOf(io, kernel),
    ...(initrd === undefined ? {} : { initrd: streamOf(io, initrd) }),
    ...(append === undefined ? {} : { append }),
  };
}

/** The hashes of a directly booted kernel, or null without one. */
export async function kernelHashesOf(
  io: CliIo,
  plan: GuestPlan,
  options: MeasureOptions,
): Promise<KernelHashes | null> {
  const parts = kernelInputs(io, plan);
  return parts === null ? null : await computeKernelHashes(parts, options);
}

/** The images of a guest, as streams. */
export function imageInputs(io: CliIo, { firmware, svsm, machine }: GuestPlan): ImageInputs {
  return {
    ...machine,
    firmware: streamOf(io, firmware),
    ...(svsm === undefined ? {} : { svsm: { image: streamOf(io, svsm.path), varsSize: svsm.varsSize } }),
  };
}
