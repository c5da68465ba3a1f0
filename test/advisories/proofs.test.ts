import { describe, expect, it } from "vitest";
import type { RecordOptions } from "../support/records.js";
import { advisory, assessed, floor, ORIGIN, proofsOf } from "./support.js";

const tcbs = (tcb: object) => ({ currentTcb: tcb, reportedTcb: tcb, committedTcb: tcb, launchTcb: tcb });
const milan = (snp: number) => ({ bootLoader: 4, tee: 1, snp, microcode: 219 });
const MITIGATION = { check: "mitigation", bit: 2, ...ORIGIN };
const FIRMWARE = { check: "firmware", minimum: "1.55.40", ...ORIGIN };
const committed = (committedMajor: number, committedMinor: number, committedBuild: number): RecordOptions => ({
  report: { committedMajor, committedMinor, committedBuild },
});

interface Twin {
  readonly title: string;
  readonly proof: object;
  readonly good: RecordOptions;
  readonly bad: RecordOptions;
  /** What the check of the bad twin says. */
  readonly told: object;
  readonly status?: "not-provable";
}

const snpTwin = (name: string): Twin => ({
  title: `snp of ${name}`,
  proof: floor("snp", 24),
  good: { report: tcbs(milan(24)) },
  bad: { report: { ...tcbs(milan(24)), [name]: milan(23) } },
  told: { proof: "tcb", field: `${name}.snp`, expected: 24, actual: 23, reason: `${name}.snp 23 is below 24` },
});

const bitTwin = (check: string, bit: string, state: string, values: readonly [good: object, bad: object]): Twin => ({
  title: `${check} ${bit} ${state}`,
  proof: { check, bit, state, ...ORIGIN },
  good: { report: values[0] },
  bad: { report: values[1] },
  told: { proof: check, field: `${check}.${bit}`, expected: state, actual: state === "set" ? "clear" : "set" },
});

const TWINS: readonly Twin[] = [
  ...["reportedTcb", "committedTcb", "launchTcb"].map(snpTwin),
  ...(["bootLoader", "tee", "microcode"] as const).map((component) => ({
    title: component,
    proof: floor(component, milan(24)[component]),
    good: { report: tcbs(milan(24)) },
    bad: { report: tcbs({ ...milan(24), [component]: milan(24)[component] - 1 }) },
    told: { proof: "tcb", field: `reportedTcb.${component}`, expected: milan(24)[component] },
  })),
  {
    title: "the committed firmware, by its build",
    proof: FIRMWARE,
    good: committed(1, 55, 40),
    bad: committed(1, 55, 39),
    told: { field: "committedFirmware", expected: "1.55.40", actual: "1.55.39" },
  },
  {
    title: "the committed firmware, by its minor before its build",
    proof: FIRMWARE,
    good: committed(1, 56, 0),
    bad: committed(1, 54, 255),
    told: { reason: "the committed firmware 1.54.255 is below 1.55.40" },
  },
  {
    title: "the committed firmware, by its major before all",
    proof: FIRMWARE,
    good: committed(2, 0, 0),
    bad: committed(0, 200, 200),
    told: { actual: "0.200.200" },
  },
  bitTwin("platformInfo", "aliasCheckComplete", "set", [{ platformInfo: 0x20n }, { platformInfo: 0n }]),
  bitTwin("platformInfo", "smtEn", "clear", [{ platformInfo: 0n }, { platformInfo: 1n }]),
  bitTwin("guestPolicy", "ciphertextHidingDram", "set", [{ policy: 0x1020000n }, { policy: 0x20000n }]),
  bitTwin("guestPolicy", "smt", "clear", [{ policy: 0x20000n }, { policy: 0x30000n }]),
  {
    title: "a mitigation at launch",
    proof: MITIGATION,
    good: { report: { launchMitVector: 4n, currentMitVector: 4n } },
    bad: { report: { launchMitVector: 3n, currentMitVector: 4n } },
    told: { field: "launchMitVector", expected: "bit 2", actual: "0x3", reason: "launchMitVector 0x3 lacks bit 2" },
  },
  {
    title: "a mitigation now",
    proof: MITIGATION,
    good: { report: { launchMitVector: 4n, currentMitVector: 0xfn } },
    bad: { report: { launchMitVector: 4n, currentMitVector: 0xbn } },
    told: { field: "currentMitVector", expected: "bit 2", actual: "0xb" },
  },
  {
    title: "the highest mitigation",
    proof: { ...MITIGATION, bit: 63 },
    good: { report: { launchMitVector: 1n << 63n, currentMitVector: 1n << 63n } },
    bad: { report: { launchMitVector: 1n << 62n, currentMitVector: 1n << 63n } },
    told: { actual: "0x4000000000000000" },
  },
  {
    title: "a mitigation in a report that names none",
    proof: MITIGATION,
    good: { report: { version: 5, launchMitVector: 4n, currentMitVector: 4n } },
    bad: { report: { version: 3 } },
    told: { outcome: "unseen", actual: null, range: null },
    status: "not-provable",
  },
];

describe.each(TWINS)("$title", ({ proof, good, bad, told, status = "vulnerable" }) => {
  it("proves the fix", async () => {
    const answer = await assessed(advisory({ proofs: proofsOf([proof]) }), good);
    expect(answer).toMatchObject({
      status: "fixed",
      decidedBy: { outcome: "pass", pointer: "/advisories/0/proofs/0/anyOf/0/0" },
    });
    expect(answer.checks).toEqual([answer.decidedBy]);
  });

  it("falls short of it", async () => {
    const answer = await assessed(advisory({ proofs: proofsOf([proof]) }), bad);
    expect(answer).toMatchObject({ status, decidedBy: { outcome: "fail", ...ORIGIN, ...told } });
    expect(answer.reason).toBe(answer.decidedBy?.reason);
  });
});

describe("Turin", () => {
  it("has floors of its own first component", async () => {
    const entry = advisory({ affected: ["Turin"], proofs: [{ for: ["Turin"], anyOf: [[floor("fmc", 1)]] }] });
    const turin = (fmc: number): RecordOptions => ({
      productLine: "Turin",
      report: tcbs({ fmc, bootLoader: 1, tee: 1, snp: 4, microcode: 80 }),
    });
    expect(await assessed(entry, turin(1))).toMatchObject({ status: "fixed" });
    expect(await assessed(entry, turin(0))).toMatchObject({ status: "vulnerable" });
  });
});

describe("where a check stands in the report", () => {
  it.each([
    [floor("snp", 1), 0x180, 8],
    [FIRMWARE, 0x1ec, 3],
    [{ check: "platformInfo", bit: "smtEn", state: "set", ...ORIGIN }, 0x040, 8],
    [{ check: "guestPolicy", bit: "smt", state: "set", ...ORIGIN }, 0x008, 8],
    [{ ...MITIGATION, bit: 0 }, 0x200, 8],
  ])("%o", async (proof, offset, length) => {
    const answer = await assessed(advisory({ proofs: proofsOf([proof]) }));
    expect(answer.decidedBy?.range).toEqual({ offset, length });
  });
});

describe("several checks and ways", () => {
  const smt = { check: "guestPolicy", bit: "smt", state: "clear", ...ORIGIN };
  const smtEn = { check: "platformInfo", bit: "smtEn", state: "clear", ...ORIGIN };
  const entry = advisory({ proofs: proofsOf([floor("snp", 24), MITIGATION], [smt, smtEn]) });
  const vectors = { launchMitVector: 4n, currentMitVector: 4n };
  const noSmt = { policy: 0x20000n, platformInfo: 0n };

  it.each([
    ["one way whole", { ...tcbs(milan(24)), ...vectors }, "fixed", 0, "pass"],
    ["the other way whole", { ...tcbs(milan(23)), ...noSmt }, "fixed", 1, "pass"],
    ["both", { ...tcbs(milan(24)), ...vectors, ...noSmt }, "fixed", 0, "pass"],
    ["half of each", { ...tcbs(milan(24)), launchMitVector: 0n, policy: 0x20000n }, "vulnerable", 0, "fail"],
    ["half of one, none of the other", { ...tcbs(milan(23)), ...vectors }, "vulnerable", 0, "fail"],
    [
      "none of one, half of the other",
      { ...tcbs(milan(23)), launchMitVector: 0n, policy: 0x20000n },
      "vulnerable",
      1,
      "fail",
    ],
    ["what is not seen does not prove", { version: 3, ...tcbs(milan(24)) }, "not-provable", 0, "unseen"],
    ["what fails is not saved by what is not seen", { version: 3, ...tcbs(milan(23)) }, "vulnerable", 0, "fail"],
    ["the other way proves what is not seen", { version: 3, ...tcbs(milan(24)), ...noSmt }, "fixed", 1, "pass"],
  ] as const)("%s", async (_, report, status, way, outcome) => {
    const answer = await assessed(entry, { report });
    expect(answer).toMatchObject({ status, decidedBy: { outcome } });
    expect(answer.decidedBy?.pointer).toMatch(new RegExp(`^/advisories/0/proofs/0/anyOf/${way}/`));
    expect(answer.checks).toHaveLength(2);
  });
});
