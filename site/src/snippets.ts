import { toHex } from "./bytes.js";
import type { Model } from "./state.js";

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The policy as it is typed, where it is one; else the smallest there is. */
function policyText({ policy }: Model): string {
  const document = policy.kind === "policy" ? policy.policy.document : null;
  const smallest = { version: 1, id: "mine", snp: { measurement: "any", reportData: "any", minimumTcb: "any" } };
  return JSON.stringify(document ?? smallest, null, 2);
}

function bindingLines({ binding, state }: Model): readonly string[] {
  if (binding.kind !== "made") return [];
  const nonce = state.binding.parts["nonce"];
  const first = nonce === undefined ? "reportData: expectedBytes" : "nonce";
  const lines =
    nonce === undefined
      ? []
      : ["// The nonce that you chose for this one exchange.", "declare const nonce: Uint8Array;"];
  return [...lines, `const reportData = await bindReportData(${quoted(state.binding.scheme)}, { ${first} });`];
}

/** What this page does, as a program. */
export function typescript(model: Model): string {
  const isBound = model.binding.kind === "made";
  const names = [
    "appraise",
    "assertAccepted",
    ...(isBound ? ["bindReportData"] : []),
    "definePolicy",
    "verifyEvidence",
  ];
  const inputs = ["now", ...(isBound ? ["reportData"] : [])].join(", ");
  const anchors = model.state.anchors === null ? "" : ", anchors";
  return [
    `import { ${names.join(", ")} } from "attestry";`,
    'import { openExtendedReport } from "attestry/evidence";',
    "",
    `const policy = await definePolicy(${policyText(model)});`,
    ...bindingLines(model),
    "",
    "const { evidence } = await openExtendedReport(received);",
    "const now = new Date();",
    `const verified = await verifyEvidence(evidence, { now${anchors} });`,
    `const appraisal = appraise(verified, policy, { ${inputs} });`,
    "assertAccepted(appraisal);",
    "",
  ].join("\n");
}

/** The same on the command line. */
export function commandLine(model: Model): string {
  const { binding, state, policy } = model;
  const judged = policy.kind === "policy" ? ["--policy policy.json"] : ["--signature-only"];
  const bound =
    binding.kind === "made" && policy.kind === "policy" ? [`--report-data ${toHex(binding.expected.bytes)}`] : [];
  const at = state.at === null ? [] : [`--at ${state.at.toISOString().replace(/\.\d+Z$/, "Z")}`];
  const anchors = state.anchors === null ? [] : ["--anchors ark.der"];
  return ["npx attestry verify report.bin --certs certs", ...anchors, ...judged, ...bound, ...at].join(" \\\n  ");
}

/** The policy to put into a file. */
export function policyFile(model: Model): string {
  return policyText(model);
}
