import { beforeAll, describe, expect, it } from "vitest";
import { AMD_EXTENSION, SPL_EXTENSION } from "../../src/amd/oids.js";
import { hwIdLength, PRODUCT_LINES, type ProductLine, type SigningKey } from "../../src/amd/product-lines.js";
import { tcbComponents } from "../../src/amd/tcb.js";
import { concatBytes, fromHex } from "../../src/bytes/codecs.js";
import { createForge, der, type Forge, type LeafOptions } from "../../src/testing/index.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { judgeLeafProfile, type LeafKind } from "../../src/x509/leaf-profile.js";
import { corpusSets } from "../support/corpus.js";
import { hex } from "../support/hex.js";
import { needs } from "../support/needs.js";
import { ZERO_SIGNER } from "./parts.js";

const { ia5String, integer, octetString, printableString, tlv, utf8String } = der;

const SIGNING_KEYS: readonly SigningKey[] = ["VCEK", "VLEK"];
const KINDS: readonly LeafKind[] = PRODUCT_LINES.flatMap((productLine) =>
  SIGNING_KEYS.map((role) => ({ role, productLine })),
);
const PROFILE = "ERR_UNTRUSTED_CERTIFICATE_PROFILE";
const MALFORMED = "ERR_MALFORMED_DER";

let forge: Forge;
beforeAll(async () => {
  forge = await createForge({ seed: "leaf profile" });
});

function make(kind: LeafKind, options: LeafOptions): Uint8Array {
  const all = { signWith: ZERO_SIGNER, productLine: kind.productLine, ...options };
  return (kind.role === "VCEK" ? forge.vcek(all) : forge.vlek(all)).der;
}

const judge = (kind: LeafKind, options: LeafOptions = {}, as = kind) =>
  judgeLeafProfile(parseCertificate(make(kind, options)), as);

const drop = (oid: string): LeafOptions => ({ extensions: { drop: [oid] } });
const valued = (oid: string, value: Uint8Array): LeafOptions => ({ extensions: { replace: { [oid]: { value } } } });
const added = (oid: string, value: Uint8Array, critical = false): LeafOptions => ({
  extensions: { add: [{ oid, critical, value }] },
});

/** OIDs that a kind of leaf has, as the specification lists them. */
function demanded({ role, productLine }: LeafKind): string[] {
  const spls = tcbComponents(productLine).map((component) => SPL_EXTENSION[component]);
  const identity = role === "VCEK" ? AMD_EXTENSION.hwID : AMD_EXTENSION.cspID;
  return [AMD_EXTENSION.structVersion, AMD_EXTENSION.productName, ...spls, identity];
}

/** One of every kind: `kind` and the OID. */
const perExtension = KINDS.flatMap((kind) => demanded(kind).map((oid) => ({ ...kind, oid })));
const integers = perExtension.filter(({ oid }) => oid === AMD_EXTENSION.structVersion || oid.includes(".3704.1.3."));
const texts = perExtension.filter(({ oid }) => oid === AMD_EXTENSION.productName || oid === AMD_EXTENSION.cspID);

describe("a leaf that keeps its profile", () => {
  it.each(KINDS)("$role of $productLine is read", (kind) => {
    const chip = forge.chip({ signingKey: kind.role, productLine: kind.productLine });
    const vcek = kind.role === "VCEK";
    expect(judge(kind)).toEqual({
      publicKey: { kind: "p384", point: chip.key.point },
      structVersion: kind.productLine === "Turin" ? 1 : 0,
      productName: vcek && kind.productLine === "Milan" ? "Milan-B0" : kind.productLine,
      tcb: chip.tcb,
      hwId: vcek ? chip.hwId : null,
      cspId: vcek ? null : "CN=cc.forge.example",
      otherExtensions: [],
    });
  });

  it.each(KINDS)("$role of $productLine has eleven extensions", (kind) => {
    expect(new Set(demanded(kind)).size).toBe(11);
    expect(
      parseCertificate(make(kind, {}))
        .extensions.map(({ oid }) => oid)
        .sort(),
    ).toEqual(demanded(kind).sort());
  });

  it.each(KINDS)("$role of $productLine: the order of extensions plays no part", (kind) => {
    const reversed = judge(kind, { extensions: { arrange: (list) => list.slice().reverse() } });
    expect(reversed).toEqual(judge(kind));
  });

  it.each(KINDS)("$role of $productLine: every component has its own extension", (kind) => {
    const components = tcbComponents(kind.productLine);
    const tcb = Object.fromEntries(components.map((component, index) => [component, 0x70 + 8 * index]));
    expect(judge(kind, { tcb }).tcb).toEqual(tcb);
  });

  it.each(KINDS)("$role of $productLine: components go up to 255", (kind) => {
    for (const level of [0, 127, 128, 217, 255]) {
      const tcb = Object.fromEntries(tcbComponents(kind.productLine).map((component) => [component, level]));
      expect(judge(kind, { tcb }).tcb).toEqual(tcb);
    }
  });

  it.each(KINDS)("$role of $productLine: AMD's extensions may be critical, as they are understood", (kind) => {
    const { productLine, role } = kind;
    const replace = Object.fromEntries(demanded(kind).map((oid) => [oid, { critical: true }]));
    expect(judge(kind, { extensions: { replace } })).toEqual(judge({ productLine, role }));
  });

  it("others that are not critical are reported", () => {
    const [kind] = KINDS;
    if (kind === undefined) throw new Error("there are six");
    expect(judge(kind, added("1.2.3.4", hex("0500"))).otherExtensions).toEqual([
      { oid: "1.2.3.4", critical: false, value: hex("0500") },
    ]);
  });

  it("does not judge names, dates, signature or what the texts say", () => {
    const elsewhere = { subject: { commonName: "x" }, issuer: { organization: null }, productName: "Rome", cspId: "" };
    for (const role of SIGNING_KEYS) {
      const options = role === "VLEK" ? elsewhere : { ...elsewhere, cspId: null };
      expect(judge({ role, productLine: "Milan" }, options).productName).toBe("Rome");
    }
  });
});

describe("extensions of AMD", () => {
  it.each(perExtension)("$role of $productLine without $oid", ({ oid, ...kind }) => {
    expect(() => judge(kind)).not.toThrow();
    expect(() => judge(kind, drop(oid))).toFailWith(PROFILE, {
      role: kind.role,
      field: oid,
      reason: expect.stringMatching(/^(missing|expected \d+ bytes, found none)$/),
    });
  });

  it.each(perExtension)("$role of $productLine with $oid twice", ({ oid, ...kind }) => {
    expect(() => judge(kind, { extensions: { repeat: [oid] } })).toFailWith(MALFORMED, {
      reason: `extension ${oid} twice`,
    });
  });

  const foreign = KINDS.flatMap((kind) =>
    Object.values(AMD_EXTENSION)
      .filter((oid) => !demanded(kind).includes(oid))
      .map((oid) => ({ ...kind, oid })),
  );
  it.each(foreign)("$role of $productLine with $oid, which it does not have", ({ oid, ...kind }) => {
    expect(() => judge(kind)).not.toThrow();
    for (const critical of [false, true]) {
      expect(() => judge(kind, added(oid, integer(0), critical))).toFailWith(PROFILE, {
        field: oid,
        reason: `no ${kind.role} of ${kind.productLine} carries it`,
      });
    }
  });

  it("there are two such for every kind", () => {
    expect(foreign).toHaveLength(2 * KINDS.length);
  });

  it.each(integers)("$role of $productLine: $oid is an INTEGER of one byte", ({ oid, ...kind }) => {
    expect(() => judge(kind, valued(oid, integer(255)))).not.toThrow();
    for (const value of [
      integer(256),
      integer(-1),
      hex("02 01 d9"),
      hex("02 02 0005"),
      hex("02 00"),
      hex("02 01 05 00"),
      hex("02 01 05 02 01 05"),
      octetString(hex("05")),
      octetString(integer(5)),
      hex("05"),
      hex(""),
    ]) {
      expect(() => judge(kind, valued(oid, value)), `${value}`).toFailWith(MALFORMED, {
        what: `${kind.role}: extension ${oid}`,
      });
    }
  });

  it.each(texts)("$role of $productLine: $oid is an IA5String", ({ oid, ...kind }) => {
    expect(() => judge(kind, valued(oid, ia5String("Milan-B0")))).not.toThrow();
    for (const value of [
      utf8String("Milan-B0"),
      printableString("Milan-B0"),
      tlv(0x1e, hex("004d")),
      octetString(ia5String("Milan-B0")),
      tlv(0x16, hex("4de9")),
      concatBytes(ia5String("Milan-B0"), hex("00")),
      concatBytes(ia5String("Milan"), ia5String("Genoa")),
      new TextEncoder().encode("Milan-B0"),
      hex(""),
    ]) {
      expect(() => judge(kind, valued(oid, value)), `${value}`).toFailWith(MALFORMED);
    }
  });

  it.each(PRODUCT_LINES)("VCEK of %s: hwID is the bare id and of the line's length", (productLine) => {
    const kind: LeafKind = { role: "VCEK", productLine };
    const length = hwIdLength(productLine);
    // An id may begin with what looks like the header of an OCTET STRING.
    for (const id of [
      new Uint8Array(length),
      concatBytes(Uint8Array.of(0x04, length - 2), new Uint8Array(length - 2)),
    ]) {
      expect(judge(kind, { hwId: id }).hwId).toEqual(id);
    }
    const other = length === 64 ? 8 : 64;
    for (const id of [other, length - 1, length + 1, 0].map((size) => new Uint8Array(size))) {
      expect(() => judge(kind, { hwId: id })).toFailWith(PROFILE, {
        field: AMD_EXTENSION.hwID,
        reason: `expected ${length} bytes, found ${id.length} bytes`,
      });
    }
    expect(() => judge(kind, { hwId: octetString(new Uint8Array(length)) })).toFailWith(PROFILE);
  });
});

describe("extensions that are not AMD's", () => {
  it.each(KINDS)("$role of $productLine: an unknown critical one is refused", (kind) => {
    expect(() => judge(kind, added("1.2.3.4", hex("0500"), false))).not.toThrow();
    expect(() => judge(kind, added("1.2.3.4", hex("0500"), true))).toFailWith(PROFILE, {
      role: kind.role,
      field: "1.2.3.4",
      reason: "critical and not understood",
    });
  });

  it.each([
    "2.5.29.19",
    "2.5.29.15",
    "2.5.29.14",
    "1.3.6.1.4.1.3704.1",
    "1.3.6.1.4.1.3704.1.3",
    "1.3.6.1.4.1.3704.1.3.10",
  ])("%s is not a leaf's, so it must not be critical", (oid) => {
    const kind: LeafKind = { role: "VCEK", productLine: "Milan" };
    expect(judge(kind, added(oid, hex("3000"), false)).otherExtensions).toHaveLength(1);
    expect(() => judge(kind, added(oid, hex("3000"), true))).toFailWith(PROFILE, { field: oid });
  });
});

describe("key and serial", () => {
  it.each(KINDS)("$role of $productLine: an RSA key signs no reports", (kind) => {
    const { spki } = forge.foreignCaKey();
    expect(() => judge(kind, { spki })).toFailWith(PROFILE, { field: "subjectPublicKey", reason: "not a P-384 key" });
  });

  it.each([1n, 0x7fn, 0x010001n, 2n ** 159n])("serial %s is refused: AMD's leaves have 0", (serial) => {
    for (const kind of KINDS) {
      expect(() => judge(kind, { serial: 0n })).not.toThrow();
      expect(() => judge(kind, { serial })).toFailWith(PROFILE, {
        field: "serialNumber",
        reason: `must be 0, found ${serial}`,
      });
    }
  });
});

describe("a leaf read as another kind", () => {
  const cross = KINDS.flatMap((kind) => KINDS.map((as) => ({ kind, as }))).filter(({ kind, as }) => kind !== as);
  /** Milan and Genoa write the same leaf, but for its texts, which are judged elsewhere. */
  const twin = (line: ProductLine) => (line === "Genoa" ? "Milan" : line);

  it.each(cross)("$kind.role of $kind.productLine as $as.role of $as.productLine", ({ kind, as }) => {
    const alike = kind.role === as.role && twin(kind.productLine) === twin(as.productLine);
    if (alike) expect(() => judge(kind, {}, as)).not.toThrow();
    else expect(() => judge(kind, {}, as)).toFailWith(PROFILE, { role: as.role });
  });
});

describe.runIf(needs("corpus"))("genuine leaves", () => {
  const names: Readonly<Record<string, string>> = {
    blSPL: "bootLoader",
    teeSPL: "tee",
    snpSPL: "snp",
    ucodeSPL: "microcode",
    fmcSPL: "fmc",
  };
  const genuine = corpusSets().filter(({ expected, product }) => expected === "valid" && product !== null);

  it.each(genuine)("$id says what an independent reader found", (set) => {
    const productLine = set.product ?? "Milan";
    const certificate = parseCertificate(set.read(set.signer === "VCEK" ? "vcek.der" : "vlek.der"));
    const profile = judgeLeafProfile(certificate, { role: set.signer, productLine });
    const found = set.expectedJson()["vek_ext"] as Record<string, unknown>;
    expect(profile.structVersion).toBe(found["structVersion"]);
    expect(profile.productName).toBe(found["productName"]);
    for (const [component, level] of Object.entries(profile.tcb)) {
      const name = Object.keys(names).find((key) => names[key] === component) ?? component;
      expect(level, name).toBe(found[name]);
    }
    if (set.signer === "VCEK") expect(profile.hwId).toEqual(fromHex(String(found["hwID"])));
    else expect(profile.cspId).toBe(found["cspID"]);
    expect(profile.otherExtensions).toEqual([]);
  });

  it("are 46", () => expect(genuine).toHaveLength(46));
});
