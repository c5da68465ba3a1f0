import { verifyEvidence } from "../verify/evidence.js";
import type { VerifiedEvidence, VerifyOptions } from "../verify/types.js";
import { readArguments } from "./arguments.js";
import { gatherCertificates, readAnchors } from "./certificates.js";
import { evidenceSections } from "./evidence-page.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { VERIFY_HELP } from "./help.js";
import { decodeReport, readInput } from "./input.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections } from "./layout.js";
import { lookOf } from "./terminal.js";
import { checkVerifyOptions } from "./verify-options.js";
import { readVerifyPlan, VERIFY_OPTIONS, type VerifyPlan } from "./verify-plan.js";

/** The verdict without a policy: never "accept". */
export const NOT_APPRAISED = "genuine, NOT appraised";

async function optionsOf(io: CliIo, plan: VerifyPlan): Promise<VerifyOptions> {
  const anchors = plan.anchors === undefined ? {} : { anchors: await readAnchors(io, plan.anchors) };
  return checkVerifyOptions({ now: plan.at ?? io.now(), revocation: plan.revocation, ...anchors });
}

async function verifyByPlan(io: CliIo, plan: VerifyPlan): Promise<VerifiedEvidence> {
  const options = await optionsOf(io, plan);
  const certificates = await gatherCertificates(io, plan);
  const report = decodeReport(await readInput(io, plan.report, "report"));
  return await verifyEvidence({ report, certificates }, options);
}

/** `attestry verify` */
export async function verifyVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, VERIFY_OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(VERIFY_HELP);
    return EXIT.accepted;
  }
  const plan = readVerifyPlan(parsed);
  const verified = await verifyByPlan(io, plan);
  const look = lookOf(io.stdout, io.env);
  await io.stdout.write(
    plan.json
      ? jsonText(verified, 2)
      : `${look.paint("warn", NOT_APPRAISED)}\n\n${renderSections(evidenceSections(verified), look)}`,
  );
  return EXIT.accepted;
}
