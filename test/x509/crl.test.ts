import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import type { ErrorCode } from "../../src/errors.js";
import { createForge, der, type Forge } from "../../src/testing/index.js";
import { MAX_CRL_BYTES, parseCrl } from "../../src/x509/crl.js";
import { hex } from "../support/hex.js";
import { append, appendInside, type CrlChanges, changeCrl, NOTHING } from "./parts.js";

const { boolean, explicit, integer, objectIdentifier, octetString, sequence, set, tlv } = der;

const CRL_NUMBER = "2.5.29.20";
const AUTHORITY_KEY = "2.5.29.35";
const REASON_CODE = "2.5.29.21";

let forge: Forge;
/** With one entry, so that every part is there. */
let crl: Uint8Array;

beforeAll(async () => {
  forge = await createForge({ seed: "crl", productLine: "Genoa" });
  crl = forge.crl({ revoked: [{ serial: 0x020001 }], number: 9 }).der;
});

const utc = (text: string) => tlv(0x17, new TextEncoder().encode(text));
const MAY = utc("260501000000Z");
const entry = (serial: number | bigint, ...rest: Uint8Array[]) => sequence(integer(serial), MAY, ...rest);
const extension = (oid: string, ...rest: Uint8Array[]) => sequence(objectIdentifier(oid), ...rest);
const numberOf = (...rest: Uint8Array[]) => extension(CRL_NUMBER, ...rest);
const extensions = (...items: Uint8Array[]) => explicit(0, sequence(...items));
const keyIdOf = (...content: Uint8Array[]) =>
  extensions(extension(AUTHORITY_KEY, octetString(sequence(...content))), numberOf(octetString(integer(1))));
const change = (changes: CrlChanges) => changeCrl(crl, changes);
const read = (changes: CrlChanges) => parseCrl(change(changes));

describe("parseCrl", () => {
  it("reads a CRL as it is written", () => {
    const { tbs, signature } = forge.crl({ revoked: [{ serial: 0x020001 }], number: 9 });
    expect(parseCrl(crl)).toMatchObject({
      issuer: { commonName: "ARK-Genoa", organization: "Advanced Micro Devices" },
      thisUpdate: Date.UTC(2026, 4, 25),
      nextUpdate: Date.UTC(2026, 6, 9),
      number: 9n,
      criticalEntryExtensions: [],
      signatureAlgorithm: "default-trailer",
      der: crl,
      tbs,
      signature,
    });
    expect(parseCrl(crl).revoked).toEqual(new Map([[0x020001n, Date.UTC(2026, 4, 25)]]));
    expect(parseCrl(crl).authorityKeyId).toHaveLength(20);
    expect(parseCrl(crl).extensions.map(({ oid, critical }) => `${oid} ${critical}`)).toEqual([
      `${AUTHORITY_KEY} false`,
      `${CRL_NUMBER} false`,
    ]);
  });

  it("reads one without entries, as AMD's usually are", () => {
    expect(parseCrl(forge.crl().der).revoked.size).toBe(0);
    expect(read({ revoked: NOTHING }).revoked.size).toBe(0);
  });

  it("reads many entries", () => {
    const serials = Array.from({ length: 500 }, (_, index) => BigInt(index));
    const { revoked } = read({ revoked: sequence(...serials.map((serial) => entry(serial))) });
    expect([...revoked.keys()]).toEqual(serials);
    expect(new Set(revoked.values())).toEqual(new Set([Date.UTC(2026, 4, 1)]));
  });

  it("keeps a private copy and reads views", () => {
    const large = concatBytes(hex("ff"), crl, hex("ff"));
    const parsed = parseCrl(large.subarray(1, 1 + crl.length));
    large.fill(0);
    expect(parsed).toEqual(parseCrl(crl));
  });

  it.each([[undefined], ["MIIC"], [[0x30]]])("calls %j a mistake of the caller", (value) => {
    // The cast stands for a caller without types.
    expect(() => parseCrl(value as unknown as Uint8Array)).toThrow(/^CRL must be a Uint8Array, not /);
  });
});

interface Row {
  why: string;
  /** Left out: the CRL as it is. */
  sound?: CrlChanges;
  broken: CrlChanges;
  code?: ErrorCode;
  detail?: object;
}

const reason = (pattern: RegExp) => ({ reason: expect.stringMatching(pattern) });
const revoked = (...entries: Uint8Array[]): CrlChanges => ({ revoked: sequence(...entries) });

const rows: readonly Row[] = [
  {
    why: "no version: version 1, which has no extensions and so no number",
    sound: { version: integer(1) },
    broken: { version: NOTHING },
    code: "ERR_MALFORMED_CRL",
    detail: { what: "CRL", field: "version", reason: "version 1" },
  },
  {
    why: "version 1 spelled out",
    sound: { version: integer(1) },
    broken: { version: integer(0) },
    code: "ERR_MALFORMED_CRL",
    detail: { reason: "version 1" },
  },
  {
    why: "version 3, as a certificate's number would say it",
    sound: { version: integer(1) },
    broken: { version: integer(2) },
    code: "ERR_MALFORMED_CRL",
    detail: { reason: "version 3" },
  },
  { why: "a version of two bytes", broken: { version: integer(257) }, detail: reason(/more than 1 bytes/) },
  { why: "a version below zero", broken: { version: integer(-1) }, detail: reason(/negative/) },

  { why: "no issuer", broken: { issuer: NOTHING }, detail: reason(/expected tag 0x30, found 0x17/) },
  { why: "no thisUpdate", broken: { thisUpdate: NOTHING, nextUpdate: NOTHING }, detail: reason(/expected tag 0x18/) },
  {
    why: "no nextUpdate: a CRL that never ends",
    broken: { nextUpdate: NOTHING },
    detail: reason(/expected tag 0x18, found 0x30/),
  },
  {
    why: "no nextUpdate and no entries",
    broken: { nextUpdate: NOTHING, revoked: NOTHING },
    detail: reason(/found 0xa0/),
  },
  { why: "three times", broken: { nextUpdate: append(MAY) }, detail: reason(/left over/) },
  {
    why: "a thisUpdate without seconds",
    sound: { thisUpdate: utc("260501000000Z") },
    broken: { thisUpdate: utc("2605010000Z") },
    detail: reason(/full seconds/),
  },
  {
    why: "a nextUpdate on 31 June",
    sound: { nextUpdate: utc("260630000000Z") },
    broken: { nextUpdate: utc("260631000000Z") },
    detail: reason(/no calendar/),
  },

  { why: "a list without entries, which RFC 5280 leaves out", broken: revoked(), detail: reason(/too early/) },
  {
    why: "a serial listed twice",
    sound: revoked(entry(5), entry(6)),
    broken: revoked(entry(5), entry(5)),
    detail: reason(/twice/),
  },
  {
    why: "a serial listed twice, apart from one another",
    sound: revoked(entry(5), entry(6), entry(7)),
    broken: revoked(entry(5), entry(6), entry(5)),
    detail: reason(/twice/),
  },
  {
    why: "a serial of 21 bytes",
    sound: revoked(entry(2n ** 160n - 1n)),
    broken: revoked(entry(2n ** 160n)),
    detail: reason(/more than 20 bytes/),
  },
  { why: "a negative serial", sound: revoked(entry(1)), broken: revoked(entry(-1)), detail: reason(/negative/) },
  {
    why: "a serial that is not minimal, under which another could hide",
    sound: revoked(sequence(hex("02 01 05"), MAY)),
    broken: revoked(sequence(hex("02 02 0005"), MAY)),
    detail: reason(/not minimal/),
  },
  {
    why: "an entry without date",
    sound: revoked(entry(5)),
    broken: revoked(sequence(integer(5))),
    detail: reason(/too early/),
  },
  { why: "an entry without serial", broken: revoked(sequence(MAY)), detail: reason(/expected tag 0x02/) },
  { why: "an empty entry", broken: revoked(sequence()), detail: reason(/too early/) },
  { why: "an entry that is no SEQUENCE", broken: revoked(integer(5)), detail: reason(/expected tag 0x30, found 0x02/) },
  { why: "something behind the entries", broken: revoked(entry(5), hex("05 00")), detail: reason(/found 0x05/) },
  { why: "something behind an entry's date", broken: revoked(entry(5, hex("05 00"))), detail: reason(/found 0x05/) },
  {
    why: "something behind an entry's extensions",
    sound: revoked(entry(5, sequence(extension(REASON_CODE, octetString(hex("0a0101")))))),
    broken: revoked(entry(5, sequence(extension(REASON_CODE, octetString(hex("0a0101")))), hex("05 00"))),
    detail: reason(/left over/),
  },
  {
    why: "an empty list of an entry's extensions",
    sound: revoked(entry(5)),
    broken: revoked(entry(5, sequence())),
    detail: reason(/without one/),
  },
  {
    why: "an entry's extension twice",
    broken: revoked(entry(5, sequence(...[1, 2].map(() => extension(REASON_CODE, octetString(hex("0a0101"))))))),
    detail: reason(/twice/),
  },
  { why: "entries in a SET", broken: { revoked: set(entry(5)) }, detail: reason(/left over/) },
  { why: "two lists of entries", broken: { revoked: (list) => concatBytes(list, list) }, detail: reason(/left over/) },

  { why: "extensions in the brackets of a certificate", broken: { extensions: (e) => explicit(3, der.contentOf(e)) } },
  { why: "empty brackets", broken: { extensions: explicit(0) }, detail: reason(/too early/) },
  { why: "a list of extensions without one", broken: { extensions: extensions() }, detail: reason(/without one/) },
  { why: "something beside the list of extensions", broken: { extensions: appendInside(hex("05 00")) } },
  { why: "something behind the extensions", broken: { extensions: append(hex("05 00")) }, detail: reason(/^2 bytes/) },
  {
    why: "the number twice",
    broken: { extensions: extensions(numberOf(octetString(integer(1))), numberOf(octetString(integer(2)))) },
    detail: reason(/twice/),
  },
  {
    why: "critical FALSE spelled out",
    sound: { extensions: extensions(numberOf(octetString(integer(1)))) },
    broken: { extensions: extensions(numberOf(boolean(false), octetString(integer(1)))) },
    detail: reason(/spelled out/),
  },

  {
    why: "a number of 21 bytes",
    sound: { extensions: extensions(numberOf(octetString(integer(2n ** 160n - 1n)))) },
    broken: { extensions: extensions(numberOf(octetString(integer(2n ** 160n)))) },
    detail: reason(/more than 20 bytes/),
  },
  {
    why: "a negative number",
    broken: { extensions: extensions(numberOf(octetString(integer(-1)))) },
    detail: reason(/negative/),
  },
  {
    why: "a number that is not minimal",
    sound: { extensions: extensions(numberOf(octetString(hex("02 01 05")))) },
    broken: { extensions: extensions(numberOf(octetString(hex("02 02 0005")))) },
    detail: reason(/not minimal/),
  },
  { why: "no number in its extension", broken: { extensions: extensions(numberOf(octetString(NOTHING))) } },
  {
    why: "two numbers in one extension",
    broken: { extensions: extensions(numberOf(octetString(concatBytes(integer(1), integer(2))))) },
    detail: { what: "CRL: extension 2.5.29.20", reason: "3 bytes left over" },
  },
  { why: "a number that is no INTEGER", broken: { extensions: extensions(numberOf(octetString(hex("04 01 05")))) } },

  {
    why: "an issuer and serial beside the key identifier",
    sound: { extensions: keyIdOf(tlv(0x80, hex("aa"))) },
    broken: { extensions: keyIdOf(tlv(0x80, hex("aa")), tlv(0xa1, hex("")), tlv(0x82, hex("01"))) },
    detail: { what: "CRL: extension 2.5.29.35", reason: "5 bytes left over" },
  },
  {
    why: "an issuer and serial without key identifier",
    sound: { extensions: keyIdOf(tlv(0x80, hex("aa"))) },
    broken: { extensions: keyIdOf(tlv(0xa1, hex("")), tlv(0x82, hex("01"))) },
    detail: reason(/expected tag 0x80, found 0xa1/),
  },
  { why: "an empty authority key identifier", broken: { extensions: keyIdOf() }, detail: reason(/too early/) },
  { why: "a key identifier in explicit brackets", broken: { extensions: keyIdOf(tlv(0xa0, hex("0401aa"))) } },
  { why: "a key identifier with a tag of its own", broken: { extensions: keyIdOf(octetString(hex("aa"))) } },
];

describe("the structure", () => {
  it.each(rows)("$why", ({ sound = {}, broken, code = "ERR_MALFORMED_DER", detail }) => {
    expect(() => read(sound)).not.toThrow();
    expect(() => read(broken)).toFailWith(code, detail);
  });

  it.each([
    ["a byte behind it", () => concatBytes(crl, hex("00"))],
    ["the last byte gone", () => crl.subarray(0, -1)],
    ["nothing", () => NOTHING],
    ["the signature twice", () => change({ signature: (s) => concatBytes(s, s) })],
    ["no signature", () => change({ signature: NOTHING })],
    ["a signature with an unused bit", () => change({ signature: der.bitString(new Uint8Array(512), 1) })],
  ])("%s", (_, bytes) => {
    expect(() => parseCrl(crl)).not.toThrow();
    expect(() => parseCrl(bytes(), "the CRL")).toFailWith("ERR_MALFORMED_DER", { what: "the CRL" });
  });

  it("a certificate is no CRL", () => {
    expect(() => parseCrl(forge.ark().der)).toFailWith("ERR_MALFORMED_CRL", { field: "version", reason: "version 1" });
  });

  it.each([511, 513, 0])("a signature of %i bytes", (length) => {
    expect(() => read({ signature: der.bitString(new Uint8Array(512)) })).not.toThrow();
    expect(() => read({ signature: der.bitString(new Uint8Array(length)) })).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "CRL: signature",
      actual: length,
    });
  });

  it("goes up to 65536 bytes", () => {
    const fill = (length: number) =>
      change({ extensions: extensions(extension("1.2.3", octetString(new Uint8Array(length)))) });
    const grown = (size: number) => fill(size - (fill(60_000).length - 60_000));
    expect(grown(MAX_CRL_BYTES)).toHaveLength(65_536);
    expect(() => parseCrl(grown(65_536))).not.toThrow();
    expect(() => parseCrl(grown(65_537))).toFailWith("ERR_MALFORMED_LENGTH", { what: "CRL", actual: 65_537 });
  });
});

describe("values that are read and not judged", () => {
  it("a CRL without extensions has neither number nor key identifier", () => {
    expect(read({ extensions: NOTHING })).toMatchObject({ number: null, authorityKeyId: null, extensions: [] });
    expect(parseCrl(forge.crl({ number: null, authorityKeyId: null }).der)).toMatchObject({
      number: null,
      authorityKeyId: null,
    });
  });

  it("one of the two without the other", () => {
    expect(parseCrl(forge.crl({ number: null }).der)).toMatchObject({
      number: null,
      authorityKeyId: expect.any(Uint8Array),
    });
    expect(parseCrl(forge.crl({ authorityKeyId: null }).der)).toMatchObject({ number: 1n, authorityKeyId: null });
  });

  it.each([0n, 1n, 255n, 256n, 2n ** 64n, 2n ** 159n])("number %s", (number) => {
    expect(parseCrl(forge.crl({ number }).der).number).toBe(number);
  });

  it("key identifiers of any length", () => {
    for (const id of ["", "aa", "00".repeat(20), "ff".repeat(200)]) {
      expect(read({ extensions: keyIdOf(tlv(0x80, hex(id))) }).authorityKeyId).toEqual(hex(id));
    }
  });

  it("unknown extensions, critical ones too: they are reported", () => {
    const delta = extension("2.5.29.27", boolean(true), octetString(integer(3)));
    expect(read({ extensions: extensions(delta) }).extensions).toEqual([
      { oid: "2.5.29.27", critical: true, value: integer(3) },
    ]);
  });

  it("extensions of entries: the critical ones are reported, of all entries", () => {
    const critical = (oid: string) => sequence(extension(oid, boolean(true), octetString(NOTHING)));
    const { criticalEntryExtensions, revoked: list } = read(
      revoked(
        entry(1, critical("2.5.29.29")),
        entry(2),
        entry(3, sequence(extension(REASON_CODE, octetString(hex("0a0101"))))),
        entry(4, critical("1.2.3")),
      ),
    );
    expect(criticalEntryExtensions).toEqual(["2.5.29.29", "1.2.3"]);
    expect([...list.keys()]).toEqual([1n, 2n, 3n, 4n]);
  });

  it("a window that ends before it begins", () => {
    const { thisUpdate, nextUpdate } = read({ thisUpdate: utc("300101000000Z"), nextUpdate: utc("200101000000Z") });
    expect(thisUpdate).toBeGreaterThan(nextUpdate);
  });
});
