import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toBase64 } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import { type CertificateTableOptions, parseCertificateTable } from "../../src/evidence/certificate-table.js";
import { corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";

const GUIDS = {
  VCEK: "63da758d-e664-4564-adc5-f4b93be8accd",
  VLEK: "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
  ASK: "4ab7b379-bbac-4fe4-a02f-05aef327c782",
  ARK: "c0b406a4-a803-4952-9743-3fb6014cd0ae",
  CRL: "92f81bc3-5811-4d3d-97ff-d19f88dc67ea",
} as const;

type Kind = keyof typeof GUIDS;
const KINDS = Object.keys(GUIDS) as Kind[];
const OTHER = "ecae0c0f-9502-43b1-afa2-0ae2e0d565b6";

/** Content that begins as DER does. */
const der = (...bytes: number[]) => Uint8Array.of(0x30, bytes.length, ...bytes);
const ascii = (text: string) => new TextEncoder().encode(text);
const pem = (content: Uint8Array, label = "CERTIFICATE") =>
  ascii(`-----BEGIN ${label}-----\n${toBase64(content)}\n-----END ${label}-----\n`);

interface Row {
  guid: string;
  offset: number;
  length: number;
}

/** The bytes of one row of the list, whatever it says. */
function rowBytes({ guid, offset, length }: Row): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set(fromHex(guid.replaceAll("-", "")));
  const view = new DataView(bytes.buffer);
  view.setUint32(16, offset, true);
  view.setUint32(20, length, true);
  return bytes;
}

const END = new Uint8Array(24);

/** A table whose contents follow its list one after the other. */
function tableOf(...entries: readonly (readonly [guid: string, content: Uint8Array])[]): Uint8Array {
  let offset = 24 * (entries.length + 1);
  const rows = entries.map(([guid, { length }]) => {
    const row = rowBytes({ guid, offset, length });
    offset += length;
    return row;
  });
  return concatBytes(...rows, END, ...entries.map(([, content]) => content));
}

const NOTHING = { entries: [], certificates: {} };
const MALFORMED = "ERR_MALFORMED_CERTIFICATE_TABLE";

describe("a table", () => {
  const contents = { VCEK: der(1), ASK: der(3), ARK: der(4), CRL: der(5) };
  const full = tableOf(
    [GUIDS.ARK, contents.ARK],
    [GUIDS.ASK, contents.ASK],
    [GUIDS.VCEK, contents.VCEK],
    [GUIDS.CRL, contents.CRL],
  );

  it("opens to its certificates", () => {
    const { entries, certificates } = parseCertificateTable(full);
    expect(certificates).toEqual({
      leaf: contents.VCEK,
      intermediate: contents.ASK,
      root: contents.ARK,
      crl: contents.CRL,
    });
    expect(entries).toEqual([
      { guid: GUIDS.ARK, kind: "ARK", bytes: contents.ARK },
      { guid: GUIDS.ASK, kind: "ASK", bytes: contents.ASK },
      { guid: GUIDS.VCEK, kind: "VCEK", bytes: contents.VCEK },
      { guid: GUIDS.CRL, kind: "CRL", bytes: contents.CRL },
    ]);
  });

  it.each([
    ["VCEK", "leaf"],
    ["VLEK", "leaf"],
    ["ASK", "intermediate"],
    ["ARK", "root"],
    ["CRL", "crl"],
  ] as const)("with a %s alone has a %s alone", (kind, name) => {
    expect(parseCertificateTable(tableOf([GUIDS[kind], der(1)])).certificates).toEqual({ [name]: der(1) });
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["its end alone", END],
    ["its end and zeros", new Uint8Array(4096)],
  ])("of %s has no certificates", (_, bytes) => expect(parseCertificateTable(bytes)).toEqual(NOTHING));

  it("may have zeros behind it, as a page has", () => {
    const page = new Uint8Array(4096);
    page.set(full);
    expect(parseCertificateTable(page)).toEqual(parseCertificateTable(full));
  });

  it("may have its contents in any order, with zeros between", () => {
    const rows = [
      rowBytes({ guid: GUIDS.VCEK, offset: 112, length: 3 }),
      rowBytes({ guid: GUIDS.ASK, offset: 80, length: 3 }),
    ];
    const bytes = new Uint8Array(128);
    bytes.set(concatBytes(...rows, END));
    bytes.set(der(1), 112);
    bytes.set(der(2), 80);
    expect(parseCertificateTable(bytes).certificates).toEqual({ leaf: der(1), intermediate: der(2) });
  });

  it("may name the same content twice, under two GUIDs", () => {
    const rows = [
      rowBytes({ guid: GUIDS.VCEK, offset: 72, length: 3 }),
      rowBytes({ guid: GUIDS.ASK, offset: 72, length: 3 }),
    ];
    const bytes = concatBytes(...rows, END, der(1));
    expect(parseCertificateTable(bytes).certificates).toEqual({ leaf: der(1), intermediate: der(1) });
  });

  it("keeps entries that are not known, of any content, and does not use them", () => {
    const content = Uint8Array.of(8, 0, 0, 0, 0x11, 0x0f, 0xa0, 0);
    const { entries, certificates } = parseCertificateTable(tableOf([OTHER, content], [GUIDS.VCEK, der(1)]));
    expect(entries[0]).toEqual({ guid: OTHER, kind: null, bytes: content });
    expect(certificates).toEqual({ leaf: der(1) });
    expect(parseCertificateTable(tableOf([OTHER, new Uint8Array(0)])).entries).toHaveLength(1);
  });

  it("is copied", () => {
    const mine = full.slice();
    const parsed = parseCertificateTable(mine);
    mine.fill(0xff);
    expect(parsed).toEqual(parseCertificateTable(full));
    for (const { bytes } of parsed.entries) expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  it("shares no memory between entries and certificates", () => {
    const { entries, certificates } = parseCertificateTable(full);
    entries[2]?.bytes.fill(0);
    expect(certificates.leaf).toEqual(contents.VCEK);
  });

  it("reads a view and a Buffer like an array of its own", () => {
    const larger = new Uint8Array(full.length + 50).fill(0xee);
    larger.set(full, 25);
    expect(parseCertificateTable(larger.subarray(25, 25 + full.length))).toEqual(parseCertificateTable(full));
    expect(parseCertificateTable(Buffer.from(full))).toEqual(parseCertificateTable(full));
  });
});

describe("PEM", () => {
  it.each(KINDS)("%s opens to its DER; the entry stays as found", (kind) => {
    const text = pem(der(1, 2, 3), kind === "CRL" ? "X509 CRL" : "CERTIFICATE");
    const { entries, certificates } = parseCertificateTable(tableOf([GUIDS[kind], text]));
    expect(Object.values(certificates)).toEqual([der(1, 2, 3)]);
    expect(entries[0]?.bytes).toEqual(text);
  });

  it("of two blocks is refused", () => {
    const bytes = tableOf([OTHER, der(1)], [GUIDS.ASK, concatBytes(pem(der(1)), pem(der(2)))]);
    expect(() => parseCertificateTable(bytes)).toFailWith(MALFORMED, {
      offset: 24,
      reason: "the ASK must be one PEM block",
    });
  });

  it.each([
    ["without its end", ascii("-----BEGIN CERTIFICATE-----\nMAEB\n")],
    ["with broken base64", ascii("-----BEGIN CERTIFICATE-----\nMAE\n-----END CERTIFICATE-----\n")],
    ["with text behind it", concatBytes(pem(der(1)), ascii("and more"))],
  ])("%s is refused", (_, content) => {
    expect(() => parseCertificateTable(tableOf([GUIDS.VCEK, content]))).toFailWith("ERR_MALFORMED_ENCODING");
  });
});

describe("VCEK and VLEK", () => {
  const vcek = der(1);
  const vlek = der(2);
  const both = tableOf([GUIDS.VCEK, vcek], [GUIDS.VLEK, vlek]);
  const leafOf = (bytes: Uint8Array, options?: CertificateTableOptions) =>
    parseCertificateTable(bytes, options).certificates.leaf;

  it("both give no leaf until the caller says which", () => {
    expect(leafOf(both)).toBeUndefined();
    expect(leafOf(both, {})).toBeUndefined();
    expect(leafOf(both, { signingKey: "VCEK" })).toEqual(vcek);
    expect(leafOf(both, { signingKey: "VLEK" })).toEqual(vlek);
    expect(parseCertificateTable(both).entries).toHaveLength(2);
  });

  it("one of them is the leaf unless the caller wants the other", () => {
    const one = tableOf([GUIDS.VCEK, vcek]);
    expect(leafOf(one)).toEqual(vcek);
    expect(leafOf(one, { signingKey: "VCEK" })).toEqual(vcek);
    expect(leafOf(one, { signingKey: "VLEK" })).toBeUndefined();
    expect(Object.keys(parseCertificateTable(one, { signingKey: "VLEK" }).certificates)).toEqual([]);
  });

  // The casts stand for a caller without types.
  it.each([
    ["an unknown signing key", { signingKey: "ASK" }, /options\.signingKey must be "VCEK" or "VLEK", found ASK/],
    ["a signing key in lower case", { signingKey: "vcek" }, /found vcek/],
    ["null for a signing key", { signingKey: null }, /found null/],
    ["an unknown option", { signer: "VCEK" }, /options has no option "signer"/],
    ["null for options", null, /options must be an object/],
  ])("%s is a TypeError", (_, options, message) => {
    const parse = () => parseCertificateTable(both, options as CertificateTableOptions);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(message);
  });
});

describe("a broken table", () => {
  const good = { guid: GUIDS.VCEK, offset: 48, length: 3 };
  const build = (row: Partial<Row>) => concatBytes(rowBytes({ ...good, ...row }), END, der(1));

  it("is refused for one wrong thing: the rest is right", () => {
    expect(parseCertificateTable(build({})).certificates).toEqual({ leaf: der(1) });
  });

  const invalid: [string, Uint8Array, object][] = [
    ["content inside the list", build({ offset: 47 }), { offset: 0, reason: expect.stringContaining("starts at 47") }],
    ["content at the start", build({ offset: 0 }), { reason: expect.stringContaining("inside the list") }],
    ["content a byte too long", build({ length: 4 }), { offset: 0, reason: expect.stringContaining("ends at 52") }],
    [
      "content a byte behind",
      build({ offset: 49 }),
      { reason: expect.stringContaining("ends at 52, the table at 51") },
    ],
    ["an offset far beyond", build({ offset: 0xffffffff, length: 0 }), { reason: expect.stringContaining("ends at") }],
    ["a sum that wraps in 32 bits", build({ offset: 0xffffffff, length: 52 }), { offset: 0 }],
    [
      "a length that wraps in 32 bits",
      build({ length: 0xfffffff0 }),
      { reason: expect.stringContaining("4294967328") },
    ],
    ["both that are negative in 32 bits", build({ offset: 0x80000030, length: 0x80000003 }), { offset: 0 }],
    ["no content", build({ length: 0 }), { offset: 48, reason: "bytes that no entry names are not zero" }],
    ["content a byte too short", build({ length: 2 }), { offset: 50 }],
    [
      "an end with an offset",
      concatBytes(rowBytes(good), rowBytes({ ...good, guid: "0".repeat(32) }), der(1)),
      { offset: 24 },
    ],
    ["one byte", Uint8Array.of(0), { offset: 0, reason: expect.stringContaining("is missing") }],
    ["23 zeros", new Uint8Array(23), { offset: 0 }],
    [
      "no end",
      rowBytes({ ...good, offset: 24, length: 0 }),
      { offset: 24, reason: expect.stringContaining("is missing") },
    ],
    ["an end cut short", concatBytes(rowBytes(good), new Uint8Array(23)), { offset: 24 }],
    ["rubbish behind its end", concatBytes(END, Uint8Array.of(0, 0, 1)), { offset: 24 }],
    ["rubbish behind its contents", concatBytes(build({}), Uint8Array.of(0, 1)), { offset: 51 }],
    [
      "rubbish before its content",
      concatBytes(rowBytes({ ...good, offset: 50 }), END, Uint8Array.of(0, 7), der(1)),
      { offset: 48 },
    ],
    ["a report in place of the table", new Uint8Array(1184).fill(1), {}],
  ];

  it.each(invalid)("with %s is refused", (_, bytes, detail) => {
    expect(() => parseCertificateTable(bytes)).toFailWith(MALFORMED, detail);
  });

  it("of an empty known entry is refused", () => {
    const bytes = concatBytes(rowBytes({ ...good, length: 0 }), END);
    expect(() => parseCertificateTable(bytes)).toFailWith(MALFORMED, { reason: "the VCEK is neither DER nor PEM" });
    const other = concatBytes(rowBytes({ ...good, guid: OTHER, length: 0 }), END);
    expect(parseCertificateTable(other).entries).toHaveLength(1);
  });

  it.each(KINDS)("whose %s is neither DER nor PEM is refused", (kind) => {
    for (const content of [Uint8Array.of(0x31, 0), ascii("MIIF"), ascii("-"), new Uint8Array(4)]) {
      expect(() => parseCertificateTable(tableOf([GUIDS[kind], content]))).toFailWith(MALFORMED, {
        offset: 0,
        reason: `the ${kind} is neither DER nor PEM`,
      });
    }
  });

  it.each([...KINDS.map((kind) => GUIDS[kind]), OTHER])("that names %s twice is refused", (guid) => {
    expect(() => parseCertificateTable(tableOf([guid, der(1)], [guid, der(1)]))).toFailWith(MALFORMED, {
      offset: 24,
      reason: `${guid} stands there twice`,
    });
  });
});

describe("the budgets", () => {
  const many = (count: number) =>
    tableOf(
      ...Array.from({ length: count }, (_, index): [string, Uint8Array] => [
        (index + 1).toString(16).padStart(32, "0"),
        der(1),
      ]),
    );

  it("allow 64 entries and no more", () => {
    expect(parseCertificateTable(many(64)).entries).toHaveLength(64);
    expect(() => parseCertificateTable(many(65))).toFailWith(MALFORMED, { reason: "more than 64 entries" });
    expect(() => parseCertificateTable(many(1000))).toFailWith(MALFORMED, { reason: "more than 64 entries" });
  });

  it("allow 256 KiB and no more", () => {
    expect(parseCertificateTable(new Uint8Array(262_144))).toEqual(NOTHING);
    expect(() => parseCertificateTable(new Uint8Array(262_145))).toFailWith("ERR_MALFORMED_LENGTH", {
      actual: 262_145,
    });
  });
});

describe("the argument", () => {
  it.each([undefined, null, "", [], new ArrayBuffer(24), new Int8Array(24), {}])("%j is a TypeError", (value) => {
    // The cast stands for a caller without types.
    expect(() => parseCertificateTable(value as unknown as Uint8Array)).toThrow(/^bytes must be a Uint8Array/);
  });
});

describe("any bytes", () => {
  const anyRow = fc
    .record({
      guid: fc.constantFrom(...Object.values(GUIDS), OTHER, "0".repeat(32)),
      offset: fc.oneof(fc.nat(300), fc.nat(0xffffffff)),
      length: fc.oneof(fc.nat(60), fc.nat(0xffffffff)),
    })
    .map(rowBytes);
  const anyTable = fc
    .tuple(fc.array(anyRow, { maxLength: 6 }), fc.boolean(), fc.uint8Array({ maxLength: 200 }))
    .map(([rows, ended, rest]) => concatBytes(...rows, ...(ended ? [END] : []), rest));

  it("throw nothing but an AttestationError", () => {
    fc.assert(
      fc.property(fc.oneof(anyTable, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        try {
          parseCertificateTable(bytes);
        } catch (error) {
          if (!isAttestationError(error)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("come back from a table made of them", () => {
    const guid = fc.uuid().filter((text) => !Object.values<string>(GUIDS).includes(text));
    const entries = fc.uniqueArray(fc.tuple(guid, fc.uint8Array({ maxLength: 100 })), {
      maxLength: 20,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(entries, fc.nat(64), (wanted, padding) => {
        const bytes = concatBytes(tableOf(...wanted), new Uint8Array(padding));
        const found = parseCertificateTable(bytes).entries;
        expect(found).toEqual(wanted.map(([name, content]) => ({ guid: name, kind: null, bytes: content })));
      }),
    );
  });
});

describe.runIf(needs("corpus"))("real tables", () => {
  const withTable = corpusSets().filter((set) => set.has("auxblob.bin"));

  it("are two, one of them of PEM", () => {
    const isPem = withTable.map((set) =>
      parseCertificateTable(set.read("auxblob.bin")).entries.some(({ bytes }) => bytes[0] === 0x2d),
    );
    expect(isPem.sort()).toEqual([false, true]);
  });

  it.each(withTable)("$id opens to the files beside it", (set) => {
    const { entries, certificates } = parseCertificateTable(set.read("auxblob.bin"));
    const expected = set.expectedJson()["cert_table"] as [name: string, offset: number, length: number, hash: string][];
    expect(entries.map(({ kind, bytes }) => [kind === "ASK" ? "ASK/ASVK" : kind, bytes.length])).toEqual(
      expected.map(([name, , length]) => [name, length]),
    );
    const names = new Set(expected.map(([name]) => name));
    const [leaf, intermediate] = set.signer === "VCEK" ? ["vcek.der", "ask.der"] : ["vlek.der", "asvk.der"];
    expect(certificates).toEqual({
      leaf: set.read(leaf),
      ...(names.has("ASK/ASVK") ? { intermediate: set.read(intermediate) } : {}),
      ...(names.has("ARK") ? { root: set.read("ark.der") } : {}),
    });
    expect(parseCertificateTable(set.read("auxblob.bin"), { signingKey: set.signer }).certificates).toEqual(
      certificates,
    );
  });
});
