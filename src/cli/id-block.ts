import { EXIT, type ExitCode } from "./exit-codes.js";
import { buildVerb } from "./id-block-build.js";
import { ID_BLOCK_HELP } from "./id-block-help.js";
import { inspectIdBlockVerb } from "./id-block-inspect.js";
import { verifyIdBlockVerb } from "./id-block-verify.js";
import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

const VERBS: ReadonlyMap<string, (args: readonly string[], io: CliIo) => Promise<ExitCode>> = new Map([
  ["build", buildVerb],
  ["inspect", inspectIdBlockVerb],
  ["verify", verifyIdBlockVerb],
]);

/** `attestry id-block`: builds, shows and verifies identity blocks. */
export async function idBlockVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  if (args.includes("--help")) {
    await io.stdout.write(ID_BLOCK_HELP);
    return EXIT.accepted;
  }
  const [first, ...rest] = args;
  const verb = VERBS.get(first ?? "");
  if (verb !== undefined) return await verb(rest, io);
  const verbs = [...VERBS.keys()].join(", ");
  throw new UsageError(
    first === undefined
      ? `a verb of id-block is missing: ${verbs}`
      : `expected one of ${verbs} after id-block, found ${printable(first, 100)}`,
  );
}
