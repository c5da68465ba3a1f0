import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import type { Policy } from "../../src/policy/policy.js";
import { DAY, type RecordOptions, VERIFIED_AT } from "../support/records.js";
import { checkOf, failedIds, judged, OPEN } from "./support.js";

const UNTIL = "2026-06-02T00:00:00Z";
const REASON = "INC-1234";
const OURS = { productLine: ["Milan"] };
const CHECK = "/snp/platformInfo/eccEn";
const SNP = { ...OPEN, platformInfo: { eccEn: "required", aliasCheckComplete: "any" } };
const BAD: RecordOptions = { report: { platformInfo: 0n } };

function waived(entry: object = {}, kind: "waivers" | "warn" = "waivers"): Promise<Policy> {
  const waiver = { check: CHECK, until: UNTIL, reason: REASON, only: OURS, ...entry };
  return definePolicy({ version: 1, id: "test", snp: SNP, [kind]: [waiver] });
}

describe("a waiver", () => {
  it("lets a failure pass, and shows itself", async () => {
    const appraisal = judged(await waived(), BAD);
    expect(appraisal.verdict).toBe("accept");
    expect(appraisal.warnings).toEqual([]);
    expect(appraisal.waived).toEqual([checkOf(appraisal, "snp.platformInfo.eccEn")]);
    expect(appraisal.waived).toMatchObject([
      {
        outcome: "waived",
        severity: "error",
        pointer: CHECK,
        actual: false,
        waiver: { pointer: "/waivers/0", until: UNTIL, reason: REASON },
        reason:
          "Waived until 2026-06-02T00:00:00Z (INC-1234): Expected PLATFORM_INFO.ECC_EN to be set; found it clear; " +
          "run on a host that is configured so.",
      },
    ]);
    expect(Object.isFrozen(appraisal.waived[0]?.waiver)).toBe(true);
    expect(JSON.parse(JSON.stringify(appraisal))).toEqual(appraisal);
  });

  it("is not shown where the check passes", async () => {
    const appraisal = judged(await waived(), { report: { platformInfo: 4n } });
    expect(appraisal.waived).toEqual([]);
    expect(checkOf(appraisal, "snp.platformInfo.eccEn")).toMatchObject({ outcome: "pass", waiver: null });
  });

  it("counts up to its end, and not a millisecond more", async () => {
    const policy = await waived();
    expect(judged(policy, BAD, { now: VERIFIED_AT + DAY }).verdict).toBe("accept");
    const over = judged(policy, BAD, { now: VERIFIED_AT + DAY + 1 });
    expect(failedIds(over)).toEqual(["snp.platformInfo.eccEn"]);
    expect(over.failures[0]).toMatchObject({
      waiver: null,
      reason: expect.stringMatching(/configured so\. \/waivers\/0 is over, or for other evidence\.$/),
    });
  });

  const chip = (byte: number): NonNullable<RecordOptions["report"]> => ({
    chipId: new Uint8Array(64).fill(byte),
    platformInfo: 0n,
  });
  const small = { chipId: Uint8Array.from({ length: 64 }, (_, at) => (at < 8 ? 0xa1 : 0)), platformInfo: 0n };
  const rows: [title: string, only: object, covered: RecordOptions, other: RecordOptions][] = [
    ["a chip", { chipId: ["A1".repeat(64)] }, { report: chip(0xa1) }, { report: chip(0xa2) }],
    ["a chip of Turin", { chipId: ["a1".repeat(8)] }, { report: small }, { report: chip(0xa1) }],
    [
      "a provider",
      { cspId: ["CN=one.example"] },
      { ...BAD, signingKey: "VLEK", cspId: "CN=one.example" },
      { ...BAD, signingKey: "VLEK", cspId: "CN=two.example" },
    ],
    ["a line", { productLine: ["Genoa", "Turin"] }, { ...BAD, productLine: "Genoa" }, BAD],
    [
      "a guest",
      { measurement: ["AB".repeat(48)] },
      { report: { platformInfo: 0n, measurement: new Uint8Array(48).fill(0xab) } },
      BAD,
    ],
    ["both of two", { productLine: ["Milan"], chipId: ["a1".repeat(64)] }, { report: chip(0xa1) }, { report: chip(3) }],
  ];
  it.each(rows)("is for %s alone", async (...[, only, covered, other]) => {
    const snp = { ...SNP, signingKey: ["VCEK", "VLEK"], cspId: "any" };
    const waivers = [{ check: CHECK, until: UNTIL, reason: REASON, only }];
    const policy = await definePolicy({ version: 1, id: "test", snp, waivers });
    expect(failedIds(judged(policy, covered))).toEqual([]);
    expect(failedIds(judged(policy, other))).toEqual(["snp.platformInfo.eccEn"]);
  });

  it("speaks of one check: the same claim elsewhere still refuses", async () => {
    const waivers = [{ check: "/require/allOf/0/snp/platformInfo/eccEn", until: UNTIL, reason: REASON, only: OURS }];
    const ecc = { snp: { ...OPEN, platformInfo: { eccEn: "required" } } };
    const policy = await definePolicy({ version: 1, id: "x", require: { allOf: [ecc, ecc] }, waivers });
    expect(judged(policy, BAD).failures.map(({ pointer }) => pointer)).toEqual([
      "/require/allOf/1/snp/platformInfo/eccEn",
    ]);
  });

  it("of minimumTcb is for all of its TCBs, which stand at one place", async () => {
    const minimumTcb = { Milan: { reported: { snp: 255 }, launch: { snp: 255 } } };
    const waivers = [{ check: "/snp/minimumTcb", until: UNTIL, reason: REASON, only: OURS }];
    const policy = await definePolicy({ version: 1, id: "x", snp: { ...OPEN, minimumTcb }, waivers });
    const appraisal = judged(policy);
    expect(appraisal.verdict).toBe("accept");
    expect(appraisal.waived.map(({ id }) => id)).toEqual(["snp.minimumTcb.reported", "snp.minimumTcb.launch"]);
  });

  it("makes an alternative hold, and excuses nothing of one that was not needed", async () => {
    const waivers = [{ check: "/require/anyOf/0/snp/platformInfo/eccEn", until: UNTIL, reason: REASON, only: OURS }];
    const first = { snp: { ...OPEN, platformInfo: { eccEn: "required" } } };
    const other = { snp: { ...OPEN, vmpl: [3] } };
    const policy = await definePolicy({ version: 1, id: "x", require: { anyOf: [first, other] }, waivers });
    expect(judged(policy, BAD)).toMatchObject({ verdict: "accept", waived: [{ id: "snp.platformInfo.eccEn" }] });
    const both = { snp: { ...OPEN, vmpl: [3], platformInfo: { eccEn: "required" } } };
    const aside = await definePolicy({ version: 1, id: "x", require: { anyOf: [both, { snp: OPEN }] }, waivers });
    const appraisal = judged(aside, BAD);
    expect(appraisal).toMatchObject({ verdict: "accept", waived: [] });
    expect(checkOf(appraisal, "snp.platformInfo.eccEn")).toMatchObject({ outcome: "not-applicable", waiver: null });
  });

  it("counts where a second one of the check does", async () => {
    const one = { check: CHECK, until: UNTIL, reason: "first", only: { productLine: ["Turin"] } };
    const waivers = [one, { ...one, reason: "second", only: OURS }];
    const policy = await definePolicy({ version: 1, id: "x", snp: SNP, waivers });
    expect(judged(policy, BAD).waived[0]?.waiver).toMatchObject({ pointer: "/waivers/1", reason: "second" });
  });
});

describe("a warning", () => {
  it("lists a failure that refuses nothing", async () => {
    const appraisal = judged(await waived({}, "warn"), BAD);
    expect(appraisal).toMatchObject({ verdict: "accept", failures: [], waived: [] });
    expect(appraisal.warnings).toMatchObject([
      {
        id: "snp.platformInfo.eccEn",
        outcome: "fail",
        severity: "warning",
        waiver: { pointer: "/warn/0", until: UNTIL, reason: REASON },
        reason: expect.stringMatching(
          /^Only a warning until 2026-06-02T00:00:00Z \(INC-1234\): Expected PLATFORM_INFO/,
        ),
      },
    ]);
  });

  it("ends as a waiver does", async () => {
    const over = judged(await waived({}, "warn"), BAD, { now: VERIFIED_AT + DAY + 1 });
    expect(over).toMatchObject({ verdict: "reject", warnings: [] });
    expect(over.failures).toMatchObject([{ severity: "error", reason: expect.stringContaining("/warn/0 is over") }]);
  });

  it("gives way to a waiver of the same check", async () => {
    const entry = { check: CHECK, until: UNTIL, reason: REASON, only: OURS };
    const policy = await definePolicy({ version: 1, id: "x", snp: SNP, warn: [entry], waivers: [entry] });
    expect(judged(policy, BAD)).toMatchObject({ warnings: [], waived: [{ waiver: { pointer: "/waivers/0" } }] });
  });
});

describe("what can be excused", () => {
  const floors = { major: 1, minor: 0, build: 0 };
  const advisories = { ids: ["A"], dataSet: "ab".repeat(48), maxAgeSeconds: 1 };
  const snp = {
    ...OPEN,
    cpu: ["0x19-0x01-0x01"],
    minimumTcb: { Milan: { reported: { snp: 1 } } },
    minimumFirmware: { current: floors, committed: floors },
    provisionalFirmware: "forbidden",
    platformInfo: { smtEn: "forbidden", unknownBits: "forbidden" },
    mitigations: { launch: [0], current: [0] },
    advisories,
    productLine: ["Milan"],
    reportVersion: { minimum: 2 },
    signingKey: ["VLEK"],
    cspId: "any",
    chipId: ["masked"],
    denyChips: ["ab".repeat(64)],
    denyCertificates: ["ab".repeat(32)],
    measurement: ["ab".repeat(48)],
    reportData: { scheme: "nonce" },
    hostData: ["ab".repeat(32)],
    familyId: ["ab".repeat(16)],
    imageId: ["ab".repeat(16)],
    reportId: ["ab".repeat(32)],
    reportIdMa: ["ab".repeat(32)],
    guestSvn: { minimum: 1 },
    idBlock: { idKeyDigests: ["ab".repeat(48)] },
    vmpl: [0],
    guestPolicy: { debug: "forbidden", smt: "forbidden" },
    revocation: { status: "checked", maxAgeSeconds: 1 },
    reserved: "zero",
  };
  const define = (check: string, kind = "waivers") =>
    definePolicy({ version: 1, id: "x", snp, [kind]: [{ check, until: UNTIL, reason: REASON, only: OURS }] });

  it.each([
    "/snp/cpu",
    "/snp/minimumTcb",
    "/snp/minimumFirmware/current",
    "/snp/minimumFirmware/committed",
    "/snp/provisionalFirmware",
    "/snp/platformInfo/smtEn",
    "/snp/platformInfo/unknownBits",
    "/snp/mitigations/launch",
    "/snp/mitigations/current",
    "/snp/advisories/ids/0",
    "/snp/advisories/dataSet",
    "/snp/advisories/maxAgeSeconds",
  ])("%s", async (check) => {
    await expect(define(check)).resolves.toBeDefined();
    await expect(define(check, "warn")).resolves.toBeDefined();
  });

  const others = Object.keys(snp).filter(
    (key) => !/^(?:cpu|minimumTcb|minimumFirmware|provisionalFirmware|platformInfo|mitigations|advisories)$/.test(key),
  );
  it.each([
    ...others.map((key) => `/snp/${key}`),
    "/snp/guestPolicy/debug",
    "/snp/idBlock/required",
    "/snp/idBlock/idKeyDigests",
    "/snp/revocation/status",
    "/snp/minimumFirmware",
    "/snp/platformInfo",
    "/snp/platformInfo/tsmeEn",
    "/snp/minimumTcb/Milan",
    "/snp/advisories",
    "/require/snp/cpu",
    "time.crl",
    "/",
  ])("not %s", async (check) => {
    await expect(define(check)).toFailWith("ERR_MALFORMED_POLICY", { pointer: "/waivers/0/check" });
    await expect(define(check, "warn")).toFailWith("ERR_MALFORMED_POLICY", { pointer: "/warn/0/check" });
  });
});

describe("a mistake in a waiver", () => {
  const rows: [title: string, entry: object, pointer: string, message: RegExp][] = [
    ["no end", { until: undefined }, "/until", /expected a JSON value/],
    ["an end without a time", { until: "2026-12-24" }, "/until", /a time such as 2027-01-31T00:00:00Z/],
    ["an end elsewhere", { until: "2026-12-24T00:00:00+01:00" }, "/until", /a time such as/],
    ["an end of another century", { until: "2126-12-24T00:00:00Z" }, "/until", /a time such as/],
    ["a day that June has not", { until: "2026-06-31T00:00:00Z" }, "/until", /a day that its month has/],
    ["a leap day of a common year", { until: "2027-02-29T00:00:00Z" }, "/until", /a day that its month has/],
    ["no reason", { reason: "" }, "/reason", /text that is not empty/],
    ["for nobody", { only: {} }, "/only", /at least one key/],
    ["for anybody", { only: "any" }, "/only", /expected Object/],
    ["for whom nobody knows", { only: { hostData: ["00"] } }, "/only/hostData", /correct its spelling/],
    ["for no chips", { only: { chipId: [] } }, "/only/chipId", /at least one entry/],
    ["for a chip of zeros", { only: { chipId: ["ab".repeat(8), "00".repeat(64)] } }, "/only/chipId/1", /found zeros/],
    ["for masked chips", { only: { chipId: ["masked"] } }, "/only/chipId/0", /128 hex digits/],
    ["another key", { severity: "warn" }, "/severity", /correct its spelling/],
  ];
  it.each(rows)("%s", async (...[, entry, pointer, message]) => {
    await expect(waived(entry)).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/waivers/0${pointer}` });
    await expect(waived(entry)).rejects.toThrow(message);
    await expect(waived(entry, "warn")).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/warn/0${pointer}` });
  });

  it.each(["waivers", "warn"])("an empty list of %s", async (kind) => {
    const policy = definePolicy({ version: 1, id: "x", snp: OPEN, [kind]: [] });
    await expect(policy).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/${kind}` });
  });
});
