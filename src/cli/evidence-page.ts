import { toHex } from "../bytes/codecs.js";
import type { VerifiedCa, VerifiedCertificates, VerifiedEvidence, VerifiedLeaf } from "../verify/types.js";
import type { Row, Section } from "./layout.js";
import { printable } from "./printable.js";
import { tcbTexts } from "./report-page.js";

/** A moment as RFC 3339, without a fraction where it is zero. */
export function timeText(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}

/** Days are enough for certificates, which last for years; the JSON has the times. */
function daysText(from: Date, to: Date): string {
  return `${from.toISOString().slice(0, 10)} to ${to.toISOString().slice(0, 10)}`;
}

function signerText({ role, cspId, hwId }: VerifiedLeaf): string {
  if (cspId !== null) return `${role} of ${printable(cspId, 200)}`;
  return hwId === null ? role : `${role} of chip ${toHex(hwId.subarray(0, 8))}${hwId.length > 8 ? "…" : ""}`;
}

function reportSection(verified: VerifiedEvidence): Section {
  const { report, productLine, tcb, certificates } = verified;
  const [reported = ""] = tcbTexts(productLine, [tcb.reported]);
  return {
    title: "Report",
    rows: [
      { name: "Version", value: `${report.version}, ${productLine}, VMPL ${report.vmpl}` },
      { name: "Signed by", value: signerText(certificates.leaf) },
      { name: "REPORTED_TCB", value: reported },
      { name: "MEASUREMENT", value: report.measurement },
      { name: "REPORT_DATA", value: report.reportData },
    ],
  };
}

function caRow({ role, origin, subject, serial, notBefore, notAfter }: VerifiedCa): Row {
  const from = origin === "pinned" ? "built-in key" : "supplied";
  return {
    name: role,
    value: `${printable(subject, 100)}, serial ${serial}, ${from}`,
    note: daysText(notBefore, notAfter),
  };
}

function chainSection({ leaf, intermediate, root, anchors }: VerifiedCertificates): Section {
  const product = `${printable(leaf.productName, 100)}, structure ${leaf.structVersion}`;
  const trust: Row =
    anchors === "amd"
      ? { name: "Trust anchor", value: "AMD's published key" }
      : { name: "Trust anchor", value: "the caller's, not AMD's", tone: "warn" };
  return {
    title: "Chain",
    rows: [
      { name: leaf.role, value: product, note: daysText(leaf.notBefore, leaf.notAfter) },
      caRow(intermediate),
      caRow(root),
      trust,
    ],
  };
}

/** Where the CRL came from: whatever this command fetches, it fetches from a key server. */
function sourceText(source: VerifiedCertificates["revocation"]["source"]): string {
  return source === "collateral" ? "from the key server" : `from ${source ?? "nowhere"}`;
}

function revocationSection({ revocation, verifiedAt }: VerifiedCertificates): Section {
  const { status, number, thisUpdate, nextUpdate, source } = revocation;
  const list: readonly Row[] =
    thisUpdate === null || nextUpdate === null
      ? []
      : [
          { name: "CRL", value: `number ${number ?? "none"}, ${sourceText(source)}` },
          { name: "CRL window", value: `${timeText(thisUpdate)} to ${timeText(nextUpdate)}` },
        ];
  return {
    title: "Revocation",
    rows: [
      { name: "Status", value: status, tone: status === "checked" ? "good" : "warn" },
      ...list,
      { name: "Judged at", value: timeText(verifiedAt) },
    ],
  };
}

/** What verification found, as a page: who signed, under which chain, how revocation went. */
export function evidenceSections(verified: VerifiedEvidence): readonly Section[] {
  const { certificates } = verified;
  return [reportSection(verified), chainSection(certificates), revocationSection(certificates)];
}
