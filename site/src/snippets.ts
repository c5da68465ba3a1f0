import { toHex } from "./bytes.js";
import { SCHEMES } from "./judge.js";
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

/** The parts of the scheme that the reader gave, by name. */
function givenParts({ binding, state }: Model): readonly string[] {
  if (binding.kind !== "made") return [];
  return SCHEMES[state.binding.scheme].map(({ name }) => name).filter((name) => state.binding.parts[name]?.trim());
}

function declared(name: string, type: string, comment: string): string {
  return `declare const ${name}: ${type}; // ${comment}`;
}

/** What the program has to be given. */
function inputs(model: Model): readonly string[] {
  const anchors = declared("anchors", "Uint8Array[]", "the forged root, in DER");
  return [
    declared("received", "Uint8Array", "what the guest handed over"),
    ...givenParts(model).map((name) => declared(name, "Uint8Array", "yours, chosen for this one exchange")),
    ...(model.state.anchors === null ? [] : [anchors]),
  ];
}

/** What this page does, as a program. */
export function typescript(model: Model): string {
  const parts = givenParts(model);
  const isBound = parts.length > 0;
  const names = [
    "appraise",
    "assertAccepted",
    ...(isBound ? ["bindReportData"] : []),
    "definePolicy",
    "verifyEvidence",
  ];
  const scheme = quoted(model.state.binding.scheme);
  return [
    `import { ${names.join(", ")} } from "attestry";`,
    'import { openExtendedReport } from "attestry/evidence";',
    "",
    ...inputs(model),
    "",
    `const policy = await definePolicy(${policyText(model)});`,
    ...(isBound ? [`const reportData = await bindReportData(${scheme}, { ${parts.join(", ")} });`] : []),
    "",
    "const { evidence } = await openExtendedReport(received);",
    "const now = new Date();",
    `const verified = await verifyEvidence(evidence, { now${model.state.anchors === null ? "" : ", anchors"} });`,
    `const appraisal = appraise(verified, policy, { now${isBound ? ", reportData" : ""} });`,
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
