import { beforeAll, describe, expect, it } from "vitest";
import { amdAnchors } from "../../src/amd/anchors.js";
import { DerCursor } from "../../src/der/cursor.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { encodeName } from "../../src/testing/name.js";
import { encodeAmdName } from "../../src/x509/amd-name.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import { readName } from "../../src/x509/name.js";
import { corpusFile, corpusWhere } from "../support/corpus.js";
import { needs } from "../support/needs.js";

const LINES = ["Milan", "Genoa", "Turin"] as const;
const ROLES = ["ark", "ask", "asvk"] as const;
const FILES = LINES.flatMap((line) => ROLES.map((role) => ({ line, role, path: `amd/${line}/${role}.der` })));

describe.runIf(needs("corpus"))("AMD's names", () => {
  it.each(FILES)("of $path are written byte for byte", ({ path }) => {
    const { subject, issuer } = parseCertificate(corpusFile(path));
    for (const name of [subject, issuer]) expect(encodeAmdName(String(name.commonName))).toEqual(name.der);
  });

  it.each(LINES)("of the CRL of %s are written byte for byte", (line) => {
    const { issuer } = parseCrl(corpusFile(`amd/${line}/crl.der`));
    expect(encodeAmdName(`ARK-${line}`)).toEqual(issuer.der);
  });

  it("of every genuine leaf are written byte for byte", () => {
    const seen = new Set<string>();
    for (const set of corpusWhere((expected) => expected === "valid")) {
      const leaf = parseCertificate(set.read(set.signer === "VCEK" ? "vcek.der" : "vlek.der"));
      for (const name of [leaf.subject, leaf.issuer]) {
        seen.add(String(name.commonName));
        expect(encodeAmdName(String(name.commonName)), set.id).toEqual(name.der);
      }
    }
    expect([...seen]).toContain("SEV-VCEK");
    expect([...seen]).toContain("SEV-VLEK-Milan");
  });
});

describe("encodeAmdName", () => {
  let forge: Forge;
  beforeAll(async () => {
    forge = await createForge({ seed: "amd name" });
  });

  it("agrees with what pkijs writes for the forge", () => {
    for (const name of ["ARK-Milan", "SEV-Genoa", "SEV-VLEK-Turin", "SEV-VCEK", "", "é"]) {
      expect(encodeAmdName(name)).toEqual(encodeName(name));
    }
    expect(parseCertificate(forge.ask().der).subject.der).toEqual(encodeAmdName("SEV-Milan"));
  });

  it("agrees at every length of name, also where a length becomes two bytes", () => {
    for (let length = 0; length <= 130; length++) {
      const name = "x".repeat(length);
      expect(encodeAmdName(name), `${length} characters`).toEqual(encodeName(name));
    }
  });

  it("is read back", () => {
    const anchors = LINES.flatMap((line) =>
      (["ARK", "ASK", "ASVK"] as const).flatMap((role) => amdAnchors(line, role)),
    );
    expect(anchors).toHaveLength(9);
    for (const { subject } of anchors) {
      const name = readName(DerCursor.over(encodeAmdName(subject), "name"));
      expect(name).toMatchObject({ commonName: subject, organization: "Advanced Micro Devices" });
    }
  });

  it("gives different names to different texts", () => {
    expect(encodeAmdName("ARK-Milan")).not.toEqual(encodeAmdName("ARK-Genoa"));
    expect(encodeAmdName("ARK-Milan")).not.toEqual(encodeAmdName("ark-milan"));
  });
});
