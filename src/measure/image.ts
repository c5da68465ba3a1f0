import { type FirmwareImage, malformedFirmware, unsupportedFirmware } from "./firmware-error.js";
import type { Window } from "./footer.js";
import type { Job } from "./job.js";
import { type LaunchChain, PAGE_BYTES } from "./pages.js";
import { chunksOf, type Opened } from "./source.js";

/** Genuine images have 2 to 16 MiB. */
const MAX_IMAGE_BYTES = 64 * 1024 * 1024;
/** What is kept of a stream's end, for the tables that stand there: in OVMF within the last page. */
const KEPT_BYTES = 4 * PAGE_BYTES;

/** Where an image goes. */
export interface Placement {
  readonly what: FirmwareImage;
  /** The guest physical address behind its last byte. */
  readonly end: number;
  /** Takes its pages. */
  readonly chain: LaunchChain;
}

/** An image whose pages were measured. */
export interface MeasuredImage {
  /** The guest physical address of its first byte. */
  readonly gpa: number;
  /** For reading its tables. */
  readonly window: Window;
}

function checkSize(size: number, { what, end }: Placement): number {
  if (size > MAX_IMAGE_BYTES) throw malformedFirmware(what, null, `more than ${MAX_IMAGE_BYTES} bytes`);
  if (size === 0 || size % PAGE_BYTES !== 0) {
    throw malformedFirmware(what, null, `${size} bytes, expected whole pages of ${PAGE_BYTES}`);
  }
  if (size > end) throw malformedFirmware(what, null, `${size} bytes do not fit below address ${end}`);
  return end - size;
}

type Take = (page: Uint8Array) => void;

/** Hands on whole pages of chunks that break anywhere; pages that lie within a chunk are not copied. */
function pageSplitter(take: Take): { push(chunk: Uint8Array): void; readonly rest: number } {
  const carry = new Uint8Array(PAGE_BYTES);
  let held = 0;
  return {
    get rest() {
      return held;
    },
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (held === 0 && chunk.length - at >= PAGE_BYTES) {
          take(chunk.subarray(at, at + PAGE_BYTES));
          at += PAGE_BYTES;
          continue;
        }
        const part = chunk.subarray(at, at + PAGE_BYTES - held);
        carry.set(part, held);
        held += part.length;
        at += part.length;
        if (held < PAGE_BYTES) return;
        take(carry);
        held = 0;
      }
    },
  };
}

async function measureReader(
  source: Extract<Opened, { kind: "reader" }>,
  placement: Placement,
  job: Job,
): Promise<MeasuredImage> {
  const { what, chain } = placement;
  const { size, read } = source;
  const gpa = checkSize(size, placement);
  let at = gpa;
  const pages = pageSplitter((page) => {
    chain.addPage("normal", at, page);
    at += PAGE_BYTES;
  });
  for await (const chunk of chunksOf(source, what, job)) pages.push(chunk);
  return { gpa, window: { what, size, read } };
}

/** The last bytes of a stream. */
function tailKeeper(): { push(page: Uint8Array): void; bytes(): Uint8Array } {
  const pages: Uint8Array[] = [];
  return {
    push(page) {
      // The oldest page's memory is used again.
      const kept = pages.length * PAGE_BYTES < KEPT_BYTES ? undefined : pages.shift();
      const copy = kept ?? new Uint8Array(PAGE_BYTES);
      copy.set(page);
      pages.push(copy);
    },
    bytes() {
      const bytes = new Uint8Array(pages.length * PAGE_BYTES);
      for (const [index, page] of pages.entries()) bytes.set(page, index * PAGE_BYTES);
      return bytes;
    },
  };
}

function tailWindow(what: FirmwareImage, size: number, tail: Uint8Array): Window {
  const start = size - tail.length;
  return {
    what,
    size,
    read(offset, length) {
      if (offset >= start) return tail.subarray(offset - start, offset - start + length);
      throw unsupportedFirmware(
        what,
        "a stream",
        `its tables begin ${size - offset} bytes before the end, of which ${tail.length} are kept; ` +
          "pass bytes or a reader",
      );
    },
  };
}

async function measureStream(
  source: Extract<Opened, { kind: "stream" }>,
  placement: Placement,
  job: Job,
): Promise<MeasuredImage> {
  const { what, chain } = placement;
  const contents: Uint8Array[] = [];
  const tail = tailKeeper();
  const pages = pageSplitter((page) => {
    contents.push(Uint8Array.from(chain.contents(page)));
    tail.push(page);
    if (contents.length * PAGE_BYTES > MAX_IMAGE_BYTES) checkSize(contents.length * PAGE_BYTES, placement);
  });
  for await (const chunk of chunksOf(source, what, job)) pages.push(chunk);
  const size = contents.length * PAGE_BYTES + pages.rest;
  const gpa = checkSize(size, placement);
  for (const [index, digest] of contents.entries()) chain.add("normal", gpa + index * PAGE_BYTES, digest);
  return { gpa, window: tailWindow(what, size, tail.bytes()) };
}

/**
 * Measures the pages of an image, lowest first, so that it ends at `placement.end`.
 *
 * @throws MalformedError `ERR_MALFORMED_FIRMWARE` for a size that is not whole pages, or above 64 MiB.
 */
export function measureImage(source: Opened, placement: Placement, job: Job): Promise<MeasuredImage> {
  return source.kind === "reader" ? measureReader(source, placement, job) : measureStream(source, placement, job);
}
