import { constants, createPublicKey, verify } from "node:crypto";
import type { CertificateRevocationList } from "pkijs";
import { describe, expect, it } from "vitest";
import { X509_EXTENSION } from "../../src/amd/oids.js";
import { toHex } from "../../src/bytes/codecs.js";
import { type CrlOptions, createForge, der, type ForgedRsaKey, type Signed } from "../../src/testing/index.js";
import { extensionOf, extensionValue, readCrl } from "./second-opinion.js";

const forge = await createForge({ seed: "crl" });
const date = new Date("2027-01-02T03:04:05Z");

function isSignedBy(crl: Signed, key: ForgedRsaKey): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
  return verify("SHA-384", crl.tbs, { key: publicKey, ...padding }, crl.signature);
}

const extensions = (crl: CertificateRevocationList) => crl.crlExtensions?.extensions;

interface Row {
  title: string;
  options: CrlOptions;
  read: (crl: CertificateRevocationList) => unknown;
  value: unknown;
}

const ROWS: readonly Row[] = [
  { title: "version 3", options: { version: 3 }, read: (crl) => crl.version, value: 2 },
  { title: "no version", options: { version: null }, read: (crl) => crl.version, value: 0 },
  { title: "thisUpdate", options: { thisUpdate: date }, read: (crl) => crl.thisUpdate.value, value: date },
  { title: "nextUpdate", options: { nextUpdate: date }, read: (crl) => crl.nextUpdate?.value, value: date },
  { title: "no nextUpdate", options: { nextUpdate: null }, read: (crl) => crl.nextUpdate, value: undefined },
  {
    title: "GeneralizedTime",
    options: { timeForm: "generalized" },
    read: (crl) => [crl.thisUpdate.type, crl.nextUpdate?.type],
    value: [1, 1],
  },
  {
    title: "issuer",
    options: { issuer: { commonName: "Somebody" } },
    read: (crl) => crl.issuer.typesAndValues.at(-1)?.value.valueBlock.value,
    value: "Somebody",
  },
  {
    title: "number",
    options: { number: 2n ** 70n },
    read: (crl) => toHex(extensionValue(extensions(crl), X509_EXTENSION.cRLNumber)),
    value: "0209400000000000000000",
  },
  {
    title: "no number",
    options: { number: null },
    read: (crl) => extensions(crl)?.map(({ extnID }) => extnID),
    value: [X509_EXTENSION.authorityKeyIdentifier],
  },
  {
    title: "authority key identifier",
    options: { authorityKeyId: Uint8Array.of(1, 2) },
    read: (crl) => toHex(extensionValue(extensions(crl), X509_EXTENSION.authorityKeyIdentifier)),
    value: "300480020102",
  },
  {
    title: "no authority key identifier",
    options: { authorityKeyId: null },
    read: (crl) => extensions(crl)?.map(({ extnID }) => extnID),
    value: [X509_EXTENSION.cRLNumber],
  },
  {
    title: "no extensions",
    options: { authorityKeyId: null, number: null },
    read: (crl) => crl.crlExtensions,
    value: undefined,
  },
  {
    title: "a critical extension",
    options: { extensions: { add: [{ oid: "2.5.29.27", critical: true, value: der.integer(1) }] } },
    read: (crl) => extensionOf(extensions(crl), "2.5.29.27").critical,
    value: true,
  },
  {
    title: "entries",
    options: { revoked: [{ serial: 0x020001, at: date }, { serial: 2n ** 64n }] },
    read: (crl) =>
      crl.revokedCertificates?.map(({ userCertificate, revocationDate }) => [
        userCertificate.toBigInt(),
        revocationDate.value,
      ]),
    value: [
      [0x020001n, date],
      [2n ** 64n, new Date("2026-05-25T00:00:00Z")],
    ],
  },
  {
    title: "an entry's time after 2049",
    options: { revoked: [{ serial: 1, at: new Date("2050-01-01T00:00:00Z") }] },
    read: (crl) => crl.revokedCertificates?.map(({ revocationDate: { type, value } }) => [type, value]),
    value: [[1, new Date("2050-01-01T00:00:00Z")]],
  },
  {
    title: "a serial below zero",
    options: { revoked: [{ serial: -2 }] },
    read: (crl) => crl.revokedCertificates?.[0]?.userCertificate.toBigInt(),
    value: -2n,
  },
  {
    title: "an entry's extensions",
    options: { revoked: [{ serial: 1, extensions: [{ oid: "2.5.29.29", critical: true, value: der.sequence() }] }] },
    read: (crl) =>
      crl.revokedCertificates?.[0]?.crlEntryExtensions?.extensions.map(({ extnID, critical }) => [extnID, critical]),
    value: [["2.5.29.29", true]],
  },
];

describe("a forged CRL", () => {
  const plain = forge.crl();

  it.each(ROWS)("takes $title, and is still soundly signed", ({ options, read, value }) => {
    const changed = forge.crl(options);
    expect(read(readCrl(changed.der))).toEqual(value);
    expect(changed.tbs).not.toEqual(plain.tbs);
    expect(isSignedBy(changed, forge.caKey("ARK"))).toBe(true);
    expect(isSignedBy(changed, forge.caKey("ASK"))).toBe(false);
  });

  it("is of the forge's line or of the one that is named", () => {
    const issuer = (crl: Signed) => readCrl(crl.der).issuer.typesAndValues.at(-1)?.value.valueBlock.value;
    expect(issuer(forge.crl())).toBe("ARK-Milan");
    expect(issuer(forge.crl({ productLine: "Turin" }))).toBe("ARK-Turin");
    expect(isSignedBy(forge.crl({ productLine: "Turin" }), forge.caKey("ARK", "Turin"))).toBe(true);
  });

  it("is signed by whom the caller says", () => {
    const crl = forge.crl({ signWith: forge.caKey("ASK") });
    expect(isSignedBy(crl, forge.caKey("ASK"))).toBe(true);
    expect(isSignedBy(crl, forge.caKey("ARK"))).toBe(false);
  });

  it("takes the patches of certificates", () => {
    const cut = (bytes: Uint8Array) => bytes.subarray(1);
    expect(forge.crl({ patch: cut }).der).toEqual(cut(plain.der));
    expect(forge.crl({ patchSignature: cut }).signature).toEqual(cut(plain.signature));
    expect(isSignedBy(forge.crl({ patchTbs: cut }), forge.caKey("ARK"))).toBe(true);
  });

  it("is the same each time", () => expect(forge.crl()).toEqual(plain));
});
