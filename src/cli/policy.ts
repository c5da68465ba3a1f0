import { explainPolicy, type PolicyExplanation } from "../policy/explain.js";
import type { Policy } from "../policy/policy.js";
import { onlyOperand, readArguments } from "./arguments.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections } from "./layout.js";
import { POLICY_HELP } from "./policy-help.js";
import { importVerb } from "./policy-import.js";
import { readPolicy } from "./policy-input.js";
import { explanationText, identitySection, warningSections } from "./policy-page.js";
import { readPolicySchema } from "./policy-schema.js";
import { printable } from "./printable.js";
import { lookOf } from "./terminal.js";
import { UsageError } from "./usage-error.js";

const OPTIONS = { json: { type: "boolean" } } as const;

/** A policy that was read, and how to tell of it. */
interface Read {
  readonly policy: Policy;
  readonly explanation: PolicyExplanation;
  readonly json: boolean;
}

async function readFile(args: readonly string[], io: CliIo): Promise<Read> {
  const parsed = readArguments(args, OPTIONS);
  const policy = await readPolicy(io, onlyOperand(parsed, "FILE"));
  return { policy, explanation: explainPolicy(policy), json: parsed.flag("json") };
}

function page({ policy, explanation: { warnings } }: Read, io: CliIo): string {
  const look = lookOf(io.stdout, io.env);
  return renderSections([identitySection(policy), ...warningSections(warnings)], look);
}

async function checkVerb(args: readonly string[], io: CliIo): Promise<void> {
  const read = await readFile(args, io);
  const { id, digest } = read.policy;
  const { paint } = lookOf(io.stdout, io.env);
  const { warnings } = read.explanation;
  const text = read.json
    ? `${jsonText({ id, digest, warnings }, 2)}\n`
    : `${paint("good", "in order")}\n\n${page(read, io)}`;
  await io.stdout.write(text);
}

async function explainVerb(args: readonly string[], io: CliIo): Promise<void> {
  const read = await readFile(args, io);
  const { id, digest } = read.policy;
  const { explanation } = read;
  const text = read.json
    ? `${jsonText({ id, digest, ...explanation }, 2)}\n`
    : `${explanationText(explanation)}\n${page(read, io)}`;
  await io.stdout.write(text);
}

async function digestVerb(args: readonly string[], io: CliIo): Promise<void> {
  const policy = await readPolicy(io, onlyOperand(readArguments(args, {}), "FILE"));
  await io.stdout.write(`${policy.digest}\n`);
}

async function schemaVerb(args: readonly string[], io: CliIo): Promise<void> {
  const [surplus] = readArguments(args, {}).positionals;
  if (surplus !== undefined) throw new UsageError(`expected nothing after schema, found ${printable(surplus, 100)}`);
  await io.stdout.write(await readPolicySchema());
}

const VERBS: ReadonlyMap<string, (args: readonly string[], io: CliIo) => Promise<void>> = new Map([
  ["check", checkVerb],
  ["explain", explainVerb],
  ["digest", digestVerb],
  ["import", importVerb],
  ["schema", schemaVerb],
]);

/** `attestry policy`: looks at a policy before evidence meets it, or makes one of another system's. */
export async function policyVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  if (args.includes("--help")) {
    await io.stdout.write(POLICY_HELP);
    return EXIT.accepted;
  }
  const [first, ...rest] = args;
  const verb = VERBS.get(first ?? "");
  if (verb !== undefined) {
    await verb(rest, io);
    return EXIT.accepted;
  }
  const verbs = [...VERBS.keys()].join(", ");
  throw new UsageError(
    first === undefined
      ? `a verb of policy is missing: ${verbs}`
      : `expected one of ${verbs} after policy, found ${printable(first, 100)}`,
  );
}
