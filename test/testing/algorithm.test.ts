import { AlgorithmIdentifier, RSASSAPSSParams } from "pkijs";
import { describe, expect, it } from "vitest";
import { equalBytes, fromHex, toHex } from "../../src/bytes/codecs.js";
import { encodeAlgorithm } from "../../src/testing/algorithm.js";
import type { AlgorithmOption } from "../../src/testing/index.js";
import { corpusFile, corpusWhere } from "../support/corpus.js";
import { needs } from "../support/needs.js";

const HEAD = "06092a864886f70d01010a";
const HASH = "a00f300d06096086480165030402020500";
const MASK = "a11c301a06092a864886f70d010108300d06096086480165030402020500";

const FORMS = [
  ["explicit-trailer", `3046${HEAD}3039${HASH}${MASK}a203020130a303020101`],
  ["default-trailer", `3041${HEAD}3034${HASH}${MASK}a203020130`],
] as const;

describe("encodeAlgorithm", () => {
  it.each(FORMS)("writes AMD's %s byte for byte", (form, hex) => {
    expect(toHex(encodeAlgorithm(form))).toBe(hex);
    expect(toHex(encodeAlgorithm(form))).toBe(hex);
  });

  it.each<[AlgorithmOption, string]>([
    [{ hash: "SHA-384", saltLength: 48 }, FORMS[1][1]],
    ["pkcs1-sha384", "300d06092a864886f70d01010c0500"],
    ["ecdsa-sha384", "300a06082a8648ce3d040303"],
    [fromHex("3003020101"), "3003020101"],
  ])("writes %o", (option, hex) => expect(toHex(encodeAlgorithm(option))).toBe(hex));

  it.each<[AlgorithmOption, string, number]>([
    [{ hash: "SHA-256", saltLength: 48 }, "2.16.840.1.101.3.4.2.1", 48],
    [{ hash: "SHA-512", saltLength: 64 }, "2.16.840.1.101.3.4.2.3", 64],
    [{ hash: "SHA-384", saltLength: 32 }, "2.16.840.1.101.3.4.2.2", 32],
    ["explicit-trailer", "2.16.840.1.101.3.4.2.2", 48],
  ])("says hash and salt of %o", (option, hash, saltLength) => {
    const algorithm = AlgorithmIdentifier.fromBER(encodeAlgorithm(option).slice());
    const parameters = new RSASSAPSSParams({ schema: algorithm.algorithmParams });
    expect(parameters.hashAlgorithm.algorithmId).toBe(hash);
    expect(parameters.saltLength).toBe(saltLength);
    expect(parameters.trailerField).toBe(1);
  });
});

function holds(file: Uint8Array, part: Uint8Array): boolean {
  return file.some((_, start) => equalBytes(file.subarray(start, start + part.length), part));
}

describe.runIf(needs("corpus"))("AMD's own files", () => {
  it.each([
    ["amd/Milan/ark.der", "explicit-trailer"],
    ["amd/Turin/asvk.der", "explicit-trailer"],
    ["amd/Genoa/crl.der", "default-trailer"],
  ] as const)("%s has the %s as the forge writes it", (path, form) => {
    expect(holds(corpusFile(path), encodeAlgorithm(form))).toBe(true);
  });

  it("leaves of both kinds are among the genuine ones", () => {
    const leaves = corpusWhere((expected) => expected === "valid").map((set) =>
      set.read(set.has("vcek.der") ? "vcek.der" : "vlek.der"),
    );
    const [explicit, usual] = [encodeAlgorithm("explicit-trailer"), encodeAlgorithm("default-trailer")];
    const kinds = leaves.map((leaf) => (holds(leaf, explicit) ? "explicit" : String(holds(leaf, usual))));
    expect(new Set(kinds)).toEqual(new Set(["explicit", "true"]));
  });
});
