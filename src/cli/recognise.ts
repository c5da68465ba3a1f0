import { MalformedError } from "../errors.js";
import type { Evidence } from "../evidence/evidence.js";
import { FORMATS, type Format } from "./formats.js";
import { decodeReport, readInput } from "./input.js";
import type { CliIo } from "./io.js";
import { type Sniffed, sniff } from "./sniff.js";
import { UsageError } from "./usage-error.js";

/** What a file held: none of it verified. */
export interface OpenedFile {
  /** The container's name. */
  readonly format: string;
  readonly evidence: Evidence;
}

/**
 * The one container whose shape a file has; undefined where it has none of them.
 *
 * @throws UsageError where two shapes fit: which of them is meant is for the caller to say.
 */
export function recognise(file: Sniffed, formats: readonly Format[] = FORMATS): Format | undefined {
  const [first, ...others] = formats.filter((format) => format.fits(file));
  if (others.length === 0) return first;
  const names = [first, ...others].map((format) => format?.name);
  throw new UsageError(`REPORT can be read as ${names.join(" and as ")}; say which it is with --format`);
}

/** JSON that no container fits deserves a better word than how many characters a report has. */
function unrecognised(file: Sniffed): Evidence {
  if (file.object() === null && file.array() === null) return { report: decodeReport(file.bytes) };
  const reason = "this JSON is none of the containers that attestry recognises; name its container with --format";
  throw new MalformedError("ERR_MALFORMED_CONTAINER", `report: ${reason}`, {
    container: "unknown",
    where: "the file",
    reason,
  });
}

/**
 * Unverified: the evidence of a file, or of stdin for `-`, opened as the container that the caller names or, where
 * none is named, as the one whose shape it has.
 *
 * @param format - undefined: look
 * @throws UsageError where the file cannot be read or has two shapes; what the container's reader throws.
 */
export async function openReport(io: CliIo, path: string, format: Format | undefined): Promise<OpenedFile> {
  const file = sniff(await readInput(io, path, "report"));
  const found = format ?? recognise(file);
  if (found === undefined) return { format: "report", evidence: unrecognised(file) };
  return { format: found.name, evidence: (await found.open(file.bytes)).evidence };
}
