import { isAttestationError } from "../errors.js";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { printable } from "./printable.js";
import { lookOf, type Paint } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** Names the schema of an error in JSON; schemas/error.v1.schema.json has it as `$id`. */
export const ERROR_SCHEMA = "urn:attestry:schema:error:v1";

/** An error as data: ours with their code and detail, a wrong command line as ERR_USAGE, all else as ERR_INTERNAL. */
export interface ErrorData {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly detail: unknown;
}

/** The error as data, for JSON and for text. Never throws. */
export function errorData(error: unknown): ErrorData {
  if (isAttestationError(error)) {
    const { name, code, message, detail } = error;
    return { name, code, message, detail };
  }
  if (error instanceof UsageError) return { name: error.name, code: error.code, message: error.message, detail: {} };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { name: "InternalError", code: "ERR_INTERNAL", message, detail: {} };
}

/** What helps at the command line beyond the error's own message; only where an option does. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    "ERR_COLLATERAL_MISSING",
    "Put it where --certs points to, named by its role (vcek.der, ask.der, ark.der); or let --fetch ask AMD.",
  ],
  [
    "ERR_COLLATERAL_UNAVAILABLE",
    "Nothing is known against the evidence. Try again later, or give the file with --certs.",
  ],
  ["ERR_COLLATERAL_BUSY", "Nothing is known against the evidence. Try again later."],
  [
    "ERR_COLLATERAL_CRL_MISSING",
    "Give AMD's CRL with --crl FILE, or let --fetch ask AMD; to go without, write --revocation if-available.",
  ],
  ["ERR_COLLATERAL_CRL_STALE", "Fetch a newer CRL; for evidence of the past, give its time with --at."],
  ["ERR_COLLATERAL_CRL_FUTURE", "Check this machine's clock, or the time given with --at."],
  ["ERR_UNTRUSTED_CERTIFICATE_EXPIRED", "For evidence of the past, give its time with --at."],
  ["ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID", "Check this machine's clock, or the time given with --at."],
]);

/** What helps where a certificate is missing, by what the error calls it. */
const ADVICE_FOR_MISSING: ReadonlyMap<string, string> = new Map([
  ["VLEK", "A VLEK comes with the report or from the cloud provider, and not from AMD; --certs may point to it."],
  ["leaf", "Name the processor with --product-line Milan, Genoa or Turin, or give the certificate with --certs."],
]);

function adviceForOurs(error: unknown, code: string): string | undefined {
  const missing = isAttestationError(error, "ERR_COLLATERAL_MISSING") ? error.detail.role : "";
  return ADVICE_FOR_MISSING.get(missing) ?? ADVICE.get(code);
}

function adviceFor(error: unknown, data: ErrorData, verb: string | undefined): string | undefined {
  if (error instanceof UsageError) return `See attestry ${verb === undefined ? "" : `${verb} `}--help.`;
  if (exitCodeOf(error) !== EXIT.internal) return adviceForOurs(error, data.code);
  // Where the system refused something, as a full disk does, the stack tells nobody anything.
  const stack = error instanceof Error && !("syscall" in error) ? error.stack : undefined;
  return `This is a fault of attestry or of this machine, and says nothing about the evidence.\n${stack ?? ""}`.trimEnd();
}

function errorText(error: unknown, verb: string | undefined, paint: Paint): string {
  const data = errorData(error);
  const advice = adviceFor(error, data, verb);
  const lines = [
    `${paint("bad", `attestry: ${data.code}`)}: ${printable(data.message)}`,
    ...(advice === undefined ? [] : advice.split("\n").map((line) => `  ${paint("dim", printable(line))}`)),
  ];
  return `${lines.join("\n")}\n`;
}

/** How the run was asked for, as far as an error report depends on it. */
export interface FailureContext {
  /** The verb, where there is a known one. */
  readonly verb: string | undefined;
  readonly json: boolean;
}

/** Tells stderr what was thrown, as text or as one line of JSON, and answers the exit code for it. */
export async function reportFailure(io: CliIo, error: unknown, context: FailureContext): Promise<ExitCode> {
  const exitCode = exitCodeOf(error);
  const { paint } = lookOf(io.stderr, io.env);
  const text = context.json
    ? `${jsonText({ schema: ERROR_SCHEMA, error: errorData(error), exitCode })}\n`
    : errorText(error, context.verb, paint);
  // Nobody is left to tell where stderr cannot be written; the exit code still says what happened.
  await io.stderr.write(text).catch(() => undefined);
  return exitCode;
}
