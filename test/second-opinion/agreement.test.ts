import { X509Certificate } from "node:crypto";
import * as asn1js from "asn1js";
import { AuthorityKeyIdentifier, BasicConstraints } from "pkijs";
import { describe, expect, it } from "vitest";
import { readCaCommonName, readLeafCommonName } from "../../src/amd/names.js";
import { SPL_EXTENSION } from "../../src/amd/oids.js";
import { tcbComponents } from "../../src/amd/tcb.js";
import { toHex } from "../../src/bytes/codecs.js";
import { judgeCaProfile } from "../../src/x509/ca-profile.js";
import { type Certificate, parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import type { Extension } from "../../src/x509/extensions.js";
import { judgeLeafProfile } from "../../src/x509/leaf-profile.js";
import { needs } from "../support/needs.js";
import { corpusSamples, forgedSamples, type Samples } from "./samples.js";
import { ourCertificateView, ourCrlView, theirCertificateView, theirCrlView } from "./views.js";

/** asn1js on an extension's value, as the class that it must be. */
function decodeValue<Asn>(extensions: readonly Extension[], oid: string, kind: new () => Asn): Asn {
  const extension = extensions.find((candidate) => candidate.oid === oid);
  if (extension === undefined) throw new Error(`no extension ${oid}`);
  const { offset, result } = asn1js.fromBER(extension.value);
  expect(offset).toBe(extension.value.length);
  if (result instanceof kind) return result;
  throw new Error(`${oid} is ${result.constructor.name}`);
}

const numberAt = (extensions: readonly Extension[], oid: string) =>
  Number(decodeValue(extensions, oid, asn1js.Integer).toBigInt());
const textAt = (extensions: readonly Extension[], oid: string) =>
  decodeValue(extensions, oid, asn1js.IA5String).getValue();

function compareLeafValues(certificate: Certificate): void {
  const { extensions } = certificate;
  const role = readLeafCommonName(certificate.subject.commonName);
  const line = readCaCommonName(certificate.issuer.commonName)?.productLine;
  if (role === null || line === undefined) throw new Error("a leaf says its role, and its issuer the line");
  const profile = judgeLeafProfile(certificate, { role, productLine: line });
  expect(profile.structVersion).toBe(numberAt(extensions, "1.3.6.1.4.1.3704.1.1"));
  expect(profile.productName).toBe(textAt(extensions, "1.3.6.1.4.1.3704.1.2"));
  for (const component of tcbComponents(line)) {
    expect(profile.tcb[component], component).toBe(numberAt(extensions, SPL_EXTENSION[component]));
  }
  expect(Object.keys(profile.tcb).sort()).toEqual([...tcbComponents(line)].sort());
  if (role === "VLEK") expect(profile.cspId).toBe(textAt(extensions, "1.3.6.1.4.1.3704.1.5"));
}

function compareCaValues(certificate: Certificate): void {
  const { extensions } = certificate;
  const named = readCaCommonName(certificate.subject.commonName);
  if (named === null) throw new Error("an authority says its role");
  const { subjectKeyId } = judgeCaProfile(certificate, named.role, { pathLenRequired: true });
  const theirs = decodeValue(extensions, "2.5.29.14", asn1js.OctetString).valueBlock.valueHexView;
  expect(toHex(subjectKeyId ?? new Uint8Array(0))).toBe(toHex(theirs));
  const { cA, pathLenConstraint } = new BasicConstraints({
    schema: decodeValue(extensions, "2.5.29.19", asn1js.Sequence),
  });
  expect(cA).toBe(true);
  expect(pathLenConstraint).toBe(named.role === "ARK" ? undefined : 0);
  const [bits = 0] = decodeValue(extensions, "2.5.29.15", asn1js.BitString).valueBlock.valueHexView;
  expect(bits).toBe(named.role === "ARK" ? 0x06 : 0x04);
}

const distinguished = (text: string) => Object.fromEntries(text.split("\n").map((line) => line.split("=", 2)));

/** What Node's own reader has fields for. */
function compareWithNode(der: Uint8Array): void {
  const certificate = parseCertificate(der);
  const { serial, subject, issuer, notBefore, notAfter, publicKey } = certificate;
  const theirs = new X509Certificate(der);
  expect(BigInt(`0x${theirs.serialNumber}`)).toBe(serial);
  expect(Date.parse(theirs.validFrom)).toBe(notBefore);
  expect(Date.parse(theirs.validTo)).toBe(notAfter);
  expect(new Uint8Array(theirs.raw)).toEqual(certificate.der);
  for (const [ours, text] of [
    [subject, theirs.subject],
    [issuer, theirs.issuer],
  ] as const) {
    if (ours.commonName?.includes("\0")) continue;
    expect(distinguished(text)).toMatchObject({ CN: ours.commonName });
    expect(distinguished(text)["O"] ?? null).toBe(ours.organization);
  }
  const jwk = theirs.publicKey.export({ format: "jwk" });
  const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  if (publicKey.kind === "rsa") {
    expect(jwk).toEqual({ kty: "RSA", n: base64url(publicKey.modulus), e: base64url(publicKey.exponent) });
  } else {
    const [x, y] = [publicKey.point.subarray(1, 49), publicKey.point.subarray(49)].map(base64url);
    expect(jwk).toEqual({ kty: "EC", crv: "P-384", x, y });
  }
}

function compareAll({ certificates, crls }: Samples): void {
  describe("certificates", () => {
    it.each(certificates)("$name: pkijs reads the same", ({ der }) => {
      expect(ourCertificateView(parseCertificate(der))).toEqual(theirCertificateView(der));
    });

    it.each(certificates)("$name: node:crypto reads the same", ({ der }) => compareWithNode(der));
  });

  describe("CRLs", () => {
    it.each(crls)("$name: pkijs reads the same", ({ der }) => {
      const crl = parseCrl(der);
      expect(ourCrlView(crl)).toEqual(theirCrlView(der));
      const has = (oid: string) => crl.extensions.some((extension) => extension.oid === oid);
      const number = has("2.5.29.20") ? decodeValue(crl.extensions, "2.5.29.20", asn1js.Integer).toBigInt() : null;
      expect(crl.number).toBe(number);
      if (crl.authorityKeyId === null) {
        expect(has("2.5.29.35")).toBe(false);
        return;
      }
      const schema = decodeValue(crl.extensions, "2.5.29.35", asn1js.Sequence);
      const { keyIdentifier } = new AuthorityKeyIdentifier({ schema });
      expect(toHex(crl.authorityKeyId)).toBe(toHex(keyIdentifier?.valueBlock.valueHexView ?? new Uint8Array(0)));
    });
  });
}

const forged = await forgedSamples();

describe("the forge's", () => {
  compareAll(forged);

  const usual = forged.certificates.filter(({ name }) => !/ (with|without) /.test(name));
  const isLeaf = ({ name }: { name: string }) => /v[cl]ek/.test(name) && !/asvk/.test(name);
  it.each(usual.filter((sample) => isLeaf(sample) && !sample.name.includes("other")))(
    "$name: asn1js reads the same values",
    ({ der }) => compareLeafValues(parseCertificate(der)),
  );
  it.each(usual.filter((sample) => !isLeaf(sample)))("$name: asn1js reads the same values", ({ der }) =>
    compareCaValues(parseCertificate(der)),
  );

  it("are many, of every line and kind", () => {
    expect(forged.certificates.length).toBe(30);
    expect(forged.crls.length).toBe(12);
  });
});

describe.runIf(needs("corpus"))("the corpus'", () => {
  const corpus = corpusSamples();
  compareAll(corpus);

  const isLeaf = ({ name }: { name: string }) => /\/v[cl]ek\.der$/.test(name);
  const isAmds = ({ der }: { der: Uint8Array }) => parseCertificate(der).serial === 0n;
  const leaves = corpus.certificates.filter(isLeaf);
  it.each(leaves.filter(isAmds))("$name: asn1js reads the same values", ({ der }) => {
    compareLeafValues(parseCertificate(der));
  });
  it.each(leaves.filter((leaf) => !isAmds(leaf)))("$name: is no leaf of AMD's", ({ der, name }) => {
    expect(name).toMatch(/^synth-/);
    expect(() => compareLeafValues(parseCertificate(der))).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE");
  });
  it.each(corpus.certificates.filter((sample) => !isLeaf(sample)))("$name: asn1js reads the same values", ({ der }) =>
    compareCaValues(parseCertificate(der)),
  );

  it("are many, and all are read", () => {
    expect(corpus.certificates.length).toBeGreaterThan(50);
    expect(corpus.crls.length).toBeGreaterThan(3);
  });
});
