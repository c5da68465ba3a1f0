import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { type IdBlockCheckId, type IdBlockExpectation, keyDigest, matchesIdBlock } from "../../src/id-block/index.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { createForge, type ReportOptions } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";
import { makeVerified } from "../support/records.js";
import { AUTHOR_SIGNER, counting, fieldsWith, flipped, ID_SIGNER, OTHER_SIGNER, pairOf } from "./support.js";

const ID_DIGEST = await keyDigest(ID_SIGNER.publicKey);
const AUTHOR_DIGEST = await keyDigest(AUTHOR_SIGNER.publicKey);
const OTHER_DIGEST = await keyDigest(OTHER_SIGNER.publicKey);
const WITH = await pairOf();
const WITHOUT = await pairOf({ author: false });
const ANY = { idKeyDigests: "any", authorKeyDigests: "any" } as const;
const TRUSTED = { idKeyDigests: [ID_DIGEST], authorKeyDigests: [AUTHOR_DIGEST] };

/** What firmware writes into the report of a guest with the block, author key included. */
const LAUNCHED: ReportOptions = {
  ...fieldsWith(),
  idKeyDigest: ID_DIGEST,
  authorKeyDigest: AUTHOR_DIGEST,
  keyInfo: 1,
};
/** The same without author key. */
const ALONE: ReportOptions = { ...LAUNCHED, authorKeyDigest: new Uint8Array(48), keyInfo: 0 };

const launched = (change: ReportOptions = {}): VerifiedEvidence => makeVerified({ report: { ...LAUNCHED, ...change } });
const failed = async (verified: VerifiedEvidence, expectation: IdBlockExpectation): Promise<IdBlockCheckId[]> => {
  const { matches, checks, failures } = await matchesIdBlock(verified, expectation);
  expect(matches).toBe(failures.length === 0);
  expect(failures).toEqual(checks.filter(({ outcome }) => outcome === "fail"));
  expect(checks.map(({ id }) => id)).toEqual(ALL);
  return failures.map(({ id }) => id);
};

const ALL: readonly IdBlockCheckId[] = [
  "idBlock.signature",
  "idKey.signature",
  "idKeyDigest",
  "idKeyDigest.trusted",
  "authorKey.present",
  "authorKeyDigest",
  "authorKeyDigest.trusted",
  "measurement",
  "familyId",
  "imageId",
  "guestSvn",
  "policy",
];

describe("matchesIdBlock", () => {
  it("passes every check for a guest with the block and its author", async () => {
    const { matches, checks, failures } = await matchesIdBlock(launched(), { ...WITH, ...TRUSTED });
    expect({ matches, failures }).toEqual({ matches: true, failures: [] });
    expect(checks.map(({ id, outcome }) => [id, outcome])).toEqual(ALL.map((id) => [id, "pass"]));
  });

  it("passes for a guest without author key, and says what there was nothing to check of", async () => {
    const verified = makeVerified({ report: ALONE });
    const { matches, checks } = await matchesIdBlock(verified, { ...WITHOUT, ...TRUSTED, authorKeyDigests: "any" });
    expect(matches).toBe(true);
    const idle = checks.filter(({ outcome }) => outcome === "not-applicable").map(({ id }) => id);
    expect(idle).toEqual(["idKey.signature", "authorKeyDigest", "authorKeyDigest.trusted"]);
  });

  it("leaves trust open with the word, and nothing else", async () => {
    const { matches, checks } = await matchesIdBlock(launched(), { ...WITH, ...ANY });
    expect(matches).toBe(true);
    const idle = checks.filter(({ outcome }) => outcome === "not-applicable").map(({ id }) => id);
    expect(idle).toEqual(["idKeyDigest.trusted", "authorKeyDigest.trusted"]);
  });

  it.each<[string, ReportOptions, IdBlockCheckId[]]>([
    ["measurement", { measurement: flipped(counting(48), 0) }, ["measurement"]],
    ["a measurement's last bit", { measurement: flipped(counting(48), 383) }, ["measurement"]],
    ["FAMILY_ID", { familyId: flipped(counting(16, 100), 7) }, ["familyId"]],
    ["IMAGE_ID", { imageId: flipped(counting(16, 150), 7) }, ["imageId"]],
    ["a lower GUEST_SVN", { guestSvn: 6 }, ["guestSvn"]],
    ["a higher GUEST_SVN", { guestSvn: 8 }, ["guestSvn"]],
    ["POLICY with DEBUG", { policy: 0xb0000n }, ["policy"]],
    ["POLICY with a stricter bit", { policy: 0x130000n }, ["policy"]],
    ["ID_KEY_DIGEST", { idKeyDigest: OTHER_DIGEST }, ["idKeyDigest", "idKeyDigest.trusted"]],
    ["no ID block", { idKeyDigest: new Uint8Array(48) }, ["idKeyDigest", "idKeyDigest.trusted"]],
    ["AUTHOR_KEY_DIGEST", { authorKeyDigest: OTHER_DIGEST }, ["authorKeyDigest", "authorKeyDigest.trusted"]],
    ["AUTHOR_KEY_EN clear", { keyInfo: 0 }, ["authorKey.present", "authorKeyDigest.trusted"]],
    [
      "no author key",
      { authorKeyDigest: new Uint8Array(48), keyInfo: 0 },
      ["authorKey.present", "authorKeyDigest", "authorKeyDigest.trusted"],
    ],
    [
      "AUTHOR_KEY_EN over zeros",
      { authorKeyDigest: new Uint8Array(48) },
      ["authorKeyDigest", "authorKeyDigest.trusted"],
    ],
  ])("fails for a report with another %s", async (_, change, ids) => {
    expect(await failed(launched(change), { ...WITH, ...TRUSTED })).toEqual(ids);
  });

  it.each<[string, ReportOptions, IdBlockCheckId[]]>([
    ["AUTHOR_KEY_EN", { keyInfo: 1 }, ["authorKey.present"]],
    ["an AUTHOR_KEY_DIGEST", { authorKeyDigest: AUTHOR_DIGEST }, ["authorKeyDigest"]],
    ["both", { keyInfo: 1, authorKeyDigest: AUTHOR_DIGEST }, ["authorKey.present", "authorKeyDigest"]],
  ])("fails where ID_AUTH has no author key and the report %s", async (_, change, ids) => {
    expect(await failed(makeVerified({ report: { ...ALONE, ...change } }), { ...WITHOUT, ...ANY })).toEqual(ids);
  });

  it("fails for signatures that do not hold, whatever the report says", async () => {
    const block = flipped(WITH.auth, 8 * 0x40);
    const author = flipped(WITH.auth, 8 * 0x680);
    expect(await failed(launched(), { ...WITH, auth: block, ...TRUSTED })).toEqual(["idBlock.signature"]);
    expect(await failed(launched(), { ...WITH, auth: author, ...TRUSTED })).toEqual(["idKey.signature"]);
  });

  it("fails for a block of another signer, though its fields are the same", async () => {
    const forged = await pairOf({ author: false, idKey: OTHER_SIGNER });
    const verified = makeVerified({ report: ALONE });
    expect(await failed(verified, { ...forged, ...ANY })).toEqual(["idKeyDigest"]);
    expect(await failed(verified, { ...forged, idKeyDigests: [OTHER_DIGEST], authorKeyDigests: "any" })).toEqual([
      "idKeyDigest",
      "idKeyDigest.trusted",
    ]);
  });

  it("fails for a guest of an untrusted signer, though everything fits", async () => {
    const report = { ...ALONE, idKeyDigest: OTHER_DIGEST };
    const forged = await pairOf({ author: false, idKey: OTHER_SIGNER });
    const trust = { idKeyDigests: [ID_DIGEST], authorKeyDigests: "any" } as const;
    expect(await failed(makeVerified({ report }), { ...forged, ...trust })).toEqual(["idKeyDigest.trusted"]);
    expect(await failed(makeVerified({ report }), { ...forged, ...ANY })).toEqual([]);
  });

  it("asks for an author key where authors are listed", async () => {
    const trust = { idKeyDigests: "any", authorKeyDigests: [AUTHOR_DIGEST] } as const;
    expect(await failed(makeVerified({ report: ALONE }), { ...WITHOUT, ...trust })).toEqual([
      "authorKeyDigest.trusted",
    ]);
  });

  it("finds a digest anywhere on the list", async () => {
    const trust = { idKeyDigests: [OTHER_DIGEST, ID_DIGEST], authorKeyDigests: [OTHER_DIGEST, AUTHOR_DIGEST] };
    expect(await failed(launched(), { ...WITH, ...trust })).toEqual([]);
    const wrong = { idKeyDigests: [OTHER_DIGEST], authorKeyDigests: [OTHER_DIGEST] };
    expect(await failed(launched(), { ...WITH, ...wrong })).toEqual(["idKeyDigest.trusted", "authorKeyDigest.trusted"]);
  });

  it("says what was expected and found, JSON-safe and frozen", async () => {
    const match = await matchesIdBlock(launched({ guestSvn: 8, policy: 0xb0000n }), { ...WITH, ...TRUSTED });
    expect(JSON.parse(JSON.stringify(match))).toEqual(match);
    const byId = new Map(match.checks.map((check) => [check.id, check]));
    expect(byId.get("guestSvn")).toMatchObject({ expected: 7, actual: 8, outcome: "fail" });
    expect(byId.get("policy")).toMatchObject({ expected: "0x30000", actual: "0xb0000" });
    expect(byId.get("idBlock.signature")).toMatchObject({ expected: true, actual: true });
    for (const part of [match, match.checks, match.failures, ...match.checks]) expect(Object.isFrozen(part)).toBe(true);
    for (const { reason } of match.checks) expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it("takes no block of zeros for the measurement of a report of zeros", async () => {
    const block = WITH.block.slice().fill(0, 0, 48);
    const signature = await ID_SIGNER.sign(block);
    const auth = WITHOUT.auth.slice();
    auth.set(signature.slice(0, 48).reverse(), 0x40);
    auth.set(signature.slice(48).reverse(), 0x88);
    const verified = makeVerified({ report: { ...ALONE, measurement: new Uint8Array(48) } });
    expect(await failed(verified, { block, auth, ...ANY })).toEqual(["measurement"]);
  });

  it("judges evidence that was verified all the way", async () => {
    const forge = await createForge({ seed: "id block" });
    const { evidence, anchors, now } = forge.evidence({ report: LAUNCHED });
    const verified = await verifyEvidence(evidence, { anchors, now });
    expect(await failed(verified, { ...WITH, ...TRUSTED, engine: nobleEngine })).toEqual([]);
    const plain = forge.evidence();
    const other = await verifyEvidence(plain.evidence, { anchors, now });
    expect(await failed(other, { ...WITH, ...ANY })).toContain("idKeyDigest");
  });

  it("refuses evidence that nobody verified", async () => {
    const verified = launched();
    for (const fake of [{ report: verified.report }, { ...verified }, null, Object.create(verified)]) {
      const attempt = matchesIdBlock(fake as VerifiedEvidence, { ...WITH, ...ANY });
      await expect(attempt).rejects.toThrow(/verified must be what verifyEvidence returned/);
    }
  });

  it.each<[string, object, RegExp]>([
    ["no list of ID keys", { idKeyDigests: undefined }, /idKeyDigests must be a list/],
    ["no list of author keys", { authorKeyDigests: undefined }, /authorKeyDigests must be a list/],
    ["an empty list", { idKeyDigests: [] }, /at least one/],
    ["another word", { idKeyDigests: "all" }, /must be a list/],
    ["zeros", { idKeyDigests: [new Uint8Array(48)] }, /idKeyDigests\[0\] must not be all zero/],
    ["zeros among others", { authorKeyDigests: [AUTHOR_DIGEST, new Uint8Array(48)] }, /Digests\[1\] must not be all/],
    ["a short digest", { idKeyDigests: [ID_DIGEST.slice(1)] }, /must have 48 bytes, found 47/],
    ["a digest in hex", { idKeyDigests: ["00"] }, /must be a Uint8Array/],
    ["a hole in the list", { idKeyDigests: new Array(1) }, /must be a Uint8Array/],
    ["no block", { block: undefined }, /expectation\.block must be a Uint8Array/],
    ["no auth", { auth: undefined }, /expectation\.auth must be a Uint8Array/],
    ["no engine", { engine: 1 }, /expectation\.engine must be a CryptoEngine/],
    ["an unknown name", { surprise: 1 }, /has no option/],
  ])("refuses %s with a TypeError", async (_, change, message) => {
    const attempt = matchesIdBlock(launched(), { ...WITH, ...TRUSTED, ...change } as IdBlockExpectation);
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
  });

  it("throws for structures that cannot be read", async () => {
    await expect(matchesIdBlock(launched(), { ...WITH, ...ANY, block: WITH.block.slice(1) })).toFailWith(
      "ERR_MALFORMED_LENGTH",
    );
    await expect(matchesIdBlock(launched(), { ...WITH, ...ANY, auth: flipped(WITH.auth, 8 * 8) })).toFailWith(
      "ERR_MALFORMED_RESERVED",
    );
  });

  it("is no verdict where the engine fails", async () => {
    const engine: CryptoEngine = {
      ...nobleEngine,
      verifyEcdsaP384: () => {
        throw new Error("no luck");
      },
    };
    await expect(matchesIdBlock(launched(), { ...WITH, ...ANY, engine })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });
});
