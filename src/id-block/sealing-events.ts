import { KEY_FIELDS } from "./sealing-fields.js";
import type { DerivedKeyField, DerivedKeyRoot, KeyRequest } from "./sealing-selection.js";

/** Something that happens to a guest, its image, its chip or its firmware. */
export type KeyEventName =
  | "restart"
  | "firmwareUpdate"
  | "newImage"
  | "newFamilyOrImageId"
  | "higherGuestSvn"
  | "lowerGuestSvn"
  | "otherPolicy"
  | "otherHostData"
  | "otherIdKey"
  | "otherVmpl"
  | "otherChip"
  | "migration";

/**
 * What an event does to the same request: `keeps` gives the same key, `changes` another one or none, `depends` hangs
 * on what the reason says.
 */
export interface KeyEvent {
  readonly event: KeyEventName;
  readonly effect: "keeps" | "changes" | "depends";
  /** A sentence for a person. */
  readonly reason: string;
}

type Effect = readonly [KeyEvent["effect"], string];
type ByRoot = Readonly<Record<DerivedKeyRoot, Effect>>;

const RESTART: ByRoot = {
  VCEK: ["keeps", "The same launch on the same chip has the same root."],
  VLEK: ["keeps", "The same launch under the same provider key has the same root."],
  VMRK: ["depends", "The migration agent must bring the same root again; one that forgets it loses the key for good."],
};

const OTHER_CHIP: ByRoot = {
  VCEK: ["changes", "The root is the chip's own; what was sealed is lost with the chip."],
  VLEK: [
    "depends",
    "The provider's key is not bound to a chip; whether another chip derives the same is the provider's doing.",
  ],
  VMRK: ["keeps", "The root comes from the migration agent and not from the chip."],
};

const MIGRATION: ByRoot = {
  VCEK: ["changes", "The chip at the other end has another root."],
  VLEK: ["depends", "The chip at the other end may hold the same provider key, or another."],
  VMRK: ["keeps", "The root moves with the guest."],
};

const VERSIONED_ROOT =
  "The root is a versioned key, and public sources disagree whether an update of REPORTED_TCB changes what is derived " +
  "from it; plan for both, and keep another way to what was sealed.";

function firmwareUpdate({ rootKey, fields }: KeyRequest): Effect {
  if (fields.has("launchMitVector")) {
    return ["depends", "A guest launched on newer firmware may have another mitigation vector to ask for."];
  }
  if (rootKey !== "VMRK") return ["depends", VERSIONED_ROOT];
  if (!fields.has("tcbVersion")) return ["keeps", "Neither the root nor a field knows the version of the firmware."];
  return ["keeps", "TCB_VERSION is what the guest asks for, and an older one may always be asked for."];
}

/** An event that only a field of the launch makes a difference to. */
function byField(fields: ReadonlySet<DerivedKeyField>, names: readonly DerivedKeyField[]): Effect {
  const labels = (list: readonly DerivedKeyField[]) => list.map((name) => KEY_FIELDS[name].label).join(" and ");
  const mixed = names.filter((name) => fields.has(name));
  if (mixed.length > 0) return ["changes", `Mixed in: ${labels(mixed)}.`];
  return ["keeps", `Not mixed in: ${labels(names)}.`];
}

function higherSvn(fields: ReadonlySet<DerivedKeyField>): Effect {
  if (!fields.has("guestSvn")) return ["keeps", "GUEST_SVN is not mixed in."];
  return ["keeps", "A newer guest may ask for an older GUEST_SVN, and so reads what its predecessor sealed."];
}

function lowerSvn(fields: ReadonlySet<DerivedKeyField>, guestSvn: number): Effect {
  if (!fields.has("guestSvn")) return ["keeps", "GUEST_SVN is not mixed in; an older guest gets the key."];
  if (guestSvn === 0) return ["keeps", "Every guest may ask for GUEST_SVN 0; an older guest gets the key."];
  return ["changes", `Firmware refuses ${guestSvn} to a guest whose ID block says less.`];
}

/** What each event does to the key of a request, in a fixed order. */
export function keyEvents(request: KeyRequest): readonly KeyEvent[] {
  const { rootKey, fields, guestSvn, vmpl } = request;
  const effects: readonly (readonly [KeyEventName, Effect])[] = [
    ["restart", RESTART[rootKey]],
    ["firmwareUpdate", firmwareUpdate(request)],
    ["newImage", byField(fields, ["measurement"])],
    ["newFamilyOrImageId", byField(fields, ["familyId", "imageId"])],
    ["higherGuestSvn", higherSvn(fields)],
    ["lowerGuestSvn", lowerSvn(fields, guestSvn)],
    ["otherPolicy", byField(fields, ["policy"])],
    ["otherHostData", ["keeps", "HOST_DATA cannot be mixed in."]],
    ["otherIdKey", ["depends", "No field of a request holds the ID key or the author key; count on neither outcome."]],
    ["otherVmpl", ["changes", `The request says VMPL ${vmpl}, and that is mixed in.`]],
    ["otherChip", OTHER_CHIP[rootKey]],
    ["migration", MIGRATION[rootKey]],
  ];
  return Object.freeze(effects.map(([event, [effect, reason]]) => Object.freeze({ event, effect, reason })));
}
