import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import {
  buildIdAuth,
  type DerivedKeySelection,
  describeDerivedKey,
  type IdBlockExpectation,
  keyDigest,
  keyFromJwk,
  keyFromPem,
  matchesIdBlock,
  type P384Signer,
  type WebCryptoKeyPair,
  webCryptoSigner,
} from "../../src/id-block/index.js";
import { nobleSigner } from "../../src/noble/signer.js";
import type { ReportOptions } from "../../src/testing/index.js";
import { makeVerified } from "../support/records.js";
import { AUTHOR_SIGNER, BLOCK, fieldsWith, ID_SIGNER, OTHER_SIGNER, pairOf } from "./support.js";

const ID_DIGEST = await keyDigest(ID_SIGNER.publicKey);
const AUTHOR_DIGEST = await keyDigest(AUTHOR_SIGNER.publicKey);
const OTHER_DIGEST = await keyDigest(OTHER_SIGNER.publicKey);
const ZERO = new Uint8Array(48);
const ANY = { idKeyDigests: "any", authorKeyDigests: "any" } as const;
const PAIRS = { author: await pairOf(), alone: await pairOf({ author: false }) };

async function outcomesOf(report: ReportOptions, expectation: IdBlockExpectation) {
  const { matches, checks } = await matchesIdBlock(makeVerified({ report }), expectation);
  return { matches, outcomes: new Map(checks.map(({ id, outcome }) => [id, outcome])) };
}

describe("an author key", () => {
  const digests = { zero: ZERO, author: AUTHOR_DIGEST, other: OTHER_DIGEST } as const;
  const trust = { any: "any", author: [AUTHOR_DIGEST], other: [OTHER_DIGEST] } as const;
  type Row = readonly [
    pair: keyof typeof PAIRS,
    keyInfo: 0 | 1,
    digest: keyof typeof digests,
    list: keyof typeof trust,
  ];
  const rows: Row[] = (["author", "alone"] as const).flatMap((pair) =>
    ([0, 1] as const).flatMap((keyInfo) =>
      (["zero", "author", "other"] as const).flatMap((digest) =>
        (["any", "author", "other"] as const).map((list): Row => [pair, keyInfo, digest, list]),
      ),
    ),
  );
  /** All that fits together: of every combination, these and no more. */
  const MATCHES = ["author 1 author any", "author 1 author author", "alone 0 zero any"];

  it.each(rows)("of pair %s, flag %i, digest %s, list %s matches only where all say the same", async (...row) => {
    const [pair, keyInfo, digest, list] = row;
    const report = { ...fieldsWith(), idKeyDigest: ID_DIGEST, authorKeyDigest: digests[digest], keyInfo };
    const expectation = { ...PAIRS[pair], idKeyDigests: [ID_DIGEST], authorKeyDigests: trust[list] };
    const { matches, outcomes } = await outcomesOf(report, expectation);
    expect(matches).toBe(MATCHES.includes(row.join(" ")));
    expect(outcomes.get("authorKey.present")).toBe((pair === "author") === (keyInfo === 1) ? "pass" : "fail");
    if (list !== "any") {
      const trusted = keyInfo === 1 && digest === list;
      expect(outcomes.get("authorKeyDigest.trusted")).toBe(trusted ? "pass" : "fail");
    }
  });
});

describe("zeros", () => {
  it.each(["idKeyDigests", "authorKeyDigests"] as const)(
    "cannot be trusted as %s, alone or among others",
    async (name) => {
      for (const list of [[ZERO], [ID_DIGEST, ZERO], [ZERO, AUTHOR_DIGEST]]) {
        const call = matchesIdBlock(makeVerified(), { ...PAIRS.author, ...ANY, [name]: list });
        await expect(call).rejects.toThrow(/must not be all zero/);
      }
      const { checks } = await matchesIdBlock(makeVerified(), { ...PAIRS.author, ...ANY, [name]: [ID_DIGEST] });
      expect(checks).toHaveLength(12);
    },
  );

  it("as ID_KEY_DIGEST of a report without ID block match no pair, whoever is trusted", async () => {
    const report = { ...fieldsWith(), idKeyDigest: ZERO, authorKeyDigest: ZERO, keyInfo: 0 };
    const { matches, outcomes } = await outcomesOf(report, { ...PAIRS.alone, ...ANY });
    expect(matches).toBe(false);
    expect(outcomes.get("idKeyDigest")).toBe("fail");
    expect((await outcomesOf({ ...report, idKeyDigest: ID_DIGEST }, { ...PAIRS.alone, ...ANY })).matches).toBe(true);
  });
});

describe("a policy with DEBUG", () => {
  const DEBUG = 0xb0000n;

  it("is compared, and judged by nobody here", async () => {
    const report = { ...fieldsWith({ policy: DEBUG }), idKeyDigest: ID_DIGEST, keyInfo: 0 };
    const pair = await pairOf({ author: false, fields: fieldsWith({ policy: DEBUG }) });
    expect(await outcomesOf(report, { ...pair, ...ANY })).toMatchObject({ matches: true });
    const without = await outcomesOf(report, { ...PAIRS.alone, ...ANY });
    expect(without.matches).toBe(false);
    expect(without.outcomes.get("policy")).toBe("fail");
  });
});

describe("private keys", () => {
  // A scalar that is easy to find again in any spelling.
  const scalar = new Uint8Array(48).fill(0x5e);
  const spellings = [toHex(scalar), Buffer.from(scalar).toString("base64"), "94, 94, 94", "94,94,94", "5e 5e 5e"];
  const clean = (text: string) => {
    for (const spelling of spellings) expect(text).not.toContain(spelling);
  };
  const shownOf = (value: unknown) => `${JSON.stringify(value)} ${inspect(value, { depth: 9, showHidden: true })}`;

  it("are in nothing that a signer shows", () => {
    const signer = nobleSigner(scalar);
    clean(shownOf(signer));
    // The same look finds the key where it is in plain sight.
    expect(() => clean(shownOf({ scalar: toHex(scalar) }))).toThrow();
  });

  it("are in no error of a build that fails", async () => {
    const { publicKey, sign } = nobleSigner(scalar);
    const signers: P384Signer[] = [
      { publicKey: OTHER_SIGNER.publicKey, sign },
      { publicKey, sign: () => new Uint8Array(95) },
      {
        publicKey,
        sign: () => {
          throw new Error("the device is gone");
        },
      },
    ];
    for (const idKey of signers) {
      const error: unknown = await buildIdAuth({ block: BLOCK, idKey }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(Error);
      clean(shownOf(error));
    }
  });

  it("that are read for public ones are refused without a word of them", () => {
    const d = Buffer.from(scalar).toString("base64url");
    const pem = new TextEncoder().encode(`-----BEGIN PRIVATE KEY-----\n${d}\n-----END PRIVATE KEY-----\n`);
    for (const read of [() => keyFromJwk({ kty: "EC", crv: "P-384", x: d, y: d, d }), () => keyFromPem(pem)]) {
      let error: unknown = null;
      try {
        read();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: "ERR_MALFORMED_PUBLIC_KEY" });
      clean(shownOf(error));
      expect(shownOf(error)).not.toContain(d.slice(0, 16));
    }
  });

  it.each([null, undefined, "pair", 5])("in no pair (%s) are asked for by name", async (pair) => {
    await expect(webCryptoSigner(pair as unknown as WebCryptoKeyPair)).rejects.toThrow(/^pair must be an object/);
  });
});

describe("a selection that no guest can make", () => {
  const fits: DerivedKeySelection = { rootKey: "VCEK", fields: ["policy", "guestSvn"], vmpl: 0, guestSvn: 0 };

  it("but this one can", () => {
    expect(describeDerivedKey(makeVerified(), fits).guestFieldSelect).toBe("0x11");
  });

  it.each<[string, object]>([
    ["a hole among its fields", { fields: Object.assign(new Array(3), { 0: "policy", 2: "guestSvn" }) }],
    ["a field from the prototype", { fields: ["guestSvn", "toString"] }],
    ["a field twice", { fields: ["guestSvn", "policy", "policy"] }],
    ["fields that are a set", { fields: new Set(["policy"]) }],
    ["VMPL 4", { vmpl: 4 }],
    ["VMPL -1", { vmpl: -1 }],
    ["VMPL as text", { vmpl: "0" }],
    ["GUEST_SVN 2^32", { guestSvn: 2 ** 32 }],
    ["GUEST_SVN as a bigint", { guestSvn: 0n }],
    ["no GUEST_SVN", { guestSvn: undefined }],
    ["a TCB that its fields do not name", { tcbVersion: { bootLoader: 0, tee: 0, snp: 0, microcode: 0 } }],
    ["a vector that its fields do not name", { launchMitVector: 0n }],
    ["a vector of 65 bits", { fields: ["guestSvn", "launchMitVector"], launchMitVector: 2n ** 64n }],
    ["a root in small letters", { rootKey: "vcek" }],
    ["a root from the prototype", { rootKey: "constructor" }],
  ])("with %s is a TypeError", (_, change) => {
    const selection = { ...fits, ...change } as unknown as DerivedKeySelection;
    expect(() => describeDerivedKey(makeVerified(), selection)).toThrow(TypeError);
    expect(() => describeDerivedKey(makeVerified(), selection)).toThrow(/^selection/);
  });
});
