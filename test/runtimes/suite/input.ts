import type { Evidence, EvidenceCertificates, PolicyDocument, VerifyOptions } from "attestry";
import type { VcpuModel, VmmName } from "attestry/measure";

/** The number of a blob. */
export type BlobIndex = number;

/** Evidence and how to judge it, as JSON. */
export interface Question {
  readonly name: string;
  /** Null where certificates alone are verified. */
  readonly report: BlobIndex | null;
  readonly certificates: Readonly<Partial<Record<keyof EvidenceCertificates, BlobIndex>>>;
  readonly now: string;
  /** Null for AMD's keys. */
  readonly anchors: readonly BlobIndex[] | null;
  readonly options: Pick<VerifyOptions, "revocation" | "productLine" | "allowMaskedChipId">;
  /** JSON of what is verified, or the code of the refusal. */
  readonly expected: string;
}

/** A container, which one, and what comes out of it. */
export interface ContainerQuestion {
  readonly name: string;
  readonly opener: string;
  readonly bytes: BlobIndex;
  /** JSON of the report and the certificates in base64, or the code of the refusal. */
  readonly expected: string;
}

/** A policy on evidence. */
export interface PolicyQuestion {
  readonly name: string;
  readonly document: PolicyDocument;
  readonly evidence: Question;
  /** What REPORT_DATA is bound to by the scheme attestry-v1, in base64; null where the policy names no scheme. */
  readonly bound: { readonly nonce: string; readonly publicKey: string } | null;
  readonly digest: string;
  /** JSON of the appraisal. */
  readonly expected: string;
}

/** A launch whose digest two other implementations agree on. */
export interface Launch {
  readonly tcId: number;
  readonly comment: string;
  readonly vmm: VmmName;
  readonly vcpus: number;
  readonly vcpuType: VcpuModel;
  readonly features: string;
  readonly boot: { readonly kernel: string; readonly initrd: string; readonly append: string } | null;
  readonly measurement: string;
}

/** A key server on loopback. */
export interface KdsQuestion {
  readonly name: string;
  readonly baseUrl: string;
  readonly evidence: Question;
  /** How many requests it takes; null where the runtime may differ. */
  readonly asked: number | null;
}

/** Everything that a runtime is handed, as JSON. */
export interface Input {
  /** Base64; everything else names bytes by their number here. */
  readonly blobs: readonly string[];
  readonly reports: readonly { readonly name: string; readonly report: BlobIndex; readonly expected: string }[];
  readonly real: readonly Question[];
  readonly forged: readonly Question[];
  readonly containers: readonly ContainerQuestion[];
  readonly policies: readonly PolicyQuestion[];
  readonly kds: readonly KdsQuestion[];
  readonly firmware: BlobIndex;
  readonly launches: readonly Launch[];
  readonly forges: readonly {
    readonly seed: string;
    readonly productLine: "Milan" | "Genoa" | "Turin";
    readonly signingKey: "VCEK" | "VLEK";
    readonly reportVersion: number;
    readonly evidence: Question;
  }[];
}

/** What finding bytes by their number takes. */
export type Blobs = Pick<Input, "blobs">;

/** The bytes of base64. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The bytes of a blob, fresh at each call. */
export function blobOf(input: Blobs, index: BlobIndex): Uint8Array {
  const blob = input.blobs[index];
  if (blob === undefined) throw new Error(`the input has no blob ${index}`);
  return bytesOf(blob);
}

/** Base64 of bytes. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The certificates of a question. */
export function certificatesOf(input: Blobs, { certificates }: Question): EvidenceCertificates {
  const entries = Object.entries(certificates).map(([role, index]) => [role, blobOf(input, index)] as const);
  return Object.fromEntries(entries);
}

/** The evidence of a question that has a report. */
export function evidenceOf(input: Blobs, question: Question): Evidence {
  if (question.report === null) throw new Error(`${question.name} has no report`);
  return { report: blobOf(input, question.report), certificates: certificatesOf(input, question) };
}

/** Clock, anchors and the rest that a question is judged by. */
export function optionsOf(
  input: Blobs,
  { now, anchors, options }: Question,
): Pick<VerifyOptions, "now" | "anchors" | "revocation" | "productLine" | "allowMaskedChipId"> {
  const roots = anchors === null ? {} : { anchors: anchors.map((index) => blobOf(input, index)) };
  return { now: new Date(now), ...roots, ...options };
}
