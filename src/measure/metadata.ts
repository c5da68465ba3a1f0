import { defineLayout } from "../bytes/layout.js";
import { type FirmwareImage, malformedFirmware, unsupportedFirmware } from "./firmware-error.js";
import type { Window } from "./footer.js";
import { PAGE_BYTES } from "./pages.js";

/** What a section of an image's SEV metadata is for. */
export type SectionType = "secMem" | "secrets" | "cpuid" | "svsmCaa" | "kernelHashes";

/** Guest memory that the VMM prepares before the guest runs. */
export interface FirmwareSection {
  readonly type: SectionType;
  /** Guest physical address; a multiple of 4096. */
  readonly gpa: number;
  /** In bytes; a multiple of 4096. */
  readonly size: number;
}

/** The types by number, with the names that edk2 gives them. */
const TYPES: ReadonlyMap<number, SectionType> = /* @__PURE__ */ new Map([
  [1, "secMem"],
  [2, "secrets"],
  [3, "cpuid"],
  [4, "svsmCaa"],
  [0x10, "kernelHashes"],
]);

// Source of both: edk2, OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm.

const HEADER = /* @__PURE__ */ defineLayout("SEV metadata", 16, [
  { name: "signature", offset: 0, size: 4, type: "u32", doc: "SIGNATURE: the characters ASEV" },
  { name: "length", offset: 4, size: 4, type: "u32", doc: "LENGTH: of header and sections, in bytes" },
  { name: "version", offset: 8, size: 4, type: "u32", doc: "VERSION: 1" },
  { name: "count", offset: 12, size: 4, type: "u32", doc: "COUNT: how many sections follow" },
]);

const SECTION = /* @__PURE__ */ defineLayout("SEV metadata section", 12, [
  { name: "gpa", offset: 0, size: 4, type: "u32", doc: "BASE: guest physical address" },
  { name: "size", offset: 4, size: 4, type: "u32", doc: "SIZE: in bytes" },
  { name: "type", offset: 8, size: 4, type: "u32", doc: "TYPE: what the memory is for" },
]);

const ASEV = 0x56455341;
const VERSION = 1;
const FOUR_GIB = 2 ** 32;
/** Genuine images have about ten. */
const MAX_SECTIONS = 256;
/** 64 MiB; genuine images name less than one. */
export const MAX_SECTION_PAGES = 16_384;

function checkHeader(what: FirmwareImage, bytes: Uint8Array, start: number): number {
  const { signature, length, version, count } = HEADER.parse(bytes).values;
  if (signature !== ASEV) throw malformedFirmware(what, start, 'the SEV metadata does not begin with "ASEV"');
  if (version !== VERSION) throw unsupportedFirmware(what, "SEV metadata", `version ${version}, expected ${VERSION}`);
  if (count > MAX_SECTIONS) throw malformedFirmware(what, start, `${count} sections, more than ${MAX_SECTIONS}`);
  const expected = HEADER.size + count * SECTION.size;
  if (length === expected) return count;
  throw malformedFirmware(what, start, `the SEV metadata has length ${length}, expected ${expected}`);
}

function sectionOf(what: FirmwareImage, bytes: Uint8Array, at: number): FirmwareSection {
  const { gpa, size, type: number } = SECTION.parse(bytes).values;
  const type = TYPES.get(number);
  if (type === undefined) throw unsupportedFirmware(what, "SEV metadata", `a section of unknown type ${number}`);
  if (gpa % PAGE_BYTES !== 0 || size % PAGE_BYTES !== 0 || size === 0) {
    throw malformedFirmware(what, at, `a section of ${size} bytes at ${gpa} is not whole pages`);
  }
  return { type, gpa, size };
}

/** @returns how many pages some sections have */
export function pagesIn(sections: readonly FirmwareSection[]): number {
  return sections.reduce((sum, { size }) => sum + size / PAGE_BYTES, 0);
}

/**
 * Refuses memory that would be given to the guest twice, which no launch allows.
 *
 * @param taken - where the image itself lies
 * @throws MalformedError `ERR_MALFORMED_FIRMWARE`.
 */
export function refuseOverlaps(
  what: FirmwareImage,
  sections: readonly FirmwareSection[],
  taken: { readonly gpa: number; readonly size: number },
): void {
  const rising = [...sections, taken].sort((a, b) => a.gpa - b.gpa);
  let end = 0;
  for (const { gpa, size } of rising) {
    if (gpa < end) throw malformedFirmware(what, null, `memory at ${gpa} is given twice, by sections or the image`);
    end = gpa + size;
  }
  if (end > FOUR_GIB) throw malformedFirmware(what, null, "a section goes beyond 4 GiB");
}

/**
 * Unverified: the sections of an image's SEV metadata, in the order in which they stand there and are measured.
 *
 * @param offset - of the metadata, from the end of the image
 * @throws MalformedError `ERR_MALFORMED_FIRMWARE` for what does not fit.
 * @throws UnsupportedError `ERR_UNSUPPORTED_FIRMWARE` for another version, an unknown type, or more than 64 MiB.
 */
export async function readMetadata({ what, size, read }: Window, offset: number): Promise<readonly FirmwareSection[]> {
  const start = size - offset;
  if (offset < HEADER.size || start < 0) {
    throw malformedFirmware(what, null, `the SEV metadata would begin ${offset} bytes before the end`);
  }
  const count = checkHeader(what, (await read(start, HEADER.size)).slice(), start);
  const at = start + HEADER.size;
  const length = count * SECTION.size;
  if (at + length > size) throw malformedFirmware(what, start, "the SEV metadata goes beyond the image's end");
  const bytes = (await read(at, length)).slice();
  const sections = Array.from({ length: count }, (_, index) => {
    const from = index * SECTION.size;
    return sectionOf(what, bytes.subarray(from, from + SECTION.size), at + from);
  });
  const pages = pagesIn(sections);
  if (pages <= MAX_SECTION_PAGES) return sections;
  throw unsupportedFirmware(what, "SEV metadata", `${pages} pages to measure, more than ${MAX_SECTION_PAGES}`);
}
