import { type AttestationReport, parseReport } from "../report/report.js";
import { onlyOperand, readArguments } from "./arguments.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { INSPECT_HELP } from "./help.js";
import { decodeReport, readInput } from "./input.js";
import { inspectionJson } from "./inspect-json.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections, wrapText } from "./layout.js";
import { reportProduct, reportSections } from "./report-page.js";
import { type Look, lookOf } from "./terminal.js";

const OPTIONS = { json: { type: "boolean" }, help: { type: "boolean" } } as const;

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

function inspectionText(report: AttestationReport, look: Look): string {
  const heading = wrapText(title(report), look.width).map((line) => `${look.paint("strong", line)}\n`);
  return [warning(look), heading.join(""), renderSections(reportSections(report), look), warning(look)].join("\n");
}

/** `attestry inspect`: the fields of a report, checked by nothing but the parser. */
export async function inspectVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(INSPECT_HELP);
    return EXIT.accepted;
  }
  const path = onlyOperand(parsed, "REPORT");
  const bytes = decodeReport(await readInput(io, path, "report"));
  const report = parseReport(bytes);
  const text = parsed.flag("json")
    ? `${jsonText(inspectionJson(report), 2)}\n`
    : inspectionText(report, lookOf(io.stdout, io.env));
  await io.stdout.write(text);
  return EXIT.accepted;
}
