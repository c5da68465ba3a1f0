import { BasicConstraints, type Certificate, CRLDistributionPoints } from "pkijs";
import { describe, expect, it } from "vitest";
import { AMD_EXTENSION, X509_EXTENSION } from "../../src/amd/oids.js";
import { fromHex, toHex } from "../../src/bytes/codecs.js";
import { type CaOptions, createForge, der, type LeafOptions } from "../../src/testing/index.js";
import { extensionOf, extensionValue, readCertificate } from "./second-opinion.js";

const forge = await createForge({ seed: "extensions" });
const { basicConstraints, keyUsage, subjectKeyIdentifier, authorityKeyIdentifier } = X509_EXTENSION;
const CRL_ADDRESS = "2.5.29.31";

const oids = (signed: { der: Uint8Array }) =>
  (readCertificate(signed.der).extensions ?? []).map(({ extnID }) => extnID);

describe("the extensions of a CA", () => {
  it("stand in AMD's order", () => {
    expect(oids(forge.ark())).toEqual([keyUsage, subjectKeyIdentifier, basicConstraints, CRL_ADDRESS]);
    const below = [subjectKeyIdentifier, authorityKeyIdentifier, basicConstraints, keyUsage, CRL_ADDRESS];
    expect(oids(forge.ask())).toEqual(below);
    expect(oids(forge.asvk())).toEqual(below);
  });

  it.each<[keyof CaOptions, string]>([
    ["basicConstraints", basicConstraints],
    ["keyUsage", keyUsage],
    ["subjectKeyId", subjectKeyIdentifier],
    ["authorityKeyId", authorityKeyIdentifier],
    ["crlDistributionPoint", CRL_ADDRESS],
  ])("%s: null leaves it out and nothing else", (option, oid) => {
    const all = oids(forge.ask());
    expect(oids(forge.ask({ [option]: null }))).toEqual(all.filter((each) => each !== oid));
  });

  it.each<[CaOptions["basicConstraints"] & object, string, boolean]>([
    [{}, "30060101ff020100", true],
    [{ pathLen: null }, "30030101ff", true],
    [{ pathLen: 3 }, "30060101ff020103", true],
    [{ ca: false, pathLen: null }, "3000", true],
    [{ critical: false }, "30060101ff020100", false],
  ])("basicConstraints %o", (option, value, critical) => {
    const { extensions } = readCertificate(forge.ask({ basicConstraints: option }).der);
    expect(toHex(extensionValue(extensions, basicConstraints))).toBe(value);
    expect(extensionOf(extensions, basicConstraints).critical).toBe(critical);
    expect(BasicConstraints.fromBER(fromHex(value).slice()).cA).toBe(option.ca ?? true);
  });

  it.each<[CaOptions["keyUsage"] & object, string, boolean]>([
    [{}, "03020104", true],
    [{ usages: ["keyCertSign", "cRLSign"] }, "03020106", true],
    [{ usages: ["cRLSign"] }, "03020102", true],
    [{ usages: ["digitalSignature", "keyAgreement"] }, "03020188", true],
    [{ usages: ["nonRepudiation", "keyEncipherment", "dataEncipherment"] }, "03020170", true],
    [{ usages: [] }, "03020100", true],
    [{ critical: false }, "03020104", false],
  ])("keyUsage %o", (option, value, critical) => {
    const { extensions } = readCertificate(forge.ask({ keyUsage: option }).der);
    expect(toHex(extensionValue(extensions, keyUsage))).toBe(value);
    expect(extensionOf(extensions, keyUsage).critical).toBe(critical);
  });

  it("name the ARK's key in all that it signs", () => {
    const subject = extensionValue(readCertificate(forge.ark().der).extensions, subjectKeyIdentifier).subarray(2);
    for (const signed of [forge.ask(), forge.asvk()]) {
      const authority = extensionValue(readCertificate(signed.der).extensions, authorityKeyIdentifier);
      expect(toHex(authority)).toBe(`30168014${toHex(subject)}`);
    }
  });

  it.each([
    ["ark", "vcek"],
    ["ask", "vcek"],
    ["asvk", "vlek"],
  ] as const)("say where the CRL lies: %s, %s", (name, branch) => {
    const value = extensionValue(readCertificate(forge[name]({ productLine: "Turin" }).der).extensions, CRL_ADDRESS);
    const [point] = CRLDistributionPoints.fromBER(value.slice()).distributionPoints;
    const [name_] = Array.isArray(point?.distributionPoint) ? point.distributionPoint : [];
    expect(name_?.value).toBe(`https://kdsintf.amd.com/${branch}/v1/Turin/crl`);
  });

  it("take ids and an address of the caller's", () => {
    const { extensions } = readCertificate(
      forge.ask({ subjectKeyId: Uint8Array.of(1), authorityKeyId: Uint8Array.of(2), crlDistributionPoint: "x:" }).der,
    );
    expect(toHex(extensionValue(extensions, subjectKeyIdentifier))).toBe("040101");
    expect(toHex(extensionValue(extensions, authorityKeyIdentifier))).toBe("3003800102");
    expect(new TextDecoder().decode(extensionValue(extensions, CRL_ADDRESS).subarray(-2))).toBe("x:");
  });
});

const value = (options: LeafOptions, oid: string) =>
  toHex(extensionValue(readCertificate(forge.vcek(options).der).extensions, oid));

describe("the extensions of a leaf", () => {
  it.each<[LeafOptions, string, string]>([
    [{ structVersion: 5 }, AMD_EXTENSION.structVersion, "020105"],
    [{ productName: "Milan-A0" }, AMD_EXTENSION.productName, "16084d696c616e2d4130"],
    [{ tcb: { bootLoader: 1 } }, AMD_EXTENSION.blSPL, "020101"],
    [{ tcb: { tee: 2 } }, AMD_EXTENSION.teeSPL, "020102"],
    [{ tcb: { snp: 3 } }, AMD_EXTENSION.snpSPL, "020103"],
    [{ tcb: { spl4: 4 } }, AMD_EXTENSION.spl4, "020104"],
    [{ tcb: { spl5: 5 } }, AMD_EXTENSION.spl5, "020105"],
    [{ tcb: { spl6: 6 } }, AMD_EXTENSION.spl6, "020106"],
    [{ tcb: { spl7: 7 } }, AMD_EXTENSION.spl7, "020107"],
    [{ tcb: { microcode: 200 } }, AMD_EXTENSION.ucodeSPL, "020200c8"],
    [{ tcb: { microcode: 300 } }, AMD_EXTENSION.ucodeSPL, "0202012c"],
    [{ tcb: { microcode: -1 } }, AMD_EXTENSION.ucodeSPL, "0201ff"],
    [{ hwId: Uint8Array.of(4, 64) }, AMD_EXTENSION.hwID, "0440"],
    [{ cspId: "CN=x" }, AMD_EXTENSION.cspID, "1604434e3d78"],
  ])("%o", (options, oid, hex) => expect(value(options, oid)).toBe(hex));

  it("have hwID or cspID by their kind, and null leaves either out", () => {
    const has = (signed: { der: Uint8Array }, oid: string) => oids(signed).includes(oid);
    expect([has(forge.vcek(), AMD_EXTENSION.hwID), has(forge.vcek(), AMD_EXTENSION.cspID)]).toEqual([true, false]);
    expect([has(forge.vlek(), AMD_EXTENSION.hwID), has(forge.vlek(), AMD_EXTENSION.cspID)]).toEqual([false, true]);
    expect(has(forge.vcek({ hwId: null }), AMD_EXTENSION.hwID)).toBe(false);
    expect(has(forge.vlek({ cspId: null }), AMD_EXTENSION.cspID)).toBe(false);
    expect(has(forge.vlek({ hwId: Uint8Array.of(1) }), AMD_EXTENSION.hwID)).toBe(true);
  });

  it.each([
    ["Milan", AMD_EXTENSION.spl4, AMD_EXTENSION.fmcSPL],
    ["Turin", AMD_EXTENSION.fmcSPL, AMD_EXTENSION.spl4],
  ] as const)("on %s hold its own component and not the other line's", (productLine, own, other) => {
    for (const signed of [forge.vcek({ productLine }), forge.vlek({ productLine })]) {
      expect(oids(signed)).toContain(own);
      expect(oids(signed)).not.toContain(other);
    }
  });
});

const { hwID, snpSPL, productName } = AMD_EXTENSION;
const extra = { oid: "1.2.3", critical: true, value: der.nil() };

describe("extensions", () => {
  const usual = oids(forge.vcek());
  const edit = (extensions: LeafOptions["extensions"] & object): Certificate =>
    readCertificate(forge.vcek({ extensions }).der);
  const names = (certificate: Certificate) => (certificate.extensions ?? []).map(({ extnID }) => extnID);

  it.each([
    ["drop", { drop: [hwID] }, usual.filter((oid) => oid !== hwID)],
    ["repeat", { repeat: [hwID, snpSPL] }, [...usual, hwID, snpSPL]],
    ["add", { add: [extra] }, [...usual, "1.2.3"]],
    ["replace", { replace: { [hwID]: { critical: true } } }, usual],
    ["arrange", { arrange: (list: readonly { oid: string }[]) => [...list].reverse() }, [...usual].reverse()],
  ])("%s", (_, edits, expected) => {
    expect(names(edit(edits as LeafOptions["extensions"] & object))).toEqual(expected);
  });

  it("replace changes value and criticality, each alone", () => {
    const { extensions } = edit({ replace: { [hwID]: { critical: true }, [snpSPL]: { value: der.integer(9) } } });
    expect(extensionOf(extensions, hwID).critical).toBe(true);
    expect(extensionValue(extensions, hwID)).toEqual(forge.chip().hwId);
    expect(extensionOf(extensions, snpSPL).critical).toBe(false);
    expect(extensionValue(extensions, snpSPL)).toEqual(der.integer(9));
  });

  it("are made in order: drop, replace, repeat, add, arrange", () => {
    const certificate = edit({
      drop: [hwID],
      replace: { [snpSPL]: { value: der.integer(9) } },
      repeat: [snpSPL],
      add: [extra],
      arrange: (list) => list.slice(-2),
    });
    expect(names(certificate)).toEqual([snpSPL, "1.2.3"]);
    expect(extensionValue(certificate.extensions, snpSPL)).toEqual(der.integer(9));
  });

  it.each([
    ["drop", { drop: ["9.9"] }],
    ["replace", { replace: { "9.9": {} } }],
    ["repeat", { repeat: ["9.9"] }],
    ["repeat of what was dropped", { drop: [productName], repeat: [productName] }],
  ])("%s of what is not there is the caller's mistake", (_, extensions) => {
    expect(() => forge.vcek({ extensions })).toThrow(TypeError);
  });

  it("none at all leave the field out", () => {
    expect(edit({ arrange: () => [] }).extensions).toBeUndefined();
  });
});
