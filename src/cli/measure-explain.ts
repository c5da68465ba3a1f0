import { fromHex } from "../bytes/codecs.js";
import { isAttestationError } from "../errors.js";
import { explainMismatch, type MismatchExplanation } from "../measure/explain.js";
import { type ParsedArguments, readArguments, requiredText } from "./arguments.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections, type Section } from "./layout.js";
import { clearingProgress, imageInputs, kernelInputs, measureOptions } from "./measure-input.js";
import { GUEST_OPTIONS, type GuestPlan, readCounts, readGuestPlan } from "./measure-plan.js";
import { printable } from "./printable.js";
import { type Look, lookOf, type Tone } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** Names the schema of an explanation; schemas/measure-explain.v1.schema.json has it as `$id`. */
export const MEASURE_EXPLAIN_SCHEMA = "urn:attestry:schema:measure-explain:v1";

const OPTIONS = { ...GUEST_OPTIONS, actual: { type: "string" }, "max-vcpus": { type: "string" } } as const;
const DIGEST_DIGITS = 96;
const TONES: Readonly<Record<MismatchExplanation["outcome"], Tone>> = {
  match: "good",
  explained: "warn",
  unexplained: "bad",
};

function readActual(parsed: ParsedArguments): Uint8Array {
  const text = requiredText(parsed, "actual");
  const usage = (found: string) => new UsageError(`--actual: expected ${DIGEST_DIGITS} hex digits, found ${found}`);
  if (text.length !== DIGEST_DIGITS) throw usage(`${text.length} characters`);
  try {
    return fromHex(text, "--actual");
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    throw usage(printable(text));
  }
}

function only(list: readonly number[], option: string): number {
  const [value, second] = list;
  if (value !== undefined && second === undefined) return value;
  throw new UsageError(`--${option}: explain takes one value, found ${list.length}`);
}

interface ExplainPlan {
  readonly actual: Uint8Array;
  readonly guest: GuestPlan;
  readonly vcpus: number;
  readonly features: number;
  readonly maxVcpus: number | undefined;
}

function readPlan(parsed: ParsedArguments): ExplainPlan {
  const actual = readActual(parsed);
  const guest = readGuestPlan(parsed);
  const most = parsed.text("max-vcpus");
  return {
    actual,
    guest,
    vcpus: only(guest.vcpus, "vcpus"),
    features: only(guest.features, "features"),
    maxVcpus: most === undefined ? undefined : only(readCounts(most, "max-vcpus"), "max-vcpus"),
  };
}

function sectionsOf({ actual, computed, changes, tried, digests, budget, exhausted }: MismatchExplanation): Section[] {
  const differences: Section = {
    title: "What differs",
    rows: changes.map(({ cause, given, measured, advice }) => ({
      name: cause,
      value: printable(`given ${given}, measured ${measured}`),
      note: advice,
    })),
  };
  return [
    {
      title: "MEASUREMENT",
      rows: [
        { name: "Measured", value: fromHex(actual) },
        { name: "Computed", value: computed === null ? "none: these inputs cannot be launched" : fromHex(computed) },
      ],
    },
    ...(changes.length === 0 ? [] : [differences]),
    {
      title: "Search",
      rows: [
        { name: "Launches tried", value: String(tried) },
        { name: "Digests", value: `${digests} of at most ${budget}${exhausted ? "; ended by this limit" : ""}` },
      ],
    },
  ];
}

function explanationText(found: MismatchExplanation, look: Look): string {
  return `${look.paint(TONES[found.outcome], found.outcome)}\n\n${renderSections(sectionsOf(found), look)}`;
}

/** `attestry measure explain`: which change of the inputs gives a measured digest. */
export async function explainVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  const { actual, guest, vcpus, features, maxVcpus } = readPlan(parsed);
  const inputs = { ...imageInputs(io, guest), ...(kernelInputs(io, guest) ?? {}), vcpus, features };
  const options = { ...measureOptions(io), ...(maxVcpus === undefined ? {} : { maxVcpus }) };
  const found = await clearingProgress(io, explainMismatch(actual, inputs, options));
  const text = parsed.flag("json")
    ? `${jsonText({ schema: MEASURE_EXPLAIN_SCHEMA, ...found }, 2)}\n`
    : explanationText(found, lookOf(io.stdout, io.env));
  await io.stdout.write(text);
  return found.outcome === "unexplained" ? EXIT.refused : EXIT.accepted;
}
