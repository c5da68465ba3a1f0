import { equalBytes } from "../bytes/codecs.js";
import { type FirmwareImage, malformedFirmware, unsupportedFirmware } from "./firmware-error.js";
import { guidBytes, guidText } from "./guid.js";

/** Reads bytes of an image; `offset` counts from its start. */
export interface Window {
  readonly what: FirmwareImage;
  /** Of the image, in bytes. */
  readonly size: number;
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}

/** What the table at the end of an OVMF or SVSM image says, as far as it matters here; null where it does not. */
export interface Footer {
  /** Where the APs begin: IP in the low 16 bits, the base of CS in the high ones. */
  readonly resetVector: number | null;
  /** The area of the kernel hash table. */
  readonly hashTable: { readonly gpa: number; readonly size: number } | null;
  /** How far before the end of the image the SEV metadata begins. */
  readonly metadataOffset: number | null;
  /** Where an SVSM begins, from the start of its image. */
  readonly svsmEntry: number | null;
}

/** The table ends this far before the end of the image. Source: edk2, OvmfPkg/ResetVector. */
const TABLE_END = 0x20;
const GUID_BYTES = 16;
/** Behind the data of each entry: its length as u16, and its GUID. */
const ENTRY_TAIL = GUID_BYTES + 2;

const FOOTER_GUID = /* @__PURE__ */ guidBytes("96b582de-1fb2-45f7-baea-a366c55a082d");
/** The entries that are read, and the length of their data. */
const ENTRIES: Readonly<Record<string, { readonly field: keyof Footer; readonly length: number }>> = {
  "00f771de-1a7e-4fcb-890e-68c77e2fb44e": { field: "resetVector", length: 4 },
  "7255371f-3a3b-4b04-927b-1da6efa8d454": { field: "hashTable", length: 8 },
  "dc886566-984a-4798-a75e-5585a7bf67cc": { field: "metadataOffset", length: 4 },
  "a789a612-0597-4c4b-a49f-cbb1fe9d1ddd": { field: "svsmEntry", length: 4 },
};

interface Entry {
  readonly guid: string;
  readonly data: Uint8Array;
  /** From the start of the image. */
  readonly offset: number;
}

/** The entries, from the last to the first; `table` is everything before the footer, and begins at `start`. */
function walk(what: FirmwareImage, table: Uint8Array, start: number): Entry[] {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const entries: Entry[] = [];
  for (let end = table.length; end > 0; ) {
    const tail = end - ENTRY_TAIL;
    if (tail < 0) throw malformedFirmware(what, start, `${end} bytes before the first entry of the footer table`);
    const length = view.getUint16(tail, true);
    if (length < ENTRY_TAIL || length > end) {
      throw malformedFirmware(what, start + tail, `an entry of the footer table has length ${length}`);
    }
    const guid = guidText(table.subarray(tail + 2, end));
    entries.push({ guid, data: table.subarray(end - length, tail), offset: start + end - length });
    end -= length;
  }
  return entries;
}

function entryValue(field: keyof Footer, data: Uint8Array): number | { gpa: number; size: number } {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const first = view.getUint32(0, true);
  return field === "hashTable" ? { gpa: first, size: view.getUint32(4, true) } : first;
}

function footerOf(what: FirmwareImage, entries: readonly Entry[]): Footer {
  const values = new Map<keyof Footer, unknown>();
  for (const { guid, data, offset } of entries) {
    const known = Object.hasOwn(ENTRIES, guid) ? ENTRIES[guid] : undefined;
    if (known === undefined) continue;
    if (data.length !== known.length) {
      throw malformedFirmware(what, offset, `entry ${guid} has ${data.length} bytes of data, expected ${known.length}`);
    }
    // Readers differ in which of two they take, so neither is.
    if (values.has(known.field)) throw malformedFirmware(what, offset, `entry ${guid} stands there twice`);
    values.set(known.field, entryValue(known.field, data));
  }
  const blank: Footer = { resetVector: null, hashTable: null, metadataOffset: null, svsmEntry: null };
  // Each value was made for its field.
  return { ...blank, ...(Object.fromEntries(values) as Partial<Footer>) };
}

/**
 * Unverified: the table of GUIDs at the end of an image of at least one page. Entries without a meaning here are
 * passed over.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_FIRMWARE` where there is no such table.
 * @throws MalformedError `ERR_MALFORMED_FIRMWARE` for lengths that do not fit, or an entry that stands there twice.
 */
export async function readFooter({ what, size, read }: Window): Promise<Footer> {
  const end = size - TABLE_END;
  const tail = (await read(end - ENTRY_TAIL, ENTRY_TAIL)).slice();
  if (!equalBytes(tail.subarray(2), FOOTER_GUID)) {
    throw unsupportedFirmware(what, "footer table", "none; is it an OVMF image, and the one that holds the code?");
  }
  const length = new DataView(tail.buffer).getUint16(0, true);
  const start = end - length;
  if (length < ENTRY_TAIL || start < 0) {
    throw malformedFirmware(what, end - ENTRY_TAIL, `the footer table has length ${length}`);
  }
  return footerOf(what, walk(what, (await read(start, length - ENTRY_TAIL)).slice(), start));
}
