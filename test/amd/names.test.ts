import { describe, expect, it } from "vitest";
import { caCommonName, ISSUER_OF, leafCommonName, readCaCommonName, readLeafCommonName } from "../../src/amd/names.js";

/** The nine names as AMD's certificates have them. */
const NAMES = [
  ["ARK", "Milan", "ARK-Milan"],
  ["ARK", "Genoa", "ARK-Genoa"],
  ["ARK", "Turin", "ARK-Turin"],
  ["ASK", "Milan", "SEV-Milan"],
  ["ASK", "Genoa", "SEV-Genoa"],
  ["ASK", "Turin", "SEV-Turin"],
  ["ASVK", "Milan", "SEV-VLEK-Milan"],
  ["ASVK", "Genoa", "SEV-VLEK-Genoa"],
  ["ASVK", "Turin", "SEV-VLEK-Turin"],
] as const;

describe("names of authorities", () => {
  it.each(NAMES)("%s of %s is %s", (role, productLine, name) => {
    expect(caCommonName(role, productLine)).toBe(name);
    expect(readCaCommonName(name)).toEqual({ role, productLine });
    expect(readLeafCommonName(name)).toBeNull();
  });

  it("are nine different ones", () => {
    expect(new Set(NAMES.map(([role, line]) => caCommonName(role, line))).size).toBe(9);
  });

  it.each([
    ["no name", null],
    ["an empty name", ""],
    ["small letters", "ark-milan"],
    ["capital letters", "ARK-MILAN"],
    ["a space behind", "ARK-Milan "],
    ["a space before", " ARK-Milan"],
    ["NUL behind", "ARK-Milan\0"],
    ["more behind", "ARK-Milan2"],
    ["a stepping behind", "SEV-Milan-B0"],
    ["the prefix alone", "ARK-"],
    ["the line alone", "Milan"],
    ["a line without published keys", "ARK-Venice"],
    ["Bergamo, whose keys are Genoa's", "SEV-Bergamo"],
    ["a line of long ago", "ARK-Naples"],
    ["the ASVK's prefix without line", "SEV-VLEK"],
    ["the ASVK's prefix with a dash", "SEV-VLEK-"],
    ["a leaf", "SEV-VCEK"],
    ["a leaf with a line", "SEV-VCEK-Milan"],
    ["letters that only look the same", "АRK-Milan"],
    ["a member of every object", "constructor"],
  ])("%s is none of them", (_, name) => {
    expect(readCaCommonName(name)).toBeNull();
  });
});

describe("names of leaves", () => {
  it.each([
    ["VCEK", "SEV-VCEK", "ASK"],
    ["VLEK", "SEV-VLEK", "ASVK"],
  ] as const)("%s is %s, issued by the %s", (role, name, issuer) => {
    expect(leafCommonName(role)).toBe(name);
    expect(readLeafCommonName(name)).toBe(role);
    expect(readCaCommonName(name)).toBeNull();
    expect(ISSUER_OF[role]).toBe(issuer);
  });

  it.each([
    ["no name", null],
    ["an empty name", ""],
    ["the role alone, as some verifiers expect it", "VCEK"],
    ["small letters", "sev-vcek"],
    ["a line behind", "SEV-VCEK-Milan"],
    ["an authority", "SEV-VLEK-Milan"],
    ["NUL behind", "SEV-VCEK\0"],
  ])("%s is none of them", (_, name) => {
    expect(readLeafCommonName(name)).toBeNull();
  });
});
