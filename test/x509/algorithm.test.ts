import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import { createForge, der, type Forge } from "../../src/testing/index.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import { hex } from "../support/hex.js";
import { changeCertificate, changeCrl, withAlgorithm } from "./parts.js";

const SHA_256 = "2.16.840.1.101.3.4.2.1";
const SHA_384 = "2.16.840.1.101.3.4.2.2";
const SHA_512 = "2.16.840.1.101.3.4.2.3";
const SHA_1 = "1.3.14.3.2.26";
const PSS = "1.2.840.113549.1.1.10";

const { bitString, explicit, integer, nil, objectIdentifier, octetString, sequence } = der;

const hash = (oid: string, ...parameters: Uint8Array[]) => sequence(objectIdentifier(oid), ...parameters);
const sha384 = hash(SHA_384, nil());
const mgf = (inner: Uint8Array) => sequence(objectIdentifier("1.2.840.113549.1.1.8"), inner);
const pss = (...parameters: Uint8Array[]) => sequence(objectIdentifier(PSS), sequence(...parameters));

const HASH = explicit(0, sha384);
const MGF = explicit(1, mgf(sha384));
const SALT = explicit(2, integer(48));
const TRAILER = explicit(3, integer(1));

/** AMD's two forms, built here from the words of RFC 8017 and not from the code's constants. */
const EXPLICIT = pss(HASH, MGF, SALT, TRAILER);
const DEFAULT = pss(HASH, MGF, SALT);

let forge: Forge;
let leaf: Uint8Array;
let crl: Uint8Array;

beforeAll(async () => {
  forge = await createForge({ seed: "algorithm" });
  leaf = forge.vcek().der;
  crl = forge.crl({ revoked: [{ serial: 1 }] }).der;
});

const certificateWith = (algorithm: Uint8Array) => parseCertificate(changeCertificate(leaf, withAlgorithm(algorithm)));
const crlWith = (algorithm: Uint8Array) => parseCrl(changeCrl(crl, withAlgorithm(algorithm)));

describe("the two forms of AMD's algorithm", () => {
  it.each([
    ["explicit-trailer", EXPLICIT],
    ["default-trailer", DEFAULT],
  ])("%s", (form, algorithm) => {
    expect(certificateWith(algorithm).signatureAlgorithm).toBe(form);
    expect(crlWith(algorithm).signatureAlgorithm).toBe(form);
  });

  it("are what the forge signs by", () => {
    expect(parseCertificate(forge.ark().der).signatureAlgorithm).toBe("explicit-trailer");
    expect(parseCertificate(forge.vcek().der).signatureAlgorithm).toBe("default-trailer");
    expect(parseCertificate(forge.vcek({ algorithm: "explicit-trailer" }).der).signatureAlgorithm).toBe(
      "explicit-trailer",
    );
  });
});

/** All sound as an algorithm of somebody's, or at least sound DER; none of them AMD's. */
const FOREIGN: readonly (readonly [why: string, algorithm: Uint8Array])[] = [
  [
    "SHA-256 all over",
    pss(explicit(0, hash(SHA_256, nil())), explicit(1, mgf(hash(SHA_256, nil()))), explicit(2, integer(32))),
  ],
  [
    "SHA-512 all over",
    pss(explicit(0, hash(SHA_512, nil())), explicit(1, mgf(hash(SHA_512, nil()))), explicit(2, integer(64))),
  ],
  ["SHA-256 for the message alone", pss(explicit(0, hash(SHA_256, nil())), MGF, SALT)],
  ["SHA-1 for the message alone", pss(explicit(0, hash(SHA_1, nil())), MGF, SALT)],
  ["SHA-256 for the mask alone", pss(HASH, explicit(1, mgf(hash(SHA_256, nil()))), SALT)],
  ["the default hash of SHA-1", pss(MGF, SALT)],
  ["the default mask of MGF1 with SHA-1", pss(HASH, SALT)],
  ["the default salt of 20 bytes", pss(HASH, MGF)],
  ["all defaults", pss()],
  ["no parameters at all", sequence(objectIdentifier(PSS))],
  ["NULL for parameters", sequence(objectIdentifier(PSS), nil())],
  ["a salt of 32 bytes", pss(HASH, MGF, explicit(2, integer(32)))],
  ["a salt of 47 bytes", pss(HASH, MGF, explicit(2, integer(47)))],
  ["a salt of 49 bytes", pss(HASH, MGF, explicit(2, integer(49)))],
  ["a salt of 0 bytes", pss(HASH, MGF, explicit(2, integer(0)))],
  ["a salt of -48 bytes", pss(HASH, MGF, explicit(2, integer(-48)))],
  ["a salt of 304 bytes, 48 in its low byte", pss(HASH, MGF, explicit(2, integer(304)))],
  ["trailer 2", pss(HASH, MGF, SALT, explicit(3, integer(2)))],
  ["trailer 0", pss(HASH, MGF, SALT, explicit(3, integer(0)))],
  ["a hash without NULL, which RFC 4055 also allows", pss(explicit(0, hash(SHA_384)), MGF, SALT)],
  ["a mask hash without NULL", pss(HASH, explicit(1, mgf(hash(SHA_384))), SALT)],
  ["parameters in another order", pss(MGF, HASH, SALT)],
  ["a fifth parameter", pss(HASH, MGF, SALT, TRAILER, explicit(4, nil()))],
  ["two trailers", pss(HASH, MGF, SALT, TRAILER, TRAILER)],
  ["something behind the parameters", sequence(objectIdentifier(PSS), sequence(HASH, MGF, SALT), nil())],
  ["a salt length that is not minimal", pss(HASH, MGF, explicit(2, hex("02 02 0030")))],
  ["MGF1's OID off by one", pss(HASH, explicit(1, sequence(objectIdentifier("1.2.840.113549.1.1.9"), sha384)), SALT)],
  [
    "AMD's parameters under rsaEncryption",
    sequence(objectIdentifier("1.2.840.113549.1.1.1"), sequence(HASH, MGF, SALT)),
  ],
  ["RSA PKCS #1 v1.5 with SHA-384", sequence(objectIdentifier("1.2.840.113549.1.1.12"), nil())],
  ["RSA PKCS #1 v1.5 with SHA-256", sequence(objectIdentifier("1.2.840.113549.1.1.11"), nil())],
  ["RSA with MD5", sequence(objectIdentifier("1.2.840.113549.1.1.4"), nil())],
  ["ECDSA with SHA-384", sequence(objectIdentifier("1.2.840.10045.4.3.3"))],
  ["Ed25519", sequence(objectIdentifier("1.3.101.112"))],
  ["nothing", sequence()],
  ["what is no algorithm", sequence(octetString(hex("00")))],
];

describe("every other algorithm is unsupported, whatever its signature", () => {
  it.each(FOREIGN)("%s", (_, algorithm) => {
    expect(() => certificateWith(algorithm)).toFailWith("ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM", {
      what: "certificate",
      field: "signatureAlgorithm",
    });
    expect(() => crlWith(algorithm)).toFailWith("ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM", {
      what: "CRL",
      field: "signatureAlgorithm",
    });
  });

  it.each([
    ["RSA PKCS #1 v1.5", { algorithm: "pkcs1-sha384" } as const],
    ["SHA-256", { algorithm: { hash: "SHA-256", saltLength: 32 } } as const],
    ["a salt of 32 bytes", { algorithm: { hash: "SHA-384", saltLength: 32 } } as const],
  ])("also where the signature is really made so: %s", (_, options) => {
    for (const certificate of [forge.vcek(options), forge.ask(options), forge.ark(options)]) {
      expect(() => parseCertificate(certificate.der)).toFailWith("ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM");
    }
    expect(() => parseCrl(forge.crl(options).der)).toFailWith("ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM");
  });

  it("also where a P-384 key signs", () => {
    const options = { algorithm: "ecdsa-sha384", signWith: forge.foreignLeafKey() } as const;
    expect(() => parseCertificate(forge.vcek(options).der)).toFailWith("ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM");
  });

  it("a length is no excuse: the algorithm is judged before the signature", () => {
    const changes = { ...withAlgorithm(FOREIGN[0]?.[1] ?? DEFAULT), signature: bitString(new Uint8Array(256)) };
    expect(() => parseCertificate(changeCertificate(leaf, changes))).toFailWith(
      "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
    );
  });

  it.each([
    ["explicit-trailer", EXPLICIT],
    ["default-trailer", DEFAULT],
  ])("every flipped bit of %s, inside and outside alike", (_, algorithm) => {
    for (let bit = 0; bit < algorithm.length * 8; bit++) {
      const flipped = algorithm.slice();
      flipped[bit >> 3] = Number(flipped[bit >> 3]) ^ (1 << (bit & 7));
      try {
        certificateWith(flipped);
      } catch (error) {
        // A flip in a tag or length leaves DER; any other is another algorithm.
        const known = isAttestationError(error, "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM");
        expect(known || isAttestationError(error, "ERR_MALFORMED_DER"), `bit ${bit}`).toBe(true);
        continue;
      }
      expect.fail(`bit ${bit} is accepted`);
    }
  });
});

describe("the algorithm inside and outside", () => {
  const differing: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ["one with the trailer, one without", EXPLICIT, DEFAULT],
    ["the other way round", DEFAULT, EXPLICIT],
    ["a foreign one inside", sequence(objectIdentifier("1.2.840.113549.1.1.12"), nil()), DEFAULT],
    ["nothing inside", sequence(), DEFAULT],
    ["a longer salt inside", pss(HASH, MGF, explicit(2, integer(49))), DEFAULT],
    ["a byte behind, inside", concatBytes(DEFAULT, nil()), DEFAULT],
  ];

  it.each(differing)("%s", (_, algorithm, outerAlgorithm) => {
    for (const [bytes, read] of [
      [changeCertificate(leaf, { algorithm, outerAlgorithm }), parseCertificate],
      [changeCrl(crl, { algorithm, outerAlgorithm }), parseCrl],
    ] as const) {
      expect(() => read(bytes)).toFailWith("ERR_MALFORMED_DER");
    }
    expect(() => certificateWith(outerAlgorithm)).not.toThrow();
    expect(() => crlWith(outerAlgorithm)).not.toThrow();
  });

  it("says what is wrong", () => {
    const { der: bytes } = forge.vcek({ innerAlgorithm: "explicit-trailer", algorithm: "default-trailer" });
    expect(() => parseCertificate(bytes)).toFailWith("ERR_MALFORMED_DER", {
      reason: "the signature algorithm inside differs from the one outside",
    });
  });

  it("a foreign one outside is unsupported, whatever stands inside", () => {
    const outerAlgorithm = sequence(objectIdentifier("1.2.840.113549.1.1.12"), nil());
    expect(() => parseCertificate(changeCertificate(leaf, { outerAlgorithm }))).toFailWith(
      "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
    );
  });

  it.each([
    ["a SET", der.set(der.contentOf(DEFAULT))],
    ["an OID without its SEQUENCE", objectIdentifier(PSS)],
  ])("%s is no AlgorithmIdentifier", (_, algorithm) => {
    expect(() => certificateWith(algorithm)).toFailWith("ERR_MALFORMED_DER");
  });
});
