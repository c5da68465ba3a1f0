/** A field of one bit. */
export interface FlagRow {
  readonly name: string;
  readonly bit: number;
  /** AMD's name, a colon, the meaning when set. */
  readonly doc: string;
}

/** A field of several bits, both ends included; it may not cross from the low 32-bit word into the high one. */
export interface NumberRow {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** AMD's name, a colon, the meaning. */
  readonly doc: string;
}

/** One line of a bit table. */
export type BitRow = FlagRow | NumberRow;

/** The values that a bit table describes; `raw` is the whole word, `unknownBits` the set bits that no row names. */
export type BitValues<Rows extends readonly BitRow[], Raw> = {
  readonly [Row in Rows[number] as Row["name"]]: Row extends FlagRow ? boolean : number;
} & { readonly raw: Raw; readonly unknownBits: Raw };

/** A word of bits described once: the table, and the decoder made from it. */
export interface BitTable<Rows extends readonly BitRow[] = readonly BitRow[], Raw = bigint> {
  /** Names the word in errors. */
  readonly name: string;
  readonly rows: Rows;
  /** Unverified: every field by name. Nothing is judged: unknown bits are reported, not refused. */
  decode(raw: Raw): BitValues<Rows, Raw>;
}

/** A row as the decoder uses it: which 32-bit word, how far down, how wide. */
interface BitReader {
  readonly name: string;
  readonly inHigh: boolean;
  readonly shift: number;
  readonly mask: number;
  readonly flag: boolean;
}

const WORD = 32;

/** True for a row of one bit. */
export function isFlag(row: BitRow): row is FlagRow {
  return "bit" in row;
}

/** The lowest and highest bit of a row. */
export function bitsOf(row: BitRow): { readonly low: number; readonly high: number } {
  return isFlag(row) ? { low: row.bit, high: row.bit } : { low: row.low, high: row.high };
}

function checkRow(row: BitRow, end: number, title: string): void {
  const { low, high } = bitsOf(row);
  if (!Number.isInteger(low) || !Number.isInteger(high)) throw new TypeError(`${title} is not at whole bits`);
  if (low < end) throw new TypeError(`${title} overlaps the row before, which ends below bit ${end}`);
  if (high < low) throw new TypeError(`${title} ends at bit ${high}, below its start`);
  if (Math.floor(low / WORD) !== Math.floor(high / WORD)) throw new TypeError(`${title} crosses bit ${WORD}`);
}

function proveRows(name: string, width: number, rows: readonly BitRow[]): void {
  const names = new Set(["raw", "unknownBits"]);
  let end = 0;
  for (const row of rows) {
    const title = `${name}: row "${row.name}" at bit ${bitsOf(row).low}`;
    checkRow(row, end, title);
    if (names.has(row.name)) throw new TypeError(`${title} has a name that is taken`);
    names.add(row.name);
    end = bitsOf(row).high + 1;
  }
  if (end > width) throw new TypeError(`${name}: the rows need ${end} bits, the word has ${width}`);
}

function readerOf(row: BitRow): BitReader {
  const { low, high } = bitsOf(row);
  const width = high - low + 1;
  return {
    name: row.name,
    inHigh: low >= WORD,
    shift: low % WORD,
    mask: width === WORD ? 0xffffffff : 2 ** width - 1,
    flag: isFlag(row),
  };
}

function knownMask(readers: readonly BitReader[], inHigh: boolean): number {
  return readers
    .filter((reader) => reader.inHigh === inHigh)
    .reduce((mask, reader) => mask | (reader.mask << reader.shift), 0);
}

type FieldValues = Record<string, bigint | number | boolean>;

/** Reads the named fields out of the two halves of a word; `raw` and `unknownBits` are the caller's to fill in. */
function fieldReader(readers: readonly BitReader[]): (low: number, high: number) => FieldValues {
  const names = ["raw", ...readers.map((reader) => reader.name), "unknownBits"];
  // Filling in a copy is twice as fast as growing an empty object.
  const blank: FieldValues = Object.fromEntries(names.map((name) => [name, 0]));
  return (low, high) => {
    const values = { ...blank };
    for (const { name, inHigh, shift, mask, flag } of readers) {
      const value = ((inHigh ? high : low) >>> shift) & mask;
      values[name] = flag ? value !== 0 : value >>> 0;
    }
    return values;
  };
}

/**
 * The decoder of a 32-bit word. Rows stand in rising order; bits that no row names may lie between them.
 *
 * @throws TypeError for an overlap, a doubled or taken name, or a bit outside the word.
 */
export function defineBits32<const Rows extends readonly BitRow[]>(name: string, rows: Rows): BitTable<Rows, number> {
  proveRows(name, WORD, rows);
  const readers = rows.map(readerOf);
  const read = fieldReader(readers);
  const unknown = ~knownMask(readers, false);
  // Most reports say what the one before said, and what is frozen may be shared.
  let last: BitValues<Rows, number> | undefined;
  return Object.freeze({
    name,
    rows,
    decode(raw: number) {
      if (last?.raw === raw) return last;
      const values = read(raw, 0);
      values["raw"] = raw;
      values["unknownBits"] = (raw & unknown) >>> 0;
      // Filled from the very rows that the type is computed from.
      last = Object.freeze(values) as BitValues<Rows, number>;
      return last;
    },
  });
}

/**
 * The decoder of a 64-bit word, as `defineBits32`.
 *
 * @throws TypeError for an overlap, a doubled or taken name, or a bit outside the word.
 */
export function defineBits64<const Rows extends readonly BitRow[]>(name: string, rows: Rows): BitTable<Rows, bigint> {
  proveRows(name, 2 * WORD, rows);
  const readers = rows.map(readerOf);
  const read = fieldReader(readers);
  const unknownLow = ~knownMask(readers, false);
  const unknownHigh = ~knownMask(readers, true);
  // Most reports say what the one before said, and what is frozen may be shared.
  let last: BitValues<Rows, bigint> | undefined;
  return Object.freeze({
    name,
    rows,
    decode(raw: bigint) {
      if (last?.raw === raw) return last;
      // Numbers, because operations on bigints cost ten times as much.
      const low = Number(raw & 0xffff_ffffn);
      const high = Number(raw >> 32n);
      const values = read(low, high);
      values["raw"] = raw;
      values["unknownBits"] = (BigInt((high & unknownHigh) >>> 0) << 32n) | BigInt((low & unknownLow) >>> 0);
      // Filled from the very rows that the type is computed from.
      last = Object.freeze(values) as BitValues<Rows, bigint>;
      return last;
    },
  });
}
