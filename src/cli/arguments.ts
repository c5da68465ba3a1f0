import { type ParseArgsConfig, parseArgs } from "node:util";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/** The options of a verb: whether a value follows the name. */
export type OptionTable = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

/** What stood on the command line, each option at most once. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  /** The option's value; undefined where it was not given. */
  text(name: string): string | undefined;
  /** True where the word was given. */
  flag(name: string): boolean;
}

interface OptionToken {
  readonly kind: string;
  readonly name?: string;
}

function refuseRepeats(tokens: readonly OptionToken[]): void {
  const seen = new Set<string>();
  for (const { kind, name } of tokens) {
    if (kind !== "option" || name === undefined) continue;
    if (seen.has(name)) throw new UsageError(`--${name} stands twice; say it once`);
    seen.add(name);
  }
}

function parse(args: readonly string[], options: OptionTable) {
  const config = { args: [...args], options, strict: true, allowPositionals: true, tokens: true } as const;
  try {
    return parseArgs(config satisfies ParseArgsConfig);
  } catch (error) {
    // parseArgs throws TypeErrors alone, each on account of `args`.
    if (!(error instanceof TypeError)) throw error;
    // What follows the first sentence is advice for programmers.
    const [sentence = ""] = error.message.split(/\.\s/);
    throw new UsageError(printable(sentence), { cause: error });
  }
}

/**
 * Reads the arguments of a verb strictly.
 *
 * @throws UsageError for an option that the table lacks, a missing or needless value, an option said twice.
 */
export function readArguments(args: readonly string[], options: OptionTable): ParsedArguments {
  const { values, positionals, tokens } = parse(args, options);
  refuseRepeats(tokens);
  return {
    positionals,
    text: (name) => {
      const value = values[name];
      return typeof value === "string" ? value : undefined;
    },
    flag: (name) => values[name] === true,
  };
}

/**
 * The one operand of a verb.
 *
 * @throws UsageError where there is none or more than one.
 */
export function onlyOperand(parsed: ParsedArguments, name: string): string {
  const [operand, surplus] = parsed.positionals;
  if (operand === undefined || operand === "") throw new UsageError(`${name} is missing`);
  if (surplus !== undefined) throw new UsageError(`expected one ${name}, found a second: ${printable(surplus)}`);
  return operand;
}

/**
 * The option's value.
 *
 * @throws UsageError where it is missing or empty.
 */
export function requiredText(parsed: ParsedArguments, name: string): string {
  const value = parsed.text(name);
  if (value === undefined || value === "") throw new UsageError(`--${name} is missing`);
  return value;
}
