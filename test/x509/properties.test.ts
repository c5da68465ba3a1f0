import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { concatBytes, toBase64 } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import { createForge, der } from "../../src/testing/index.js";
import { judgeCaProfile } from "../../src/x509/ca-profile.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import { judgeLeafProfile } from "../../src/x509/leaf-profile.js";
import { parsePem } from "../../src/x509/pem.js";
import { diceOf, mutateDer, rewriteDer } from "../support/der-mutations.js";

const REFUSALS = /^ERR_(MALFORMED_(DER|LENGTH|CERTIFICATE|CRL)|UNSUPPORTED_CERTIFICATE_ALGORITHM)$/;

let certificates: readonly Uint8Array[];
let crls: readonly Uint8Array[];
let pem: Uint8Array;

beforeAll(async () => {
  const forge = await createForge({ seed: "properties" });
  certificates = [
    ...PRODUCT_LINES.flatMap((productLine) => [forge.vcek({ productLine }).der, forge.vlek({ productLine }).der]),
    forge.ark().der,
    forge.ask().der,
    forge.asvk().der,
  ];
  const reasonCode = { oid: "2.5.29.21", critical: false, value: Uint8Array.of(0x0a, 0x01, 0x01) };
  crls = [forge.crl().der, forge.crl({ revoked: [{ serial: 1 }, { serial: 2, extensions: [reasonCode] }] }).der];
  const blocks = certificates.slice(0, 2).map((bytes) => toBase64(bytes).replaceAll(/.{1,64}/g, "$&\n"));
  const framed = blocks.map((body) => `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`);
  pem = new TextEncoder().encode(framed.join(""));
});

type Parse = (bytes: Uint8Array) => unknown;
const PARSERS: readonly (readonly [name: string, parse: Parse])[] = [
  ["parseCertificate", parseCertificate],
  ["parseCrl", parseCrl],
  ["parsePem", parsePem],
];

type Outcome = { value: unknown } | { code: string; detail: unknown };

/** What a parser makes of bytes; an error that is not ours fails the test. */
function outcomeOf(parse: Parse, bytes: Uint8Array): Outcome {
  try {
    return { value: parse(bytes) };
  } catch (error) {
    if (isAttestationError(error)) return { code: error.code, detail: error.detail };
    throw error;
  }
}

/** The bytes, also as a view into a larger buffer and as a Buffer: all three must be the same to the parser. */
function outcomeOfViews(parse: Parse, bytes: Uint8Array): Outcome {
  const outcome = outcomeOf(parse, bytes);
  const large = concatBytes(Uint8Array.of(0x30, 0x82), bytes, Uint8Array.of(0x00, 0xff));
  for (const view of [large, Buffer.from(large)]) {
    // Vitest's own comparison takes far longer over so many bytes.
    expect(isDeepStrictEqual(outcomeOf(parse, view.subarray(2, 2 + bytes.length)), outcome)).toBe(true);
  }
  return outcome;
}

/** DER of any shape: nested, with tags that certificates have. */
const anyDer: fc.Arbitrary<Uint8Array> = fc.letrec<{ element: Uint8Array }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 6 },
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x17, 0x18, 0x80), fc.uint8Array({ maxLength: 12 }))
      .map(([tag, content]) => der.tlv(tag, content)),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3), fc.array(tie("element"), { maxLength: 5 }))
      .map(([tag, children]) => der.tlv(tag, ...children)),
  ),
})).element;

it("what is mutated is sound to begin with", () => {
  for (const bytes of certificates) expect(() => parseCertificate(bytes)).not.toThrow();
  for (const bytes of crls) expect(() => parseCrl(bytes)).not.toThrow();
  expect(parsePem(pem)).toHaveLength(2);
});

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe.each(PARSERS)("%s", (_, parse) => {
  it("lets nothing but our own errors escape, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void outcomeOfViews(parse, bytes)),
      { numRuns: 1000 },
    );
  });

  it("lets nothing but our own errors escape, whatever the DER", () => {
    fc.assert(
      fc.property(anyDer, (bytes) => void outcomeOfViews(parse, bytes)),
      { numRuns: 1000 },
    );
  });

  it("calls whatever is no Uint8Array a mistake of the caller", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        fc.pre(!(value instanceof Uint8Array));
        // The cast stands for a caller without types.
        expect(() => parse(value as Uint8Array)).toThrow(TypeError);
      }),
    );
  });
});

describe("mutated certificates", () => {
  const mutant = (seed: number) => {
    const dice = diceOf(seed);
    return mutateDer(certificates[dice(certificates.length)] ?? new Uint8Array(0), dice);
  };

  it("are read, or refused by our own errors, and so are their profiles", () => {
    let read = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const bytes = mutant(seed);
        const outcome = outcomeOfViews(parseCertificate, bytes);
        if ("code" in outcome) {
          expect(outcome.code).toMatch(REFUSALS);
          return;
        }
        read++;
        const certificate = parseCertificate(bytes);
        expect(isDeepStrictEqual(certificate.der, bytes)).toBe(true);
        // Every length in its shortest form and nothing left over, as a second writer of DER sees it.
        expect(isDeepStrictEqual(rewriteDer(bytes), bytes)).toBe(true);
        for (const productLine of PRODUCT_LINES) {
          outcomeOf(() => judgeLeafProfile(certificate, { role: "VCEK", productLine }), bytes);
          outcomeOf(() => judgeLeafProfile(certificate, { role: "VLEK", productLine }), bytes);
        }
        for (const role of ["ARK", "ASK", "ASVK"] as const) {
          outcomeOf(() => judgeCaProfile(certificate, role, { pathLenRequired: true }), bytes);
        }
      }),
      { numRuns: 1500 },
    );
    // Mutants that are all refused would prove nothing of what comes after parsing.
    expect(read).toBeGreaterThan(50);
  });
});

describe("mutated CRLs", () => {
  it("are read, or refused by our own errors", () => {
    let read = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const dice = diceOf(seed);
        const bytes = mutateDer(crls[dice(crls.length)] ?? new Uint8Array(0), dice);
        const outcome = outcomeOfViews(parseCrl, bytes);
        if ("code" in outcome) {
          expect(outcome.code).toMatch(REFUSALS);
          return;
        }
        read++;
        expect(isDeepStrictEqual(rewriteDer(bytes), bytes)).toBe(true);
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(50);
  });
});

describe("mutated PEM", () => {
  it("is read, or refused by our own errors", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 3 }), fc.nat({ max: 3 })), { maxLength: 3 });
    fc.assert(
      fc.property(edits, (list) => {
        let bytes = pem;
        for (const [place, insert, remove] of list) {
          const at = place % bytes.length;
          bytes = concatBytes(bytes.subarray(0, at), insert, bytes.subarray(at + remove));
        }
        const outcome = outcomeOfViews(parsePem, bytes);
        if ("code" in outcome) expect(outcome.code).toBe("ERR_MALFORMED_ENCODING");
      }),
      { numRuns: 500 },
    );
  });
});
