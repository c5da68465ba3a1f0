import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hwIdLength, PRODUCT_LINES, type ProductLine } from "../../src/amd/product-lines.js";
import { decodeTcb, tcbComponents } from "../../src/amd/tcb.js";
import { KDS_BASE_URL, kdsUrl, parseKdsUrl } from "../../src/kds/index.js";
import type { CollateralRequest } from "../../src/verify/types.js";

const tcbOf = (productLine: ProductLine, ...bytes: number[]) => decodeTcb(productLine, Uint8Array.from(bytes));
const milan: CollateralRequest = {
  role: "leaf",
  productLine: "Milan",
  signingKey: "VCEK",
  hwId: new Uint8Array(64).fill(0xab),
  reportedTcb: tcbOf("Milan", 4, 0, 0, 0, 0, 0, 24, 219),
};
const turin: CollateralRequest = {
  role: "leaf",
  productLine: "Turin",
  signingKey: "VCEK",
  hwId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0xff),
  reportedTcb: tcbOf("Turin", 1, 2, 3, 4, 0, 0, 0, 81),
};

describe("a URL", () => {
  it.each<[CollateralRequest, string]>([
    [milan, `/vcek/v1/Milan/${"ab".repeat(64)}?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219`],
    [{ ...milan, productLine: "Genoa" }, `/vcek/v1/Genoa/${"ab".repeat(64)}?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219`],
    [turin, "/vcek/v1/Turin/01020304050607ff?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=81"],
    [{ role: "intermediate", productLine: "Genoa", signingKey: "VCEK" }, "/vcek/v1/Genoa/cert_chain"],
    [{ role: "intermediate", productLine: "Genoa", signingKey: "VLEK" }, "/vlek/v1/Genoa/cert_chain"],
    [{ role: "crl", productLine: "Milan", signingKey: "VCEK" }, "/vcek/v1/Milan/crl"],
    [{ role: "crl", productLine: "Turin", signingKey: "VLEK" }, "/vlek/v1/Turin/crl"],
  ])("%# is AMD's", (request, path) => {
    expect(kdsUrl(request)).toBe(`https://kdsintf.amd.com${path}`);
    expect(kdsUrl(request, "http://127.0.0.1:8080/kds/")).toBe(`http://127.0.0.1:8080/kds${path}`);
    expect(parseKdsUrl(KDS_BASE_URL + path)).toEqual(request);
    expect(parseKdsUrl(`https://mirror.example/a/b${path}`, "https://mirror.example/a/b")).toEqual(request);
  });

  const byte = fc.integer({ min: 0, max: 255 });
  const leaf = fc.constantFrom(...PRODUCT_LINES).chain((productLine) =>
    fc
      .tuple(
        fc.uint8Array({ minLength: hwIdLength(productLine), maxLength: hwIdLength(productLine) }),
        fc.tuple(...tcbComponents(productLine).map((name) => (/^spl/.test(name) ? fc.constant(0) : byte))),
      )
      .map(([hwId, bytes]): CollateralRequest => {
        const reportedTcb = tcbOf(productLine, ...bytes);
        return { role: "leaf", productLine, signingKey: "VCEK", hwId, reportedTcb };
      }),
  );
  const other = fc.record({
    role: fc.constantFrom("intermediate" as const, "crl" as const),
    productLine: fc.constantFrom(...PRODUCT_LINES),
    signingKey: fc.constantFrom("VCEK" as const, "VLEK" as const),
  });
  const base = fc.constantFrom(KDS_BASE_URL, "http://localhost:1", "https://proxy.example/amd/kds", "https://h/%20/");

  it("says the same when it is read back, under any base", () => {
    fc.assert(
      fc.property(fc.oneof(leaf, other), base, (request, baseUrl) => {
        expect(parseKdsUrl(kdsUrl(request, baseUrl), baseUrl)).toEqual(request);
      }),
    );
  });

  it("differs for requests that differ", () => {
    fc.assert(
      fc.property(leaf, leaf, (a, b) => {
        expect(kdsUrl(a) === kdsUrl(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    const urls = tcbComponents("Turin")
      .filter((name) => !/^spl/.test(name))
      .map((name) => kdsUrl({ ...turin, reportedTcb: { ...turin.reportedTcb, [name]: 99 } }));
    expect(new Set([kdsUrl(turin), ...urls]).size).toBe(6);
  });
});

describe("what is read back", () => {
  const path = `https://kdsintf.amd.com/vcek/v1/Turin/01020304050607ff?`;

  it.each([
    ["fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=81"],
    ["ucodeSPL=081&snpSPL=4&teeSPL=003&blSPL=2&fmcSPL=1"],
  ])("may be written in another way: %s", (query) => expect(parseKdsUrl(path + query)).toEqual(turin));

  it("has zeros for what the query leaves out, and takes upper-case digits of the hwID", () => {
    expect(parseKdsUrl(`${path.replace("ff", "FF")}blSPL=2`)).toEqual({
      ...turin,
      reportedTcb: tcbOf("Turin", 0, 2, 0, 0, 0, 0, 0, 0),
    });
  });

  it.each([
    ["another host", "https://kdsintf.amd.com.evil.example/vcek/v1/Milan/crl"],
    ["user information", "https://kdsintf.amd.com@evil.example/vcek/v1/Milan/crl"],
    ["another branch", "https://kdsintf.amd.com/vxek/v1/Milan/crl"],
    ["another version", "https://kdsintf.amd.com/vcek/v2/Milan/crl"],
    ["an unknown line", "https://kdsintf.amd.com/vcek/v1/Venice/crl"],
    ["a line in lower case", "https://kdsintf.amd.com/vcek/v1/milan/crl"],
    ["another file", "https://kdsintf.amd.com/vcek/v1/Milan/crl.pem"],
    ["a file in upper case", "https://kdsintf.amd.com/vcek/v1/Milan/CRL"],
    ["a query behind a CRL", "https://kdsintf.amd.com/vcek/v1/Milan/crl?x=1"],
    ["a fragment", "https://kdsintf.amd.com/vcek/v1/Milan/crl#x"],
    ["a step back", "https://kdsintf.amd.com/vcek/v1/Milan/../Genoa/crl"],
    ["a line end", "https://kdsintf.amd.com/vcek/v1/Milan/crl\n"],
    ["a leaf without a query", path.slice(0, -1)],
    ["an empty query", path],
    ["Milan's id of Turin's length", `${path.replace("Turin", "Milan")}blSPL=1`],
    ["Turin's id of Milan's length", `https://kdsintf.amd.com/vcek/v1/Turin/${"00".repeat(64)}?blSPL=1`],
    ["an odd digit", `${path.replace("ff", "f")}blSPL=1`],
    ["a VLEK", `${path.replace("vcek", "vlek")}blSPL=1`],
    ["fmcSPL on Milan", `https://kdsintf.amd.com/vcek/v1/Milan/${"00".repeat(64)}?fmcSPL=1`],
    ["an SPL twice", `${path}blSPL=1&blSPL=1`],
    ["an unknown SPL", `${path}blSPL=1&xSPL=1`],
    ["an SPL above 255", `${path}blSPL=256`],
    ["an SPL of four digits", `${path}blSPL=0001`],
    ["a negative SPL", `${path}blSPL=-1`],
    ["an SPL without a value", `${path}blSPL=`],
    ["an escaped SPL", `${path}blSPL=%31`],
  ])("may not have %s", (_, url) => expect(() => parseKdsUrl(url)).toFailWith("ERR_MALFORMED_ENCODING"));

  it("never fails otherwise", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (text) => {
        for (const url of [text, `${KDS_BASE_URL}/vcek/v1/${text}`, path + text]) {
          try {
            const request = parseKdsUrl(url);
            expect(parseKdsUrl(kdsUrl(request))).toEqual(request);
          } catch (error) {
            expect(() => {
              throw error;
            }).toFailWith("ERR_MALFORMED_ENCODING");
          }
        }
      }),
    );
  });
});

describe("a caller's mistake", () => {
  it.each<[string, object]>([
    ["role", { ...milan, role: "root" }],
    ["productLine", { ...milan, productLine: "Venice" }],
    ["signingKey", { ...milan, signingKey: "ARK" }],
    ["hwId of another length", { ...milan, hwId: new Uint8Array(8) }],
    ["hwId that is none", { ...milan, hwId: "ab" }],
    ["reportedTcb", { ...milan, reportedTcb: { bootLoader: 1 } }],
    ["reportedTcb of another line", { ...milan, reportedTcb: turin.reportedTcb }],
    ["reserved SPL", { ...milan, reportedTcb: { ...milan.reportedTcb, spl5: 1 } }],
    ["VLEK", { ...milan, signingKey: "VLEK" }],
  ])("in a request is a TypeError: %s", (_, request) => {
    expect(() => kdsUrl(request as CollateralRequest)).toThrow(TypeError);
  });

  it.each([
    "",
    "kdsintf.amd.com",
    "ftp://kds.example",
    "file:///kds",
    "javascript:alert(1)",
    "https://user@kds.example",
    "https://user:secret@kds.example",
    "https://kds.example?",
    "https://kds.example?a=b",
    "https://kds.example#x",
    "https://kds.example/\r\nx-injected: 1",
    "https://kds.example/ a",
    " https://kds.example",
    "https://kds.example\t",
    "https://",
    "https://[::1",
  ])("in a base URL is a TypeError that does not quote it: %j", (baseUrl) => {
    for (const use of [() => kdsUrl(milan, baseUrl), () => parseKdsUrl(kdsUrl(milan), baseUrl)]) {
      expect(use).toThrow(TypeError);
      expect(use).toThrow(/^baseUrl must be (?!.*secret)/);
    }
    expect(() => kdsUrl(milan, 5 as never)).toThrow(TypeError);
  });

  it("in a base URL cannot reach another host or a header", () => {
    for (const baseUrl of ["https://kds.example/%0d%0ax: 1".replace(" ", ""), "https://kds.example\\evil"]) {
      expect(new URL(kdsUrl(milan, baseUrl)).host).toBe("kds.example");
      expect(kdsUrl(milan, baseUrl)).not.toMatch(/[\r\n]/);
    }
  });
});
