import type { Certificate, Extension } from "pkijs";
import { describe, expect, it } from "vitest";
import type { CaRole } from "../../src/amd/anchors.js";
import { AMD_EXTENSION, X509_EXTENSION } from "../../src/amd/oids.js";
import { PRODUCT_LINES, type ProductLine, type SigningKey } from "../../src/amd/product-lines.js";
import { encodeTcb, type Tcb } from "../../src/amd/tcb.js";
import { equalBytes, toHex } from "../../src/bytes/codecs.js";
import { encodeAlgorithm } from "../../src/testing/algorithm.js";
import { DEFAULT_TCB } from "../../src/testing/chip.js";
import { createForge, der, type LeafOptions, type Signed } from "../../src/testing/index.js";
import { corpusFile, corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { extensionValue, readCertificate, readCrl } from "./second-opinion.js";

const SIGNATURE_BYTES = 512;

/** A signed structure without its signature: what the forge must write byte for byte as AMD does. */
function unsigned(bytes: Uint8Array): string {
  return toHex(bytes.subarray(0, -SIGNATURE_BYTES));
}

/** The key identifier in the value of subjectKeyIdentifier or authorityKeyIdentifier: its last 20 bytes. */
function keyIdOf(extensions: readonly Extension[] | undefined, oid: string): Uint8Array {
  return extensionValue(extensions, oid).slice(-20);
}

/** What a certificate of AMD's says that no other does. */
function ownFacts(certificate: Certificate) {
  return {
    notBefore: certificate.notBefore.value,
    notAfter: certificate.notAfter.value,
    spki: new Uint8Array(certificate.subjectPublicKeyInfo.toSchema().toBER()),
  };
}

const forge = await createForge({ seed: "profile" });
const cas = PRODUCT_LINES.flatMap((line) => (["ark", "ask", "asvk"] as const).map((name) => ({ line, name })));

describe.runIf(needs("corpus"))("with AMD's keys, dates and key ids the forge writes AMD's bytes", () => {
  it.each(cas)("$name of $line", ({ line, name }) => {
    const file = corpusFile(`amd/${line}/${name}.der`);
    const real = readCertificate(file);
    const options = {
      ...ownFacts(real),
      productLine: line,
      subjectKeyId: keyIdOf(real.extensions, X509_EXTENSION.subjectKeyIdentifier),
    };
    const forged =
      name === "ark"
        ? forge.ark(options)
        : forge[name]({
            ...options,
            authorityKeyId: keyIdOf(real.extensions, X509_EXTENSION.authorityKeyIdentifier),
          });
    expect(unsigned(forged.der)).toBe(unsigned(file));
  });

  it.each(PRODUCT_LINES)("CRL of %s", (productLine) => {
    const file = corpusFile(`amd/${productLine}/crl.der`);
    const real = readCrl(file);
    const extensions = real.crlExtensions?.extensions;
    const number = extensionValue(extensions, X509_EXTENSION.cRLNumber).at(-1);
    const forged = forge.crl({
      productLine,
      thisUpdate: real.thisUpdate.value,
      ...(real.nextUpdate === undefined ? {} : { nextUpdate: real.nextUpdate.value }),
      number: Number(number),
      authorityKeyId: keyIdOf(extensions, X509_EXTENSION.authorityKeyIdentifier),
      revoked: (real.revokedCertificates ?? []).map(({ userCertificate, revocationDate }) => ({
        serial: userCertificate.toBigInt(),
        at: revocationDate.value,
      })),
    });
    expect(unsigned(forged.der)).toBe(unsigned(file));
  });
});

const SPLS: readonly (readonly [keyof Tcb, string])[] = [
  ["fmc", AMD_EXTENSION.fmcSPL],
  ["bootLoader", AMD_EXTENSION.blSPL],
  ["tee", AMD_EXTENSION.teeSPL],
  ["snp", AMD_EXTENSION.snpSPL],
  ["spl4", AMD_EXTENSION.spl4],
  ["spl5", AMD_EXTENSION.spl5],
  ["spl6", AMD_EXTENSION.spl6],
  ["spl7", AMD_EXTENSION.spl7],
  ["microcode", AMD_EXTENSION.ucodeSPL],
];

function lineOf(certificate: Certificate): ProductLine {
  const name = certificate.issuer.typesAndValues.find(({ type }) => type === "2.5.4.3")?.value.valueBlock.value;
  const line = PRODUCT_LINES.find((candidate) => String(name).endsWith(`-${candidate}`));
  if (line === undefined) throw new Error(`issuer ${String(name)}`);
  return line;
}

/** The forge's leaf with everything that the real one says. */
function leafLike(file: Uint8Array, signingKey: SigningKey): Signed {
  const { extensions, ...real } = readCertificate(file);
  const text = (oid: string) => new TextDecoder().decode(der.contentOf(extensionValue(extensions, oid)));
  const has = (oid: string) => extensions?.some(({ extnID }) => extnID === oid) === true;
  const productLine = lineOf(readCertificate(file));
  const components = SPLS.filter(([, oid]) => has(oid));
  const explicitTrailer = holds(file, encodeAlgorithm("explicit-trailer"));
  const options: LeafOptions = {
    ...ownFacts(readCertificate(file)),
    structVersion: extensionValue(extensions, AMD_EXTENSION.structVersion).at(-1) ?? -1,
    productName: text(AMD_EXTENSION.productName),
    tcb: Object.fromEntries(components.map(([name, oid]) => [name, extensionValue(extensions, oid).at(-1) ?? -1])),
    hwId: has(AMD_EXTENSION.hwID) ? extensionValue(extensions, AMD_EXTENSION.hwID) : null,
    cspId: has(AMD_EXTENSION.cspID) ? text(AMD_EXTENSION.cspID) : null,
    algorithm: explicitTrailer ? "explicit-trailer" : "default-trailer",
  };
  expect(real.version).toBe(2);
  expect(components).toHaveLength(Object.keys(DEFAULT_TCB[productLine]).length);
  return signingKey === "VCEK" ? forge.vcek({ ...options, productLine }) : forge.vlek({ ...options, productLine });
}

function holds(file: Uint8Array, part: Uint8Array): boolean {
  return file.some((_, start) => equalBytes(file.subarray(start, start + part.length), part));
}

const leaves = corpusSets()
  .filter(({ expected }) => expected === "valid")
  .map((set) => ({ set, file: set.has("vcek.der") ? "vcek.der" : "vlek.der" }));

describe.runIf(needs("corpus"))("with a genuine leaf's key, dates and values the forge writes its bytes", () => {
  it.each(leaves)("$set.id", ({ set, file }) => {
    const bytes = set.read(file);
    const forged = leafLike(bytes, file === "vcek.der" ? "VCEK" : "VLEK");
    expect(unsigned(forged.der)).toBe(unsigned(bytes));
  });
});

describe("by default", () => {
  it.each<[ProductLine, CaRole, bigint]>([
    ["Milan", "ARK", 0x010000n],
    ["Milan", "ASK", 0x010001n],
    ["Milan", "ASVK", 0x010101n],
    ["Genoa", "ARK", 0x020000n],
    ["Genoa", "ASK", 0x020002n],
    ["Genoa", "ASVK", 0x020101n],
    ["Turin", "ARK", 0x030000n],
    ["Turin", "ASK", 0x030001n],
    ["Turin", "ASVK", 0x030101n],
  ])("%s %s has AMD's serial and 25 years", (productLine, role, serial) => {
    const maker = { ARK: forge.ark, ASK: forge.ask, ASVK: forge.asvk }[role];
    const { serialNumber, notBefore, notAfter } = readCertificate(maker({ productLine }).der);
    expect(serialNumber.toBigInt()).toBe(serial);
    expect(notAfter.value.getUTCFullYear() - notBefore.value.getUTCFullYear()).toBe(25);
  });

  it.each([
    { name: "vcek", productLine: "Milan", years: 7, product: "Milan-B0" },
    { name: "vcek", productLine: "Genoa", years: 7, product: "Genoa" },
    { name: "vcek", productLine: "Turin", years: 7, product: "Turin" },
    { name: "vlek", productLine: "Milan", years: 1, product: "Milan" },
    { name: "vlek", productLine: "Genoa", years: 1, product: "Genoa" },
    { name: "vlek", productLine: "Turin", years: 1, product: "Turin" },
  ] as const)("$name of $productLine has serial 0, $years years and product $product", (row) => {
    const { name, productLine, years, product } = row;
    const { serialNumber, notBefore, notAfter, extensions } = readCertificate(forge[name]({ productLine }).der);
    expect(serialNumber.toBigInt()).toBe(0n);
    expect(notAfter.value.getUTCFullYear() - notBefore.value.getUTCFullYear()).toBe(years);
    expect(extensionValue(extensions, AMD_EXTENSION.productName)).toEqual(der.ia5String(product));
    expect(extensions).toHaveLength(11);
    expect(extensions?.some(({ critical }) => critical)).toBe(false);
  });

  it.each(PRODUCT_LINES)("the TCB of %s is one of its line", (productLine) => {
    expect(encodeTcb(productLine, forge.chip({ productLine }).tcb)).toHaveLength(8);
  });

  it("a CRL lasts six weeks and lists nobody", () => {
    const { thisUpdate, nextUpdate, revokedCertificates } = readCrl(forge.crl().der);
    expect(Number(nextUpdate?.value) - Number(thisUpdate.value)).toBe(45 * 86_400_000);
    expect(revokedCertificates).toBeUndefined();
  });
});
