import { readArguments } from "./arguments.js";
import { type Answer, answerLine } from "./conformance-answer.js";
import { idOf, type RequestId } from "./conformance-request.js";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.js";
import { errorData } from "./failure.js";
import { CONFORMANCE_HELP } from "./help.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { type Line, splitLines } from "./lines.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

const OPTIONS = { help: { type: "boolean" } } as const;

/** The longest line that is read: a thousand times the evidence, so a policy with long lists has its room. */
export const MAX_LINE_BYTES = 1024 * 1024;

interface Outcome {
  readonly id: RequestId;
  readonly answer: Answer;
  readonly error: unknown;
}

async function outcomeOf(line: Line): Promise<Outcome> {
  if (line.kind === "line") return { id: idOf(line.bytes), ...(await answerLine(line.bytes)) };
  const error = new UsageError(`expected at most ${MAX_LINE_BYTES} bytes a line`);
  return { id: null, answer: { verdict: "reject", stage: "parse", code: error.code }, error };
}

/** Errors of the evidence are answers; what is wrong with the line or with this program is also said aloud. */
async function tellError(io: CliIo, number: number, error: unknown): Promise<void> {
  const { code, message } = errorData(error);
  await io.stderr.write(`attestry: line ${number}: ${code}: ${printable(message)}\n`);
}

async function answerStream(io: CliIo): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.accepted;
  let number = 0;
  for await (const line of splitLines(io.stdin, MAX_LINE_BYTES)) {
    number++;
    const { id, answer, error } = await outcomeOf(line);
    const problem = error === undefined ? EXIT.accepted : exitCodeOf(error);
    if (problem === EXIT.internal) exitCode = EXIT.internal;
    if (problem === EXIT.internal || problem === EXIT.usage) await tellError(io, number, error);
    await io.stdout.write(`${jsonText({ id, ...answer })}\n`);
    // Nobody listens any more: the lines that are left cannot be answered.
    if (io.stdout.closed) return EXIT.internal;
  }
  return exitCode;
}

/** `attestry conformance`: one verdict a line, for harnesses that compare verifiers. */
export async function conformanceVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(CONFORMANCE_HELP);
    return EXIT.accepted;
  }
  const [surplus] = parsed.positionals;
  if (surplus !== undefined) throw new UsageError(`expected no operand, found ${printable(surplus)}`);
  return answerStream(io);
}
