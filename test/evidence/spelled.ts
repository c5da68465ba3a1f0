import type { SpelledReport } from "../../src/evidence/rebuild.js";
import { isReportVersion, REPORT_LAYOUTS, SIGNED_LENGTH } from "../../src/report/layouts.js";

/** The fields of a report, as a container that spells them out would have them. */
export function spelled(report: Uint8Array): SpelledReport {
  const version = new DataView(report.buffer, report.byteOffset).getUint32(0, true);
  if (!isReportVersion(version)) throw new Error(`no such version: ${version}`);
  const { signatureR: _r, signatureS: _s, ...values } = REPORT_LAYOUTS[version].parse(report).values;
  const none = {
    cpuidFamId: undefined,
    cpuidModId: undefined,
    cpuidStep: undefined,
    launchMitVector: undefined,
    currentMitVector: undefined,
  };
  return { ...none, ...values, version, signature: report.slice(SIGNED_LENGTH) };
}
