import { describe, expect, it } from "vitest";
import {
  type DerivedKeyField,
  type DerivedKeyRoot,
  type DerivedKeySelection,
  describeDerivedKey,
  type KeyEvent,
  type KeyEventName,
} from "../../src/id-block/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { corpusWhere } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { makeVerified } from "../support/records.js";

/*
 * A model of the key, as simple as can be: a text that holds whatever firmware mixes in. Every selection there is, is
 * described, and each event is acted out on the model; the effect must be what became of the text.
 */

const FIELDS: readonly DerivedKeyField[] = [
  "policy",
  "imageId",
  "familyId",
  "measurement",
  "guestSvn",
  "tcbVersion",
  "launchMitVector",
];
const ROOTS: readonly DerivedKeyRoot[] = ["VCEK", "VLEK", "VMRK"];
const TCB = { bootLoader: 1, tee: 0, snp: 2, microcode: 3, spl4: 0, spl5: 0, spl6: 0, spl7: 0 };

/** A guest on a machine, as far as its keys depend on it. */
interface World {
  readonly chip: string;
  readonly agent: string;
  readonly policy: string;
  readonly imageId: string;
  readonly familyId: string;
  readonly measurement: string;
  readonly hostData: string;
  /** The GUEST_SVN of the ID block: the most that may be asked for. */
  readonly guestSvn: number;
}

const WORLD: World = {
  chip: "chip 1",
  agent: "agent 1",
  policy: "policy 1",
  imageId: "image 1",
  familyId: "family 1",
  measurement: "measurement 1",
  hostData: "host data 1",
  guestSvn: 7,
};

/** What the guest asks for, however the world changes. */
const REQUEST = { guestSvn: 3, vmpl: 1 };

/** The key of a request in a world; null where firmware refuses. */
function keyIn(
  world: World,
  root: DerivedKeyRoot,
  fields: ReadonlySet<DerivedKeyField>,
  request = REQUEST,
): string | null {
  if (fields.has("guestSvn") && request.guestSvn > world.guestSvn) return null;
  const parts = [root === "VCEK" ? world.chip : world.agent, `VMPL ${request.vmpl}`];
  for (const name of ["policy", "imageId", "familyId", "measurement"] as const) {
    if (fields.has(name)) parts.push(world[name]);
  }
  if (fields.has("guestSvn")) parts.push(`SVN ${request.guestSvn}`);
  return parts.join(", ");
}

/** Events that the model can act out, and under which roots. */
const EVENTS: Partial<
  Record<KeyEventName, { roots: readonly DerivedKeyRoot[]; change: Partial<World>; vmpl?: number }>
> = {
  newImage: { roots: ROOTS, change: { measurement: "measurement 2" } },
  newFamilyOrImageId: { roots: ROOTS, change: { familyId: "family 2", imageId: "image 2" } },
  higherGuestSvn: { roots: ROOTS, change: { guestSvn: 9 } },
  lowerGuestSvn: { roots: ROOTS, change: { guestSvn: 2 } },
  otherPolicy: { roots: ROOTS, change: { policy: "policy 2" } },
  otherHostData: { roots: ROOTS, change: { hostData: "host data 2" } },
  otherVmpl: { roots: ROOTS, change: {}, vmpl: 2 },
  otherChip: { roots: ["VCEK", "VMRK"], change: { chip: "chip 2" } },
  migration: { roots: ["VCEK", "VMRK"], change: { chip: "chip 2" } },
  restart: { roots: ["VCEK"], change: {} },
};

/** Every subset of the fields. */
const SUBSETS: readonly (readonly DerivedKeyField[])[] = Array.from({ length: 2 ** FIELDS.length }, (_, mask) =>
  FIELDS.filter((_field, bit) => (mask & (1 << bit)) !== 0),
);

function selectionOf(rootKey: DerivedKeyRoot, fields: readonly DerivedKeyField[]): DerivedKeySelection {
  return {
    rootKey,
    fields,
    vmpl: REQUEST.vmpl,
    ...(fields.includes("guestSvn") ? { guestSvn: REQUEST.guestSvn } : {}),
    ...(fields.includes("tcbVersion") ? { tcbVersion: TCB } : {}),
    ...(fields.includes("launchMitVector") ? { launchMitVector: 1n } : {}),
  };
}

const verified = makeVerified({ report: { guestSvn: 7 } });

describe.each(ROOTS)("every selection under the root %s", (root) => {
  const described = SUBSETS.map((fields) => ({
    fields,
    description: describeDerivedKey(verified, selectionOf(root, fields)),
  }));
  const effect = (events: readonly KeyEvent[], name: string) => events.find(({ event }) => event === name)?.effect;

  it("has the effects of the model", () => {
    for (const { fields, description } of described) {
      for (const [name, { roots, change, vmpl = REQUEST.vmpl }] of Object.entries(EVENTS)) {
        if (!roots.includes(root)) continue;
        const chosen = new Set(fields);
        const before = keyIn(WORLD, root, chosen);
        const after = keyIn({ ...WORLD, ...change }, root, chosen, { ...REQUEST, vmpl });
        const expected = before === after ? "keeps" : "changes";
        expect(effect(description.events, name), `${name} with ${fields.join(", ")}`).toBe(expected);
      }
    }
  });

  it("says of more fields that at least as much changes the key", () => {
    const changes = (events: readonly KeyEvent[]) =>
      events.filter((one) => one.effect === "changes").map((one) => one.event);
    for (const [mask, { description }] of described.entries()) {
      for (const bit of FIELDS.keys()) {
        const more = described[mask | (1 << bit)]?.description;
        expect(changes(more?.events ?? [])).toEqual(expect.arrayContaining(changes(description.events)));
      }
    }
  });

  it("has a GUEST_FIELD_SELECT of its own, and one sentence that names exactly the fields", () => {
    const labels = ["POLICY", "IMAGE_ID", "FAMILY_ID", "MEASUREMENT", "GUEST_SVN", "TCB_VERSION", "LAUNCH_MIT_VECTOR"];
    for (const [mask, { description }] of described.entries()) {
      expect(BigInt(description.guestFieldSelect)).toBe(BigInt(mask));
      const [guests = ""] = description.whoElse;
      const named = labels.filter((label) => guests.includes(label));
      expect(named).toEqual(labels.filter((_label, bit) => (mask & (1 << bit)) !== 0));
    }
  });

  it("warns of nothing twice", () => {
    for (const { description } of described) {
      const ids = description.warnings.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

describe.runIf(needs("corpus"))("real guests", () => {
  const sets = corpusWhere((expected) => expected === "valid").filter((set) => set.has("report.bin"));

  it.each(sets)("$id", async (set) => {
    const leaf = set.has("vcek.der") ? set.read("vcek.der") : set.read("vlek.der");
    const evidence = { report: set.read("report.bin"), certificates: { leaf } };
    const line = set.product === null ? {} : { productLine: set.product };
    const real = await verifyEvidence(evidence, { now: set.at, revocation: "skip", ...line });
    const { mixedIn, warnings, obstacles } = describeDerivedKey(real, {
      rootKey: real.signingKey,
      fields: ["policy", "imageId", "measurement"],
      vmpl: real.report.vmpl,
    });
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    expect(mixedIn.map(({ value }) => value)).toEqual([
      `0x${real.report.policy.raw.toString(16)}`,
      hex(real.report.imageId),
      hex(real.report.measurement),
      real.report.vmpl,
    ]);
    const noBlock = real.report.idKeyDigest.every((byte) => byte === 0);
    expect(warnings.some(({ id }) => id === "noIdBlock")).toBe(noBlock);
    expect(warnings.some(({ id }) => id === "debugAllowed")).toBe(real.report.policy.debug);
    expect(obstacles).toEqual([]);
  });
});
