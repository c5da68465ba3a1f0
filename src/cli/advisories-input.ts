import { ADVISORIES } from "../advisories/built-in/data-set.js";
import { defineAdvisories } from "../advisories/define.js";
import { readJson } from "../bytes/json.js";
import { MalformedError } from "../errors.js";
import type { AdvisoryData } from "../policy/advisory-data.js";
import { readInput } from "./input.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";

/**
 * The data set of a file; the built-in one where no path is given.
 *
 * @throws MalformedError `ERR_MALFORMED_ADVISORIES` with the JSON Pointer of the mistake; a key that stands twice is
 * one.
 * @throws UsageError where the file cannot be read; MalformedError `ERR_MALFORMED_LENGTH` where it is too big.
 */
export async function readAdvisories(io: CliIo, path: string | undefined): Promise<AdvisoryData> {
  if (path === undefined) return await defineAdvisories(ADVISORIES);
  const outcome = readJson(await readInput(io, path, "advisories"));
  if (outcome.ok) return await defineAdvisories(outcome.value);
  const { pointer, reason } = outcome.fault;
  const place = pointer === "" ? "the advisories" : `the advisories at ${printable(pointer, 200)}`;
  throw new MalformedError("ERR_MALFORMED_ADVISORIES", `${place}: ${printable(reason, 200)}`, { pointer, reason });
}
