import { X509Certificate } from "node:crypto";
import { encode } from "cborg";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openGoSevGuest, openRaTls } from "../../src/evidence/index.js";
import { certificateTableEntries, createForge, der, encodeCertificateTable } from "../../src/testing/index.js";
import { attestationOf, chainFields, messageOf, reportFields } from "./support/attestation.js";
import { base64url, padded, patched, pem, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { type TlsExtension, tlsCertificate, tlsSpki, wrappedExtensions } from "./support/tls-certificate.js";

const forged = (await createForge({ seed: "ra-tls" })).evidence();
const { report, certificates = {} } = forged.evidence;
const table = encodeCertificateTable(certificateTableEntries("VCEK", certificates));
const attestation = attestationOf(messageOf(reportFields(report)), messageOf(chainFields(certificates)));

const ATLS = "1.3.9901.2.1";
const CMW = "1.3.6.1.5.5.7.1.35";
const CONSTRAINTS: TlsExtension = ["2.5.29.19", der.sequence(), true];
const REPORT = "application/vnd.amd.sev-snp.attestation-report";
const TABLE = "application/vnd.amd.ghcb.guid-table";

const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const DER = "ERR_MALFORMED_DER";
const has = (reason: string) => ({ reason: expect.stringContaining(reason) });

const carrier: TlsExtension = [ATLS, attestation];
const sound = tlsCertificate({ extensions: [CONSTRAINTS, carrier] });
const withCarrier = (...extensions: readonly TlsExtension[]) => tlsCertificate({ extensions });
const cmwJson = JSON.stringify({ r: [REPORT, base64url(report), 4], t: [TABLE, base64url(table), 2] });
const cmwCbor = encode({ r: [REPORT, report, 4], t: [TABLE, table, 2] });
const extensionsOf = (...list: readonly TlsExtension[]) => wrappedExtensions(list);

/** What is wrong with a certificate, whatever it carries. */
const CERTIFICATE: Broken[] = [
  ["nothing", new Uint8Array(0), MALFORMED, { where: "input" }],
  ["a bare message", attestation, MALFORMED, { where: "input" }],
  ["two certificates in PEM", concatBytes(pem(sound), pem(sound)), MALFORMED, has("one PEM block, found 2")],
  ["broken PEM", utf8("-----BEGIN CERTIFICATE-----\nAA"), "ERR_MALFORMED_ENCODING"],
  ["a byte behind it", concatBytes(sound, Uint8Array.of(0)), DER, has("left over")],
  ["two certificates", concatBytes(sound, sound), DER, has("left over")],
  ["an indefinite length", concatBytes(Uint8Array.of(0x30, 0x80), sound.subarray(4), new Uint8Array(2)), DER],
  ["a length a byte too great", patched(sound, 3, (sound[3] ?? 0) + 1), DER],
  [
    "a length that is not minimal",
    concatBytes(Uint8Array.of(0x30, 0x83, 0), sound.subarray(2)),
    DER,
    has("not minimal"),
  ],
  ["version 1", tlsCertificate({ extensions: [carrier], version: new Uint8Array(0) }), DER],
  ["version 2", tlsCertificate({ extensions: [carrier], version: der.explicit(0, der.integer(1)) }), DER],
  ["version 4", tlsCertificate({ extensions: [carrier], version: der.explicit(0, der.integer(3)) }), DER],
  ["no key", tlsCertificate({ extensions: [carrier], spki: new Uint8Array(0) }), DER],
  ["a key of odd bits", tlsCertificate({ extensions: [carrier], spki: oddKey(1) }), DER, has("not whole bytes")],
  ["a key with more behind it", tlsCertificate({ extensions: [carrier], spki: longKey() }), DER, has("left over")],
  ["no extensions", tlsCertificate(), MALFORMED, { where: "extensions", reason: "the certificate has none" }],
  ["an empty list of extensions", tlsCertificate({ wrapped: der.explicit(3, der.sequence()) }), DER],
  ["an extension that is empty", tlsCertificate({ wrapped: der.explicit(3, der.sequence(der.sequence())) }), DER],
  [
    "something behind the extensions",
    tlsCertificate({ extensions: [carrier], more: der.nil() }),
    DER,
    has("left over"),
  ],
  [
    "something behind the signature",
    tlsCertificate({ extensions: [carrier], after: der.nil() }),
    DER,
    has("left over"),
  ],
  ["unique ids in the wrong order", tlsCertificate({ extensions: [carrier], uniqueIds: ids(2, 1) }), DER],
  ["a unique id twice", tlsCertificate({ extensions: [carrier], uniqueIds: ids(1, 1) }), DER],
  ["an extension twice", withCarrier(carrier, carrier), DER, has("twice")],
  ["33 extensions", withCarrier(...Array.from({ length: 33 }, (_, n): TlsExtension => [`1.2.${n}`, table])), DER],
  ["a byte above the limit", padded(sound, 524_289), "ERR_MALFORMED_LENGTH", { actual: 524_289 }],
];

function oddKey(unused: number): Uint8Array {
  return der.sequence(der.sequence(der.objectIdentifier("1.2.3")), der.bitString(Uint8Array.of(0), unused));
}

function longKey(): Uint8Array {
  return der.sequence(der.sequence(), der.bitString(Uint8Array.of(1)), der.nil());
}

function ids(...numbers: readonly number[]): Uint8Array[] {
  return numbers.map((number) => der.tlv(0x80 | number, Uint8Array.of(0, 1)));
}

describeContainer({
  name: "openRaTls, an Attestation",
  open: openRaTls,
  sound,
  forged,
  broken: [
    ...CERTIFICATE,
    ["no evidence", withCarrier(CONSTRAINTS), MALFORMED, has("no extension carries SNP evidence")],
    ["evidence of TDX", withCarrier(["1.3.9901.2.2", table]), UNSUPPORTED, { found: "an Intel TDX quote" }],
    ["evidence of SGX", withCarrier(["1.2.840.113741.1337.6", table]), UNSUPPORTED, { found: "an Intel SGX quote" }],
    ["evidence of DICE", withCarrier(["2.23.133.5.4.9", table]), UNSUPPORTED, { where: "2.23.133.5.4.9" }],
    ["evidence under a longer OID", withCarrier([`${ATLS}.1`, attestation]), MALFORMED, { where: "extensions" }],
    [
      "evidence in two extensions",
      withCarrier(carrier, [CMW, der.octetString(cmwCbor)]),
      MALFORMED,
      has("two extensions"),
    ],
    ["an empty message", withCarrier([ATLS, new Uint8Array(0)]), MALFORMED, { where: "report" }],
    ["a message that is cut", withCarrier([ATLS, attestation.subarray(0, -1)]), MALFORMED],
    ["a message in an OCTET STRING", withCarrier([ATLS, der.octetString(attestation)]), MALFORMED],
    ["a bare report", withCarrier([ATLS, report]), MALFORMED],
    ["a CMW in its place", withCarrier([ATLS, der.octetString(cmwCbor)]), MALFORMED],
    ["certificates whose tag is another", patched(sound, 0, 0x31), MALFORMED, { where: "input" }],
  ],
});

const withCmw = (value: Uint8Array) => withCarrier(CONSTRAINTS, [CMW, value]);

describeContainer({
  name: "openRaTls, a CMW",
  open: openRaTls,
  sound: withCmw(der.octetString(cmwCbor)),
  forged,
  broken: [
    ["nothing", withCmw(new Uint8Array(0)), DER],
    ["a CMW without its CHOICE", withCmw(cmwCbor), DER],
    ["an IA5String", withCmw(der.ia5String(cmwJson)), DER],
    ["a SEQUENCE around it", withCmw(der.sequence(der.octetString(cmwCbor))), DER],
    ["JSON in an OCTET STRING", withCmw(der.octetString(utf8(cmwJson))), MALFORMED, { where: CMW }],
    ["CBOR in a UTF8String", withCmw(der.tlv(0x0c, cmwCbor)), MALFORMED, { where: CMW }],
    ["an empty OCTET STRING", withCmw(der.octetString(new Uint8Array(0))), MALFORMED, { container: "CMW" }],
    ["an empty UTF8String", withCmw(der.utf8String("")), MALFORMED, { where: CMW }],
    [
      "both alternatives",
      withCmw(concatBytes(der.octetString(cmwCbor), der.utf8String(cmwJson))),
      DER,
      has("left over"),
    ],
    ["a CMW that is cut", withCmw(der.octetString(cmwCbor.subarray(0, -1))), MALFORMED, { container: "CMW" }],
    ["a CMW with a byte behind it", withCmw(der.octetString(concatBytes(cmwCbor, Uint8Array.of(0)))), MALFORMED],
    ["JSON that is cut", withCmw(der.utf8String(cmwJson.slice(0, -1))), MALFORMED, { container: "CMW" }],
    ["a CMW without a report", withCmw(der.octetString(encode([TABLE, table]))), UNSUPPORTED, { where: "type" }],
    ["a message in its place", withCmw(attestation), DER],
    ["the extension twice", tlsCertificate({ wrapped: extensionsOf(...twice(CMW)) }), DER, has("twice")],
  ],
});

function twice(oid: string): TlsExtension[] {
  const extension: TlsExtension = [oid, der.octetString(cmwCbor)];
  return [extension, extension];
}

describeOptions("openRaTls", (options) => openRaTls(sound, options));

describe("an RA-TLS certificate", () => {
  it("is one to Node as well, with the same key", async () => {
    const { claims } = await openRaTls(sound);
    const independent = new X509Certificate(sound);
    expect(claims.publicKey).toEqual(new Uint8Array(independent.publicKey.export({ type: "spki", format: "der" })));
    expect(claims.publicKey).toEqual(tlsSpki);
    expect(claims.subjectPublicKey).toHaveLength(65);
    expect(claims.subjectPublicKey).toEqual(tlsSpki.slice(-65));
  });

  it("hands on what the message says", async () => {
    const { claims } = await openRaTls(sound);
    expect(claims).toMatchObject({ oid: ATLS, cmw: null });
    expect(claims.attestation).toEqual((await openGoSevGuest(attestation)).claims);
    expect(claims.attestation?.extras.map(({ bytes }) => bytes)).toEqual([forged.crl.der]);
  });

  it("may carry a CMW in JSON", async () => {
    const { evidence, claims } = await openRaTls(withCmw(der.utf8String(cmwJson)));
    expect(evidence).toEqual(forged.evidence);
    expect(claims).toMatchObject({ oid: CMW, attestation: null, cmw: { collectionType: null } });
  });

  it.each([
    ["PEM", pem(sound)],
    ["an extension that is critical", withCarrier([ATLS, attestation, true])],
    ["unique ids", tlsCertificate({ extensions: [carrier], uniqueIds: ids(1, 2) })],
    ["one unique id", tlsCertificate({ extensions: [carrier], uniqueIds: ids(2) })],
    ["evidence of TDX as well", withCarrier(carrier, ["1.3.9901.2.2", table])],
    ["a key of any kind", tlsCertificate({ extensions: [carrier], spki: oddKey(0) })],
  ])("may have %s", async (_, bytes) => {
    expect((await openRaTls(bytes)).evidence).toEqual(forged.evidence);
  });

  it("is not judged: a signature that is wrong says nothing here", async () => {
    const forgedSignature = patched(sound, sound.length - 1, (sound.at(-1) ?? 0) ^ 1);
    expect((await openRaTls(forgedSignature)).evidence).toEqual(forged.evidence);
  });
});
