import { describe, expect, it } from "vitest";
import { defineAdvisories } from "../../src/advisories/define.js";
import { bindReportData } from "../../src/binding/bind.js";
import { definePolicy } from "../../src/policy/define.js";
import type { IssueOptions } from "../../src/result/issue.js";
import { advisory, dataSet, floor, proofsOf } from "../advisories/support.js";
import { blockPolicy, judged, OPEN, treePolicy, type When } from "../policy/support.js";
import "../support/expect.js";
import { DAY, type RecordOptions } from "../support/records.js";
import {
  appraisal,
  bound,
  GUEST_KEY,
  issue,
  MEASUREMENT,
  NONCE,
  NOW,
  type Part,
  partsOf,
  policy,
  snpOf,
  soundReport,
  verify,
} from "./support.js";

async function payloadOf(changes: Partial<IssueOptions> = {}, of = appraisal()): Promise<Part> {
  return partsOf(await issue(changes, of)).payload;
}

function claimsOf(payload: Part): Part {
  return snpOf(payload)["attestry.snp"] as Part;
}

/** The sound evidence with something different about its chain. */
function evidence(options: RecordOptions, when: When = {}) {
  return judged(policy, { ...options, report: soundReport() }, { reportData: bound, ...when });
}

const REFUSED = { measurement: new Uint8Array(48) };

describe("a refused appraisal", () => {
  it("is issued only on demand, contraindicated and without a key", async () => {
    const refused = appraisal(REFUSED);
    await expect(issue({}, refused)).toFailWith("ERR_RESULT_REFUSED", {
      policyId: "test",
      failures: ["snp.measurement"],
    });
    const payload = await payloadOf({ issueRefusal: true }, refused);
    expect(payload).not.toHaveProperty("cnf");
    expect(payload["ear_status"]).toBe("contraindicated");
    expect(claimsOf(payload)).toMatchObject({ failures: ["snp.measurement"], binding: { key: null } });
  });

  it("is refused by whoever verifies its token, with the reason", async () => {
    const token = await issue({ issueRefusal: true }, appraisal(REFUSED));
    const detail = { status: "contraindicated", failures: ["snp.measurement"] };
    await expect(verify(token)).toFailWith("ERR_RESULT_NOT_AFFIRMING", detail);
  });

  it("echoes the nonce of a request that its evidence does not answer, and proves none", async () => {
    const stale = appraisal({ reportData: new Uint8Array(64) });
    const payload = await payloadOf({ issueRefusal: true, nonce: NONCE }, stale);
    expect(payload["eat_nonce"]).toBe("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    expect(snpOf(payload)).not.toHaveProperty("eat_nonce");
    expect(claimsOf(payload)["binding"]).toBeNull();
  });

  it("does not end earlier than it was asked to, though its certificates have", async () => {
    const late = evidence({ notAfter: { leaf: NOW - 1000 } });
    expect(await payloadOf({ issueRefusal: true }, late)).toMatchObject({ exp: NOW / 1000 + 300 });
  });

  it("that is accepted all the same, the word makes no difference to", async () => {
    expect(await payloadOf({ issueRefusal: true })).toEqual(await payloadOf());
  });
});

describe("an accepted appraisal that the vector contraindicates or warns of", () => {
  it("confirms no key for a debug guest", async () => {
    const debug = await blockPolicy({
      measurement: [MEASUREMENT],
      reportData: { scheme: "attestry-v1" },
      guestPolicy: { debug: "any" },
    });
    const of = judged(debug, { report: { ...soundReport(), policy: 0xb0000n } }, { reportData: bound });
    expect(of.verdict).toBe("accept");
    const payload = await payloadOf({}, of);
    expect(payload).not.toHaveProperty("cnf");
    expect(snpOf(payload)).toMatchObject({ ear_status: "contraindicated", dbgstat: "enabled" });
    const asked = { policyDigest: debug.digest };
    await expect(verify(await issue({}, of), asked)).toFailWith("ERR_RESULT_NOT_AFFIRMING", { failures: [] });
  });

  it("is a warning where any image will do", async () => {
    const any = await blockPolicy({ reportData: { scheme: "attestry-v1" } });
    const of = judged(any, { report: soundReport() }, { reportData: bound });
    const asked = { policyDigest: any.digest };
    await expect(verify(await issue({}, of), asked)).toFailWith("ERR_RESULT_NOT_AFFIRMING", { status: "warning" });
  });
});

describe("the time of a token", () => {
  const SECOND = 1000;
  const waived = {
    minimumTcb: { Milan: { reported: { snp: 200 } } },
    reportData: { scheme: "attestry-v1" },
    measurement: [MEASUREMENT],
  };

  it("begins with the appraisal, however much later it is signed", async () => {
    const payload = await payloadOf({ now: new Date(NOW + 200_000) });
    expect(payload).toMatchObject({ iat: NOW / 1000, exp: NOW / 1000 + 300 });
    await expect(issue({ now: new Date(NOW + 299_999) })).resolves.toBeDefined();
    await expect(issue({ now: new Date(NOW + 300_000) })).toFailWith("ERR_RESULT_OVER");
    await expect(issue({ now: new Date(NOW - 1) })).rejects.toThrow(TypeError);
  });

  it.each<[string, RecordOptions]>([
    ["the leaf", { notAfter: { leaf: NOW + 100 * SECOND, intermediate: NOW + DAY, root: NOW + DAY } }],
    ["the intermediate", { notAfter: { leaf: NOW + DAY, intermediate: NOW + 100 * SECOND, root: NOW + DAY } }],
    ["the root", { notAfter: { leaf: NOW + DAY, intermediate: NOW + DAY, root: NOW + 100 * SECOND } }],
    ["the CRL", { revocation: { nextUpdate: NOW + 100 * SECOND, usableUntil: NOW + 100 * SECOND } }],
  ])("ends with %s", async (_, options) => {
    expect(await payloadOf({}, evidence(options))).toMatchObject({ exp: NOW / 1000 + 100 });
    expect(await payloadOf({}, evidence({}))).toMatchObject({ exp: NOW / 1000 + 300 });
  });

  it("ends with the policy", async () => {
    const snp = { ...OPEN, measurement: [MEASUREMENT], reportData: { scheme: "attestry-v1" } };
    const validity = { notAfter: "2026-06-01T00:01:40Z" };
    const short = await definePolicy({ version: 1, id: "test", snp, validity });
    const of = judged(short, { report: soundReport() }, { reportData: bound });
    expect(await payloadOf({}, of)).toMatchObject({ exp: NOW / 1000 + 100 });
  });

  it.each(["waivers", "warn"])("ends with an entry of %s that it rests on", async (key) => {
    const until = "2026-06-01T00:01:40Z";
    const entry = { check: "/snp/minimumTcb", until, reason: "secret reason", only: { productLine: ["Milan"] } };
    const excusing = await definePolicy({ version: 1, id: "test", snp: waived, [key]: [entry] });
    const payload = await payloadOf({}, judged(excusing, { report: soundReport() }, { reportData: bound }));
    expect(payload).toMatchObject({ exp: NOW / 1000 + 100 });
    expect(claimsOf(payload)["waivers"]).toEqual([{ check: "snp.minimumTcb.reported", pointer: `/${key}/0`, until }]);
    expect(JSON.stringify(payload)).not.toContain("secret reason");
  });

  it("ends when the CRL gets older than the policy accepts", async () => {
    const aged = await blockPolicy({
      measurement: [MEASUREMENT],
      reportData: { scheme: "attestry-v1" },
      revocation: { maxAgeSeconds: 10 * 86_400 + 100 },
    });
    const of = judged(aged, { report: soundReport() }, { reportData: bound });
    expect(await payloadOf({}, of)).toMatchObject({ exp: NOW / 1000 + 100 });
  });

  it.each([
    ["with an alternative that holds", MEASUREMENT, 100],
    ["not with one that is set aside", "00".repeat(48), 300],
  ])("ends %s", async (_, measurement, seconds) => {
    const alternative = { measurement: [measurement], revocation: { maxAgeSeconds: 10 * 86_400 + 100 } };
    const policy = await treePolicy({
      allOf: [
        { snp: { minimumTcb: "any", reportData: { scheme: "attestry-v1" } } },
        { anyOf: [{ snp: alternative }, { snp: { measurement: [MEASUREMENT] } }] },
      ],
    });
    const of = judged(policy, { report: soundReport() }, { reportData: bound });
    expect(of.verdict).toBe("accept");
    expect(await payloadOf({}, of)).toMatchObject({ exp: NOW / 1000 + seconds });
  });

  it("is nothing where less than a second is left", async () => {
    const ended = evidence({ notAfter: { leaf: NOW + 999 } });
    await expect(issue({}, ended)).toFailWith("ERR_RESULT_OVER", { end: new Date(NOW + 999).toISOString() });
    await expect(issue({}, evidence({ notAfter: { leaf: NOW + 1000 } }))).resolves.toBeDefined();
  });
});

describe("the nonce of a token", () => {
  it("is the one that REPORT_DATA binds, whether or not it is said again", async () => {
    expect(await payloadOf({ nonce: NONCE })).toEqual(await payloadOf());
    await expect(issue({ nonce: NONCE.slice().fill(0) })).rejects.toThrow(/options\.nonce/);
  });

  it("is a mere echo where REPORT_DATA binds none, and shows so", async () => {
    const any = await blockPolicy({ measurement: [MEASUREMENT] });
    const of = judged(any, { report: soundReport() });
    const token = await issue({ nonce: NONCE }, of);
    expect(snpOf(partsOf(token).payload)).not.toHaveProperty("eat_nonce");
    await expect(verify(token, { policyDigest: any.digest })).resolves.toMatchObject({ nonceInReport: false });
    await expect(verify(await issue())).resolves.toMatchObject({ nonceInReport: true });
    await expect(verify(await issue({}, of), { policyDigest: any.digest })).toFailWith("ERR_RESULT_NONCE");
    await expect(verify(await issue(), { nonce: "any" })).resolves.toMatchObject({ nonceInReport: false });
  });

  it.each([16, 64, 65, 120])("may have %d bytes", async (length) => {
    const nonce = new Uint8Array(length).fill(3);
    const long = await bindReportData("attestry-v1", { nonce, publicKey: GUEST_KEY });
    const of = judged(policy, { report: soundReport(long) }, { reportData: long });
    const token = await issue({}, of);
    const text = String(partsOf(token).payload["eat_nonce"]);
    expect(text.length).toBeLessThanOrEqual(86);
    expect(Buffer.from(text, "base64url").equals(nonce)).toBe(length <= 64);
    await expect(verify(token, { nonce })).resolves.toBeDefined();
    await expect(verify(token, { nonce: nonce.slice().fill(4) })).toFailWith("ERR_RESULT_NONCE");
  });
});

describe("what a token tells of the platform", () => {
  const provider = { signingKey: "VLEK", cspId: "CN=cc.provider.example" } as const;

  async function behindVlek(changes: Partial<IssueOptions>) {
    const asking = await blockPolicy({ measurement: [MEASUREMENT], signingKey: ["VLEK"], cspId: "any" });
    return claimsOf(await payloadOf(changes, judged(asking, { ...provider, report: soundReport() })));
  }

  it("names chip or provider where the issuer includes them", async () => {
    const chip = new Uint8Array(64).fill(0xc1);
    expect(claimsOf(await payloadOf({}, appraisal({ chipId: chip })))).toMatchObject({
      chipId: "c1".repeat(64),
      cspId: null,
    });
    const masked = appraisal({ chipId: new Uint8Array(64) });
    expect(claimsOf(await payloadOf({}, masked))).toMatchObject({ chipId: null, cspId: null });
    expect(await behindVlek({})).toMatchObject({ chipId: null, cspId: "CN=cc.provider.example", signingKey: "VLEK" });
  });

  it("names neither where he leaves them out, anywhere in the token", async () => {
    const of = appraisal({ chipId: new Uint8Array(64).fill(0xc1) });
    const payload = await payloadOf({ platformIdentity: "leave-out" }, of);
    expect(JSON.stringify(payload)).not.toContain("c1c1c1c1");
    expect(claimsOf(payload)).not.toHaveProperty("chipId");
    expect(JSON.stringify(await behindVlek({ platformIdentity: "leave-out" }))).not.toContain("provider");
    await expect(verify(await issue({ platformIdentity: "leave-out" }, of))).resolves.toBeDefined();
  });

  it("tells the TCBs of each product line, and of a report without CPUID and mitigation vectors", async () => {
    const turin = evidence({ productLine: "Turin" });
    await expect(verify(await issue({}, turin))).resolves.toMatchObject({
      claims: { productLine: "Turin", tcb: { reported: { fmc: expect.any(Number) } } },
    });
    const old = judged(policy, { report: { ...soundReport(), version: 2 } }, { reportData: bound });
    await expect(verify(await issue({}, old))).resolves.toMatchObject({ claims: { reportVersion: 2, cpuid: null } });
  });

  it("tells the advisories that the issuer assessed, and warns of open ones", async () => {
    const fine = advisory({ id: "A-fine", proofs: proofsOf([floor("snp", 1)]) });
    const open = advisory({ id: "A-open", proofs: proofsOf([floor("snp", 99)]) });
    const good = await defineAdvisories(dataSet([fine]));
    const bad = await defineAdvisories(dataSet([fine, open]));
    await expect(verify(await issue({ advisories: good }))).resolves.toMatchObject({
      claims: { advisories: { dataSet: good.digest, fixed: ["A-fine"], vulnerable: [] } },
    });
    await expect(verify(await issue({ advisories: bad }))).toFailWith("ERR_RESULT_NOT_AFFIRMING", {
      status: "warning",
    });
  });

  it("tells an ID key, and whose roots it rests on", async () => {
    const idKeyDigest = new Uint8Array(48).fill(0x1d);
    expect(claimsOf(await payloadOf({}, appraisal({ idKeyDigest })))).toMatchObject({ idKeyDigest: "1d".repeat(48) });
    expect(claimsOf(await payloadOf({}, evidence({ anchors: "caller" })))).toMatchObject({ anchors: "caller" });
  });
});

describe("a token that would be too long", () => {
  it("is not issued", async () => {
    const publicKey = new Uint8Array(14_000).fill(1);
    const huge = await bindReportData("attestry-v1", { nonce: NONCE, publicKey });
    const of = judged(policy, { report: soundReport(huge) }, { reportData: huge });
    await expect(issue({}, of)).toFailWith("ERR_RESULT_TOO_LARGE", { limit: 16_384 });
  });
});
