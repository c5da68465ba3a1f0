import { describe, expect, it } from "vitest";
import { type Tcb, tcbComponents } from "../../src/amd/tcb.js";
import { toHex } from "../../src/bytes/codecs.js";
import { describeTwins, forgeOf, HIERARCHIES, judge, type Twins } from "./forged.js";

const milan = await forgeOf();
const turin = await forgeOf("Turin");
const vlek = await forgeOf("Milan", "VLEK");

const hierarchies = await Promise.all(
  HIERARCHIES.map(async ({ productLine, signingKey }) => ({ forge: await forgeOf(productLine, signingKey) })),
);

/** A leaf that is above or below the report in one component, for each component of every line and branch. */
const mismatches: Twins[] = hierarchies.flatMap(({ forge }) => {
  const components = tcbComponents(forge.productLine);
  const tcb: Partial<Tcb> = Object.fromEntries(components.map((component) => [component, 5]));
  const sound = { evidence: { tcb } };
  return components.map((component, index): Twins => {
    const certificate = index % 2 === 0 ? 6 : 4;
    return {
      name: `${component} of ${forge.productLine}'s ${forge.signingKey}`,
      forge,
      sound,
      wrong: { evidence: { tcb, leaf: { tcb: { [component]: certificate } } } },
      code: "ERR_UNTRUSTED_TCB_MISMATCH",
      detail: { component, certificate, report: 5 },
    };
  });
});

describeTwins("the leaf's TCB against REPORTED_TCB", mismatches);

describe("the TCB that binds", () => {
  it("is the reported one: current, committed and launch may differ from the leaf's", () => {
    const report = { currentTcb: { snp: 9 }, committedTcb: { snp: 3 }, launchTcb: { snp: 7 } };
    const { tcb, certificates } = judge(milan, { evidence: { tcb: { snp: 5 }, report } });
    expect(certificates.leaf.tcb.snp).toBe(5);
    expect([tcb.current.snp, tcb.reported.snp, tcb.committed.snp, tcb.launch.snp]).toEqual([9, 5, 3, 7]);
  });

  it("refuses the VCEK of the current TCB where a lower one is reported", () => {
    const wrong = { evidence: { tcb: { snp: 9 }, report: { reportedTcb: { snp: 5 } } } };
    expect(() => judge(milan, wrong)).toFailWith("ERR_UNTRUSTED_TCB_MISMATCH", { component: "snp" });
  });
});

/** CHIP_ID with one bit of one byte changed. */
function flipped(chipId: Uint8Array, index: number): Uint8Array {
  return chipId.map((byte, at) => (at === index ? byte ^ 1 : byte));
}

const chipIds: Twins[] = hierarchies
  .filter(({ forge }) => forge.signingKey === "VCEK")
  .flatMap(({ forge }) => {
    const chipId = new Uint8Array(64);
    chipId.set(forge.chip().hwId);
    return [0, 7, 8, 31, 63].map(
      (index): Twins => ({
        name: `byte ${index} of CHIP_ID on ${forge.productLine}`,
        forge,
        sound: { evidence: { report: { chipId } } },
        wrong: { evidence: { report: { chipId: flipped(chipId, index) } } },
        code: "ERR_UNTRUSTED_CHIP_ID",
        detail: { certificate: toHex(forge.chip().hwId), report: toHex(flipped(chipId, index)) },
      }),
    );
  });

describeTwins("the VCEK's hwID against CHIP_ID", chipIds);

const masked = { report: { chipId: new Uint8Array(64) } };

describeTwins("a chip that is not the leaf's", [
  {
    name: "the VCEK of another chip, the report signed by that chip's key",
    forge: milan,
    sound: { evidence: { chip: "1" } },
    wrong: { evidence: { chip: "1", report: { chipId: milan.chip({ chip: "0" }).hwId } } },
    code: "ERR_UNTRUSTED_CHIP_ID",
  },
  {
    name: "Turin's id repeated through the tail",
    forge: turin,
    wrong: {
      evidence: { report: { chipId: Uint8Array.from({ length: 64 }, (_, i) => Number(turin.chip().hwId[i % 8])) } },
    },
    code: "ERR_UNTRUSTED_CHIP_ID",
  },
  {
    name: "a masked CHIP_ID under a VCEK without the option",
    forge: milan,
    sound: { evidence: masked, options: { allowMaskedChipId: true } },
    wrong: { evidence: masked, options: { allowMaskedChipId: false } },
    code: "ERR_UNTRUSTED_MASKED_CHIP_ID",
    detail: { option: "allowMaskedChipId" },
  },
  {
    name: "a masked CHIP_ID under Turin's VCEK without the option",
    forge: turin,
    sound: { evidence: masked, options: { allowMaskedChipId: true } },
    wrong: { evidence: masked },
    code: "ERR_UNTRUSTED_MASKED_CHIP_ID",
  },
  {
    name: "another chip, also where masked ids are allowed",
    forge: milan,
    sound: { options: { allowMaskedChipId: true } },
    wrong: {
      evidence: { report: { chipId: flipped(milan.chip().hwId, 0) } },
      options: { allowMaskedChipId: true },
    },
    code: "ERR_UNTRUSTED_CHIP_ID",
  },
]);

describe("a report under a VLEK", () => {
  it("verifies whatever its CHIP_ID: a VLEK is for no chip", () => {
    const chipId = new Uint8Array(64).fill(7);
    expect(judge(vlek, {}).certificates.leaf).toMatchObject({ role: "VLEK", hwId: null, cspId: "CN=cc.forge.example" });
    expect(judge(vlek, { evidence: { report: { chipId } } }).report.chipId).toEqual(chipId);
  });

  it("needs no option for the masked CHIP_ID", () => {
    expect(judge(vlek, { evidence: masked, options: { allowMaskedChipId: false } }).signingKey).toBe("VLEK");
  });
});
