import type { Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import { type Part, textOf } from "./part.js";

/** A firmware version. */
export interface FirmwareFloor {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** Where the block stands that the floor is for. */
interface Target {
  readonly pointer: string;
  readonly notes: Notes;
}

/** 255.255.255: each part is a byte of the report. */
const GREATEST = 0xffffff;

const COMPARATOR = /^(>=|>|<=|<|=|\^|~)?\s*v?(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?$/;

function numberOf(version: FirmwareFloor): number {
  return version.major * 0x10000 + version.minor * 0x100 + version.build;
}

function versionOf(number: number): FirmwareFloor {
  return { major: number >> 16, minor: (number >> 8) & 0xff, build: number & 0xff };
}

/** What one comparator asks for at the least; null for one that only asks for what is older. */
function leastOf(part: Part, text: string): { readonly least: number | null; readonly upper: boolean } {
  const match = COMPARATOR.exec(text);
  const [major = 256, minor = 0, build = 0] = match?.slice(2).map((digits) => Number(digits ?? 0)) ?? [];
  if (major > 255 || minor > 255 || build > 255) {
    const reason =
      "expected comparisons such as >= 1.55.22 with a comma between them, found another range; write it so";
    throw malformedImport(part.format, part.where, reason);
  }
  const operator = match?.[1] ?? "=";
  const version = numberOf({ major, minor, build });
  if (operator.startsWith("<")) return { least: null, upper: true };
  return { least: operator === ">" ? version + 1 : version, upper: !operator.startsWith(">") };
}

/**
 * The floor in a range of semantic versions; null where it has none. An upper end is not carried, with a note: newer
 * firmware than was foreseen is no weakness.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` for a range of another form.
 */
export function firmwareFloor(part: Part, { pointer, notes }: Target): FirmwareFloor | null {
  const ends = textOf(part)
    .split(",")
    .map((text) => leastOf(part, text.trim()));
  const least = Math.max(-1, ...ends.map((end) => end.least ?? -1));
  if (least > GREATEST)
    throw malformedImport(part.format, part.where, "expected a range with a version in it, found none");
  const at = least < 0 ? null : `${pointer}/minimumFirmware/current`;
  if (ends.some(({ upper }) => upper)) {
    const text = "A range of firmware has no upper end here: firmware that is newer than the range passes.";
    notes.add("loosened", { where: part.where, pointer: at, text });
  }
  return least < 0 ? null : versionOf(least);
}
