import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { type IdBlockCheckId, keyDigest, matchesIdBlock, parseIdBlock } from "../../src/id-block/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { appraise } from "../../src/policy/appraise.js";
import { definePolicy } from "../../src/policy/define.js";
import type { ReportOptions } from "../../src/testing/index.js";
import { makeVerified, VERIFIED_AT } from "../support/records.js";
import { AUTHOR_SIGNER, counting, fieldsWith, flipped, ID_SIGNER, OTHER_SIGNER, pairOf } from "./support.js";

const ID_DIGEST = await keyDigest(ID_SIGNER.publicKey);
const AUTHOR_DIGEST = await keyDigest(AUTHOR_SIGNER.publicKey);
const OTHER_DIGEST = await keyDigest(OTHER_SIGNER.publicKey);
const PAIR = await pairOf();
const TRUST = { idKeyDigests: [ID_DIGEST], authorKeyDigests: [AUTHOR_DIGEST], engine: nodeEngine };
const LAUNCHED = { ...fieldsWith(), idKeyDigest: ID_DIGEST, authorKeyDigest: AUTHOR_DIGEST, keyInfo: 1 };

async function failures(report: ReportOptions, pair = PAIR): Promise<IdBlockCheckId[]> {
  const match = await matchesIdBlock(makeVerified({ report }), { ...pair, ...TRUST });
  expect(match.matches).toBe(match.failures.length === 0);
  return match.failures.map(({ id }) => id);
}

/** The bits of a field that are tried: all of a short one, a stripe of a long one. */
function bitsOf(bytes: Uint8Array): number[] {
  const step = bytes.length > 16 ? 5 : 1;
  return Array.from({ length: Math.ceil((8 * bytes.length) / step) }, (_, index) => index * step);
}

describe("a report with one bit turned", () => {
  it.each<[keyof typeof LAUNCHED, Uint8Array, IdBlockCheckId[]]>([
    ["measurement", LAUNCHED.measurement, ["measurement"]],
    ["familyId", LAUNCHED.familyId, ["familyId"]],
    ["imageId", LAUNCHED.imageId, ["imageId"]],
    ["idKeyDigest", ID_DIGEST, ["idKeyDigest", "idKeyDigest.trusted"]],
    ["authorKeyDigest", AUTHOR_DIGEST, ["authorKeyDigest", "authorKeyDigest.trusted"]],
  ])("of %s fails just the checks on it", async (field, bytes, ids) => {
    for (const bit of bitsOf(bytes)) {
      expect(await failures({ ...LAUNCHED, [field]: flipped(bytes, bit) }), `bit ${bit}`).toEqual(ids);
    }
  });

  it("of GUEST_SVN fails just the check on it", async () => {
    for (let bit = 0; bit < 32; bit++) {
      const guestSvn = (LAUNCHED.guestSvn ^ (1 << bit)) >>> 0;
      expect(await failures({ ...LAUNCHED, guestSvn }), `bit ${bit}`).toEqual(["guestSvn"]);
    }
  });

  it("of POLICY fails just the check on it", async () => {
    for (let bit = 0n; bit < 64n; bit++) {
      expect(await failures({ ...LAUNCHED, policy: LAUNCHED.policy ^ (1n << bit) }), `bit ${bit}`).toEqual(["policy"]);
    }
  });

  it("of anything else fails nothing", async () => {
    const others: readonly ReportOptions[] = [
      { vmpl: 3 },
      { platformInfo: 0n },
      { reportData: counting(64) },
      { hostData: counting(32) },
      { reportId: counting(32) },
      { version: 2 },
      { version: 3 },
      { chipId: new Uint8Array(64) },
    ].map((change) => ({ ...LAUNCHED, ...change }));
    for (const report of others) expect(await failures(report)).toEqual([]);
  });
});

describe("a pair with one field changed and signed anew", () => {
  it.each<[string, Parameters<typeof fieldsWith>[0], IdBlockCheckId[]]>([
    ["the same", {}, []],
    ["another measurement", { measurement: flipped(counting(48), 9) }, ["measurement"]],
    ["another family", { familyId: new Uint8Array(16) }, ["familyId"]],
    ["another image", { imageId: new Uint8Array(16) }, ["imageId"]],
    ["an older version", { guestSvn: 6 }, ["guestSvn"]],
    ["a newer version", { guestSvn: 0xffff_ffff }, ["guestSvn"]],
    ["another policy", { policy: 0x20000n }, ["policy"]],
  ])("with %s", async (_, change, ids) => {
    expect(await failures(LAUNCHED, await pairOf({ fields: fieldsWith(change) }))).toEqual(ids);
  });

  it("by another ID key is another signer's, whoever the author is", async () => {
    const pair = await pairOf({ idKey: OTHER_SIGNER });
    expect(await failures(LAUNCHED, pair)).toEqual(["idKeyDigest"]);
    expect(await failures({ ...LAUNCHED, idKeyDigest: OTHER_DIGEST }, pair)).toEqual(["idKeyDigest.trusted"]);
  });

  it("without author is not the pair of a guest with one", async () => {
    const pair = await pairOf({ author: false });
    expect(await failures(LAUNCHED, pair)).toEqual(["authorKey.present", "authorKeyDigest"]);
  });
});

describe("beside a policy", () => {
  const any = { measurement: "any", reportData: "any", minimumTcb: "any" };
  const verdictOf = async (report: ReportOptions, idBlock: object) => {
    const policy = await definePolicy({ version: 1, id: "p", snp: { ...any, idBlock } });
    return appraise(makeVerified({ report }), policy, { now: new Date(VERIFIED_AT) }).verdict;
  };
  const keys = { idKeyDigests: [toHex(ID_DIGEST)], authorKeyDigests: [toHex(AUTHOR_DIGEST)] };

  it.each<[string, ReportOptions]>([
    ["trusted keys", {}],
    ["another ID key", { idKeyDigest: OTHER_DIGEST }],
    ["no ID key", { idKeyDigest: new Uint8Array(48) }],
    ["another author key", { authorKeyDigest: OTHER_DIGEST }],
    ["AUTHOR_KEY_EN clear", { keyInfo: 0 }],
    ["no author key", { authorKeyDigest: new Uint8Array(48), keyInfo: 0 }],
    ["keys swapped", { idKeyDigest: AUTHOR_DIGEST, authorKeyDigest: ID_DIGEST }],
  ])("the same keys are trusted: %s", async (_, change) => {
    const report = { ...LAUNCHED, ...change };
    const trustFails = (await failures(report)).some((id) => id.endsWith(".trusted"));
    expect(await verdictOf(report, keys)).toBe(trustFails ? "reject" : "accept");
  });

  it("what a policy cannot see is seen with the block at hand", async () => {
    const report = { ...LAUNCHED, measurement: counting(48, 77) };
    expect(await verdictOf(report, keys)).toBe("accept");
    expect(await failures(report)).toEqual(["measurement"]);
  });
});

describe("while it waits for the engine", () => {
  it("nothing that happens to the arguments matters", async () => {
    const [block, auth] = [PAIR.block.slice(), PAIR.auth.slice()];
    const idKeyDigests = [ID_DIGEST.slice()];
    const expectation = { ...TRUST, block, auth, idKeyDigests };
    const pending = matchesIdBlock(makeVerified({ report: LAUNCHED }), expectation);
    block.fill(0);
    auth.fill(0);
    idKeyDigests[0]?.fill(0);
    idKeyDigests.length = 0;
    Object.assign(expectation, { block: null, auth: null });
    expect((await pending).failures).toEqual([]);
  });

  it("each member is read once", async () => {
    const reads = new Map<string, number>();
    const members = { ...PAIR, ...TRUST };
    const counted = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(members).map(([name, value]) => [
          name,
          {
            enumerable: true,
            get: () => {
              reads.set(name, (reads.get(name) ?? 0) + 1);
              return value;
            },
          },
        ]),
      ),
    );
    const match = await matchesIdBlock(makeVerified({ report: LAUNCHED }), counted as typeof members);
    expect(match.matches).toBe(true);
    expect([...reads.values()]).toEqual(Object.keys(members).map(() => 1));
  });

  it("a hundred at once do not disturb each other", async () => {
    const blocks = await Promise.all(
      Array.from({ length: 20 }, async (_, guestSvn) => ({
        guestSvn,
        pair: await pairOf({ fields: fieldsWith({ guestSvn }) }),
      })),
    );
    const outcomes = await Promise.all(
      blocks.flatMap(({ pair, guestSvn }) =>
        [guestSvn, guestSvn + 1, 7, 0, 19].map(async (reported) => {
          const found = await failures({ ...LAUNCHED, guestSvn: reported }, pair);
          const same = reported === parseIdBlock(pair.block).guestSvn;
          return same ? found.length === 0 : found.join() === "guestSvn";
        }),
      ),
    );
    expect(outcomes).toHaveLength(100);
    expect(outcomes.every(Boolean)).toBe(true);
  });
});
