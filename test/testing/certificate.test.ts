import { X509Certificate } from "node:crypto";
import { type Certificate, Time } from "pkijs";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "../../src/bytes/codecs.js";
import { encodeAlgorithm } from "../../src/testing/algorithm.js";
import {
  type CertificateOptions,
  createForge,
  der,
  type NameParts,
  p384Spki,
  rsaSpki,
  type Signed,
} from "../../src/testing/index.js";
import { extensionOf, isSignedBy, readCertificate } from "./second-opinion.js";

const forge = await createForge({ seed: "certificate" });
const ARK = forge.ark().der;
const ASK = forge.ask().der;
const ASVK = forge.asvk().der;

interface Kind {
  name: "ark" | "ask" | "asvk" | "vcek" | "vlek";
  issuer: Uint8Array;
}

const KINDS: readonly Kind[] = [
  { name: "ark", issuer: ARK },
  { name: "ask", issuer: ARK },
  { name: "asvk", issuer: ARK },
  { name: "vcek", issuer: ASK },
  { name: "vlek", issuer: ASVK },
];

const commonName = (name: Certificate["subject"]) =>
  String(name.typesAndValues.find(({ type }) => type === "2.5.4.3")?.value.valueBlock.value);

const date = new Date("2031-02-03T04:05:06Z");
const OTHER_KEY = rsaSpki(forge.foreignCaKey().modulus, Uint8Array.of(1, 0, 1));

/** An option of every certificate, how another reader sees it, and what it must see. */
interface Row {
  title: string;
  options: CertificateOptions;
  read: (certificate: Certificate) => unknown;
  value: unknown;
}

const ROWS: readonly Row[] = [
  { title: "version 2", options: { version: 2 }, read: (c) => c.version, value: 1 },
  { title: "no version", options: { version: null }, read: (c) => c.version, value: 0 },
  {
    title: "serial",
    options: { serial: 0x1234567890abcdefn },
    read: (c) => c.serialNumber.toBigInt(),
    value: 0x1234567890abcdefn,
  },
  { title: "serial as number", options: { serial: 77 }, read: (c) => c.serialNumber.toBigInt(), value: 77n },
  {
    title: "subject",
    options: { subject: { commonName: "Somebody" } },
    read: (c) => commonName(c.subject),
    value: "Somebody",
  },
  {
    title: "issuer",
    options: { issuer: { commonName: "Somebody" } },
    read: (c) => commonName(c.issuer),
    value: "Somebody",
  },
  { title: "notBefore", options: { notBefore: date }, read: (c) => c.notBefore.value, value: date },
  { title: "notAfter", options: { notAfter: date }, read: (c) => c.notAfter.value, value: date },
  {
    title: "notAfter in DER",
    options: { notAfter: der.generalizedTime(date) },
    read: (c) => c.notAfter.type,
    value: 1,
  },
  {
    title: "times as GeneralizedTime",
    options: { timeForm: "generalized" },
    read: (c) => [c.notBefore.type, c.notAfter.type],
    value: [1, 1],
  },
  {
    title: "public key",
    options: { spki: OTHER_KEY },
    read: (c) => new Uint8Array(c.subjectPublicKeyInfo.toSchema().toBER()),
    value: OTHER_KEY,
  },
  {
    title: "extension added",
    options: { extensions: { add: [{ oid: "1.2.3.4", critical: true, value: der.nil() }] } },
    read: (c) => extensionOf(c.extensions, "1.2.3.4").critical,
    value: true,
  },
];

describe.each(KINDS)("$name", ({ name, issuer }) => {
  const plain = forge[name]();

  it("is signed by its issuer, as node:crypto sees it, and gives its parts", () => {
    const { der: whole, tbs, signature } = plain;
    expect(isSignedBy(whole, name === "ark" ? whole : issuer)).toBe(true);
    expect(toHex(new Uint8Array(readCertificate(whole).tbsView))).toBe(toHex(tbs));
    expect(signature).toHaveLength(512);
    expect(equalBytes(whole.subarray(-512), signature)).toBe(true);
  });

  it.each(ROWS)("takes $title, and is still soundly signed", ({ options, read, value }) => {
    const changed = forge[name](options);
    expect(read(readCertificate(changed.der))).toEqual(value);
    expect(changed.tbs).not.toEqual(plain.tbs);
    expect(isSignedBy(changed.der, issuer)).toBe(true);
  });

  it("is the same each time, in arrays of its own", () => {
    const again = forge[name]();
    expect(again).toEqual(plain);
    again.der.fill(0);
    again.signature.fill(0);
    expect(forge[name]()).toEqual(plain);
  });
});

describe("times", () => {
  it("are UTCTime through 2049 and GeneralizedTime after, by RFC 5280", () => {
    const types = ["2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"].map(
      (text) => readCertificate(forge.ark({ notAfter: new Date(text) }).der).notAfter,
    );
    expect(types).toEqual([
      new Time({ type: 0, value: new Date("2049-12-31T23:59:59Z") }),
      new Time({ type: 1, value: new Date("2050-01-01T00:00:00Z") }),
    ]);
  });

  it("lose fractions of a second", () => {
    const forged = forge.ark({ notAfter: new Date("2040-01-01T00:00:00.999Z"), timeForm: "generalized" });
    expect(readCertificate(forged.der).notAfter.value).toEqual(new Date("2040-01-01T00:00:00Z"));
  });

  it("as UTCTime are the default before 2050, and refused after", () => {
    expect(forge.ark({ timeForm: "utc" })).toEqual(forge.ark());
    for (const year of [1949, 2050]) {
      const notAfter = new Date(Date.UTC(year, 0, 1));
      expect(() => forge.ark({ timeForm: "utc", notAfter })).toThrow(TypeError);
      expect(readCertificate(forge.ark({ notAfter }).der).notAfter.type).toBe(1);
    }
  });

  it("must be valid", () => expect(() => forge.ark({ notAfter: new Date(Number.NaN) })).toThrow(TypeError));
});

describe("names", () => {
  const AMD = ["Engineering", "US", "Santa Clara", "CA", "Advanced Micro Devices", "ARK-Milan"];
  const withText = (place: number, text: string) => AMD.map((usual, index) => (index === place ? text : usual));
  it.each<[NameParts, readonly string[]]>([
    [{}, AMD],
    [{ organizationalUnit: "Test" }, withText(0, "Test")],
    [{ country: "DE" }, withText(1, "DE")],
    [{ locality: "Austin" }, withText(2, "Austin")],
    [{ state: "TX" }, withText(3, "TX")],
    [{ organization: "Somebody" }, withText(4, "Somebody")],
    [{ commonName: "ARK-Genoa" }, withText(5, "ARK-Genoa")],
    [{ locality: null, commonName: null }, ["Engineering", "US", "CA", "Advanced Micro Devices"]],
  ])("with %o", (subject, texts) => {
    const name = readCertificate(forge.ark({ subject }).der).subject;
    expect(name.typesAndValues.map(({ value }) => value.valueBlock.value)).toEqual(texts);
  });

  it("stand as they are given in DER", () => {
    const name = der.sequence(der.set(der.sequence(der.objectIdentifier("2.5.4.3"), der.printableString("X"))));
    expect(toHex(new Uint8Array(readCertificate(forge.ask({ issuer: name }).der).issuer.valueBeforeDecode))).toBe(
      toHex(name),
    );
  });
});

const signers = [
  { title: "the ARK", key: forge.caKey("ARK"), spki: forge.caKey("ARK").spki },
  { title: "the ASVK", key: forge.caKey("ASVK"), spki: forge.caKey("ASVK").spki },
  { title: "the ARK of Turin", key: forge.caKey("ARK", "Turin"), spki: forge.caKey("ARK", "Turin").spki },
  { title: "a foreign key", key: forge.foreignCaKey(), spki: forge.foreignCaKey().spki },
];

describe("signWith", () => {
  it.each(signers)("signs a VCEK by $title and by nobody else", ({ key, spki }) => {
    const leaf = forge.vcek({ signWith: key }).der;
    expect(isSignedBy(leaf, forge.ark({ spki }).der)).toBe(true);
    expect(isSignedBy(leaf, ASK)).toBe(false);
  });

  it("signs by a P-384 key too, with ECDSA", () => {
    const { key } = forge.chip();
    const leaf = forge.vcek({ signWith: key, algorithm: "ecdsa-sha384" }).der;
    const signer = forge.ark({ spki: p384Spki(key.point) }).der;
    expect(isSignedBy(leaf, signer)).toBe(true);
    expect(isSignedBy(leaf, ASK)).toBe(false);
  });
});

const identifiers = (signed: Signed) => {
  const certificate = readCertificate(signed.der);
  const bytes = [certificate.signature, certificate.signatureAlgorithm].map(
    (found) => new Uint8Array(found.toSchema().toBER()),
  );
  return bytes.map(toHex);
};

describe("algorithm", () => {
  it.each(["explicit-trailer", "default-trailer", "pkcs1-sha384"] as const)(
    "%s stands inside and outside, and verifies",
    (algorithm) => {
      const leaf = forge.vcek({ algorithm });
      const expected = toHex(encodeAlgorithm(algorithm));
      expect(identifiers(leaf)).toEqual([expected, expected]);
      expect(isSignedBy(leaf.der, ASK)).toBe(true);
    },
  );

  it.each([
    { hash: "SHA-256", saltLength: 32 },
    { hash: "SHA-384", saltLength: 32 },
    { hash: "SHA-512", saltLength: 64 },
  ] as const)("RSASSA-PSS with %o is said and done", (algorithm) => {
    const leaf = forge.vcek({ algorithm });
    expect(identifiers(leaf)).toEqual([toHex(encodeAlgorithm(algorithm)), toHex(encodeAlgorithm(algorithm))]);
    expect(isSignedBy(leaf.der, ASK)).toBe(true);
  });

  it("in DER stands as it is, over AMD's signature", () => {
    const other = encodeAlgorithm({ hash: "SHA-256", saltLength: 48 });
    const leaf = forge.vcek({ algorithm: other });
    expect(identifiers(leaf)).toEqual([toHex(other), toHex(other)]);
    expect(isSignedBy(leaf.der, ASK)).toBe(false);
  });

  it("inside can be another than outside", () => {
    const leaf = forge.vcek({ algorithm: "default-trailer", innerAlgorithm: "explicit-trailer" });
    expect(identifiers(leaf)).toEqual([
      toHex(encodeAlgorithm("explicit-trailer")),
      toHex(encodeAlgorithm("default-trailer")),
    ]);
  });
});

/** Where the serial of a leaf stands in what is signed. */
const SERIAL = 11;

describe("patches", () => {
  it("patchTbs changes what is signed, and the signature holds", () => {
    const leaf = forge.vcek({ patchTbs: (tbs) => tbs.map((byte, index) => (index === SERIAL ? 5 : byte)) });
    expect(readCertificate(leaf.der).serialNumber.toBigInt()).toBe(5n);
    expect(isSignedBy(leaf.der, ASK)).toBe(true);
  });

  it("patchSignature changes the signature alone", () => {
    const leaf = forge.vcek({ patchSignature: (signature) => signature.fill(1) });
    expect(leaf.tbs).toEqual(forge.vcek().tbs);
    expect(leaf.signature).toEqual(new Uint8Array(512).fill(1));
    expect(isSignedBy(leaf.der, ASK)).toBe(false);
  });

  it("patch has the last word", () => {
    const leaf = forge.vcek({ patch: (whole) => whole.subarray(0, 10) });
    expect(leaf.der).toEqual(forge.vcek().der.subarray(0, 10));
  });

  it("a signature can be cut, and stays in its BIT STRING", () => {
    const leaf = forge.vcek({ patchSignature: (signature) => signature.subarray(1) });
    expect(readCertificate(leaf.der).signatureValue.valueBlock.valueHexView).toHaveLength(511);
  });
});

describe("what node:crypto reads", () => {
  it.each(KINDS)("in $name is what pkijs reads", ({ name }) => {
    const { der: whole } = forge[name]();
    const [ours, theirs] = [readCertificate(whole), new X509Certificate(whole)];
    expect(BigInt(`0x${theirs.serialNumber}`)).toBe(ours.serialNumber.toBigInt());
    expect(new Date(theirs.validFrom)).toEqual(ours.notBefore.value);
    expect(new Date(theirs.validTo)).toEqual(ours.notAfter.value);
    expect(theirs.subject.split("\n").at(-1)).toBe(`CN=${commonName(ours.subject)}`);
    expect(theirs.issuer.split("\n").at(-1)).toBe(`CN=${commonName(ours.issuer)}`);
    expect(theirs.ca).toBe(name.startsWith("a"));
  });
});
