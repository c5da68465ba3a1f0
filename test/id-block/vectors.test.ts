import { createPublicKey, verify } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes/codecs.js";
import { p384Spki } from "../../src/crypto/p384.js";
import { type ErrorCode, isAttestationError } from "../../src/errors.js";
import { buildIdBlock, keyDigest, keyFromAmd, parseIdBlock, verifyIdAuth } from "../../src/id-block/index.js";
import { vectorJson } from "../vectors/files.js";
import { keyAt, patched } from "./support.js";

interface Named {
  tcId: number;
  comment: string;
  flags: readonly string[];
}
interface BlockCase extends Named {
  measurement: string;
  familyId: string;
  imageId: string;
  guestSvn: number;
  policy: string;
  block: string;
}
interface DigestCase extends Named {
  x: string;
  y: string;
  digest: string;
}
interface SignatureCase extends Named {
  curve: number;
  x: string;
  y: string;
  r: string;
  s: string;
  block: string;
  result: "valid" | "invalid";
  code?: ErrorCode;
}
interface Suite {
  numberOfTests: number;
  notes: Readonly<Record<string, string>>;
  testGroups: readonly [{ tests: BlockCase[] }, { tests: DigestCase[] }, { tests: SignatureCase[] }];
}

const suite = vectorJson<Suite>("id-block/values.json");
const [blocks, digests, signatures] = suite.testGroups;

describe("the file", () => {
  const validate = new Ajv2020({ strict: true, strictTuples: false, strictRequired: false }).compile(
    vectorJson<object>("id-block/schema.json"),
  );
  const all: readonly Named[] = suite.testGroups.flatMap(({ tests }): readonly Named[] => tests);

  it("fits its schema, is numbered from 1, and explains its flags", () => {
    expect(validate(suite), JSON.stringify(validate.errors)).toBe(true);
    expect(all.map(({ tcId }) => tcId)).toEqual(Array.from({ length: suite.numberOfTests }, (_, index) => index + 1));
    expect([...new Set(all.flatMap(({ flags }) => flags))].sort()).toEqual(Object.keys(suite.notes).sort());
    expect(new Set(all.map(({ comment }) => comment)).size).toBe(all.length);
  });

  it.each<[string, (copy: Suite) => unknown]>([
    ["a refused case without a code", ({ testGroups }) => delete testGroups[2].tests.at(-1)?.code],
    ["an accepted case with one", ({ testGroups }) => Object.assign(testGroups[2].tests[0] ?? {}, { code: "ERR_X" })],
    ["an unknown member", ({ testGroups }) => Object.assign(testGroups[0].tests[0] ?? {}, { extra: 1 })],
    ["a short coordinate", ({ testGroups }) => Object.assign(testGroups[1].tests[0] ?? {}, { x: "00" })],
    ["an unknown flag", ({ testGroups }) => Object.assign(testGroups[1].tests[0] ?? {}, { flags: ["Odd"] })],
  ])("has a schema that refuses %s", (_, spoil) => {
    const copy = structuredClone(suite);
    spoil(copy);
    expect(validate(copy)).toBe(false);
  });
});

describe("blocks", () => {
  it.each(blocks.tests)("$tcId: $comment", ({ measurement, familyId, imageId, guestSvn, policy, block }) => {
    const fields = {
      measurement: fromHex(measurement),
      familyId: fromHex(familyId),
      imageId: fromHex(imageId),
      guestSvn,
      policy: BigInt(policy),
    };
    expect(toHex(buildIdBlock(fields))).toBe(block);
    const { policy: read, ...rest } = parseIdBlock(fromHex(block));
    expect({ ...rest, policy: read.raw }).toEqual(fields);
  });
});

describe("digests", () => {
  it.each(digests.tests)("$tcId: $comment", async ({ x, y, digest }) => {
    expect(toHex(await keyDigest(keyAt(fromHex(x), fromHex(y))))).toBe(digest);
  });
});

/** The fields of a case as they stand in ID_AUTH, without author key. */
function authOf({ curve, x, y, r, s }: SignatureCase): Uint8Array {
  let auth: Uint8Array = patched(new Uint8Array(0x1000), 0, 1);
  auth = patched(auth, 0x40, ...fromHex(r), ...fromHex(s));
  return patched(auth, 0x240, curve, 0, 0, 0, ...fromHex(x), ...fromHex(y));
}

describe("signatures", () => {
  it.each(signatures.tests)("$tcId: $comment: $result", async (test) => {
    const outcome = await verifyIdAuth({ block: fromHex(test.block), auth: authOf(test) }).then(
      () => "accepted",
      (error: unknown) => (isAttestationError(error) ? error.code : error),
    );
    expect(outcome).toBe(test.code ?? "accepted");
  });

  it("are judged alike by node:crypto, where it can read the numbers", () => {
    const readable = signatures.tests.filter(({ code }) => (code ?? "") !== "ERR_MALFORMED_RESERVED");
    const judged = readable.flatMap((test) => {
      const key = authOf(test).slice(0x240, 0x644);
      try {
        return [{ test, key: keyFromAmd(key) }];
      } catch (error) {
        if (isAttestationError(error)) return [];
        throw error;
      }
    });
    expect(judged.length).toBeGreaterThan(15);
    for (const { test, key } of judged) {
      const bigEndian = (field: string) => fromHex(field).slice(0, 48).reverse();
      const signature = Buffer.concat([bigEndian(test.r), bigEndian(test.s)]);
      const publicKey = createPublicKey({ key: Buffer.from(p384Spki(key)), format: "der", type: "spki" });
      const holds = verify("sha384", fromHex(test.block), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
      expect(holds, `${test.tcId} ${test.comment}`).toBe(test.result === "valid");
    }
  });
});
