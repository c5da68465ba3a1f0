import { textOf } from "./bytes.js";
import { partsIn } from "./certificates.js";

/** More than any container of evidence has. */
const MOST_BYTES = 4_000_000;

/** Files sorted by what they hold. */
export interface SortedFiles {
  /** The evidence; null where no file is anything but certificates. */
  readonly main: string | Uint8Array | null;
  readonly more: readonly Uint8Array[];
  /** Why some were left out; null where none were. */
  readonly complaint: string | null;
}

function isCertificates(bytes: Uint8Array): boolean {
  try {
    const parts = partsIn(bytes);
    return parts.length > 0 && parts.every(({ role }) => role !== null);
  } catch {
    return false;
  }
}

function asInput(bytes: Uint8Array): string | Uint8Array {
  const text = textOf(bytes);
  const isText = text !== null && !text.includes("\0");
  return isText ? text : bytes;
}

/** The evidence and the certificates among some files. */
export async function sortFiles(files: readonly File[]): Promise<SortedFiles> {
  const small = files.filter(({ size }) => size <= MOST_BYTES);
  const contents = await Promise.all(small.map(async (file) => new Uint8Array(await file.arrayBuffer())));
  const more = contents.filter(isCertificates);
  const others = contents.filter((bytes) => !more.includes(bytes));
  const [main] = others;
  const left = others.length > 1 ? "Several files look like evidence; the first one is shown." : null;
  const complaint = small.length < files.length ? "A file above 4 MB is no evidence, and was left out." : left;
  return { main: main === undefined ? null : asInput(main), more, complaint };
}
