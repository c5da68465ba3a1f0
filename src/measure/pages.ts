import { toHex } from "../bytes/codecs.js";
import { defineLayout, rangeOf } from "../bytes/layout.js";
import { textOf } from "../bytes/text.js";
import type { SyncDigests } from "../crypto/sync-digests.js";
import { UnsupportedError } from "../errors.js";

/** The unit of everything that is measured, in bytes. */
export const PAGE_BYTES = 4096;

/** The length of SHA-384 and of a launch digest, in bytes. */
export const DIGEST_BYTES = 48;

/** How a page enters the launch digest, by AMD's number. Source: AMD 56860, SNP_LAUNCH_UPDATE, PAGE_TYPE. */
export const PAGE_TYPES = /* @__PURE__ */ Object.freeze({
  /** By the digest of its bytes. */
  normal: 1,
  /** A vCPU's registers, by the digest of the page. */
  vmsa: 2,
  /** Zeros, by address and type alone. */
  zero: 3,
  /** By address and type alone, whatever it holds. */
  unmeasured: 4,
  /** Filled by the firmware of the chip; by address and type alone. */
  secrets: 5,
  /** CPUID values, by address and type alone: the chip's firmware judges them, nobody measures them. */
  cpuid: 6,
});

/** A name of `PAGE_TYPES`. */
export type PageType = keyof typeof PAGE_TYPES;

/** What each step of the chain hashes; IMI_PAGE and the permissions of the lower VMPLs are zero under every VMM here. */
const PAGE_INFO = /* @__PURE__ */ defineLayout("PAGE_INFO", 0x70, [
  { name: "digestCur", offset: 0x00, size: 48, type: "bytes", doc: "DIGEST_CUR: the launch digest so far" },
  {
    name: "contents",
    offset: 0x30,
    size: 48,
    type: "bytes",
    doc: "CONTENTS: SHA-384 of the page, or zero by its type",
  },
  { name: "length", offset: 0x60, size: 2, type: "u16", doc: "LENGTH: of this structure in bytes" },
  { name: "pageType", offset: 0x62, size: 1, type: "u8", doc: "PAGE_TYPE: as in PAGE_TYPES" },
  { name: "imiPage", offset: 0x63, size: 1, type: "u8", doc: "IMI_PAGE: bit 0, a page of a migration image" },
  { reserved: "refuse", offset: 0x64, size: 1 },
  {
    name: "vmpl1Perms",
    offset: 0x65,
    size: 1,
    type: "u8",
    doc: "VMPL1_PERMS: read, write, user and supervisor execute",
  },
  { name: "vmpl2Perms", offset: 0x66, size: 1, type: "u8", doc: "VMPL2_PERMS: as VMPL1_PERMS" },
  { name: "vmpl3Perms", offset: 0x67, size: 1, type: "u8", doc: "VMPL3_PERMS: as VMPL1_PERMS" },
  { name: "gpa", offset: 0x68, size: 8, type: "u64", doc: "GPA: guest physical address of the page" },
]);

const AT = /* @__PURE__ */ Object.freeze({
  digestCur: rangeOf(PAGE_INFO, "digestCur").offset,
  contents: rangeOf(PAGE_INFO, "contents").offset,
  length: rangeOf(PAGE_INFO, "length").offset,
  pageType: rangeOf(PAGE_INFO, "pageType").offset,
  gpa: rangeOf(PAGE_INFO, "gpa").offset,
});

const NO_CONTENTS: Uint8Array = /* @__PURE__ */ new Uint8Array(DIGEST_BYTES);
const WORD = 2 ** 32;

/** Bytes of this realm or another. */
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/**
 * What digests of a caller's answered.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` for anything but so many bytes.
 */
export function checkedDigest(digests: SyncDigests, digest: unknown, length: number): Uint8Array {
  const bytes = isBytes(digest) ? digest : null;
  if (bytes?.length === length) return bytes;
  const name = textOf(digests.name);
  const found = bytes === null ? "no bytes" : `${bytes.length} bytes`;
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_CRYPTO",
    `the digests of "${name}" answered ${found} for SHA-${8 * length}; pass others`,
    { engine: name, operation: "digest" },
  );
}

function sha384With(digests: SyncDigests, data: Uint8Array): Uint8Array {
  return checkedDigest(digests, digests.sha384(data), DIGEST_BYTES);
}

/**
 * The launch digest as it grows, page by page: LD' = SHA-384(PAGE_INFO), whose first bytes are LD.
 *
 * One PAGE_INFO is filled again and again, so that a page costs two digests and next to nothing besides.
 */
export class LaunchChain {
  readonly #digests: SyncDigests;
  readonly #info = new Uint8Array(PAGE_INFO.size);
  readonly #view = new DataView(this.#info.buffer);
  #steps = 0;

  /** @param start - the digest to go on from; zeros at the start of a launch */
  constructor(digests: SyncDigests, start: Uint8Array = NO_CONTENTS) {
    this.#digests = digests;
    this.#info.set(start, AT.digestCur);
    this.#view.setUint16(AT.length, PAGE_INFO.size, true);
  }

  /** How many pages it has taken. */
  get steps(): number {
    return this.#steps;
  }

  /** SHA-384 of a page's bytes, for `add`. */
  contents(page: Uint8Array): Uint8Array {
    return sha384With(this.#digests, page);
  }

  /** Takes a page at `gpa` (a whole number below 2^53); `contents` for the types `normal` and `vmsa` alone. */
  add(type: PageType, gpa: number, contents: Uint8Array = NO_CONTENTS): void {
    this.#view.setUint8(AT.pageType, PAGE_TYPES[type]);
    this.#view.setUint32(AT.gpa, gpa % WORD, true);
    this.#view.setUint32(AT.gpa + 4, Math.floor(gpa / WORD), true);
    this.#info.set(contents, AT.contents);
    this.#info.set(sha384With(this.#digests, this.#info), AT.digestCur);
    this.#steps++;
  }

  /** Takes a page with its bytes. */
  addPage(type: "normal" | "vmsa", gpa: number, page: Uint8Array): void {
    this.add(type, gpa, this.contents(page));
  }

  /** The digest so far, as a copy. */
  digest(): Uint8Array {
    return this.#info.slice(AT.digestCur, AT.digestCur + DIGEST_BYTES);
  }

  /** The digest so far, as lower-case hex. */
  hex(): string {
    return toHex(this.#info.subarray(AT.digestCur, AT.digestCur + DIGEST_BYTES));
  }
}
