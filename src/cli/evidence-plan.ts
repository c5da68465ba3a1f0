import { isProductLine, PRODUCT_LINES, type ProductLine } from "../amd/product-lines.js";
import { checkBaseUrl } from "../kds/urls.js";
import { onlyOperand, type ParsedArguments, requiredText } from "./arguments.js";
import { type Format, formatByName } from "./formats.js";
import { printable } from "./printable.js";
import { parseTime } from "./time.js";
import { UsageError } from "./usage-error.js";

/** The options that say where evidence comes from and how it is to be judged; `verify` and `bundle` share them. */
export const EVIDENCE_OPTIONS = {
  format: { type: "string" },
  certs: { type: "string" },
  crl: { type: "string" },
  fetch: { type: "boolean" },
  kds: { type: "string" },
  "product-line": { type: "string" },
  anchors: { type: "string" },
  at: { type: "string" },
} as const;

/** A key server to ask. */
export interface KdsPlan {
  /** Undefined: AMD's own. */
  readonly baseUrl: string | undefined;
}

/** Where evidence comes from, before any file is opened. */
export interface EvidencePlan {
  readonly report: string;
  /** Undefined: the one whose shape the file has. */
  readonly format: Format | undefined;
  readonly certs: string | undefined;
  readonly crl: string | undefined;
  /** Undefined: nobody is asked. */
  readonly kds: KdsPlan | undefined;
  readonly productLine: ProductLine | undefined;
  readonly anchors: string | undefined;
  /** Undefined: the clock. */
  readonly at: Date | undefined;
}

/** An option's value, undefined where the option is not there; empty text is nobody's wish. */
export function optionalText(parsed: ParsedArguments, name: string): string | undefined {
  return parsed.text(name) === undefined ? undefined : requiredText(parsed, name);
}

/** The URL of a key server, checked. @throws UsageError for anything but an http or https URL that paths can follow. */
export function readKdsUrl(text: string): string {
  try {
    return checkBaseUrl(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Not quoted: it may hold a password.
    throw new UsageError("--kds: the URL must be one of http or https, without user, password, query and fragment", {
      cause: error,
    });
  }
}

/** The line that `--product-line` names. @throws UsageError for another word. */
export function readProductLine(parsed: ParsedArguments): ProductLine | undefined {
  const word = optionalText(parsed, "product-line");
  if (word === undefined || isProductLine(word)) return word;
  throw new UsageError(`--product-line: expected ${PRODUCT_LINES.join(", ")}, found ${printable(word, 100)}`);
}

function readKds(parsed: ParsedArguments): KdsPlan | undefined {
  const url = optionalText(parsed, "kds");
  if (parsed.flag("fetch")) return { baseUrl: url === undefined ? undefined : readKdsUrl(url) };
  if (url === undefined) return undefined;
  throw new UsageError("--kds says whom to ask, and without --fetch nobody is asked; add --fetch or leave --kds out");
}

/** At most one path can be stdin. @throws UsageError for two. */
export function refuseTwoStdins(paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === "-").length > 1) {
    throw new UsageError("only one of the files can be - (stdin)");
  }
}

/** What the arguments say about evidence. @throws UsageError for what cannot be meant. */
export function readEvidencePlan(parsed: ParsedArguments): EvidencePlan {
  const format = optionalText(parsed, "format");
  const at = optionalText(parsed, "at");
  return {
    report: onlyOperand(parsed, "REPORT"),
    format: format === undefined ? undefined : formatByName(format),
    certs: optionalText(parsed, "certs"),
    crl: optionalText(parsed, "crl"),
    kds: readKds(parsed),
    productLine: readProductLine(parsed),
    anchors: optionalText(parsed, "anchors"),
    at: at === undefined ? undefined : parseTime(at, "--at"),
  };
}
