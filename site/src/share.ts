import { encodeCertificateTable } from "attestry/evidence";
import { bytesOf, fromBase64, textOf, toBase64, toBase64Url } from "./bytes.js";
import type { Model } from "./state.js";

/** What a link can carry. */
export interface Shared {
  readonly evidence?: string;
  readonly sample?: string;
  readonly policy?: string;
}

const MARK = "#share=";
/** Far more than a report with all its certificates and a long policy. */
const MOST_BYTES = 1_000_000;

async function through(bytes: Uint8Array, transform: GenericTransformStream): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source: ReadableStream<Uint8Array> = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(transform);
  const reader = source.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > MOST_BYTES) return null;
    chunks.push(next.value);
  }
  return new Uint8Array(await new Blob(chunks.map((chunk) => new Uint8Array(chunk))).arrayBuffer());
}

/** The evidence in one piece: the report, and the certificates behind it. */
function evidenceText({ evidence, decoded }: Model): string | null {
  if (evidence === null || decoded.kind !== "evidence") return null;
  const signingKey = decoded.report?.keyInfo.signingKey === 1 ? "VLEK" : "VCEK";
  const table = encodeCertificateTable(evidence.certificates ?? {}, { signingKey });
  return toBase64(new Uint8Array([...evidence.report, ...table]));
}

/** What to share, by what the reader ticked. */
export function sharedOf(model: Model, wants: { evidence: boolean; policy: boolean }): Shared {
  const { sample, policy } = model.state;
  const evidence = wants.evidence && sample === null ? evidenceText(model) : null;
  return {
    ...(evidence === null ? {} : { evidence }),
    ...(wants.evidence && sample !== null ? { sample } : {}),
    ...(wants.policy && policy !== "" ? { policy } : {}),
  };
}

/** A link to this page that carries it in the fragment, which no server sees. */
export async function linkTo(shared: Shared): Promise<string> {
  const packed = await through(bytesOf(JSON.stringify(shared)), new CompressionStream("deflate-raw"));
  return `${location.href.split("#")[0]}${MARK}${toBase64Url(packed ?? new Uint8Array(0))}`;
}

function textMember(json: object, name: keyof Shared): Shared {
  const value: unknown = Reflect.get(json, name);
  return typeof value === "string" ? { [name]: value } : {};
}

/** What the fragment of a link carries; null for none, and for one that is broken. */
export async function sharedIn(fragment: string): Promise<Shared | null> {
  if (!fragment.startsWith(MARK)) return null;
  try {
    const packed = fromBase64(fragment.slice(MARK.length));
    const unpacked = packed === null ? null : await through(packed, new DecompressionStream("deflate-raw"));
    const json: unknown = JSON.parse(textOf(unpacked ?? new Uint8Array(0)) ?? "");
    if (typeof json !== "object" || json === null) return null;
    return { ...textMember(json, "evidence"), ...textMember(json, "sample"), ...textMember(json, "policy") };
  } catch {
    return null;
  }
}
