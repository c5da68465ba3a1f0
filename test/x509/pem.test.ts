import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, toBase64 } from "../../src/bytes/codecs.js";
import { createForge } from "../../src/testing/index.js";
import { looksLikePem, parsePem, pemToDer } from "../../src/x509/pem.js";
import { corpusFile } from "../support/corpus.js";
import { hex } from "../support/hex.js";
import { needs } from "../support/needs.js";

const ascii = (text: string) => new TextEncoder().encode(text);
const ONE = hex("30 03 02 01 05");
const BODY = "MAMCAQU=";
const BLOCK = `-----BEGIN CERTIFICATE-----\n${BODY}\n-----END CERTIFICATE-----\n`;

/** A block as OpenSSL writes it: 64 characters a line. */
function pem(der: Uint8Array, { label = "CERTIFICATE", width = 64, eol = "\n" } = {}): string {
  const text = toBase64(der);
  const lines = Array.from({ length: Math.ceil(text.length / width) }, (_, at) =>
    text.slice(at * width, (at + 1) * width),
  );
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join(eol);
}

describe("parsePem", () => {
  it("reads one block", () => {
    expect(parsePem(ascii(BLOCK))).toEqual([{ label: "CERTIFICATE", der: ONE }]);
    expect(pemToDer(ascii(BLOCK))).toEqual([ONE]);
  });

  it("reads several in their order, whatever their labels", () => {
    const text = BLOCK + pem(hex("30 00"), { label: "X509 CRL" }) + pem(hex("31 00"), { label: "A 1" });
    expect(parsePem(ascii(text))).toEqual([
      { label: "CERTIFICATE", der: ONE },
      { label: "X509 CRL", der: hex("30 00") },
      { label: "A 1", der: hex("31 00") },
    ]);
  });

  it.each([
    ["lines of 64", {}],
    ["lines of 76", { width: 76 }],
    ["one long line", { width: 10_000 }],
    ["lines of one character", { width: 1 }],
    ["CR LF", { eol: "\r\n" }],
  ])("reads %s", (_, options) => {
    const der = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
    expect(pemToDer(ascii(pem(der, options)))).toEqual([der]);
  });

  it.each([
    ["no line break at the end", BLOCK.trimEnd()],
    ["empty lines around", `\n\n${BLOCK}\n\n`],
    ["spaces and tabs around", ` \t${BLOCK} \t`],
    ["empty lines in between", `-----BEGIN CERTIFICATE-----\n\n${BODY}\n\n-----END CERTIFICATE-----\n`],
    ["the end right behind the text", `-----BEGIN CERTIFICATE-----\n${BODY}-----END CERTIFICATE-----`],
  ])("forgives %s", (_, text) => {
    expect(pemToDer(ascii(text))).toEqual([ONE]);
  });

  it.each([
    ["nothing", ""],
    ["white space alone", " \n\t\r\n"],
    ["base64 without its frame", BODY],
    ["DER", "0\u0003\u0002\u0001\u0005"],
    ["text before", `subject=CN = SEV-Milan\n${BLOCK}`],
    ["text behind", `${BLOCK}# the end`],
    ["text in between", `${BLOCK}and\n${BLOCK}`],
    ["a frame that begins and does not end", `${BLOCK}-----BEGIN CERTIFICATE-----\n${BODY}\n`],
    ["a frame that ends and did not begin", `${BLOCK}-----END CERTIFICATE-----\n`],
    ["two labels on one block", `-----BEGIN CERTIFICATE-----\n${BODY}\n-----END X509 CRL-----\n`],
    ["a block within a block", `-----BEGIN A-----\n${BLOCK}-----END A-----\n`],
    ["headers, as keys have them", `-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\n${BODY}\n-----END A-----\n`],
    ["the body on the first line", `-----BEGIN CERTIFICATE-----${BODY}\n-----END CERTIFICATE-----\n`],
    ["four dashes", BLOCK.replaceAll("-----", "----")],
    ["six dashes before", `-${BLOCK}`],
    ["a small label", BLOCK.replaceAll("CERTIFICATE", "certificate")],
    ["no label", BLOCK.replaceAll("CERTIFICATE", "")],
    ["a label of 41 characters", BLOCK.replaceAll("CERTIFICATE", "A".repeat(41))],
    ["CR alone", BLOCK.replaceAll("\n", "\r")],
    ["a space within", BLOCK.replace("MAMC", "MA MC")],
    ["a space at the end of a line", BLOCK.replace(BODY, `${BODY} `)],
    ["a character of the URL alphabet", BLOCK.replace("MAMC", "MA-C")],
    ["NUL behind", `${BLOCK}\0`],
    ["a byte order mark, which is not ASCII", `\ufeff${BLOCK}`],
    ["a letter that is not ASCII", BLOCK.replace("MAMC", "MÄMC")],
    ["DEL", `${BLOCK}\u007f`],
  ])("refuses %s", (_, text) => {
    expect(() => parsePem(ascii(BLOCK))).not.toThrow();
    expect(() => parsePem(ascii(text), "chain")).toFailWith("ERR_MALFORMED_ENCODING", { what: "chain" });
    expect(() => pemToDer(ascii(text), "chain")).toFailWith("ERR_MALFORMED_ENCODING", { what: "chain" });
  });

  it.each([
    ["no padding", "MAMCAQU"],
    ["padding too much", "MAMCAQU=="],
    ["padding inside", "MAMCAQU=MAMCAQU="],
    ["unused bits set", "MAMCAQV="],
    ["one character", "M"],
    ["padding alone", "===="],
  ])("refuses base64 with %s", (_, body) => {
    expect(() => parsePem(ascii(BLOCK.replace(BODY, body)))).toFailWith("ERR_MALFORMED_ENCODING");
  });

  it("reads an empty block as no bytes, which are no DER", () => {
    expect(pemToDer(ascii("-----BEGIN A-----\n-----END A-----\n"))).toEqual([new Uint8Array(0)]);
  });

  it("goes up to 256 KiB", () => {
    const padded = (size: number) => ascii(BLOCK.padEnd(size, "\n"));
    expect(parsePem(padded(262_144))).toHaveLength(1);
    expect(() => parsePem(padded(262_145))).toFailWith("ERR_MALFORMED_LENGTH", { actual: 262_145 });
  });

  it("takes no longer for hostile text than for sound text", () => {
    const hostile = [
      "-----BEGIN A-----\n".repeat(14_000),
      `-----BEGIN A-----\n${"A".repeat(260_000)}`,
      "-".repeat(262_144),
    ];
    for (const text of [...hostile, "\r\n".repeat(131_072), `-----BEGIN A-----\n${"\r\n".repeat(130_000)}!`]) {
      const start = performance.now();
      expect(() => parsePem(ascii(text))).toFailWith("ERR_MALFORMED_ENCODING");
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });

  it.each([[undefined], [null], [BLOCK], [[0x2d]]])("calls %j a mistake of the caller", (value) => {
    // The cast stands for a caller without types.
    expect(() => parsePem(value as unknown as Uint8Array, "chain")).toThrow(/^chain must be a Uint8Array, not /);
  });

  it("gives back what was written, for any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 }), (ders) => {
        expect(pemToDer(ascii(ders.map((der) => pem(der)).join("")))).toEqual(ders);
      }),
    );
  });
});

describe("parsePem of a chain", () => {
  let ask: Uint8Array;
  let ark: Uint8Array;
  beforeAll(async () => {
    const forge = await createForge({ seed: "pem" });
    [ask, ark] = [forge.ask().der, forge.ark().der];
  });

  it("gives ASK and ARK in the order of the file, also as a view of a larger buffer", () => {
    const text = ascii(pem(ask) + pem(ark));
    expect(pemToDer(text)).toEqual([ask, ark]);
    const large = concatBytes(ascii("x"), text, ascii("x"));
    expect(pemToDer(large.subarray(1, 1 + text.length))).toEqual([ask, ark]);
    expect(pemToDer(Buffer.from(text))).toEqual([ask, ark]);
  });
});

describe.runIf(needs("corpus"))("AMD's chains", () => {
  it.each(["Milan", "Genoa", "Turin"])("of %s are issuer, then root", (line) => {
    const [ark, ask, asvk] = ["ark", "ask", "asvk"].map((role) => corpusFile(`amd/${line}/${role}.der`));
    expect(pemToDer(corpusFile(`amd/${line}/vcek_cert_chain.pem`))).toEqual([ask, ark]);
    expect(pemToDer(corpusFile(`amd/${line}/vlek_cert_chain.pem`))).toEqual([asvk, ark]);
    expect(pemToDer(corpusFile(`amd/${line}/ark.pem`))).toEqual([ark]);
  });
});

describe("looksLikePem", () => {
  it.each([
    [BLOCK, true],
    ["--", true],
    ["-", false],
    ["", false],
    [" -----BEGIN", false],
    ["0\u0082", false],
    ["-0", false],
  ])("%j: %s", (text, expected) => {
    expect(looksLikePem(ascii(text))).toBe(expected);
  });
});
