import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import type { ErrorCode } from "../../src/errors.js";
import { createForge, der, type Forge } from "../../src/testing/index.js";
import { MAX_CERTIFICATE_BYTES, parseCertificate } from "../../src/x509/certificate.js";
import { hex } from "../support/hex.js";
import { append, appendInside, type CertificateChanges, changeCertificate, elementsOf, NOTHING } from "./parts.js";

const { explicit, integer, sequence, set, tlv } = der;

let forge: Forge;
let leaf: Uint8Array;
let ask: Uint8Array;

beforeAll(async () => {
  forge = await createForge({ seed: "certificate" });
  leaf = forge.vcek().der;
  ask = forge.ask().der;
});

describe("parseCertificate", () => {
  it("reads a leaf as it is written", () => {
    const { key, hwId } = forge.chip();
    const { tbs, signature } = forge.vcek();
    const certificate = parseCertificate(leaf);
    expect(certificate).toMatchObject({
      serial: 0n,
      notBefore: Date.UTC(2026, 4, 2),
      notAfter: Date.UTC(2033, 4, 2),
      signatureAlgorithm: "default-trailer",
      publicKey: { kind: "p384", point: key.point },
    });
    expect(certificate.issuer).toMatchObject({ commonName: "SEV-Milan", organization: "Advanced Micro Devices" });
    expect(certificate.subject).toMatchObject({ commonName: "SEV-VCEK", organization: "Advanced Micro Devices" });
    expect(certificate.der).toEqual(leaf);
    expect(certificate.tbs).toEqual(tbs);
    expect(certificate.signature).toEqual(signature);
    expect(certificate.extensions).toHaveLength(11);
    expect(certificate.extensions.at(-1)).toEqual({ oid: "1.3.6.1.4.1.3704.1.4", critical: false, value: hwId });
  });

  it("reads a CA's certificate as it is written", () => {
    const { modulus, exponent } = forge.caKey("ASK");
    const certificate = parseCertificate(ask);
    expect(certificate).toMatchObject({
      serial: 0x010001n,
      signatureAlgorithm: "explicit-trailer",
      publicKey: { kind: "rsa", modulus, exponent },
    });
    expect(certificate.extensions.map(({ oid, critical }) => `${oid} ${critical}`)).toEqual([
      "2.5.29.14 false",
      "2.5.29.35 false",
      "2.5.29.19 true",
      "2.5.29.15 true",
      "2.5.29.31 false",
    ]);
  });

  it("keeps a private copy", () => {
    const bytes = leaf.slice();
    const certificate = parseCertificate(bytes);
    bytes.fill(0);
    expect(certificate.der).toEqual(leaf);
    expect(certificate.tbs).toEqual(forge.vcek().tbs);
  });

  it("reads a view of a larger buffer as it reads a copy", () => {
    const large = concatBytes(hex("30ff"), leaf, hex("00"));
    const view = large.subarray(2, 2 + leaf.length);
    expect(parseCertificate(view)).toEqual(parseCertificate(leaf));
    expect(parseCertificate(Buffer.from(leaf))).toEqual(parseCertificate(leaf));
  });

  it.each([
    ["nothing", undefined],
    ["text", "MIIF"],
    ["an ArrayBuffer", new ArrayBuffer(4)],
    ["an array of numbers", [0x30, 0x00]],
    ["words of two bytes", new Uint16Array(4)],
    ["a DataView", new DataView(new ArrayBuffer(4))],
    ["what only says that it is bytes", { [Symbol.toStringTag]: "Uint8Array", length: 2 }],
  ])("calls %s a mistake of the caller", (_, value) => {
    // The cast stands for a caller without types.
    expect(() => parseCertificate(value as unknown as Uint8Array)).toThrow(/^certificate must be a Uint8Array, not /);
  });

  it("names what it was told to name", () => {
    expect(() => parseCertificate(hex("31 00"), "the ASK")).toFailWith("ERR_MALFORMED_DER", { what: "the ASK" });
    expect(() => parseCertificate(hex("31 00"))).toFailWith("ERR_MALFORMED_DER", { what: "certificate" });
  });
});

interface Row {
  why: string;
  /** Left out: the certificate as it is. */
  sound?: CertificateChanges;
  broken: CertificateChanges;
  code?: ErrorCode;
  detail?: object;
}

const reason = (pattern: RegExp) => ({ reason: expect.stringMatching(pattern) });
const version = (n: number) => ({ version: explicit(0, integer(n)) });
const serial = (bytes: string) => ({ serial: hex(bytes) });
const ff = (count: number) => "ff".repeat(count);
const utc = (text: string) => tlv(0x17, new TextEncoder().encode(text));
const general = (text: string) => tlv(0x18, new TextEncoder().encode(text));

const rows: readonly Row[] = [
  {
    why: "no version: version 1, which has no extensions",
    sound: version(2),
    broken: { version: NOTHING },
    code: "ERR_MALFORMED_CERTIFICATE",
    detail: { field: "version", reason: "version 1" },
  },
  {
    why: "version 1 spelled out",
    sound: version(2),
    broken: version(0),
    code: "ERR_MALFORMED_CERTIFICATE",
    detail: { field: "version", reason: "version 1" },
  },
  {
    why: "version 2",
    sound: version(2),
    broken: version(1),
    code: "ERR_MALFORMED_CERTIFICATE",
    detail: { field: "version", reason: "version 2" },
  },
  {
    why: "version 4, which nobody has defined",
    sound: version(2),
    broken: version(3),
    code: "ERR_MALFORMED_CERTIFICATE",
    detail: { field: "version", reason: "version 4" },
  },
  { why: "a version below zero", broken: version(-1), detail: reason(/negative/) },
  { why: "a version of two bytes", broken: version(258), detail: reason(/more than 1 bytes/) },
  { why: "two versions", broken: { version: explicit(0, integer(2), integer(2)) }, detail: reason(/left over/) },
  { why: "an empty version", broken: { version: explicit(0) }, detail: reason(/too early/) },
  { why: "a version without brackets", broken: { version: integer(2) }, code: "ERR_MALFORMED_CERTIFICATE" },

  {
    why: "a serial of 21 bytes, where RFC 5280 allows 20",
    sound: serial(`02 14 7f${ff(19)}`),
    broken: serial(`02 15 7f${ff(20)}`),
    detail: reason(/more than 20 bytes/),
  },
  {
    why: "a serial of 21 bytes behind a leading zero",
    sound: serial(`02 15 00${ff(20)}`),
    broken: serial(`02 16 00${ff(21)}`),
    detail: reason(/more than 20 bytes/),
  },
  { why: "a negative serial", sound: serial("02 01 7f"), broken: serial("02 01 80"), detail: reason(/negative/) },
  {
    why: "a serial of no bytes",
    sound: serial("02 01 00"),
    broken: serial("02 00"),
    detail: reason(/without content/),
  },
  {
    why: "a serial that is zero in two bytes",
    sound: serial("02 01 00"),
    broken: serial("02 02 0000"),
    detail: reason(/not minimal/),
  },
  { why: "no serial", broken: { serial: NOTHING }, detail: reason(/expected tag 0x02, found 0x30/) },
  { why: "two serials", broken: { serial: append(integer(0)) }, detail: reason(/expected tag 0x30, found 0x02/) },

  {
    why: "three times",
    broken: { validity: appendInside(utc("300101000000Z")) },
    detail: reason(/^15 bytes left over$/),
  },
  {
    why: "one time",
    sound: { validity: sequence(utc("260101000000Z"), utc("270101000000Z")) },
    broken: { validity: sequence(utc("260101000000Z")) },
    detail: reason(/too early/),
  },
  {
    why: "a notBefore without seconds",
    sound: { validity: sequence(utc("260101000000Z"), utc("270101000000Z")) },
    broken: { validity: sequence(utc("2601010000Z"), utc("270101000000Z")) },
    detail: reason(/full seconds/),
  },
  {
    why: "a notAfter on 30 February",
    sound: { validity: sequence(utc("260101000000Z"), general("20270228000000Z")) },
    broken: { validity: sequence(utc("260101000000Z"), general("20270230000000Z")) },
    detail: reason(/no calendar/),
  },
  { why: "no validity", broken: { validity: NOTHING }, detail: reason(/^expected tag 0x18, found 0x31$/) },

  { why: "no issuer", broken: { issuer: NOTHING }, detail: reason(/^expected tag 0x31, found 0x17$/) },
  { why: "an issuer that is a SET", broken: { issuer: (name) => set(der.contentOf(name)) }, detail: reason(/0x31/) },
  { why: "a subject that is an OCTET STRING", broken: { subject: hex("04 00") }, detail: reason(/0x04/) },
  {
    why: "two subjects",
    broken: { subject: (name) => concatBytes(name, name) },
    detail: reason(/^expected tag 0x30, found 0x31$/),
  },

  {
    why: "an issuer's unique id, a thing of version 2",
    broken: { publicKey: append(tlv(0x81, hex("00 aa"))) },
    detail: reason(/expected tag 0xa3, found 0x81/),
  },
  {
    why: "a subject's unique id",
    broken: { publicKey: append(tlv(0x82, hex("00 aa"))) },
    detail: reason(/expected tag 0xa3, found 0x82/),
  },
  { why: "no extensions at all", broken: { extensions: NOTHING }, detail: reason(/too early/) },
  {
    why: "extensions in the brackets of a CRL",
    broken: { extensions: (e) => explicit(0, der.contentOf(e)) },
    detail: reason(/found 0xa0/),
  },
  {
    why: "two lists of extensions",
    broken: { extensions: (e) => explicit(3, der.contentOf(e), der.contentOf(e)) },
    detail: reason(/left over/),
  },
  { why: "extensions in two brackets", broken: { extensions: (e) => concatBytes(e, e) }, detail: reason(/left over/) },
  { why: "something behind the extensions", broken: { extensions: append(hex("05 00")) }, detail: reason(/^2 bytes/) },

  { why: "a signed part that is a SET", broken: { tbs: (tbs) => set(der.contentOf(tbs)) }, detail: reason(/0x31/) },
  { why: "an empty signed part", broken: { tbs: sequence() }, code: "ERR_MALFORMED_CERTIFICATE" },
  { why: "no signature", broken: { signature: NOTHING }, detail: reason(/too early/) },
  { why: "two signatures", broken: { signature: (s) => concatBytes(s, s) }, detail: reason(/left over/) },
  { why: "something behind the signature", broken: { signature: append(hex("05 00")) }, detail: reason(/^2 bytes/) },
  {
    why: "a signature with an unused bit",
    broken: { signature: (s) => der.bitString(der.contentOf(s).subarray(1), 1) },
    detail: reason(/not whole bytes/),
  },
  {
    why: "a signature in an OCTET STRING",
    broken: { signature: (s) => der.octetString(der.contentOf(s)) },
    detail: reason(/expected tag 0x03/),
  },
  {
    why: "a signature a byte short",
    sound: { signature: der.bitString(new Uint8Array(512)) },
    broken: { signature: der.bitString(new Uint8Array(511)) },
    code: "ERR_MALFORMED_LENGTH",
    detail: { what: "certificate: signature", expected: 512, actual: 511 },
  },
  {
    why: "a signature a byte long",
    sound: { signature: der.bitString(new Uint8Array(512)) },
    broken: { signature: der.bitString(new Uint8Array(513)) },
    code: "ERR_MALFORMED_LENGTH",
    detail: { actual: 513 },
  },
  {
    why: "a signature of RSA-2048",
    broken: { signature: der.bitString(new Uint8Array(256)) },
    code: "ERR_MALFORMED_LENGTH",
    detail: { actual: 256 },
  },
  { why: "an empty signature", broken: { signature: der.bitString(NOTHING) }, code: "ERR_MALFORMED_LENGTH" },
];

describe.each([
  ["a leaf", () => leaf],
  ["a CA", () => ask],
])("the structure of %s", (_, base) => {
  it.each(rows)("$why", ({ sound = {}, broken, code = "ERR_MALFORMED_DER", detail }) => {
    expect(() => parseCertificate(changeCertificate(base(), sound))).not.toThrow();
    expect(() => parseCertificate(changeCertificate(base(), broken))).toFailWith(code, detail);
  });

  it("the helper changes nothing that it is not told to change", () => {
    expect(changeCertificate(base(), {})).toEqual(base());
  });
});

describe("values that are read and not judged", () => {
  const read = (changes: CertificateChanges) => parseCertificate(changeCertificate(leaf, changes));

  it("any serial from 0 to 20 bytes", () => {
    for (const value of [0n, 1n, 0x7fn, 0x80n, 0x020001n, 2n ** 64n, 2n ** 160n - 1n]) {
      expect(read({ serial: integer(value) }).serial).toBe(value);
    }
  });

  it("times of either type, in any order and any year", () => {
    const { notBefore, notAfter } = read({ validity: sequence(general("99991231235959Z"), utc("500101000000Z")) });
    expect(new Date(notBefore).toISOString()).toBe("9999-12-31T23:59:59.000Z");
    expect(new Date(notAfter).toISOString()).toBe("1950-01-01T00:00:00.000Z");
  });

  it("names of any content, empty too", () => {
    const certificate = read({ issuer: sequence(), subject: sequence() });
    expect(certificate.issuer).toEqual({ der: hex("3000"), commonName: null, organization: null });
    expect(certificate.subject.der).toEqual(hex("3000"));
  });

  it("a signature of any bytes", () => {
    const signature = new Uint8Array(512).fill(0xff);
    expect(read({ signature: der.bitString(signature) }).signature).toEqual(signature);
  });
});

describe("the whole", () => {
  it.each([
    ["a byte behind it", () => concatBytes(leaf, hex("00")), /^1 bytes left over$/],
    ["another certificate behind it", () => concatBytes(leaf, leaf), /^\d{4} bytes left over$/],
    ["a byte before it", () => concatBytes(hex("00"), leaf), /found 0x00/],
    ["the last byte gone", () => leaf.subarray(0, -1), /reaches beyond/],
    ["indefinite length", () => concatBytes(hex("3080"), der.contentOf(leaf), hex("0000")), /indefinite/],
    ["nothing", () => NOTHING, /too early/],
    ["PEM", () => new TextEncoder().encode("-----BEGIN CERTIFICATE-----"), /found 0x2d/],
  ])("%s", (_, bytes, pattern) => {
    expect(() => parseCertificate(leaf)).not.toThrow();
    expect(() => parseCertificate(bytes())).toFailWith("ERR_MALFORMED_DER", reason(pattern));
  });

  it("a CRL is no certificate", () => {
    expect(() => parseCertificate(forge.crl().der)).toFailWith("ERR_MALFORMED_CERTIFICATE", { field: "version" });
  });

  it("every prefix is refused", () => {
    for (let end = 0; end < leaf.length; end += 7) {
      expect(() => parseCertificate(leaf.subarray(0, end)), `${end} bytes`).toFailWith("ERR_MALFORMED_DER");
    }
  });

  it("lengths in longer forms are refused wherever they stand", () => {
    for (const [index, element] of elementsOf(elementsOf(leaf)[0] ?? NOTHING).entries()) {
      const content = der.contentOf(element);
      const long = concatBytes(
        element.subarray(0, 1),
        hex("83 00"),
        Uint8Array.of(content.length >> 8, content.length & 0xff),
        content,
      );
      const parts = elementsOf(elementsOf(leaf)[0] ?? NOTHING).map((part, at) => (at === index ? long : part));
      const broken = changeCertificate(leaf, { tbs: sequence(...parts) });
      expect(() => parseCertificate(broken), `element ${index}`).toFailWith("ERR_MALFORMED_DER");
    }
  });

  it("goes up to 16384 bytes", () => {
    const grown = (size: number) => {
      const filler = (length: number) =>
        sequence(der.objectIdentifier("1.2.3"), der.octetString(new Uint8Array(length)));
      const build = (length: number) =>
        changeCertificate(leaf, {
          extensions: (e) => explicit(3, sequence(...elementsOf(elementsOf(e)[0] ?? NOTHING), filler(length))),
        });
      return build(size - (build(14_000).length - 14_000));
    };
    expect(grown(MAX_CERTIFICATE_BYTES)).toHaveLength(16_384);
    expect(parseCertificate(grown(16_384)).extensions).toHaveLength(12);
    expect(() => parseCertificate(grown(16_385))).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "certificate",
      expected: "at most 16384",
      actual: 16_385,
    });
  });

  it("does not even copy what is far too long", () => {
    expect(() => parseCertificate(new Uint8Array(50_000_000))).toFailWith("ERR_MALFORMED_LENGTH", {
      actual: 50_000_000,
    });
  });
});
