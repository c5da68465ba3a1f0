import { describe, expect, it } from "vitest";
import { appraise } from "../../src/policy/appraise.js";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { policyFromReport } from "../../src/policy/starter.js";
import { createForge, type ReportOptions } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { blockPolicy, failedIds, OPEN } from "./support.js";

/** Everything here is signed and verified: what a chip signs is not yet what firmware would write. */
const forge = await createForge({ seed: "policy, ID blocks" });
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);

async function forged(report: ReportOptions) {
  const { evidence, anchors, now } = forge.evidence({ report });
  return { verified: await verifyEvidence(evidence, { now, anchors }), now };
}

const OURS: ReportOptions = {
  idKeyDigest: filled(48, 1),
  familyId: filled(16, 0xfa),
  imageId: filled(16, 0x1a),
  guestSvn: 5,
};
const AUTHORED: ReportOptions = { ...OURS, keyInfo: 1, authorKeyDigest: filled(48, 2) };
const IDS = { familyId: [hex(16, 0xfa)], imageId: [hex(16, 0x1a)], guestSvn: { minimum: 5 } };
const KEYS = { idKeyDigests: [hex(48, 1)] };
const AUTHORS = { ...KEYS, authorKeyDigests: [hex(48, 2)] };
const STRANGE = "snp.idBlock.idKeyDigests";
const AUTHOR = "snp.idBlock.authorKeyDigests";
const NONE = "snp.idBlock.required";
const TORN = "snp.idBlock.consistent";
const UNSIGNED = ["snp.familyId", "snp.imageId", "snp.guestSvn"];

describe("forged reports against a policy of an image signer", () => {
  type Row = [title: string, idBlock: object, report: ReportOptions, failing: readonly string[]];
  const rows: Row[] = [
    ["ours", KEYS, OURS, []],
    ["ours, newer", KEYS, { ...OURS, guestSvn: 6 }, []],
    ["ours, older", KEYS, { ...OURS, guestSvn: 4 }, ["snp.guestSvn"]],
    ["ours, of another family", KEYS, { ...OURS, familyId: filled(16, 0xfb) }, ["snp.familyId"]],
    ["ours, another image", KEYS, { ...OURS, imageId: filled(16, 0x1b) }, ["snp.imageId"]],
    ["a stranger's with the same ids", KEYS, { ...OURS, idKeyDigest: filled(48, 9) }, [STRANGE]],
    ["the ids without a key", KEYS, { ...OURS, idKeyDigest: filled(48, 0) }, [...UNSIGNED, NONE, TORN, STRANGE]],
    ["no ID block", KEYS, {}, [...UNSIGNED, NONE, STRANGE]],
    ["no ID block, and none required", { required: false, ...KEYS }, {}, UNSIGNED],
    [
      "the ids without a key, and no ID block required",
      { required: false, ...KEYS },
      { ...OURS, idKeyDigest: filled(48, 0) },
      [...UNSIGNED, TORN],
    ],
    [
      "a stranger's, and none required",
      { required: false, ...KEYS },
      { ...OURS, idKeyDigest: filled(48, 9) },
      [STRANGE],
    ],
    ["ours, and none required", { required: false, ...KEYS }, OURS, []],
    ["ours, by our author", AUTHORS, AUTHORED, []],
    ["ours, by no author where one is asked for", AUTHORS, OURS, [AUTHOR]],
    ["ours, by another author", AUTHORS, { ...AUTHORED, authorKeyDigest: filled(48, 8) }, [AUTHOR]],
    ["ours, by our author but for AUTHOR_KEY_EN", AUTHORS, { ...AUTHORED, keyInfo: 0 }, [TORN, AUTHOR]],
    ["ours, by an author that nobody asked for", KEYS, AUTHORED, []],
    ["a stranger's, by our author", AUTHORS, { ...AUTHORED, idKeyDigest: filled(48, 9) }, [STRANGE]],
  ];
  it.each(rows)("%s", async (...[, idBlock, report, failing]) => {
    const { verified, now } = await forged(report);
    const whole = appraise(verified, await blockPolicy({ idBlock, ...IDS }), { now });
    expect(failedIds(whole)).toEqual(failing);
    // The same, said in two rules of one way.
    const split = { allOf: [{ snp: { ...OPEN, idBlock } }, { snp: IDS }] };
    const apart = appraise(verified, await definePolicy({ version: 1, id: "x", require: split }), { now });
    expect([...failedIds(apart)].sort()).toEqual([...failing].sort());
    expect(apart.verdict).toBe(failing.length === 0 ? "accept" : "reject");
  });

  it("the trusted keys must be named on every way, and those of an alternative are not", async () => {
    const ids = { snp: { ...OPEN, ...IDS } };
    const trusting = { snp: { idBlock: KEYS } };
    const define = (require: object) => definePolicy({ version: 1, id: "x", require });
    await expect(define({ allOf: [ids, { anyOf: [trusting, { snp: { idBlock: AUTHORS } }] }] })).resolves.toBeDefined();
    await expect(define({ allOf: [ids, { anyOf: [trusting, { snp: { vmpl: [0] } }] }] })).toFailWith(
      "ERR_MALFORMED_POLICY",
      { pointer: "/require/allOf/0/snp/familyId" },
    );
    await expect(define({ anyOf: [ids, { snp: { ...OPEN, idBlock: KEYS } }] })).toFailWith("ERR_MALFORMED_POLICY", {
      pointer: "/require/anyOf/0/snp/familyId",
    });
  });
});

describe("a starter from a guest with an ID block", () => {
  it("trusts its signer, and not a stranger with the same ids", async () => {
    const seen = await forged(AUTHORED);
    const { policy: document } = policyFromReport(seen.verified);
    expect(document).toMatchObject({ snp: { idBlock: AUTHORS, ...IDS } });
    const policy = await definePolicy(document);
    const failing = async (report: ReportOptions) => {
      const { verified, now } = await forged(report);
      // REPORT_DATA is for the caller to bring; here it is not what is asked.
      return failedIds(appraise(verified, policy, { now })).filter((id) => id !== "snp.reportData");
    };
    expect(await failing(AUTHORED)).toEqual([]);
    expect(await failing({ ...AUTHORED, idKeyDigest: filled(48, 9) })).toEqual([STRANGE]);
    expect(await failing({ ...AUTHORED, authorKeyDigest: filled(48, 9) })).toEqual([AUTHOR]);
    expect(await failing({ ...AUTHORED, guestSvn: 4 })).toEqual(["snp.guestSvn"]);
    expect(await failing({})).toEqual([...UNSIGNED, NONE, STRANGE, AUTHOR]);
  });
});

describe("what is told of a policy with an ID block", () => {
  it("each demand, in order", async () => {
    const { demands } = explainPolicy(await blockPolicy({ idBlock: AUTHORS }));
    expect(demands.filter(({ pointer }) => pointer.startsWith("/snp/idBlock")).map(({ text }) => text)).toEqual([
      "ID_KEY_DIGEST is not zero: there is an ID block.",
      "KEY_INFO.AUTHOR_KEY_EN is set exactly where there is an author key, and ids only where there is an ID block.",
      `ID_KEY_DIGEST is one of ${hex(48, 1)}.`,
      `AUTHOR_KEY_DIGEST is one of ${hex(48, 2)}.`,
    ]);
  });

  it("nothing of an ID block is open where it is asked for, and its key is where it is not", async () => {
    const open = async (idBlock: object) => explainPolicy(await blockPolicy({ idBlock })).open.map(({ text }) => text);
    expect(await open({ required: false })).toContain("Nothing is compared with ID_KEY_DIGEST.");
    expect(await open(KEYS)).not.toContain("Nothing is compared with ID_KEY_DIGEST.");
    expect(await open(KEYS)).toContain("Nothing is compared with AUTHOR_KEY_DIGEST.");
    expect(await open(AUTHORS)).not.toContain("Nothing is compared with AUTHOR_KEY_DIGEST.");
  });
});
