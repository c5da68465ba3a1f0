import type { Finding, Subject, UsedWaiver } from "./check.js";
import { deepFreeze } from "./json.js";
import { chipIds } from "./rules/chips.js";
import type { Malformed, WaiverDocument } from "./schema.js";

/** What keeps a failed check from refusing: an entry of `waivers`, or of `warn`. */
export interface Waiver {
  readonly kind: "waivers" | "warn";
  /** What results show of it. */
  readonly shown: UsedWaiver;
  /** The pointer of the checks that it speaks of. */
  readonly check: string;
  /** Milliseconds since 1970; the last moment at which it counts. */
  readonly until: number;
  /** True for evidence that it is for. */
  covers(subject: Subject): boolean;
}

function inLowerCase(values: readonly string[] | undefined): readonly string[] | undefined {
  return values?.map((value) => value.toLowerCase());
}

/**
 * Milliseconds since 1970.
 *
 * @throws what `complain` makes, for a day that its month has not
 */
export function readTime(text: string, pointer: string, complain: Malformed): number {
  const time = Date.parse(text);
  if (new Date(time).toISOString().startsWith(text.slice(0, 19))) return time;
  throw complain(pointer, "expected a day that its month has, found another; correct it");
}

/** An entry as appraisal uses it. */
export function readWaiver(
  { check, until, reason, only }: WaiverDocument,
  place: { readonly kind: Waiver["kind"]; readonly pointer: string },
  complain: Malformed,
): Waiver {
  const { kind, pointer } = place;
  const chips = chipIds(only.chipId ?? [], (at, why) => complain(`${pointer}/only/chipId${at}`, why));
  const lists = [
    ["chipId", only.chipId === undefined ? undefined : chips],
    ["cspId", only.cspId],
    ["productLine", only.productLine],
    ["measurement", inLowerCase(only.measurement)],
  ] as const;
  return {
    kind,
    shown: deepFreeze({ pointer, until, reason }),
    check,
    until: readTime(until, `${pointer}/until`, complain),
    covers: ({ claims }) =>
      lists.every(([name, list]) => list === undefined || list.some((value) => value === claims.get(name))),
  };
}

/** The first waiver that counts for a failure of the evidence, at its time. */
export function usedWaiver(waivers: readonly Waiver[], { outcome }: Finding, subject: Subject): Waiver | undefined {
  if (outcome !== "fail") return undefined;
  return waivers.find(({ until, covers }) => subject.now <= until && covers(subject));
}
