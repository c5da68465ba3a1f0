import { type AdvisoryAssessments, assessAdvisories } from "../advisories/assess.js";
import { ADVISORIES_HELP } from "./advisories-help.js";
import { readAdvisories } from "./advisories-input.js";
import { assessmentSections, countText, dataSetSection } from "./advisories-page.js";
import { type ParsedArguments, readArguments } from "./arguments.js";
import { EVIDENCE_OPTIONS, optionalText, readEvidencePlan, refuseTwoStdins } from "./evidence-plan.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections } from "./layout.js";
import { printable } from "./printable.js";
import { type Look, lookOf, type Tone } from "./terminal.js";
import { UsageError } from "./usage-error.js";
import { optionsOf, type VerificationPlan, verifyInput } from "./verify-evidence.js";
import { revocationOf } from "./verify-plan.js";

/** Names the schema of a result; schemas/assessment.v1.schema.json has it as `$id`. */
export const ASSESSMENT_SCHEMA = "urn:attestry:schema:assessment:v1";

const OPTIONS = {
  ...EVIDENCE_OPTIONS,
  revocation: { type: "string" },
  data: { type: "string" },
  "fail-on": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** What a run is to do, before any file is opened. */
interface Plan extends VerificationPlan {
  /** Undefined: the built-in data set. */
  readonly data: string | undefined;
  readonly failOnVulnerable: boolean;
}

function readFailOn(parsed: ParsedArguments): boolean {
  const word = optionalText(parsed, "fail-on");
  if (word === undefined || word === "vulnerable") return word !== undefined;
  throw new UsageError(`--fail-on: expected vulnerable, found ${printable(word, 100)}`);
}

function readPlan(parsed: ParsedArguments): Plan {
  const plan = {
    ...readEvidencePlan(parsed),
    revocation: revocationOf(parsed),
    data: optionalText(parsed, "data"),
    failOnVulnerable: readFailOn(parsed),
  };
  const { report, certs, crl, anchors, data } = plan;
  refuseTwoStdins([report, certs, crl, anchors, data]);
  return plan;
}

function isVulnerable({ advisories }: AdvisoryAssessments): boolean {
  return advisories.some(({ status }) => status === "vulnerable");
}

function toneOf(answers: AdvisoryAssessments): Tone {
  if (isVulnerable(answers)) return "bad";
  return answers.advisories.some(({ status }) => status === "not-provable") ? "warn" : "good";
}

function page(answers: AdvisoryAssessments, look: Look): string {
  const title = `${look.paint(toneOf(answers), countText(answers))}\n`;
  const pages = [assessmentSections(answers), [dataSetSection(answers)]].map((part) => renderSections(part, look));
  return [title, ...pages].join("\n");
}

/** `attestry advisories`: what a verified report shows of each advisory of a data set. */
export async function advisoriesVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(ADVISORIES_HELP);
    return EXIT.accepted;
  }
  const plan = readPlan(parsed);
  const data = await readAdvisories(io, plan.data);
  const options = await optionsOf(io, plan);
  const { verified } = await verifyInput(io, plan, options);
  const answers = assessAdvisories(verified, data, options.now);
  const text = parsed.flag("json")
    ? `${jsonText({ schema: ASSESSMENT_SCHEMA, ...answers }, 2)}\n`
    : page(answers, lookOf(io.stdout, io.env));
  await io.stdout.write(text);
  return plan.failOnVulnerable && isVulnerable(answers) ? EXIT.refused : EXIT.accepted;
}
