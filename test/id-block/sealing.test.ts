import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import {
  type DerivedKeyField,
  type DerivedKeyRoot,
  type DerivedKeySelection,
  describeDerivedKey,
  type KeyEvent,
  type KeyEventName,
} from "../../src/id-block/index.js";
import { makeVerified, type RecordOptions } from "../support/records.js";
import { counting } from "./support.js";

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
const MILAN_TCB = { bootLoader: 1, tee: 0, snp: 2, microcode: 3, spl4: 0, spl5: 0, spl6: 0, spl7: 0 };
const TURIN_TCB = { fmc: 1, bootLoader: 1, tee: 0, snp: 2, microcode: 3, spl5: 0, spl6: 0, spl7: 0 };
const VALUES = { guestSvn: 3, tcbVersion: MILAN_TCB, launchMitVector: 5n };

/** Fields of a report in which no two are alike. */
const REPORT = {
  familyId: counting(16, 100),
  imageId: counting(16, 150),
  measurement: counting(48),
  guestSvn: 7,
  idKeyDigest: counting(48, 9),
  reportIdMa: counting(32, 5),
};
const verified = (change: RecordOptions = {}) =>
  makeVerified({ ...change, report: { ...REPORT, ...(change.report ?? {}) } });

/** A request of these fields, with the values that they ask for. */
function select(fields: readonly DerivedKeyField[], more: Partial<DerivedKeySelection> = {}): DerivedKeySelection {
  const values = Object.entries(VALUES).filter(([name]) => fields.some((field) => field === name));
  return { rootKey: "VCEK", fields, vmpl: 0, ...Object.fromEntries(values), ...more };
}

const describeKey = (selection: DerivedKeySelection, change: RecordOptions = {}) =>
  describeDerivedKey(verified(change), selection);
const ids = (remarks: readonly { id: string }[]): string[] => remarks.map(({ id }) => id);

function effectOf(name: KeyEventName, selection: DerivedKeySelection, change: RecordOptions = {}): KeyEvent["effect"] {
  const event = describeKey(selection, change).events.find((candidate) => candidate.event === name);
  if (event === undefined) throw new Error(`no event ${name}`);
  return event.effect;
}

describe("what is mixed in", () => {
  it.each<[DerivedKeyField, string, unknown]>([
    ["policy", "0x1", { bit: 0, from: "launch", value: "0x30000" }],
    ["imageId", "0x2", { bit: 1, from: "launch", value: toHex(REPORT.imageId) }],
    ["familyId", "0x4", { bit: 2, from: "launch", value: toHex(REPORT.familyId) }],
    ["measurement", "0x8", { bit: 3, from: "launch", value: toHex(REPORT.measurement) }],
    ["guestSvn", "0x10", { bit: 4, from: "request", value: 3 }],
    ["tcbVersion", "0x20", { bit: 5, from: "request", value: "0100000000000203" }],
    ["launchMitVector", "0x40", { bit: 6, from: "request", value: "0x5" }],
  ])("%s is bit %s", (field, mask, expected) => {
    const { guestFieldSelect, mixedIn, leftOut } = describeKey(select([field]));
    expect(guestFieldSelect).toBe(mask);
    expect(mixedIn[0]).toEqual({ field, ...(expected as object) });
    expect(mixedIn).toHaveLength(2);
    expect(leftOut).toEqual(FIELDS.filter((name) => name !== field));
  });

  it("is nothing but the VMPL where nothing is chosen", () => {
    const { guestFieldSelect, mixedIn, leftOut } = describeKey(select([], { vmpl: 2 }));
    expect(guestFieldSelect).toBe("0x0");
    expect(mixedIn).toEqual([{ field: "vmpl", bit: null, from: "request", value: 2 }]);
    expect(leftOut).toEqual(FIELDS);
  });

  it("is in the order of the bits, whatever the order of the request", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...FIELDS]), (fields) => {
        const { guestFieldSelect, mixedIn, leftOut } = describeKey(select(fields));
        const bits = mixedIn.flatMap(({ bit }) => (bit === null ? [] : [bit]));
        expect(bits).toEqual([...bits].sort((a, b) => a - b));
        expect(Number(guestFieldSelect)).toBe(bits.reduce((mask, bit) => mask + 2 ** bit, 0));
        expect([...fields, ...leftOut].sort()).toEqual([...FIELDS].sort());
      }),
    );
  });

  it("has TCB_VERSION in the layout of the line", () => {
    const turin = describeKey(select(["tcbVersion"], { tcbVersion: TURIN_TCB }), { productLine: "Turin" });
    expect(turin.mixedIn[0]?.value).toBe("0101000200000003");
  });
});

describe("events", () => {
  it.each<[KeyEventName, DerivedKeyField, KeyEvent["effect"], KeyEvent["effect"]]>([
    ["newImage", "measurement", "changes", "keeps"],
    ["newFamilyOrImageId", "familyId", "changes", "keeps"],
    ["newFamilyOrImageId", "imageId", "changes", "keeps"],
    ["otherPolicy", "policy", "changes", "keeps"],
    ["lowerGuestSvn", "guestSvn", "changes", "keeps"],
    ["higherGuestSvn", "guestSvn", "keeps", "keeps"],
  ])("%s with %s %s, without it %s", (event, field, withIt, without) => {
    const ids: readonly DerivedKeyField[] = ["familyId", "imageId"];
    const others = FIELDS.filter((name) => name !== field && !ids.includes(name));
    expect(effectOf(event, select([field]))).toBe(withIt);
    expect(effectOf(event, select(others))).toBe(without);
  });

  it("an SVN of zero keeps nobody out", () => {
    expect(effectOf("lowerGuestSvn", select(["guestSvn"], { guestSvn: 0 }))).toBe("keeps");
  });

  it.each<[KeyEventName, readonly KeyEvent["effect"][]]>([
    ["restart", ["keeps", "keeps", "depends"]],
    ["otherChip", ["changes", "depends", "keeps"]],
    ["migration", ["changes", "depends", "keeps"]],
    ["firmwareUpdate", ["depends", "depends", "keeps"]],
  ])("%s by root: %j", (event, effects) => {
    for (const fields of [[], ["measurement"], ["tcbVersion"]] as const) {
      expect(ROOTS.map((rootKey) => effectOf(event, select(fields, { rootKey })))).toEqual(effects);
    }
  });

  it("a mitigation vector makes firmware updates uncertain under every root", () => {
    const fields = ["launchMitVector"] as const;
    expect(ROOTS.map((rootKey) => effectOf("firmwareUpdate", select(fields, { rootKey })))).toEqual(
      ROOTS.map(() => "depends"),
    );
  });

  it("another VMPL always changes the key, HOST_DATA never, and the ID key is nothing to count on", () => {
    for (const fields of [[], FIELDS]) {
      expect(effectOf("otherVmpl", select(fields))).toBe("changes");
      expect(effectOf("otherHostData", select(fields))).toBe("keeps");
      expect(effectOf("otherIdKey", select(fields))).toBe("depends");
    }
  });

  it("all are told, each once and with a reason", () => {
    for (const rootKey of ROOTS) {
      const { events } = describeKey(select(FIELDS, { rootKey }));
      expect(events).toHaveLength(12);
      expect(new Set(events.map(({ event }) => event)).size).toBe(12);
      for (const { reason } of events) expect(reason).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe("who else", () => {
  it("is everybody on the chip where nothing is mixed in", () => {
    const [guests, levels] = describeKey(select([])).whoElse;
    expect(guests).toMatch(/^Every guest on this chip, whatever it runs/);
    expect(levels).toBe("In each of these guests all software at VMPL 0.");
  });

  it("is who has the same fields, by AMD's names", () => {
    const [guests, levels] = describeKey(select(["measurement", "policy"], { vmpl: 2 })).whoElse;
    expect(guests).toBe("Every guest on this chip that has, or may ask for, the same POLICY, MEASUREMENT.");
    expect(levels).toBe("In each of these guests all software at VMPL 0 to 2.");
  });

  it.each([
    ["VLEK", /on a chip with this provider's key/],
    ["VMRK", /to which a migration agent brings this root/],
  ] as const)("reaches as far as the root: %s", (rootKey, text) => {
    expect(describeKey(select(["measurement"], { rootKey })).whoElse[0]).toMatch(text);
  });
});

describe("obstacles", () => {
  const committed = (committedTcb: object): RecordOptions => ({ report: { committedTcb } });

  it.each<[string, DerivedKeySelection, RecordOptions, DerivedKeySelection, RecordOptions]>([
    ["guestSvnTooHigh", select(["guestSvn"], { guestSvn: 8 }), {}, select(["guestSvn"], { guestSvn: 7 }), {}],
    ["tcbVersionTooHigh", select(["tcbVersion"]), committed({ snp: 1 }), select(["tcbVersion"]), committed({ snp: 2 })],
    [
      "noMigrationAgent",
      select([], { rootKey: "VMRK" }),
      { report: { reportIdMa: new Uint8Array(32).fill(0xff) } },
      select([], { rootKey: "VMRK" }),
      {},
    ],
    [
      "noMitigationVector",
      select(["launchMitVector"]),
      { report: { version: 3 } },
      select(["launchMitVector"]),
      { report: { version: 5 } },
    ],
  ])("%s", (id, bad, badRecord, good, goodRecord) => {
    expect(ids(describeKey(bad, badRecord).obstacles)).toEqual([id]);
    expect(describeKey(good, goodRecord).obstacles).toEqual([]);
  });

  it("an absent agent is no obstacle to the chip's own root", () => {
    expect(describeKey(select([]), { report: { reportIdMa: new Uint8Array(32).fill(0xff) } }).obstacles).toEqual([]);
  });
});

describe("warnings", () => {
  const zero = new Uint8Array(48);
  it.each<[string, [DerivedKeySelection, RecordOptions?], [DerivedKeySelection, RecordOptions?]]>([
    ["measurementNotMixedIn", [select(["policy"])], [select(["measurement"])]],
    ["imageCannotChange", [select(["measurement"])], [select(["policy"])]],
    ["genericImage", [select(["measurement"])], [select(["policy"])]],
    ["policyNotMixedIn", [select(["measurement"])], [select(["policy"])]],
    ["idsAreClaims", [select(["familyId"])], [select(["familyId", "measurement"])]],
    ["idsAreClaims", [select(["imageId"])], [select(["policy"])]],
    ["idsAreClaims", [select(["guestSvn"])], [select([])]],
    ["noIdBlock", [select(["imageId"]), { report: { idKeyDigest: zero } }], [select(["imageId"])]],
    [
      "noIdBlock",
      [select(["guestSvn"]), { report: { idKeyDigest: zero } }],
      [select(["policy"]), { report: { idKeyDigest: zero } }],
    ],
    ["tcbNotMixedIn", [select(["policy"])], [select(["tcbVersion"])]],
    ["firmwareNotCommitted", [select([]), { report: { committedTcb: { snp: 1 } } }], [select([])]],
    ["debugAllowed", [select([]), { report: { policy: 0xb0000n } }], [select([])]],
    ["rootMayBeVlek", [select([]), { signingKey: "VLEK" }], [select([]), { signingKey: "VCEK" }]],
    ["rootMayBeVlek", [select([]), { signingKey: "VLEK" }], [select([], { rootKey: "VLEK" }), { signingKey: "VLEK" }]],
    ["vlekNotSeen", [select([], { rootKey: "VLEK" })], [select([], { rootKey: "VLEK" }), { signingKey: "VLEK" }]],
    ["levelNotShown", [select([]), { report: { vmpl: 1 } }], [select([], { vmpl: 1 }), { report: { vmpl: 1 } }]],
    ["providerHoldsRoot", [select([], { rootKey: "VLEK" })], [select([])]],
    ["agentHoldsRoot", [select([], { rootKey: "VMRK" })], [select([])]],
    ["milanRootExtracted", [select([])], [select([]), { productLine: "Genoa" }]],
    ["milanRootExtracted", [select([])], [select([], { rootKey: "VMRK" })]],
  ])("%s", (id, [bad, badRecord], [good, goodRecord]) => {
    expect(ids(describeKey(bad, badRecord).warnings)).toContain(id);
    expect(ids(describeKey(good, goodRecord).warnings)).not.toContain(id);
  });

  it("always names what is never mixed in, and the key of zeros", () => {
    for (const fields of [[], FIELDS]) {
      expect(ids(describeKey(select(fields)).warnings)).toEqual(
        expect.arrayContaining(["hostDataNotMixedIn", "zeroKeyIsFailure"]),
      );
    }
  });

  it("are sentences", () => {
    for (const rootKey of ROOTS) {
      for (const { text } of describeKey(select([], { rootKey })).warnings) expect(text).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe("the description", () => {
  it("is frozen and JSON-safe", () => {
    const description = describeKey(select(FIELDS));
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    const { mixedIn, leftOut, obstacles, events, whoElse, warnings } = description;
    const lists: readonly (readonly unknown[])[] = [mixedIn, leftOut, obstacles, events, whoElse, warnings];
    for (const part of [description, ...lists, ...lists.flat()]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("is of verified evidence alone", () => {
    const look = { report: verified().report };
    expect(() => describeDerivedKey(look as never, select([]))).toThrow(/verified must be what verifyEvidence/);
  });
});

describe("the selection", () => {
  it.each<[string, object, RegExp]>([
    ["no root", { rootKey: undefined }, /rootKey must be VCEK, VLEK or VMRK/],
    ["another root", { rootKey: "vcek" }, /rootKey must be/],
    ["a root without text", { rootKey: Object.create(null) }, /rootKey must be/],
    ["no fields", { fields: undefined }, /fields must be a list/],
    ["fields that are a set", { fields: new Set() }, /fields must be a list/],
    ["a field that there is not", { fields: ["hostData"] }, /found hostData/],
    ["a field of every object", { fields: ["constructor"] }, /found constructor/],
    ["a hole", { fields: new Array(1) }, /found undefined/],
    ["a field twice", { fields: ["policy", "policy"] }, /must name policy once/],
    ["no VMPL", { vmpl: undefined }, /vmpl must be a whole number of 0 to 3/],
    ["VMPL 4", { vmpl: 4 }, /vmpl must be/],
    ["VMPL -1", { vmpl: -1 }, /vmpl must be/],
    ["VMPL 1.5", { vmpl: 1.5 }, /vmpl must be/],
    ["an SVN without its field", { guestSvn: 1 }, /guestSvn must not be said, since fields lacks it/],
    ["a TCB without its field", { tcbVersion: MILAN_TCB }, /tcbVersion must not be said/],
    ["a vector without its field", { launchMitVector: 1n }, /launchMitVector must not be said/],
    ["a field without its SVN", { fields: ["guestSvn"] }, /guestSvn must be said, since fields has it/],
    ["a field without its TCB", { fields: ["tcbVersion"] }, /tcbVersion must be said/],
    ["a field without its vector", { fields: ["launchMitVector"] }, /launchMitVector must be said/],
    ["an SVN of 33 bits", { fields: ["guestSvn"], guestSvn: 2 ** 32 }, /guestSvn must be a whole number/],
    ["an SVN that is text", { fields: ["guestSvn"], guestSvn: "1" }, /guestSvn must be a whole number/],
    ["a TCB that is a number", { fields: ["tcbVersion"], tcbVersion: 5 }, /tcbVersion must be a Tcb/],
    ["a TCB that is null", { fields: ["tcbVersion"], tcbVersion: null }, /tcbVersion must be a Tcb/],
    ["a TCB of another line", { fields: ["tcbVersion"], tcbVersion: TURIN_TCB }, /is no component of Milan/],
    ["half a TCB", { fields: ["tcbVersion"], tcbVersion: { snp: 1 } }, /must be an integer of 0 to 255/],
    ["a vector that is a number", { fields: ["launchMitVector"], launchMitVector: 1 }, /must be a bigint of 64 bits/],
    ["a vector below zero", { fields: ["launchMitVector"], launchMitVector: -1n }, /must be a bigint of 64 bits/],
    ["a vector of 65 bits", { fields: ["launchMitVector"], launchMitVector: 2n ** 64n }, /a bigint of 64 bits/],
    ["an unknown name", { surprise: 1 }, /has no option/],
  ])("refuses %s with a TypeError", (_, change, message) => {
    const selection = { ...select([]), ...change } as DerivedKeySelection;
    expect(() => describeKey(selection)).toThrow(TypeError);
    expect(() => describeKey(selection)).toThrow(message);
  });
});
