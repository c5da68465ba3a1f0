import { describe, expect, it } from "vitest";
import * as idBlock from "../../src/id-block/index.js";
import { nobleSigner } from "../../src/noble/index.js";
import { makeVerified } from "../support/records.js";
import { BLOCK, fieldsWith, ID_SIGNER, pairOf } from "./support.js";

/** Arguments whose text overflows the stack or does not exist: what a message must not trip over. */
function nested(): unknown {
  let list: unknown[] = [];
  for (let depth = 0; depth < 100_000; depth++) list = [list];
  return list;
}
const ODD: readonly unknown[] = [
  nested(),
  Object.create(null),
  { length: 96, buffer: new ArrayBuffer(96), byteOffset: 0 },
  undefined,
  null,
  0,
  1n,
  "",
  Symbol("odd"),
];

const verified = makeVerified();
const { auth } = await pairOf();
const expectation = { block: BLOCK, auth, idKeyDigests: "any", authorKeyDigests: "any" };
const selection = { rootKey: "VCEK", fields: [], vmpl: 0 };

// Typed as a function of anything: the compiler would not let these calls through, JavaScript does.
type Loose = (...values: unknown[]) => unknown;
const loose = (call: unknown): Loose => call as Loose;

const CALLS: readonly (readonly [string, (odd: unknown) => unknown])[] = [
  ["parseIdBlock", loose(idBlock.parseIdBlock)],
  ["parseIdAuth", loose(idBlock.parseIdAuth)],
  ["keyFromAmd", loose(idBlock.keyFromAmd)],
  ["keyFromSpki", loose(idBlock.keyFromSpki)],
  ["keyFromPem", loose(idBlock.keyFromPem)],
  ["keyToAmd", loose(idBlock.keyToAmd)],
  ["keyDigest", loose(idBlock.keyDigest)],
  ["keyDigest, engine", (odd) => loose(idBlock.keyDigest)(ID_SIGNER.publicKey, { engine: odd ?? null })],
  ["nobleSigner", loose(nobleSigner)],
  ["webCryptoSigner", loose(idBlock.webCryptoSigner)],
  ["buildIdBlock", loose(idBlock.buildIdBlock)],
  ...Object.keys(fieldsWith()).map(
    (name) => [name, (odd: unknown) => loose(idBlock.buildIdBlock)({ ...fieldsWith(), [name]: wrong(odd) })] as const,
  ),
  ["buildIdAuth", loose(idBlock.buildIdAuth)],
  ["buildIdAuth, idKey", (odd) => loose(idBlock.buildIdAuth)({ block: BLOCK, idKey: odd })],
  ["verifyIdAuth", loose(idBlock.verifyIdAuth)],
  ["verifyIdAuth, block", (odd) => loose(idBlock.verifyIdAuth)({ block: odd, auth })],
  ["matchesIdBlock, verified", (odd) => loose(idBlock.matchesIdBlock)(odd, expectation)],
  ["matchesIdBlock, expectation", (odd) => loose(idBlock.matchesIdBlock)(verified, odd)],
  ...Object.keys(expectation).map(
    (name) =>
      [name, (odd: unknown) => loose(idBlock.matchesIdBlock)(verified, { ...expectation, [name]: odd })] as const,
  ),
  ["describeDerivedKey, verified", (odd) => loose(idBlock.describeDerivedKey)(odd, selection)],
  ["describeDerivedKey, selection", (odd) => loose(idBlock.describeDerivedKey)(verified, odd)],
  ["rootKey", (odd) => loose(idBlock.describeDerivedKey)(verified, { ...selection, rootKey: odd })],
  ["fields", (odd) => loose(idBlock.describeDerivedKey)(verified, { ...selection, fields: [odd] })],
  ["vmpl", (odd) => loose(idBlock.describeDerivedKey)(verified, { ...selection, vmpl: wrong(odd) })],
];

/** Zero is a number that fields take, and one a bigint. */
function wrong(odd: unknown): unknown {
  return odd === 0 || odd === 1n ? "odd" : odd;
}

describe("a public function given an odd argument", () => {
  it.each(CALLS)("%s answers with a TypeError", async (_, call) => {
    for (const odd of ODD) {
      const outcome = await new Promise((resolve) => resolve(call(odd))).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(TypeError);
    }
  });
});
