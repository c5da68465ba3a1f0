import {
  type Appraisal,
  appraise,
  type BindingSchemeName,
  bindReportData,
  definePolicy,
  type Evidence,
  type ExpectedReportData,
  isAttestationError,
  type Policy,
  type VerifiedEvidence,
  verifyEvidence,
} from "attestry";
import type { AdvisoryData } from "attestry/advisories";
import { bytesOf, fromHex, isZero } from "./bytes.js";
import { type Problem, problemOf } from "./problem.js";

/** Whether signature and chain hold; `crl` says why revocation could not be judged. */
export type Verification =
  | { readonly kind: "none" }
  | { readonly kind: "holds"; readonly verified: VerifiedEvidence; readonly crl: Problem | null }
  | { readonly kind: "incomplete"; readonly problem: Problem }
  | { readonly kind: "broken"; readonly problem: Problem };

/** Roots and time that a verification goes by. */
export interface Circumstances {
  readonly now: Date;
  /** Null: AMD's published keys. */
  readonly anchors: readonly Uint8Array[] | null;
}

function isAbout(error: unknown, what: RegExp): boolean {
  return isAttestationError(error) && what.test(error.code);
}

async function withoutCrl(evidence: Evidence, options: { now: Date }, crl: Problem): Promise<Verification> {
  try {
    return { kind: "holds", verified: await verifyEvidence(evidence, { ...options, revocation: "skip" }), crl };
  } catch (error) {
    return { kind: "broken", problem: problemOf(error) };
  }
}

/** Signature, chain and revocation. Where revocation alone cannot be judged, the rest is, and the answer says so. */
export async function verify(evidence: Evidence, { now, anchors }: Circumstances): Promise<Verification> {
  const options = { now, ...(anchors === null ? {} : { anchors }) };
  try {
    return {
      kind: "holds",
      verified: await verifyEvidence(evidence, { ...options, revocation: "require" }),
      crl: null,
    };
  } catch (error) {
    const problem = problemOf(error);
    if (isAbout(error, /^ERR_COLLATERAL_CRL_/)) return await withoutCrl(evidence, options, problem);
    return { kind: isAbout(error, /^ERR_COLLATERAL_/) ? "incomplete" : "broken", problem };
  }
}

/** A part of a binding scheme that the page asks for. */
export interface SchemePart {
  readonly name: string;
  readonly label: string;
  /** How it is typed in. */
  readonly as: "hex" | "text";
  readonly optional: boolean;
}

const hexPart = (name: string, label: string, optional = false): SchemePart => ({ name, label, as: "hex", optional });
const NONCE = hexPart("nonce", "Your nonce");

/** What each scheme is made of. */
export const SCHEMES: Readonly<Record<BindingSchemeName, readonly SchemePart[]>> = {
  nonce: [NONCE],
  "attestry-v1": [NONCE, hexPart("publicKey", "Public key", true), hexPart("context", "Context", true)],
  exact: [hexPart("reportData", "The 64 bytes of REPORT_DATA")],
  trustee: [NONCE, { name: "teePublicKey", label: "TEE public key (JWK)", as: "text", optional: false }],
  svsm: [NONCE, hexPart("manifest", "Manifest")],
  atls: [NONCE, hexPart("publicKey", "Public key (SPKI)")],
  azure: [{ name: "runtimeData", label: "Runtime data", as: "text", optional: false }],
  "tinfoil-v2": [hexPart("tlsPublicKey", "TLS public key (SPKI)"), hexPart("hpkePublicKey", "HPKE key, 32 bytes")],
};

/** What the reader says of REPORT_DATA: a scheme, and its parts as they were typed. */
export interface BindingInput {
  readonly scheme: BindingSchemeName;
  readonly parts: Readonly<Record<string, string>>;
}

/** What REPORT_DATA was expected to be, and whether it is. */
export type Binding =
  | { readonly kind: "none" }
  | { readonly kind: "invalid"; readonly problem: Problem }
  | { readonly kind: "made"; readonly expected: ExpectedReportData; readonly matches: boolean };

function readPart({ name, label, as, optional }: SchemePart, typed: string): [string, Uint8Array] | null {
  if (typed.trim() === "" && optional) return null;
  const bytes = as === "text" ? bytesOf(typed) : fromHex(typed);
  if (bytes === null) throw new TypeError(`${label}: expected hex`);
  return [name, bytes];
}

/** Compares REPORT_DATA with what the reader's own words make; nothing typed is "none". */
export async function bind(report: Uint8Array, { scheme, parts }: BindingInput): Promise<Binding> {
  const rules = SCHEMES[scheme];
  if (rules.every(({ name }) => (parts[name] ?? "").trim() === "")) return { kind: "none" };
  try {
    const read = rules.map((rule) => readPart(rule, parts[rule.name] ?? ""));
    const given = Object.fromEntries(read.filter((part) => part !== null));
    // The parts are named by the table above; bindReportData judges them.
    const expected = await bindReportData(scheme, given as never);
    const found = report.subarray(0x50, 0x90);
    return { kind: "made", expected, matches: isZero(expected.bytes.map((byte, at) => byte ^ (found[at] ?? 0))) };
  } catch (error) {
    return { kind: "invalid", problem: problemOf(error) };
  }
}

/** A policy as it was typed. */
export type TypedPolicy =
  | { readonly kind: "none" }
  | { readonly kind: "invalid"; readonly problem: Problem; readonly pointer: string | null }
  | { readonly kind: "policy"; readonly policy: Policy };

/** The policy that a text says. */
export async function readPolicy(text: string): Promise<TypedPolicy> {
  if (text.trim() === "") return { kind: "none" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : "This is no JSON.";
    return { kind: "invalid", problem: { code: "not JSON", message, range: null }, pointer: null };
  }
  try {
    return { kind: "policy", policy: await definePolicy(json) };
  } catch (error) {
    const pointer = isAttestationError(error, "ERR_MALFORMED_POLICY") ? error.detail.pointer : null;
    return { kind: "invalid", problem: problemOf(error), pointer };
  }
}

/** What goes into an appraisal beside evidence and policy. */
export interface Inputs {
  readonly now: Date;
  readonly binding: Binding;
  readonly advisories: AdvisoryData;
}

/** The verdict of a policy on verified evidence. */
export function judge(verified: VerifiedEvidence, policy: Policy, { now, binding, advisories }: Inputs): Appraisal {
  const reportData = binding.kind === "made" ? { reportData: binding.expected } : {};
  return appraise(verified, policy, { now, advisories, ...reportData });
}
