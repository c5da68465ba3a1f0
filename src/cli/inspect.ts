import { type AttestationReport, parseReport } from "../report/report.js";
import { onlyOperand, type ParsedArguments, readArguments } from "./arguments.js";
import { containerSections } from "./container-page.js";
import { type Container, containerOf } from "./evidence-input.js";
import { optionalText } from "./evidence-plan.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { formatByName } from "./formats.js";
import { INSPECT_HELP } from "./help.js";
import { inspectionJson } from "./inspect-json.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections, wrapText } from "./layout.js";
import { openReport } from "./recognise.js";
import { reportProduct, reportSections } from "./report-page.js";
import { type Look, lookOf } from "./terminal.js";

const OPTIONS = { format: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } } as const;

/** The first and the last line of the page, and a member of the JSON. */
export const UNVERIFIED =
  "UNVERIFIED: nothing here has been checked, anyone can write such a report. To check it: attestry verify.";

function warning({ paint, width }: Look): string {
  return wrapText(UNVERIFIED, width)
    .map((line) => `${paint("bad", line)}\n`)
    .join("");
}

function title(report: AttestationReport): string {
  const { name, productLine } = reportProduct(report);
  const processor = name ?? "a processor that it does not name";
  const line = productLine !== null && name !== productLine ? ` (${productLine} line)` : "";
  return `SEV-SNP attestation report, version ${report.version}, ${processor}${line}`;
}

/** A report, and what it came in. */
interface Inspected {
  readonly report: AttestationReport;
  readonly container: Container;
}

async function readInspected(io: CliIo, parsed: ParsedArguments): Promise<Inspected> {
  const path = onlyOperand(parsed, "REPORT");
  const name = optionalText(parsed, "format");
  const { format, evidence } = await openReport(io, path, name === undefined ? undefined : formatByName(name));
  return { report: parseReport(evidence.report), container: containerOf(format, evidence) };
}

function inspectionText({ report, container }: Inspected, look: Look): string {
  const heading = wrapText(title(report), look.width).map((line) => `${look.paint("strong", line)}\n`);
  return [
    warning(look),
    heading.join(""),
    renderSections([...containerSections(container), ...reportSections(report)], look),
    warning(look),
  ].join("\n");
}

/** `attestry inspect`: the fields of a report, checked by nothing but the parser. */
export async function inspectVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(INSPECT_HELP);
    return EXIT.accepted;
  }
  const inspected = await readInspected(io, parsed);
  const text = parsed.flag("json")
    ? `${jsonText(inspectionJson(inspected.report, inspected.container), 2)}\n`
    : inspectionText(inspected, lookOf(io.stdout, io.env));
  await io.stdout.write(text);
  return EXIT.accepted;
}
