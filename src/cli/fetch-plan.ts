import { onlyOperand, type ParsedArguments, requiredText } from "./arguments.js";
import { ROLES, type Role } from "./evidence-input.js";
import { type EvidencePlan, optionalText, readKdsUrl, readProductLine, refuseTwoStdins } from "./evidence-plan.js";
import { FETCH_LAYOUTS, type FetchLayout } from "./fetch-layout.js";
import { formatByName } from "./formats.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/** The options of `attestry fetch`. */
export const FETCH_OPTIONS = {
  out: { type: "string" },
  certs: { type: "string" },
  crl: { type: "boolean" },
  format: { type: "string" },
  from: { type: "string" },
  kds: { type: "string" },
  "product-line": { type: "string" },
  anchors: { type: "string" },
  force: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** What a run of `attestry fetch` is to do. */
export interface FetchPlan {
  readonly evidence: EvidencePlan;
  readonly folder: string;
  readonly layout: FetchLayout;
  /** What is to be had. */
  readonly roles: readonly Role[];
  readonly force: boolean;
  readonly json: boolean;
}

function readLayout(parsed: ParsedArguments): FetchLayout {
  const word = optionalText(parsed, "format") ?? "snpguest";
  const layout = FETCH_LAYOUTS.find((known) => known === word);
  if (layout !== undefined) return layout;
  const hint = "the container that REPORT is goes by --from";
  throw new UsageError(`--format: expected ${FETCH_LAYOUTS.join(", ")}, found ${printable(word, 100)}; ${hint}`);
}

/** What the arguments ask for. @throws UsageError for what cannot be meant. */
export function readFetchPlan(parsed: ParsedArguments): FetchPlan {
  const layout = readLayout(parsed);
  const from = optionalText(parsed, "from");
  const url = optionalText(parsed, "kds");
  const evidence: EvidencePlan = {
    report: onlyOperand(parsed, "REPORT"),
    format: from === undefined ? undefined : formatByName(from, "--from"),
    certs: optionalText(parsed, "certs"),
    crl: undefined,
    kds: { baseUrl: url === undefined ? undefined : readKdsUrl(url) },
    productLine: readProductLine(parsed),
    anchors: optionalText(parsed, "anchors"),
    at: undefined,
  };
  refuseTwoStdins([evidence.report, evidence.certs, evidence.anchors]);
  // A bundle is for those who have no network, so it has the CRL.
  const withCrl = parsed.flag("crl") || layout === "bundle";
  return {
    evidence,
    folder: requiredText(parsed, "out"),
    layout,
    roles: ROLES.filter((role) => role !== "crl" || withCrl),
    force: parsed.flag("force"),
    json: parsed.flag("json"),
  };
}
