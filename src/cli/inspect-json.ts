import { reportToJson } from "../report/json.js";
import type { AttestationReport } from "../report/report.js";
import type { Container } from "./evidence-input.js";
import { fieldsOf, splitDoc } from "./report-fields.js";
import { reportProduct } from "./report-page.js";

/** Names the schema of an inspection; schemas/inspect.v1.schema.json has it as `$id`. */
export const INSPECT_SCHEMA = "urn:attestry:schema:inspect:v1";

/** Unverified: a report as JSON-safe data, with the place of each field. `verified` is false, always. */
export function inspectionJson(report: AttestationReport, container: Container) {
  return {
    schema: INSPECT_SCHEMA,
    verified: false,
    processor: reportProduct(report).name,
    report: reportToJson(report),
    fields: fieldsOf(report).map(({ doc, offset, size }) => ({ name: splitDoc(doc).name, offset, size })),
    container,
  };
}
