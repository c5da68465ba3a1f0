/** An OVMF image of one page without any code: the tables that a launch digest depends on, and nothing else. */

const IMAGE_BYTES = 4096;
/** The footer table ends this far before the image's end. */
const TABLE_END = IMAGE_BYTES - 0x20;
const METADATA_AT = 0xa00;

/** GUIDs as EFI stores them: the first three groups little-endian. */
const GUIDS = {
  footer: "96b582de-1fb2-45f7-baea-a366c55a082d",
  resetVector: "00f771de-1a7e-4fcb-890e-68c77e2fb44e",
  hashTable: "7255371f-3a3b-4b04-927b-1da6efa8d454",
  metadata: "dc886566-984a-4798-a75e-5585a7bf67cc",
  svsmInfo: "a789a612-0597-4c4b-a49f-cbb1fe9d1ddd",
} as const;

/** A section of SEV metadata: address, size in bytes, type. */
export type Section = readonly [gpa: number, size: number, type: number];

/** What goes into an image; null leaves an entry out. */
export interface FirmwareRecipe {
  /** In bytes, a multiple of 4096. */
  size: number;
  /** What the bytes beside the tables are. */
  fill: (offset: number) => number;
  sections: readonly Section[];
  resetVector: number | null;
  hashTable: readonly [gpa: number, size: number] | null;
  svsmEntry: number | null;
}

/** The image that the vectors speak of. */
export const SYNTHETIC: FirmwareRecipe = {
  size: IMAGE_BYTES,
  fill: () => 0,
  sections: [
    [0x800000, 0x2000, 1],
    [0x802000, 0x1000, 2],
    [0x803000, 0x1000, 3],
    [0x804000, 0x1000, 0x10],
  ],
  resetVector: 0x0080b004,
  hashTable: [0x804c00, 0x400],
  svsmEntry: null,
};

function u32s(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return bytes;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function guid(name: keyof typeof GUIDS): Uint8Array {
  const digits = Buffer.from(GUIDS[name].replaceAll("-", ""), "hex");
  return Uint8Array.of(
    ...digits.subarray(0, 4).reverse(),
    ...digits.subarray(4, 6).reverse(),
    ...digits.subarray(6, 8).reverse(),
    ...digits.subarray(8),
  );
}

function entry(name: keyof typeof GUIDS, data: Uint8Array): Uint8Array {
  return Uint8Array.of(...data, ...u16(data.length + 18), ...guid(name));
}

/** The footer table; `metadataOffset` counts from the image's end. */
function footerTable({ resetVector, hashTable, svsmEntry }: FirmwareRecipe, metadataOffset: number): Uint8Array {
  const entries = [
    entry("metadata", u32s(metadataOffset)),
    ...(hashTable === null ? [] : [entry("hashTable", u32s(...hashTable))]),
    ...(resetVector === null ? [] : [entry("resetVector", u32s(resetVector))]),
    ...(svsmEntry === null ? [] : [entry("svsmInfo", u32s(svsmEntry))]),
  ];
  const length = entries.reduce((sum, bytes) => sum + bytes.length, 18);
  return Uint8Array.of(...entries.flatMap((bytes) => [...bytes]), ...u16(length), ...guid("footer"));
}

function metadata(sections: readonly Section[]): Uint8Array {
  const header = [0x56455341, 16 + 12 * sections.length, 1, sections.length];
  return u32s(...header, ...sections.flat());
}

/** An image, byte for byte the same for the same recipe; the tables lie in its last page. */
export function buildFirmware(recipe: FirmwareRecipe = SYNTHETIC): Uint8Array {
  const image = Uint8Array.from({ length: recipe.size }, (_, offset) => recipe.fill(offset));
  const lastPage = recipe.size - IMAGE_BYTES;
  const table = footerTable(recipe, IMAGE_BYTES - METADATA_AT);
  image.set(metadata(recipe.sections), lastPage + METADATA_AT);
  image.set(table, lastPage + TABLE_END - table.length);
  return image;
}
