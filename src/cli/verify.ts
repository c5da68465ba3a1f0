import type { Appraisal } from "../policy/appraisal.js";
import { appraise } from "../policy/appraise.js";
import { verifyEvidence } from "../verify/evidence.js";
import type { VerifiedEvidence, VerifyOptions } from "../verify/types.js";
import { policySection, troubleSections } from "./appraisal-page.js";
import { readArguments } from "./arguments.js";
import { readAnchors } from "./certificates.js";
import { containerSections } from "./container-page.js";
import { type Container, readEvidence } from "./evidence-input.js";
import { evidenceSections } from "./evidence-page.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { VERIFY_HELP } from "./help.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { withKds } from "./kds.js";
import { renderSections } from "./layout.js";
import { readPolicy, readReportData } from "./policy-input.js";
import { type Look, lookOf, type Tone } from "./terminal.js";
import { checkVerifyOptions } from "./verify-options.js";
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

/** The time to judge by: read once, so that verification and appraisal share it. */
async function optionsOf(io: CliIo, plan: VerifyPlan): Promise<VerifyOptions> {
  const anchors = plan.anchors === undefined ? {} : { anchors: await readAnchors(io, plan.anchors) };
  const productLine = plan.productLine === undefined ? {} : { productLine: plan.productLine };
  return checkVerifyOptions({ now: plan.at ?? io.now(), revocation: plan.revocation, ...anchors, ...productLine });
}

async function policyOf(io: CliIo, { policy, reportData }: VerifyPlan) {
  if (policy === undefined) return null;
  const expected = reportData === undefined ? {} : { reportData: await readReportData(reportData) };
  return { policy: await readPolicy(io, policy), inputs: expected };
}

/** Everything that is read is read, and refused if need be, before anything is verified. */
async function verifyByPlan(io: CliIo, plan: VerifyPlan): Promise<Result> {
  const demand = await policyOf(io, plan);
  const options = await optionsOf(io, plan);
  const { container, evidence } = await readEvidence(io, plan);
  const verified = await withKds(io, { kds: plan.kds, anchors: options.anchors }, (kds) =>
    verifyEvidence(evidence, kds === undefined ? options : { ...options, collateral: kds.source }),
  );
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
