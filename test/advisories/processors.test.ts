import { describe, expect, it } from "vitest";
import type { RecordOptions } from "../support/records.js";
import { advisory, assessed, floor, ORIGIN } from "./support.js";

const B1 = "0x19-0x01-0x01";
const B2 = "0x19-0x01-0x02";
const entry = (key: string, microcode: number) => ({ for: [key], anyOf: [[floor("microcode", microcode)]] });
const spare = (...keys: readonly string[]) => ({ for: keys, ...ORIGIN });

function milan(microcode: number, stepping: number | null): RecordOptions {
  const tcb = { microcode };
  const tcbs = { currentTcb: tcb, reportedTcb: tcb, committedTcb: tcb, launchTcb: tcb };
  return { report: { ...tcbs, ...(stepping === null ? { version: 2 } : { version: 3, cpuidStep: stepping }) } };
}

describe("which processor", () => {
  const byStepping = advisory({ affected: ["Milan"], proofs: [entry(B1, 0xde), entry(B2, 0x47)] });
  const withLine = advisory({ affected: ["Milan"], proofs: [entry("Milan", 0x60), entry(B1, 0xde), entry(B2, 0x47)] });
  const sparesB2 = advisory({ affected: ["Milan"], notAffected: [spare(B2)], proofs: [entry("Milan", 0xde)] });
  const onlyB2 = advisory({ affected: [B2], notAffected: [spare("Milan")], proofs: [entry(B2, 0x47)] });
  const unprovable = { provable: false, why: "nobody can see it", sources: ["s"], proofs: undefined };

  it.each([
    ["its own floor: reached", byStepping, milan(0xde, 1), "fixed", /222 reaches 222/],
    ["its own floor: not reached", byStepping, milan(0xdd, 1), "vulnerable", /221 is below 222/],
    ["the other's floor: reached", byStepping, milan(0x47, 2), "fixed", /71 reaches 71/],
    ["the other's floor: not reached", byStepping, milan(0x46, 2), "vulnerable", /70 is below 71/],
    ["a stepping without numbers", byStepping, milan(0xff, 0), "not-provable", /no numbers for 0x19-0x01-0x00/],
    ["a stepping of the line's floor", withLine, milan(0x60, 0), "fixed", /96 reaches 96/],
    ["its own floor stands in for the line's", withLine, milan(0x60, 1), "vulnerable", /96 is below 222/],
    ["its own lower floor as well", withLine, milan(0x50, 2), "fixed", /80 reaches 71/],
    ["a stepping that is spared", sparesB2, milan(1, 2), "not-affected", /says that 0x19-0x01-0x02 is not affected/],
    ["the rest of a line with one spared", sparesB2, milan(1, 1), "vulnerable", /1 is below 222/],
    ["a stepping that is affected in a line that is not", onlyB2, milan(1, 2), "vulnerable", /1 is below 71/],
    ["the rest of that line", onlyB2, milan(1, 1), "not-affected", /says that Milan is not affected/],
    ["a line of which nothing is said", onlyB2, { productLine: "Genoa" }, "not-provable", /says nothing of 0x19-0x11/],
    ["no proof at all", advisory({ ...unprovable, affected: ["Milan"] }), milan(0xff, 1), "not-provable", /nobody can/],
    [
      "no proof, and not affected",
      advisory({ ...unprovable, affected: ["Genoa"], notAffected: [spare("Milan")] }),
      milan(1, 1),
      "not-affected",
      /Milan is not affected/,
    ],
  ] as const)("%s", async (_, item, evidence, status, reason) => {
    const { proofs, ...rest } = item;
    const answer = await assessed(proofs === undefined ? rest : item, evidence);
    expect(answer.status).toBe(status);
    expect(answer.reason).toMatch(reason);
    expect(answer.decidedBy === null).toBe(status === "not-provable" || status === "not-affected");
  });
});

describe("a report that names no processor", () => {
  const withLine = advisory({ affected: ["Milan"], proofs: [entry("Milan", 0x60), entry(B1, 0xde)] });
  const byStepping = advisory({ affected: ["Milan"], proofs: [entry(B1, 0xde), entry(B2, 0x47)] });
  const sparesB2 = advisory({ affected: ["Milan"], notAffected: [spare(B2)], proofs: [entry("Milan", 0xde)] });
  const sparesAll = advisory({ affected: ["Genoa"], notAffected: [spare("Milan", B2)], proofs: [entry("Genoa", 1)] });
  const lineOnly = advisory({ affected: ["Milan"], proofs: [entry("Milan", 0x60)] });

  it.each([
    ["the floor of its line alone", lineOnly, 0x60, "fixed"],
    ["below the floor of its line alone", lineOnly, 0x5f, "vulnerable"],
    ["the floors of all processors of its line", withLine, 0xde, "fixed"],
    ["those of some of them", withLine, 0xdd, "not-provable"],
    ["those of none of them", withLine, 0x5f, "vulnerable"],
    ["all floors there are, in a line without its own", byStepping, 0xff, "not-provable"],
    ["no floor there is, in a line without its own", byStepping, 0x46, "vulnerable"],
    ["the floor, or spared", sparesB2, 0xde, "fixed"],
    ["below the floor, or spared", sparesB2, 0xdd, "not-provable"],
    ["spared in every case", sparesAll, 1, "not-affected"],
    ["nothing is said of its line", advisory({ affected: ["Genoa"], proofs: [entry("Genoa", 1)] }), 1, "not-provable"],
  ] as const)("%s", async (_, item, microcode, status) => {
    expect((await assessed(item, milan(microcode, null))).status).toBe(status);
  });

  it("says why nothing is proved", async () => {
    const { reason, decidedBy } = await assessed(withLine, milan(0xdd, null));
    expect(reason).toBe("the report names no processor, and those of Milan have different numbers");
    expect(decidedBy).toBeNull();
  });

  it("says which check makes it vulnerable", async () => {
    const { decidedBy } = await assessed(byStepping, milan(0x46, null));
    expect(decidedBy).toMatchObject({ outcome: "fail", actual: 0x46, expected: 0xde });
  });
});
