import { bindReportData } from "../binding/bind.js";
import type { ExpectedReportData } from "../binding/expected.js";
import { fromHex } from "../bytes/codecs.js";
import { readJson } from "../bytes/json.js";
import { isAttestationError, MalformedError } from "../errors.js";
import { definePolicy } from "../policy/define.js";
import type { Policy } from "../policy/policy.js";
import { readInput } from "./input.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

const REPORT_DATA_BYTES = 64;

/**
 * The policy of a file.
 *
 * @throws MalformedError `ERR_MALFORMED_POLICY` with the JSON Pointer of the mistake; a key that stands twice is one.
 * @throws UsageError where the file cannot be read; MalformedError `ERR_MALFORMED_LENGTH` where it is too big.
 */
export async function readPolicy(io: CliIo, path: string): Promise<Policy> {
  const outcome = readJson(await readInput(io, path, "policy"));
  if (outcome.ok) return await definePolicy(outcome.value);
  const { pointer, reason } = outcome.fault;
  const place = pointer === "" ? "the policy" : `the policy at ${printable(pointer, 200)}`;
  throw new MalformedError("ERR_MALFORMED_POLICY", `${place}: ${printable(reason, 200)}`, { pointer, reason });
}

/**
 * What REPORT_DATA must be, from `--report-data`.
 *
 * @throws UsageError for anything but the hex of 64 bytes.
 */
export async function readReportData(hex: string): Promise<ExpectedReportData> {
  const usage = (found: string) => new UsageError(`--report-data: expected 128 hex digits (64 bytes), found ${found}`);
  if (hex.length !== 2 * REPORT_DATA_BYTES) throw usage(`${hex.length} characters`);
  let reportData: Uint8Array;
  try {
    reportData = fromHex(hex, "--report-data");
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    throw usage(printable(hex));
  }
  return await bindReportData("exact", { reportData });
}
