import type { Appraisal } from "../policy/appraisal.js";
import { appraise } from "../policy/appraise.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { readAdvisories } from "./advisories-input.js";
import { policySection, troubleSections } from "./appraisal-page.js";
import { readArguments } from "./arguments.js";
import { containerSections } from "./container-page.js";
import type { Container } from "./evidence-input.js";
import { evidenceSections } from "./evidence-page.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { VERIFY_HELP } from "./help.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections } from "./layout.js";
import { readPolicy, readReportData } from "./policy-input.js";
import { type Look, lookOf, type Tone } from "./terminal.js";
import { optionsOf, verifyInput } from "./verify-evidence.js";
import { readVerifyPlan, VERIFY_OPTIONS, type VerifyPlan } from "./verify-plan.js";

/** Names the schema of a result; schemas/verify.v1.schema.json has it as `$id`. */
export const VERIFY_SCHEMA = "urn:attestry:schema:verify:v1";

/** The verdict where nobody asked for a policy: never "accept". */
const NOT_APPRAISED = "genuine, NOT appraised";

/** Verified evidence, and what a policy said of it; null without one. */
interface Result {
  readonly container: Container;
  readonly verified: VerifiedEvidence;
  readonly appraisal: Appraisal | null;
}

async function policyOf(io: CliIo, { policy, reportData, advisories }: VerifyPlan) {
  if (policy === undefined) return null;
  const expected = reportData === undefined ? {} : { reportData: await readReportData(reportData) };
  const inputs = { ...expected, advisories: await readAdvisories(io, advisories) };
  return { policy: await readPolicy(io, policy), inputs };
}

/** Everything that is read is read, and refused if need be, before anything is verified. */
async function verifyByPlan(io: CliIo, plan: VerifyPlan): Promise<Result> {
  const demand = await policyOf(io, plan);
  const options = await optionsOf(io, plan);
  const { container, verified } = await verifyInput(io, plan, options);
  const appraisal = demand === null ? null : appraise(verified, demand.policy, { now: options.now, ...demand.inputs });
  return { container, verified, appraisal };
}

const TONES: Readonly<Record<Appraisal["verdict"], Tone>> = { accept: "good", reject: "bad" };

function verdictOf({ appraisal }: Result): string {
  return appraisal === null ? NOT_APPRAISED : appraisal.verdict;
}

function resultText(result: Result, look: Look): string {
  const { container, verified, appraisal } = result;
  const tone = appraisal === null ? "warn" : TONES[appraisal.verdict];
  // A page of its own, since the places of checks would push all other columns to the right.
  const troubles = appraisal === null ? [] : troubleSections(appraisal);
  const judged = appraisal === null ? [] : [policySection(appraisal)];
  const pages = [troubles, [...judged, ...evidenceSections(verified), ...containerSections(container)]].filter(
    (sections) => sections.length > 0,
  );
  return `${[`${look.paint(tone, verdictOf(result))}\n`, ...pages.map((page) => renderSections(page, look))].join("\n")}`;
}

function resultJson(result: Result): string {
  const { container, verified, appraisal } = result;
  const json = { schema: VERIFY_SCHEMA, verdict: verdictOf(result), appraisal, evidence: verified, container };
  return `${jsonText(json, 2)}\n`;
}

/** `attestry verify`: signature, chain, revocation and binding of a report, then a policy. */
export async function verifyVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, VERIFY_OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(VERIFY_HELP);
    return EXIT.accepted;
  }
  const plan = readVerifyPlan(parsed);
  const result = await verifyByPlan(io, plan);
  await io.stdout.write(plan.json ? resultJson(result) : resultText(result, lookOf(io.stdout, io.env)));
  const { appraisal } = result;
  return appraisal === null || appraisal.verdict === "accept" ? EXIT.accepted : EXIT.refused;
}
