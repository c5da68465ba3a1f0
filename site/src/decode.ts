import { type AttestationReport, parseReport } from "attestry";
import type { Evidence, OpenedEvidence } from "attestry/evidence";
import { bytesOf, fromBase64, fromHex, textOf } from "./bytes.js";
import { looksLikeDer, type Part, partsIn } from "./certificates.js";
import { type Container, containerOf, RA_TLS, REPORT_AND_TABLE, REPORT_LENGTH } from "./containers.js";
import { type Problem, problemOf } from "./problem.js";

/** Unverified: evidence, as far as it decodes. */
export interface DecodedEvidence {
  readonly kind: "evidence";
  /** The wrappings from the outside in, as in `base64`, `report with a certificate table`. */
  readonly layers: readonly string[];
  readonly size: number;
  readonly evidence: Evidence;
  readonly claims: unknown;
  /** Null where the bytes are no report; `problem` then says why. */
  readonly report: AttestationReport | null;
  readonly problem: Problem | null;
}

/** What was pasted, as far as it can be read. Nothing of it is verified. */
export type Decoded =
  | { readonly kind: "empty" }
  | DecodedEvidence
  | { readonly kind: "certificates"; readonly parts: readonly Part[] }
  | { readonly kind: "token"; readonly header: object; readonly payload: object }
  | { readonly kind: "unknown"; readonly problem: Problem };

/** More wrappings around one another than anybody uses. */
const MOST_LAYERS = 4;
const TOKEN = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/;

function parsedJson(text: string | null): unknown {
  if (text === null || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readReport(bytes: Uint8Array): Pick<DecodedEvidence, "report" | "problem"> {
  try {
    return { report: parseReport(bytes), problem: null };
  } catch (error) {
    return { report: null, problem: problemOf(error) };
  }
}

/** A report that is none, with something behind it: its bytes are worth a look all the same. */
function brokenReport(bytes: Uint8Array, layers: readonly string[]): DecodedEvidence | null {
  if (bytes.length < REPORT_LENGTH) return null;
  const report = bytes.slice(0, REPORT_LENGTH);
  const read = readReport(report);
  if (read.problem === null) return null;
  return { kind: "evidence", layers, size: bytes.length, evidence: { report }, claims: {}, ...read };
}

async function opened(container: Container, bytes: Uint8Array, around: readonly string[]): Promise<Decoded> {
  const layers = [...around, container.doc];
  let inside: OpenedEvidence<unknown>;
  try {
    inside = await container.open(bytes);
  } catch (error) {
    const broken = container === REPORT_AND_TABLE ? brokenReport(bytes, layers) : null;
    return broken ?? { kind: "unknown", problem: problemOf(error) };
  }
  const { evidence, claims } = inside;
  return { kind: "evidence", layers, size: bytes.length, evidence, claims, ...readReport(evidence.report) };
}

function jsonObject(part: string | undefined): object | null {
  const bytes = fromBase64(part ?? "");
  const value = parsedJson(bytes === null ? null : textOf(bytes));
  return typeof value === "object" && value !== null ? value : null;
}

/** The two readable parts of a signed token; nothing of it is verified. */
function token(text: string): Decoded | null {
  const [, first, second] = TOKEN.exec(text.replace(/\s/g, "")) ?? [];
  const header = jsonObject(first);
  const payload = jsonObject(second);
  return header === null || payload === null ? null : { kind: "token", header, payload };
}

/** Certificates; one that is none of AMD's may carry evidence of its own. */
async function certificates(bytes: Uint8Array, layers: readonly string[]): Promise<Decoded> {
  const parts = partsIn(bytes);
  if (parts.some(({ role }) => role !== null)) return { kind: "certificates", parts };
  return await opened(RA_TLS, bytes, layers);
}

const NOTHING_KNOWN: Problem = {
  code: "not recognised",
  message:
    "This is none of the containers that attestry knows. A report has 1,184 bytes: 2,368 digits of hex, or 1,580 characters of base64.",
  range: null,
};

async function text(content: string, layers: readonly string[]): Promise<Decoded> {
  const asToken = token(content);
  if (asToken !== null) return asToken;
  if (content.startsWith("-----BEGIN")) return await certificates(bytesOf(content), [...layers, "PEM"]);
  const asHex = fromHex(content);
  if (asHex !== null) return await look(asHex, [...layers, "hex"]);
  const asBase64 = fromBase64(content);
  if (asBase64 !== null) return await look(asBase64, [...layers, "base64"]);
  return { kind: "unknown", problem: NOTHING_KNOWN };
}

async function look(bytes: Uint8Array, layers: readonly string[]): Promise<Decoded> {
  const content = textOf(bytes);
  const container = containerOf({ bytes, text: content, json: parsedJson(content) });
  if (container !== undefined) return await opened(container, bytes, layers);
  if (looksLikeDer(bytes)) return await certificates(bytes, [...layers, "DER"]);
  if (content === null || layers.length >= MOST_LAYERS) return { kind: "unknown", problem: NOTHING_KNOWN };
  return await text(content.trim(), layers);
}

/** Unverified: whatever was pasted or dropped, by its shape. Never rejects for what it is given. */
export async function decode(input: Uint8Array | string): Promise<Decoded> {
  const bytes = typeof input === "string" ? bytesOf(input.trim()) : input;
  if (bytes.length === 0) return { kind: "empty" };
  try {
    return await look(bytes, []);
  } catch (error) {
    return { kind: "unknown", problem: problemOf(error) };
  }
}
