import { advisoriesVerb } from "./advisories.js";
import { bundleVerb } from "./bundle.js";
import { conformanceVerb } from "./conformance.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { reportFailure } from "./failure.js";
import { fetchVerb } from "./fetch.js";
import { TOP_HELP } from "./help.js";
import { idBlockVerb } from "./id-block.js";
import { inspectVerb } from "./inspect.js";
import type { CliIo } from "./io.js";
import { measureVerb } from "./measure.js";
import { policyVerb } from "./policy.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";
import { verifyVerb } from "./verify.js";
import { VERSION } from "./version.js";

/** One verb of the command; it throws what it cannot do. */
type Verb = (args: readonly string[], io: CliIo) => Promise<ExitCode>;

const VERBS: ReadonlyMap<string, Verb> = new Map([
  ["inspect", inspectVerb],
  ["verify", verifyVerb],
  ["fetch", fetchVerb],
  ["bundle", bundleVerb],
  ["measure", measureVerb],
  ["id-block", idBlockVerb],
  ["policy", policyVerb],
  ["advisories", advisoriesVerb],
  ["conformance", conformanceVerb],
]);

async function printAnd(io: CliIo, text: string): Promise<ExitCode> {
  await io.stdout.write(text);
  return EXIT.accepted;
}

function dispatch(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const [first, ...rest] = args;
  const verb = VERBS.get(first ?? "");
  if (verb !== undefined) return verb(rest, io);
  if (rest.length === 0 && (first === "--help" || first === "-h")) return printAnd(io, TOP_HELP);
  if (rest.length === 0 && first === "--version") return printAnd(io, `${VERSION}\n`);
  const verbs = [...VERBS.keys()].join(", ");
  throw new UsageError(
    first === undefined ? `a verb is missing: ${verbs}` : `expected one of ${verbs}, found ${printable(first, 100)}`,
  );
}

/**
 * Runs the command: results go to stdout, errors to stderr.
 *
 * @param args - the command line after the program's name
 * @returns the exit code; never throws on account of arguments, files or evidence
 */
export async function run(args: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    const verb = VERBS.has(args[0] ?? "") ? args[0] : undefined;
    return await reportFailure(io, error, { verb, json: args.includes("--json") });
  }
}
