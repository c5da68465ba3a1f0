import { readOptions } from "../bytes/arguments.js";
import { fromHex, isZero } from "../bytes/codecs.js";
import { malformedFirmware, unsupportedFirmware } from "./firmware-error.js";
import { type Footer, readFooter, type Window } from "./footer.js";
import { measureImage } from "./image.js";
import { JOB_OPTIONS, type Job, jobOf, type MeasureOptions } from "./job.js";
import { type FirmwareSection, MAX_SECTION_PAGES, pagesIn, readMetadata, refuseOverlaps } from "./metadata.js";
import { DIGEST_BYTES, LaunchChain, PAGE_BYTES } from "./pages.js";
import { type ImageSource, openSource } from "./source.js";

/** An SVSM beside the firmware. */
export interface SvsmImage {
  /** The image. */
  readonly image: ImageSource;
  /** The size of the variable store that lies between the SVSM and the firmware, in bytes. */
  readonly varsSize: number;
}

/**
 * Everything of a firmware image that launch digests depend on: a few hundred bytes of JSON that stand for megabytes.
 *
 * Whoever can change it can change every digest that is computed from it: keep it as safe as the image.
 */
export interface OvmfDigest {
  /** Says what this is. */
  readonly kind: "attestry-ovmf-digest-v1";
  /** The launch digest after the pages of the image (and of the SVSM), as 96 lower-case hex digits. */
  readonly digest: string;
  /** What the VMM prepares, in the order of the image that brings the metadata: the SVSM where there is one. */
  readonly sections: readonly FirmwareSection[];
  /** Where APs begin; null where the image does not say, and a guest can have one vCPU only. */
  readonly resetVector: number | null;
  /** Where the hashes of a directly booted kernel go; null for a firmware that measures none. */
  readonly hashTable: { readonly gpa: number; readonly size: number } | null;
  /** Where an SVSM begins; null without one. */
  readonly svsmEntry: number | null;
}

/** Options of `computeOvmfDigest`; an unknown name is a TypeError. */
export interface OvmfDigestOptions extends MeasureOptions {
  /** For the profile `svsm`. */
  svsm?: SvsmImage;
}

const KIND = "attestry-ovmf-digest-v1";
const FOUR_GIB = 2 ** 32;

async function sectionsOf(window: Window, { metadataOffset }: Footer): Promise<readonly FirmwareSection[]> {
  if (metadataOffset !== null) return await readMetadata(window, metadataOffset);
  throw unsupportedFirmware(window.what, "footer table", "no SEV metadata; the image was not built for SEV-SNP");
}

async function describe(window: Window, chain: LaunchChain, svsmGpa: number | null): Promise<OvmfDigest> {
  const footer = await readFooter(window);
  const sections = await sectionsOf(window, footer);
  refuseOverlaps(window.what, sections, { gpa: svsmGpa ?? FOUR_GIB - window.size, size: window.size });
  if (svsmGpa !== null && footer.svsmEntry === null) {
    throw unsupportedFirmware(window.what, "footer table", "no SVSM entry point; is it an SVSM image?");
  }
  if (footer.svsmEntry !== null && footer.svsmEntry >= window.size) {
    throw malformedFirmware(window.what, null, `the entry point ${footer.svsmEntry} lies outside the image`);
  }
  return Object.freeze({
    kind: KIND,
    digest: chain.hex(),
    sections,
    resetVector: footer.resetVector,
    hashTable: footer.hashTable,
    svsmEntry: svsmGpa === null || footer.svsmEntry === null ? null : svsmGpa + footer.svsmEntry,
  });
}

function readSvsm(svsm: unknown): { image: unknown; varsSize: number } | null {
  if (svsm === undefined) return null;
  const { image, varsSize } = readOptions(svsm, "svsm", ["image", "varsSize"]);
  if (typeof varsSize === "number" && Number.isInteger(varsSize) && varsSize >= 0 && varsSize % PAGE_BYTES === 0) {
    return { image, varsSize };
  }
  throw new TypeError("svsm.varsSize must be a number of bytes, whole pages of 4096");
}

/** Reads a firmware, and an SVSM where there is one. */
export async function digestOvmf(firmware: unknown, svsm: unknown, job: Job): Promise<OvmfDigest> {
  const beside = readSvsm(svsm);
  const chain = new LaunchChain(job.digests);
  const placed = await measureImage(openSource(firmware, "firmware"), { what: "firmware", end: FOUR_GIB, chain }, job);
  if (beside === null) return await describe(placed.window, chain, null);
  const end = placed.gpa - beside.varsSize;
  const { gpa, window } = await measureImage(openSource(beside.image, "svsm.image"), { what: "svsm", end, chain }, job);
  return await describe(window, chain, gpa);
}

/**
 * Reads a firmware image once, for any number of launch digests: of other vCPU counts, VMMs, features and kernels.
 *
 * `digest` in the answer is the launch digest after the image's own pages, which no guest ever has.
 *
 * @param firmware - the image that is loaded below 4 GiB: the code, or code and variables in one; never the variables
 * alone. At most 64 MiB.
 * @throws TypeError for an argument of the wrong type.
 * @throws MalformedError `ERR_MALFORMED_FIRMWARE` for an image or tables that do not fit.
 * @throws UnsupportedError `ERR_UNSUPPORTED_FIRMWARE` for an image without SEV metadata, or with sections of an unknown
 * type; `ERR_UNSUPPORTED_CRYPTO` for digests of the wrong length.
 * @throws CollateralError `ERR_COLLATERAL_ABORTED` when the signal fires. What a reader, a stream or a callback of the
 * caller's throws comes out as it is.
 */
export async function computeOvmfDigest(firmware: ImageSource, options: OvmfDigestOptions = {}): Promise<OvmfDigest> {
  const { svsm, ...rest } = readOptions(options, "options", [...JOB_OPTIONS, "svsm"]);
  return await digestOvmf(firmware, svsm, jobOf(rest));
}

/** True for what says that it is an `OvmfDigest`. Never throws. */
export function isOvmfDigest(value: unknown): boolean {
  return typeof value === "object" && value !== null && Reflect.get(value, "kind") === KIND;
}

const DIGEST_TEXT = /^[0-9a-f]{96}$/;
const SECTION_TYPES: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  "secMem",
  "secrets",
  "cpuid",
  "svsmCaa",
  "kernelHashes",
]);

/** A launch digest as text. @throws TypeError for anything but 96 lower-case hex digits that are not all zero. */
export function checkDigestText(value: unknown, name: string): Uint8Array {
  const digest = typeof value === "string" && DIGEST_TEXT.test(value) ? fromHex(value) : null;
  if (digest !== null && !isZero(digest)) return digest;
  throw new TypeError(`${name} must be ${2 * DIGEST_BYTES} lower-case hex digits, not all zero`);
}

function address(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < FOUR_GIB) return value;
  throw new TypeError(`${name} must be a whole number below 2^32`);
}

/** An address, or null. @throws TypeError for anything else. */
export function addressOrNull(value: unknown, name: string): number | null {
  return value === null ? null : address(value, name);
}

function checkSections(value: unknown, name: string): readonly FirmwareSection[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array`);
  // Unlike map, it passes over no hole.
  const sections = Array.from(value, (item: unknown, index): FirmwareSection => {
    const where = `${name}[${index}]`;
    const { type, gpa, size } = readOptions(item, where, ["type", "gpa", "size"]);
    const pages = [address(gpa, `${where}.gpa`), address(size, `${where}.size`)] as const;
    if (!SECTION_TYPES.has(type) || pages.some((bytes) => bytes % PAGE_BYTES !== 0)) {
      throw new TypeError(`${where} must have a known type and whole pages`);
    }
    // A member of SECTION_TYPES, which lists the names of the type.
    return { type: type as FirmwareSection["type"], gpa: pages[0], size: pages[1] };
  });
  if (pagesIn(sections) <= MAX_SECTION_PAGES) return sections;
  throw new TypeError(`${name} has more than ${MAX_SECTION_PAGES} pages`);
}

/** An `OvmfDigest` that may have been JSON in between. @throws TypeError where it does not look like one. */
export function checkOvmfDigest(value: unknown, name: string): OvmfDigest {
  const keys = ["kind", "digest", "sections", "resetVector", "hashTable", "svsmEntry"] as const;
  const read = readOptions(value, name, keys);
  if (read.kind !== KIND) throw new TypeError(`${name}.kind must be ${JSON.stringify(KIND)}`);
  checkDigestText(read.digest, `${name}.digest`);
  const area = read.hashTable === null ? null : readOptions(read.hashTable, `${name}.hashTable`, ["gpa", "size"]);
  const hashTable =
    area === null
      ? null
      : { gpa: address(area.gpa, `${name}.hashTable.gpa`), size: address(area.size, `${name}.hashTable.size`) };
  return {
    kind: KIND,
    digest: String(read.digest),
    sections: checkSections(read.sections, `${name}.sections`),
    resetVector: addressOrNull(read.resetVector, `${name}.resetVector`),
    hashTable,
    svsmEntry: addressOrNull(read.svsmEntry, `${name}.svsmEntry`),
  };
}
