import { describe, expect, it } from "vitest";
import { gatherCertificates, readAnchors } from "../../src/cli/certificates.js";
import { UsageError } from "../../src/cli/usage-error.js";
import {
  CERTIFICATE_TABLE_GUID,
  certificateTableEntries,
  createForge,
  encodeCertificateTable,
} from "../../src/testing/index.js";
import { type FakeSetting, fakeIo } from "./fake-io.js";
import { pem } from "./forged.js";

const maker = await createForge({ seed: "attestry/cli/certificates" });
const report = maker.report().bytes;
const vcek = maker.vcek().der;
const vlek = maker.vlek().der;
const ask = maker.ask().der;
const asvk = maker.asvk().der;
const ark = maker.ark().der;
const crl = maker.crl().der;
const otherCrl = maker.crl({ number: 7 }).der;

const cert = (der: Uint8Array) => pem("CERTIFICATE", der);
const crlPem = (der: Uint8Array) => pem("X509 CRL", der);
const ALL = { leaf: vcek, intermediate: ask, root: ark, crl };

type Files = NonNullable<FakeSetting["files"]>;
const gather = (files: Files, certs = "d", crlPath?: string) =>
  gatherCertificates(fakeIo({ files }).io, { certs, crl: crlPath, report });
const gatherFrom = (stdin: Uint8Array | string) =>
  gatherCertificates(fakeIo({ stdin }).io, { certs: "-", crl: undefined, report });

describe("a folder", () => {
  it.each<[string, Files, object]>([
    ["DER", { "d/vcek.der": vcek, "d/ask.der": ask, "d/ark.der": ark, "d/crl.der": crl }, ALL],
    [
      "PEM",
      { "d/vcek.pem": cert(vcek), "d/ask.pem": cert(ask), "d/ark.pem": cert(ark), "d/crl.pem": crlPem(crl) },
      ALL,
    ],
    ["other endings", { "d/vcek.crt": vcek, "d/ask.crt": cert(ask), "d/ark.crt": ark, "d/crl.crl": crl }, ALL],
    ["other capitals", { "d/VCEK.DER": vcek, "d/Ask.Pem": cert(ask), "d/ARK.der": ark, "d/CRL.crl": crlPem(crl) }, ALL],
    ["a VLEK", { "d/vlek.der": vlek, "d/asvk.der": asvk }, { leaf: vlek, intermediate: asvk }],
    ["what the key server sends", { "d/vcek.der": vcek, "d/cert_chain": cert(ask) + cert(ark), "d/crl": crl }, ALL],
    ["a chain with an ending", { "d/vcek_cert_chain.pem": cert(ask) + cert(ark) }, { intermediate: ask, root: ark }],
    [
      "a chain the other way round",
      { "d/vlek_cert_chain.pem": cert(ark) + cert(asvk) },
      { intermediate: asvk, root: ark },
    ],
    ["a chain with everything", { "d/cert_chain.pem": cert(vcek) + cert(ask) + cert(ark) + crlPem(crl) }, ALL],
    [
      "other files besides",
      { "d/vcek.der": vcek, "d/report.bin": "x", "d/vcek.txt": "x", "d/my-ask.der": "x" },
      { leaf: vcek },
    ],
    ["nothing of use", { "d/readme": "x" }, {}],
    ["a wrong certificate under a right name, for the verifier to refuse", { "d/ask.der": ark }, { intermediate: ark }],
    ["what is no certificate, for the verifier to refuse", { "d/vcek.der": "x" }, { leaf: new Uint8Array([0x78]) }],
  ])("with %s", async (_, files, expected) => {
    expect(await gather(files)).toEqual(expected);
  });

  it.each<[string, Files, RegExp]>([
    ["two leaves", { "d/vcek.der": vcek, "d/vlek.der": vlek }, /leaf .* in d\/vcek\.der and in d\/vlek\.der/],
    ["two issuers", { "d/ask.der": ask, "d/asvk.der": asvk }, /intermediate .* in d\/ask\.der and in d\/asvk\.der/],
    ["one in two forms", { "d/vcek.der": vcek, "d/vcek.pem": cert(vcek) }, /leaf .* leave one/],
    [
      "a chain and its part",
      { "d/ark.der": ark, "d/cert_chain.pem": cert(ask) + cert(ark) },
      /root .* in d\/ark\.der and/,
    ],
    ["two CRLs", { "d/crl.der": crl, "d/crl.crl": crl }, /crl .* in d\/crl\.crl and in d\/crl\.der/],
    [
      "a chain with a stranger",
      { "d/cert_chain.pem": cert(maker.ark({ subject: { commonName: "Mallory" } }).der) },
      /CN=Mallory/,
    ],
  ])("with %s is ambiguous", async (_, files, message) => {
    await expect(gather(files)).rejects.toThrow(UsageError);
    await expect(gather(files)).rejects.toThrow(message);
  });

  it.each<[string, Files]>([
    ["two certificates in one file", { "d/vcek.pem": cert(vcek) + cert(ask) }],
    ["a CRL for a certificate", { "d/ask.pem": crlPem(crl) }],
    ["a certificate for a CRL", { "d/crl.pem": cert(ark) }],
    ["a key", { "d/vcek.pem": pem("PRIVATE KEY", vcek) }],
    ["PEM that is none", { "d/vcek.pem": "-----BEGIN CERTIFICATE-----\n" }],
    ["words around the blocks", { "d/cert_chain.pem": `ASK\n${cert(ask)}` }],
    ["a key in a chain", { "d/cert_chain.pem": cert(ask) + pem("PUBLIC KEY", ark) }],
  ])("with %s is malformed", async (_, files) => {
    await expect(gather(files)).toFailWith("ERR_MALFORMED_ENCODING");
  });
});

describe("a file", () => {
  it.each<[string, string | Uint8Array, object]>([
    ["a PEM bundle", cert(ark) + cert(vcek) + crlPem(crl) + cert(ask), ALL],
    ["one DER certificate", vcek, { leaf: vcek }],
    ["one PEM certificate", cert(asvk), { intermediate: asvk }],
    ["PEM after an empty line", `\n${cert(asvk)}`, { intermediate: asvk }],
    [
      "the answer of Azure's host: leaf and chain",
      cert(vcek) + cert(ask) + cert(ark),
      { leaf: vcek, intermediate: ask, root: ark },
    ],
  ])("with %s", async (_, content, expected) => {
    expect(await gather({ f: content }, "f")).toEqual(expected);
    expect(await gatherFrom(content)).toEqual(expected);
  });

  it("with two of a kind is ambiguous", async () => {
    await expect(gather({ f: cert(ask) + cert(asvk) }, "f")).rejects.toThrow(/intermediate .* twice in f/);
    await expect(gatherFrom(cert(ark) + cert(ark))).rejects.toThrow(/root .* twice in stdin/);
  });

  it("that is neither PEM nor a certificate is malformed", async () => {
    await expect(gather({ f: crl }, "f")).toFailWith("ERR_MALFORMED_CERTIFICATE");
    await expect(gather({ f: "nothing" }, "f")).toFailWith("ERR_MALFORMED_DER");
    await expect(gather({ f: vcek.slice(0, -1) }, "f")).toFailWith("ERR_MALFORMED_DER");
  });

  it.each(["gone", "d/gone"])("that is not there: %s", async (path) => {
    await expect(gather({ "d/ask.der": ask }, path)).rejects.toThrow(
      new UsageError(`cannot read ${path}: no such file`),
    );
  });
});

describe("a certificate table", () => {
  const entries = [...certificateTableEntries("VCEK", ALL)];
  const table = encodeCertificateTable(entries);
  const vlekEntry = { guid: CERTIFICATE_TABLE_GUID.VLEK, bytes: vlek };

  it("is read for what is in it, from a file or stdin", async () => {
    expect(await gather({ f: table }, "f")).toEqual(ALL);
    expect(await gatherFrom(table)).toEqual(ALL);
    for (const none of [encodeCertificateTable([]), new Uint8Array(0), new Uint8Array(4096)]) {
      expect(await gather({ f: none }, "f")).toEqual({});
    }
    expect(await gather({ f: encodeCertificateTable(entries.slice(1, 2)) }, "f")).toEqual({ intermediate: ask });
  });

  it("with entries that nobody knows is read all the same", async () => {
    const stranger = { guid: "ecae0c0f-9502-43b1-afa2-0ae2e0d565b6", bytes: new Uint8Array(8) };
    expect(await gather({ f: encodeCertificateTable([stranger, ...entries]) }, "f")).toEqual(ALL);
  });

  it("with two leaves gives the one that the report names", async () => {
    const both = encodeCertificateTable([...entries, vlekEntry]);
    expect(await gather({ f: both }, "f")).toEqual(ALL);
    const { io } = fakeIo({ files: { f: both } });
    const underVlek = maker.report({ signingKey: "VLEK" }).bytes;
    expect(await gatherCertificates(io, { certs: "f", crl: undefined, report: underVlek })).toMatchObject({
      leaf: vlek,
    });
  });

  it("leaves its CRL aside for --crl", async () => {
    expect(await gather({ f: table, g: otherCrl }, "f", "g")).toEqual({ ...ALL, crl: otherCrl });
  });

  it("that is broken is malformed, and that begins like nothing is no table", async () => {
    await expect(gather({ f: table.slice(0, -1) }, "f")).toFailWith("ERR_MALFORMED_CERTIFICATE_TABLE");
    const doubled = encodeCertificateTable([...entries, ...entries]);
    await expect(gather({ f: doubled }, "f")).toFailWith("ERR_MALFORMED_CERTIFICATE_TABLE");
    await expect(gather({ f: new Uint8Array(64).fill(0xff) }, "f")).toFailWith("ERR_MALFORMED_DER");
    await expect(gather({ f: new Uint8Array(20) }, "f")).toFailWith("ERR_MALFORMED_DER");
  });
});

describe("what Azure's THIM answers", () => {
  const answer = { vcekCert: cert(vcek), tcbm: "db18000000000004", certificateChain: cert(ask) + cert(ark) };
  const json = (changes: object = {}) => JSON.stringify({ ...answer, ...changes });

  it("is read for its chain", async () => {
    const chain = { leaf: vcek, intermediate: ask, root: ark };
    expect(await gather({ f: json() }, "f")).toEqual(chain);
    expect(await gatherFrom(json())).toEqual(chain);
    expect(await gather({ f: json(), g: crl }, "f", "g")).toEqual({ ...chain, crl });
  });

  it("is malformed without a part, and so is other JSON", async () => {
    await expect(gather({ f: json({ vcekCert: undefined }) }, "f")).toFailWith("ERR_MALFORMED_CONTAINER");
    await expect(gather({ f: json({ certificateChain: cert(vcek) }) }, "f")).toFailWith("ERR_MALFORMED_CONTAINER");
    await expect(gather({ f: "{}" }, "f")).toFailWith("ERR_MALFORMED_CONTAINER");
  });
});

describe("no certificates", () => {
  it("are none, and a CRL can stand alone", async () => {
    const { io } = fakeIo({ files: { f: crl } });
    expect(await gatherCertificates(io, { certs: undefined, crl: undefined, report })).toEqual({});
    expect(await gatherCertificates(io, { certs: undefined, crl: "f", report })).toEqual({ crl });
  });
});

describe("--crl", () => {
  it("adds the CRL, DER or PEM, from a file or stdin", async () => {
    const files = { "d/vcek.der": vcek, f: crl, g: crlPem(crl) };
    for (const path of ["f", "g"]) expect(await gather(files, "d", path)).toEqual({ leaf: vcek, crl });
    const { io } = fakeIo({ files, stdin: crl });
    expect(await gatherCertificates(io, { certs: "d", crl: "-", report })).toEqual({ leaf: vcek, crl });
  });

  it("wins over the folder and the bundle, which are not even looked at for one", async () => {
    expect(await gather({ "d/crl.der": crl, "d/crl.pem": "broken", f: otherCrl }, "d", "f")).toEqual({ crl: otherCrl });
    expect(await gather({ b: cert(ask) + crlPem(crl), f: otherCrl }, "b", "f")).toEqual({
      intermediate: ask,
      crl: otherCrl,
    });
  });

  it("holds one CRL and nothing else", async () => {
    await expect(gather({ "d/x": "", f: crlPem(crl) + crlPem(crl) }, "d", "f")).toFailWith("ERR_MALFORMED_ENCODING");
    await expect(gather({ "d/x": "", f: cert(ark) }, "d", "f")).toFailWith("ERR_MALFORMED_ENCODING");
    await expect(gather({ "d/x": "" }, "d", "f")).rejects.toThrow(new UsageError("cannot read f: no such file"));
  });
});

describe("readAnchors", () => {
  const other = maker.ark({ productLine: "Genoa" }).der;

  it("takes one in DER and several in PEM, in their order", async () => {
    const { io } = fakeIo({ files: { a: ark, b: cert(other) + cert(ark) } });
    expect(await readAnchors(io, "a")).toEqual([ark]);
    expect(await readAnchors(io, "b")).toEqual([other, ark]);
  });

  it("refuses an empty PEM", async () => {
    await expect(readAnchors(fakeIo({ files: { a: "-----BEGIN \n" } }).io, "a")).toFailWith("ERR_MALFORMED_ENCODING");
  });
});
