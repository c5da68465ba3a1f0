import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProductLine } from "../../src/amd/product-lines.js";
import { bindReportData } from "../../src/binding/bind.js";
import type { ExpectedReportData } from "../../src/binding/expected.js";
import { toHex } from "../../src/bytes/codecs.js";
import type { Appraisal } from "../../src/policy/appraisal.js";
import { appraise } from "../../src/policy/appraise.js";
import { CLAIM_NAMES } from "../../src/policy/claims.js";
import { definePolicy } from "../../src/policy/define.js";
import { createHandle } from "../../src/verify/handle.js";
import type { VerifiedRecord } from "../../src/verify/record.js";
import { DAY, makeRecord, makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";
import { blockPolicy, checkOf, failedIds, judged, OPEN, treePolicy } from "./support.js";

const NOW = new Date(VERIFIED_AT);
const NONCE = new Uint8Array(32).fill(7);
const BOUND = new Uint8Array(64).fill(7, 0, 32);

/** Calls with arguments that the types forbid. */
function appraiseAnyhow(...given: readonly unknown[]): Appraisal {
  const call: (...args: readonly unknown[]) => Appraisal = appraise as never;
  return call(...given);
}

function everyObject(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== "object" || value === null || found.has(value)) return found;
  found.add(value);
  for (const part of Object.values(value)) everyObject(part, found);
  return found;
}

describe("the appraisal", () => {
  it("carries policy, time, evidence and every check", async () => {
    const policy = await blockPolicy({ vmpl: [0] });
    const appraisal = judged(policy, { productLine: "Turin", anchors: "caller" }, { now: VERIFIED_AT + 5 });
    expect(Object.keys(appraisal).sort()).toEqual([
      "appraisedAt",
      "checks",
      "evidence",
      "failures",
      "policyDigest",
      "policyId",
      "unexamined",
      "verdict",
      "waived",
      "warnings",
    ]);
    expect(appraisal).toMatchObject({
      verdict: "accept",
      failures: [],
      warnings: [],
      waived: [],
      policyId: "test",
      policyDigest: policy.digest,
      appraisedAt: "2026-06-01T00:00:00.005Z",
    });
    expect(appraisal.checks.map(({ id }) => id)).toEqual([
      "snp.measurement",
      "snp.reportData",
      "snp.vmpl",
      "snp.minimumTcb.reported",
      "snp.minimumTcb.committed",
      "snp.minimumTcb.launch",
      "snp.minimumTcb.current",
      "snp.signingKey",
      "snp.guestPolicy.debug",
      "snp.guestPolicy.migrateMa",
      "snp.guestPolicy.unknownBits",
      "snp.platformInfo.unknownBits",
      "snp.revocation.status",
      "snp.reserved.keyInfo",
      "snp.reserved.bytes",
      "time.verification",
      "time.crl",
      "time.leaf",
      "time.intermediate",
      "time.root",
    ]);
    expect(appraisal.evidence).toMatchObject({
      productLine: "Turin",
      signingKey: "VCEK",
      anchors: "caller",
      verifiedAt: "2026-06-01T00:00:00.000Z",
      revocation: {
        status: "checked",
        number: "0x5",
        thisUpdate: "2026-05-22T00:00:00.000Z",
        nextUpdate: "2026-06-21T00:00:00.000Z",
        source: "evidence",
      },
      leaf: { productName: "Turin", notBefore: "2026-05-31T00:00:00.000Z", notAfter: "2027-03-28T00:00:00.000Z" },
      intermediate: { role: "ASK", origin: "supplied", subject: "CN=ASK-Turin", serial: "0x10000" },
      root: { role: "ARK", notBefore: "2026-05-02T00:00:00.000Z" },
    });
    expect(Object.keys(appraisal.evidence.claims)).toEqual(CLAIM_NAMES);
    expect(appraisal.evidence.claims).toMatchObject({
      reportVersion: 5,
      cpuid: "0x1a-0x02-0x01",
      reportedTcb: { fmc: 1, bootLoader: 1, tee: 1, snp: 4, microcode: 81 },
      currentFirmware: "1.55.65",
      "guestPolicy.abi": { major: 0, minor: 0 },
      "guestPolicy.smt": true,
      "platformInfo.tsmeEn": false,
      launchMitVector: "0xb",
      reservedBytes: [],
    });
  });

  it("says null of what there is none of", async () => {
    const revocation = { status: "skipped", number: null, thisUpdate: null, nextUpdate: null, source: null } as const;
    const appraisal = judged(await blockPolicy({ revocation: { status: "skipped" } }), { revocation });
    expect(appraisal.evidence.revocation).toEqual(revocation);
    expect(appraisal.verdict).toBe("accept");
  });

  it("lists the claims that nothing compared", async () => {
    const policy = await blockPolicy({
      vmpl: [0],
      hostData: ["00".repeat(32)],
      guestPolicy: { smt: "any", cxlAllow: "forbidden" },
    });
    const { unexamined } = judged(policy);
    const compared = [
      "signingKey",
      "hostData",
      "vmpl",
      "guestPolicy.cxlAllow",
      "guestPolicy.debug",
      "guestPolicy.migrateMa",
      "guestPolicy.unknownBits",
      "revocation.status",
      "keyInfo.unknownBits",
      "reservedBytes",
      // A VCEK has none.
      "cspId",
    ];
    expect(unexamined).toEqual(CLAIM_NAMES.filter((name) => !compared.includes(name)));
    expect(Object.isFrozen(unexamined)).toBe(true);
  });

  it("is JSON, and frozen all the way down", async () => {
    const tree = {
      allOf: [
        { id: "base", reason: "why", snp: OPEN },
        { anyOf: [{ snp: { vmpl: [3] } }, { snp: { reserved: "any" } }] },
      ],
    };
    const floors = {
      minimumTcb: { Milan: { reported: { snp: 99 } } },
      reportData: { scheme: "nonce" },
      measurement: ["00".repeat(48)],
    };
    const report = { patch: [{ offset: 0x1eb, bytes: Uint8Array.of(1) }] };
    const reportData = await bindReportData("nonce", { nonce: NONCE });
    const appraisals = [
      judged(await treePolicy(tree), { report }),
      judged(await treePolicy(tree), {}, { now: VERIFIED_AT - 1 }),
      judged(await blockPolicy(floors), { report }, { reportData }),
      judged(await blockPolicy(floors), { signingKey: "VLEK" }),
    ];
    for (const appraisal of appraisals) {
      expect(JSON.parse(JSON.stringify(appraisal))).toEqual(appraisal);
      for (const object of everyObject(appraisal)) expect(Object.isFrozen(object), JSON.stringify(object)).toBe(true);
    }
  });

  it("names the nearest rule that has a name or a reason", async () => {
    const inner = { id: "inner", snp: { vmpl: [0] } };
    const policy = await treePolicy({
      reason: "outer",
      allOf: [{ snp: OPEN }, inner, { anyOf: [{ snp: { hostData: ["00".repeat(32)] } }] }],
    });
    const appraisal = judged(policy);
    expect(checkOf(appraisal, "snp.measurement").rule).toEqual({ id: null, reason: "outer" });
    expect(checkOf(appraisal, "snp.vmpl").rule).toEqual({ id: "inner", reason: null });
    expect(checkOf(appraisal, "snp.hostData").rule).toEqual({ id: null, reason: "outer" });
    expect(checkOf(appraisal, "snp.signingKey").rule).toBeNull();
    expect(checkOf(judged(await blockPolicy({})), "snp.measurement").rule).toBeNull();
  });
});

describe("the clock", () => {
  const END = VERIFIED_AT + 100 * DAY;
  const far = { leaf: END + 9 * DAY, intermediate: END + 9 * DAY, root: END + 9 * DAY };
  const crl = (nextUpdate: number | null): RecordOptions => ({ notAfter: far, revocation: { nextUpdate } });
  const rows: [id: string, evidence: RecordOptions, good: number, bad: number, expected: string][] = [
    ["time.verification", crl(END), VERIFIED_AT, VERIFIED_AT - 1, "2026-06-01T00:00:00.000Z"],
    ["time.crl", crl(END), END, END + 1, "2026-09-09T00:00:00.000Z"],
    ["time.leaf", { ...crl(END + DAY), notAfter: { ...far, leaf: END } }, END, END + 1, "2026-09-09T00:00:00.000Z"],
    [
      "time.intermediate",
      { ...crl(END + DAY), notAfter: { ...far, intermediate: END } },
      END,
      END + 1,
      "2026-09-09T00:00:00.000Z",
    ],
    ["time.root", { ...crl(END + DAY), notAfter: { ...far, root: END } }, END, END + 1, "2026-09-09T00:00:00.000Z"],
  ];
  it.each(rows)("%s", async (...[id, evidence, good, bad, expected]) => {
    const policy = await blockPolicy({});
    const accepted = judged(policy, evidence, { now: good });
    expect(failedIds(accepted)).toEqual([]);
    expect(checkOf(accepted, id)).toMatchObject({ outcome: "pass", expected, actual: new Date(good).toISOString() });
    const refused = judged(policy, evidence, { now: bad });
    expect(failedIds(refused)).toEqual([id]);
    expect(checkOf(refused, id)).toMatchObject({
      pointer: "",
      implied: true,
      claim: "now",
      expected,
      actual: new Date(bad).toISOString(),
      reason: expect.stringMatching(
        new RegExp(`^Expected now at or .+${expected}; found ${new Date(bad).toISOString()}; .+\\.$`),
      ),
    });
  });

  it("tells where each time stands", async () => {
    const appraisal = judged(await blockPolicy({}));
    expect(
      appraisal.checks.filter(({ claim }) => claim === "now").map(({ operator, source }) => [operator, source]),
    ).toEqual([
      ["notBefore", { kind: "verification", field: "verifiedAt" }],
      ["notAfter", { kind: "crl", field: "nextUpdate" }],
      ["notAfter", { kind: "certificate", field: "leaf.notAfter" }],
      ["notAfter", { kind: "certificate", field: "intermediate.notAfter" }],
      ["notAfter", { kind: "certificate", field: "root.notAfter" }],
    ]);
  });

  it("refuses a checked CRL that names no end", async () => {
    const appraisal = judged(await blockPolicy({}), crl(null));
    expect(failedIds(appraisal)).toEqual(["time.crl"]);
    expect(checkOf(appraisal, "time.crl").expected).toBeNull();
  });

  it.each(["stale", "unavailable", "skipped"] as const)(
    "leaves the end of a CRL to the policy when it is %s",
    async (status) => {
      const evidence: RecordOptions = { revocation: { status, nextUpdate: VERIFIED_AT - DAY } };
      const appraisal = judged(await blockPolicy({ revocation: { status } }), evidence);
      expect(appraisal.verdict).toBe("accept");
      expect(checkOf(appraisal, "time.crl").outcome).toBe("not-applicable");
    },
  );

  it("holds a late CRL to the grace that its verification gave", async () => {
    const policy = await blockPolicy({ revocation: { status: "stale" } });
    const stale = { status: "stale", nextUpdate: VERIFIED_AT - DAY, usableUntil: VERIFIED_AT + DAY } as const;
    const at = (now: number) => judged(policy, { revocation: stale }, { now });
    expect(at(VERIFIED_AT + DAY).verdict).toBe("accept");
    expect(failedIds(at(VERIFIED_AT + DAY + 1))).toEqual(["time.crl"]);
  });

  it("cannot be written away: it runs in every alternative", async () => {
    const policy = await treePolicy({ anyOf: [{ snp: OPEN }, { snp: { ...OPEN, reserved: "any" } }] });
    expect(failedIds(judged(policy, {}, { now: VERIFIED_AT - 1 }))).toEqual(["time.verification"]);
  });
});

describe("what the caller brings", () => {
  const evidence: RecordOptions = { report: { reportData: BOUND } };
  const bring = async (byte: number) => bindReportData("nonce", { nonce: NONCE.map((value) => value + byte) });

  it("must be there when the policy names a scheme", async () => {
    const policy = await blockPolicy({ reportData: { scheme: "nonce" } });
    const good = judged(policy, evidence, { reportData: await bring(0) });
    expect(good.verdict).toBe("accept");
    expect(checkOf(good, "snp.reportData")).toMatchObject({
      operator: "bound",
      expected: { scheme: "nonce", bytes: toHex(BOUND) },
      actual: toHex(BOUND),
      outcome: "pass",
    });
    const missing = judged(policy, evidence);
    expect(failedIds(missing)).toEqual(["snp.reportData"]);
    expect(checkOf(missing, "snp.reportData")).toMatchObject({
      expected: { scheme: "nonce" },
      reason:
        "Expected REPORT_DATA bound by nonce; the caller brought nothing; " +
        'pass what bindReportData("nonce", ...) returned as reportData.',
    });
  });

  it("must be of the scheme that the policy names, even with the same bytes", async () => {
    const policy = await blockPolicy({ reportData: { scheme: "attestry-v1" } });
    const appraisal = judged(policy, evidence, { reportData: await bindReportData("exact", { reportData: BOUND }) });
    expect(failedIds(appraisal)).toEqual(["snp.reportData"]);
    expect(checkOf(appraisal, "snp.reportData").reason).toContain("the caller brought the scheme exact");
  });

  it("is compared also where an alternative holds that compares nothing", async () => {
    const rest = { minimumTcb: "any" };
    const bound = { snp: { ...rest, measurement: ["ff".repeat(48)], reportData: { scheme: "nonce" } } };
    const loose = { snp: { ...rest, measurement: "any", reportData: "any" } };
    const policy = await definePolicy({ version: 1, id: "either", require: { anyOf: [bound, loose] } });
    expect(judged(policy, evidence, { reportData: await bring(0) }).verdict).toBe("accept");
    expect(failedIds(judged(policy, evidence, { reportData: await bring(1) }))).toEqual(["input.reportData"]);
    expect(judged(policy, evidence).verdict).toBe("accept");
  });

  it("must be what the report says", async () => {
    const policy = await blockPolicy({ reportData: { scheme: "nonce" } });
    const appraisal = judged(policy, evidence, { reportData: await bring(1) });
    expect(failedIds(appraisal)).toEqual(["snp.reportData"]);
    expect(checkOf(appraisal, "snp.reportData").reason).toMatch(
      /^Expected REPORT_DATA 0808.+; found 0707.+; the report answers/,
    );
  });

  it.each([
    ["any", { reportData: "any" }],
    ["exact bytes", { reportData: { exact: toHex(BOUND) } }],
  ])("must hold also where the policy says %s", async (_, snp) => {
    const policy = await blockPolicy(snp);
    const good = judged(policy, evidence, { reportData: await bring(0) });
    expect(good.verdict).toBe("accept");
    expect(good.unexamined).not.toContain("reportData");
    expect(checkOf(good, "input.reportData")).toMatchObject({ pointer: "", implied: true, outcome: "pass" });
    const bad = judged(policy, evidence, { reportData: await bring(1) });
    expect(failedIds(bad)).toEqual(["input.reportData"]);
    expect(judged(policy, evidence).checks.filter(({ id }) => id === "input.reportData")).toEqual([]);
  });

  it("is compared once where a rule compares it", async () => {
    const policy = await blockPolicy({ reportData: { scheme: "nonce" } });
    const { checks } = judged(policy, evidence, { reportData: await bring(0) });
    expect(checks.filter(({ claim }) => claim === "reportData").map(({ id }) => id)).toEqual(["snp.reportData"]);
  });
});

describe("wrong arguments are TypeErrors", () => {
  const verified = makeVerified();
  const record = makeRecord();
  const looks = { report: record.report, productLine: "Milan", signingKey: "VCEK", verifiedAt: NOW };
  const evidence: [string, unknown][] = [
    ["nothing", undefined],
    ["a record", record],
    ["a look-alike", looks],
    ["a copy", { ...verified }],
    ["a heir", Object.create(verified)],
    ["bytes", record.bytes],
  ];
  it.each(evidence)("%s for verified evidence", async (_, fake) => {
    const policy = await blockPolicy({});
    expect(() => appraiseAnyhow(fake, policy, { now: NOW })).toThrow(TypeError);
    expect(() => appraiseAnyhow(fake, policy, { now: NOW })).toThrow(/^verified must be what verifyEvidence returned/);
  });

  it("a document, a copy, a heir for a policy", async () => {
    const policy = await blockPolicy({});
    for (const fake of [undefined, null, policy.document, { ...policy }, Object.create(policy), "policy"]) {
      expect(() => appraiseAnyhow(verified, fake, { now: NOW })).toThrow(TypeError);
      expect(() => appraiseAnyhow(verified, fake, { now: NOW })).toThrow(/^policy must be what definePolicy returned/);
    }
  });

  const inputs: [string, unknown, RegExp][] = [
    ["no inputs", undefined, /inputs must be an object/],
    ["no time", {}, /inputs\.now must be a Date/],
    ["a time as a number", { now: VERIFIED_AT }, /inputs\.now must be a Date, not number/],
    ["a time as text", { now: NOW.toISOString() }, /inputs\.now must be a Date, not string/],
    ["no valid time", { now: new Date(Number.NaN) }, /inputs\.now must be a Date from 2020/],
    ["a time of another century", { now: new Date(0) }, /inputs\.now must be a Date from 2020/],
    ["an unknown name", { now: NOW, nonce: NONCE }, /inputs has no option "nonce"/],
    ["raw bytes", { now: NOW, reportData: BOUND }, /reportData must be what bindReportData returned/],
    ["null", { now: NOW, reportData: null }, /reportData must be what bindReportData returned/],
    ["a look-alike", { now: NOW, reportData: { scheme: "exact", bytes: BOUND, publicKey: null } }, /bindReportData/],
  ];
  it.each(inputs)("%s", async (_, given, message) => {
    const policy = await blockPolicy({});
    expect(() => appraiseAnyhow(verified, policy, given)).toThrow(TypeError);
    expect(() => appraiseAnyhow(verified, policy, given)).toThrow(message);
  });
});

describe("appraise is pure", () => {
  it("gives the same answer again, also after what it handed out was attacked", async () => {
    const policy = await blockPolicy({ hostData: ["00".repeat(32)], minimumTcb: { Milan: { reported: { snp: 24 } } } });
    const verified = makeVerified();
    const first = JSON.stringify(appraise(verified, policy, { now: NOW }));
    for (const check of appraise(verified, policy, { now: NOW }).checks) {
      for (const object of everyObject(check))
        expect(() => Object.assign(object, { outcome: "pass", snp: 0 })).toThrow(TypeError);
    }
    expect(JSON.stringify(appraise(verified, policy, { now: NOW }))).toBe(first);
  });

  it("reads the record and never the handle: every byte that the handle hands out may be overwritten", async () => {
    const policy = await blockPolicy({ measurement: ["ab".repeat(48)] });
    const verified = makeVerified({ report: { measurement: new Uint8Array(48).fill(0xab) } });
    const before = JSON.stringify(appraise(verified, policy, { now: NOW }));
    for (const bytes of [verified.reportBytes, verified.report.measurement, verified.report.chipId]) bytes.fill(0);
    verified.verifiedAt.setTime(0);
    verified.certificates.leaf.notAfter.setTime(0);
    expect(JSON.stringify(appraise(verified, policy, { now: NOW }))).toBe(before);
  });

  it("does not change its inputs and keeps no hold of them", async () => {
    const policy = await blockPolicy({});
    const now = new Date(VERIFIED_AT);
    const appraisal = appraise(makeVerified(), policy, Object.freeze({ now }));
    now.setTime(VERIFIED_AT + DAY);
    expect(appraisal.appraisedAt).toBe("2026-06-01T00:00:00.000Z");
  });

  it("asks no clock, no randomness and no network", async () => {
    const policy = await blockPolicy({ reportData: { scheme: "nonce" } });
    const reportData = await bindReportData("nonce", { nonce: NONCE });
    const verified = makeVerified({ report: { reportData: BOUND } });
    const forbidden = () => {
      throw new Error("not pure");
    };
    const { now: dateNow } = Date;
    const { random } = Math;
    Date.now = forbidden;
    Math.random = forbidden;
    try {
      expect(appraise(verified, policy, { now: NOW, reportData }).verdict).toBe("accept");
    } finally {
      Date.now = dateNow;
      Math.random = random;
    }
  });
});

const lines = fc.constantFrom<ProductLine>("Milan", "Genoa", "Turin");
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("properties", () => {
  const fields = fc.record(
    {
      policy: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      platformInfo: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      keyInfo: fc.nat(0xffffffff),
      vmpl: fc.oneof(fc.nat(4), fc.constant(0xffffffff)),
      measurement: bytes(48),
      idKeyDigest: bytes(48),
      authorKeyDigest: bytes(48),
      chipId: bytes(64),
      reportedTcb: bytes(8),
      launchTcb: bytes(8),
    },
    { requiredKeys: [] },
  );
  const evidence = fc.record({
    productLine: lines,
    signingKey: fc.constantFrom("VCEK" as const, "VLEK" as const),
    version: fc.constantFrom(2, 3, 4, 5),
    fields,
    status: fc.constantFrom("checked" as const, "stale" as const, "unavailable" as const, "skipped" as const),
    nextUpdate: fc.option(fc.integer({ min: VERIFIED_AT - DAY, max: VERIFIED_AT + DAY })),
    now: fc.integer({ min: VERIFIED_AT - DAY, max: VERIFIED_AT + 400 * DAY }),
  });

  it("appraise is total: whatever a report says, there is a verdict with consistent parts", async () => {
    const policy = await treePolicy({
      anyOf: [
        {
          snp: {
            ...OPEN,
            productLine: ["Milan"],
            chipId: ["masked", "ab".repeat(8)],
            idBlock: { idKeyDigests: ["01".repeat(48)] },
          },
        },
        {
          snp: {
            ...OPEN,
            signingKey: ["VCEK", "VLEK"],
            cspId: ["CN=cc.provider.example"],
            minimumTcb: {
              Milan: { reported: { snp: 3 } },
              Turin: { launch: { fmc: 1 } },
              "0x19-0x11-0x01": { current: { tee: 0 } },
            },
            guestPolicy: { debug: "any", migrateMa: "any", unknownBits: "any", smt: "required" },
            revocation: { status: "skipped" },
            reserved: "any",
          },
        },
        {
          snp: {
            ...OPEN,
            platformInfo: { eccEn: "required", unknownBits: "forbidden" },
            revocation: { maxAgeSeconds: 1 },
          },
        },
      ],
    });
    const seen = { accept: 0, reject: 0 };
    fc.assert(
      fc.property(evidence, ({ version, fields: given, status, nextUpdate, now, ...rest }) => {
        const report = { ...given, version };
        const appraisal = judged(policy, { ...rest, report, revocation: { status, nextUpdate } }, { now });
        seen[appraisal.verdict] += 1;
        expect(appraisal.failures.length > 0).toBe(appraisal.verdict === "reject");
        expect(appraisal.failures).toEqual(appraisal.checks.filter(({ outcome }) => outcome === "fail"));
        expect(JSON.parse(JSON.stringify(appraisal))).toEqual(appraisal);
      }),
      { numRuns: 500, seed: 20261121 },
    );
    expect(seen.accept).toBeGreaterThan(5);
    expect(seen.reject).toBeGreaterThan(100);
  });

  it("never throws for a record that no verification would leave, such as an unknown version", async () => {
    const record = makeRecord();
    const odd: VerifiedRecord = { ...record, report: { ...record.report, version: 99 }, rangeOf: () => null };
    const policy = await blockPolicy({ hostData: ["00".repeat(32)] });
    const appraisal = appraise(createHandle(odd), policy, { now: NOW });
    expect(checkOf(appraisal, "snp.hostData").source).toEqual({ kind: "verification", field: "hostData" });
  });

  it("one changed byte of REPORT_DATA refuses", async () => {
    const policy = await blockPolicy({ reportData: { scheme: "exact" } });
    await fc.assert(
      fc.asyncProperty(bytes(64), fc.nat(63), fc.integer({ min: 1, max: 255 }), async (...[data, at, mask]) => {
        const reportData: ExpectedReportData = await bindReportData("exact", { reportData: data });
        expect(judged(policy, { report: { reportData: data } }, { reportData }).verdict).toBe("accept");
        const changed = data.map((byte, index) => (index === at ? byte ^ mask : byte));
        expect(failedIds(judged(policy, { report: { reportData: changed } }, { reportData }))).toEqual([
          "snp.reportData",
        ]);
      }),
      { numRuns: 50 },
    );
  });
});
