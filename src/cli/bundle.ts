import { concatBytes } from "../bytes/codecs.js";
import { encodeCertificateTable } from "../evidence/certificate-table-encode.js";
import { readArguments, requiredText } from "./arguments.js";
import { type Assembly, assemble } from "./assemble.js";
import { assemblySections, partsOf, usableUntil } from "./assembly-page.js";
import { ROLES } from "./evidence-input.js";
import { EVIDENCE_OPTIONS, readEvidencePlan, refuseTwoStdins } from "./evidence-plan.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { BUNDLE_HELP } from "./help.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections } from "./layout.js";
import { type OutputFile, refuseExisting, writeOutput } from "./output.js";
import { printable } from "./printable.js";
import { sizeText } from "./size.js";
import { type Look, lookOf } from "./terminal.js";

/** Names the schema of a result; schemas/bundle.v1.schema.json has it as `$id`. */
export const BUNDLE_SCHEMA = "urn:attestry:schema:bundle:v1";

const OPTIONS = {
  ...EVIDENCE_OPTIONS,
  out: { type: "string" },
  force: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** The bytes of a bundle: the report, and behind it the certificate table of the GHCB. */
export function bundleBytes({ evidence, need }: Assembly): Uint8Array {
  return concatBytes(evidence.report, encodeCertificateTable(evidence.certificates, { signingKey: need.signingKey }));
}

function bundleText(assembly: Assembly, { path, bytes }: OutputFile, look: Look): string {
  const title = look.paint("strong", `${printable(path)}: ${sizeText(bytes.length)}, written`);
  return `${title}\n\n${renderSections(assemblySections(assembly), look)}`;
}

function bundleJson(assembly: Assembly, { path, bytes }: OutputFile): string {
  const { productLine, signingKey } = assembly.need;
  const { verifiedAt } = assembly.verified.certificates;
  const times = { verifiedAt, holdsUntil: usableUntil(assembly.verified) };
  const said = { schema: BUNDLE_SCHEMA, path, size: bytes.length, productLine, signingKey };
  return `${jsonText({ ...said, parts: partsOf(assembly), ...times }, 2)}\n`;
}

/** `attestry bundle`: a report with all that its verification needs, verified and written as one file. */
export async function bundleVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(BUNDLE_HELP);
    return EXIT.accepted;
  }
  const plan = readEvidencePlan(parsed);
  const path = requiredText(parsed, "out");
  const force = parsed.flag("force");
  refuseTwoStdins([plan.report, plan.certs, plan.crl, plan.anchors]);
  await refuseExisting(io, [path], force);
  const assembly = await assemble(io, plan, ROLES);
  const file = { path, bytes: bundleBytes(assembly) };
  await writeOutput(io, [file], force);
  await io.stdout.write(
    parsed.flag("json") ? bundleJson(assembly, file) : bundleText(assembly, file, lookOf(io.stdout, io.env)),
  );
  return EXIT.accepted;
}
