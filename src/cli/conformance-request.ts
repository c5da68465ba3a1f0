import { isProductLine, type ProductLine } from "../amd/product-lines.js";
import { readJson } from "../bytes/json.js";
import type { EvidenceCertificates } from "../evidence/evidence.js";
import type { RevocationMode, RevocationOptions } from "../verify/types.js";
import { printable } from "./printable.js";
import { parseTime } from "./time.js";
import { UsageError } from "./usage-error.js";

/** What names a line, as it stood there. */
export type RequestId = string | number | null;

/** A line of the protocol, read but for its base64. */
export interface ConformanceRequest {
  readonly report: string;
  readonly certificates: Readonly<Partial<Record<keyof EvidenceCertificates, string>>>;
  /** Undefined for AMD's own. */
  readonly anchors: readonly string[] | undefined;
  readonly now: Date;
  readonly revocation: RevocationMode | RevocationOptions | undefined;
  readonly productLine: ProductLine | undefined;
  /** Undefined where the line has none. */
  readonly policy: unknown;
}

const CERTIFICATES = ["leaf", "intermediate", "root", "crl"] as const;
const KNOWN: ReadonlySet<string> = new Set([
  "id",
  "report",
  ...CERTIFICATES,
  "anchors",
  "now",
  "revocation",
  "productLine",
  "policy",
]);
const MODES: readonly unknown[] = ["require", "if-available", "skip"] satisfies RevocationMode[];
const LIMITS: readonly string[] = ["mode", "maxStaleMs", "maxAgeMs"] satisfies (keyof RevocationOptions)[];
const MAX_ID_LENGTH = 1024;

type Members = ReadonlyMap<string, unknown>;

/** The object's own members; a key such as `__proto__` is one like any other. */
function membersOf(value: unknown, what: string): Members {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  throw new UsageError(`${what}: expected an object`);
}

function isId(value: unknown): value is string | number {
  return typeof value === "string" ? value.length <= MAX_ID_LENGTH : Number.isSafeInteger(value);
}

/** The id for the answer, as far as there is one. Never throws. */
export function idOf(bytes: Uint8Array): RequestId {
  const outcome = readJson(bytes);
  // Where the id itself stands twice, nobody knows which is meant; readJson then gives no value.
  if (!outcome.ok || typeof outcome.value !== "object" || outcome.value === null) return null;
  const id = Object.getOwnPropertyDescriptor(outcome.value, "id")?.value;
  return isId(id) ? id : null;
}

function textOf(members: Members, name: string): string {
  const value = members.get(name);
  if (typeof value === "string") return value;
  throw new UsageError(`"${name}": expected a string, found ${members.has(name) ? typeof value : "nothing"}`);
}

function optionalText(members: Members, name: string): string | undefined {
  return members.has(name) ? textOf(members, name) : undefined;
}

function anchorsOf(members: Members): readonly string[] | undefined {
  const value = members.get("anchors");
  if (value === "amd") return undefined;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) return value;
  throw new UsageError('"anchors": expected "amd" or a list of at least one certificate in base64');
}

function isMode(value: unknown): value is RevocationMode {
  return MODES.includes(value);
}

function limitOf(members: Members, name: "maxStaleMs" | "maxAgeMs"): Partial<RevocationOptions> {
  if (!members.has(name)) return {};
  const value = members.get(name);
  if (typeof value === "number" && value >= 0) return { [name]: value };
  throw new UsageError(`"revocation": expected ${name} to be a number of milliseconds, 0 or more`);
}

function revocationOf(members: Members): RevocationMode | RevocationOptions | undefined {
  if (!members.has("revocation")) return undefined;
  const value = members.get("revocation");
  if (isMode(value)) return value;
  const limits = membersOf(value, '"revocation"');
  const mode = limits.get("mode");
  const stranger = [...limits.keys()].find((name) => !LIMITS.includes(name));
  if (!isMode(mode) || stranger !== undefined) {
    throw new UsageError('"revocation": expected require, if-available, skip, or { mode, maxStaleMs?, maxAgeMs? }');
  }
  return { mode, ...limitOf(limits, "maxStaleMs"), ...limitOf(limits, "maxAgeMs") };
}

function productLineOf(members: Members): ProductLine | undefined {
  const value = optionalText(members, "productLine");
  if (value === undefined || isProductLine(value)) return value;
  throw new UsageError(`"productLine": expected Milan, Genoa or Turin, found ${printable(value, 100)}`);
}

/**
 * Reads one line of the protocol. Base64 is left for later: what it holds is evidence and not the line's form.
 *
 * @throws UsageError for a line that is not JSON, has a key twice, lacks a member, has an unknown or a wrong one.
 */
export function readRequest(bytes: Uint8Array): ConformanceRequest {
  const outcome = readJson(bytes);
  if (!outcome.ok) {
    const { pointer, reason } = outcome.fault;
    throw new UsageError(`${pointer === "" ? "line" : printable(pointer, 200)}: ${printable(reason, 200)}`);
  }
  const members = membersOf(outcome.value, "line");
  for (const name of members.keys()) {
    if (!KNOWN.has(name)) throw new UsageError(`unknown member ${JSON.stringify(printable(name, 100))}`);
  }
  if (!isId(members.get("id")))
    throw new UsageError('"id": expected a string of at most 1024 characters or an integer');
  const texts = CERTIFICATES.map((name) => [name, optionalText(members, name)] as const);
  return {
    report: textOf(members, "report"),
    certificates: Object.fromEntries(texts.filter(([, text]) => text !== undefined)),
    anchors: anchorsOf(members),
    now: parseTime(textOf(members, "now"), '"now"'),
    revocation: revocationOf(members),
    productLine: productLineOf(members),
    policy: members.get("policy"),
  };
}
