import { encode, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { type EatOptions, openEat, openRatsd } from "../../src/evidence/index.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { base64url, padded, patched, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";

const forged = (await createForge({ seed: "eat" })).evidence();
const { report } = forged.evidence;
const table = encodeCertificateTable(certificateTableEntries("VCEK", forged.evidence.certificates ?? {}));

const RATSD = "tag:github.com,2024:veraison/ratsd";
const RATSD_COLLECTION = "tag:github.com,2025:veraison/ratsd/cmw";
const PROFILE = "tag:example.com,2026:profile";
const TSM_JSON = "application/vnd.veraison.tsm-report+json";
const REPORT = "application/vnd.amd.sev-snp.attestation-report";

const tsm = utf8(JSON.stringify({ outblob: base64url(report), auxblob: base64url(table), provider: "sev_guest\n" }));
const collection = (changes: object = {}) => ({
  __cmwc_t: RATSD_COLLECTION,
  "tsm-report": [TSM_JSON, base64url(tsm)],
  ...changes,
});
const inBase64 = (value: unknown) => base64url(utf8(JSON.stringify(value)));
const nonce = base64url(new Uint8Array(64).fill(0x5a));

const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const LENGTH = "ERR_MALFORMED_LENGTH";
const has = (reason: string) => ({ reason: expect.stringContaining(reason) });
const found = (text: string) => ({ found: expect.stringContaining(text) });

const token = (changes: object = {}) =>
  utf8(JSON.stringify({ cmw: inBase64(collection()), eat_nonce: nonce, eat_profile: RATSD, ...changes }));
const text = new TextDecoder().decode(token());

/** What neither opener takes, given sound JSON of its own profile. */
const brokenJson = (make: (changes?: object) => Uint8Array): Broken[] => [
  ["nothing", new Uint8Array(0), UNSUPPORTED, { where: "0x0" }],
  ["a list", utf8("[]"), UNSUPPORTED, found("0x5b")],
  ["a JWT", utf8("eyJhbGciOiJub25lIn0.e30."), UNSUPPORTED, found("a signed token is for its own verifier first")],
  ["a COSE_Sign1", encode(new Tagged(18, [])), UNSUPPORTED, found("CBOR tag 18")],
  ["a CWT", encode(new Tagged(61, new Tagged(18, []))), UNSUPPORTED, found("CBOR tag 61")],
  ["an untagged COSE_Sign1", Uint8Array.of(0x84, 0x40, 0xa0, 0x40, 0x40), UNSUPPORTED, found("0x84")],
  ["no claims", utf8("{}"), UNSUPPORTED, found("without a profile")],
  ["no profile", make({ eat_profile: undefined }), UNSUPPORTED, { where: "eat_profile" }],
  ["another profile", make({ eat_profile: "tag:example.com,2026:other" }), UNSUPPORTED, { where: "eat_profile" }],
  ["a profile that is longer", make({ eat_profile: `${RATSD}/v2` }), UNSUPPORTED, { where: "eat_profile" }],
  ["a profile that is a number", make({ eat_profile: 265 }), MALFORMED, { where: "eat_profile" }],
  ["a profile in a list", make({ eat_profile: [RATSD] }), MALFORMED, { where: "eat_profile" }],
  ["a nonce that is a number", make({ eat_nonce: 7 }), MALFORMED, { where: "eat_nonce" }],
  ["a nonce that is null", make({ eat_nonce: null }), MALFORMED, { where: "eat_nonce" }],
  ["a nonce in a list in a list", make({ eat_nonce: [["a"]] }), MALFORMED, { where: "eat_nonce" }],
  ["17 nonces", make({ eat_nonce: new Array(17).fill(nonce) }), MALFORMED, has("more than 16")],
  ["no CMW", make({ cmw: undefined }), MALFORMED, { where: "cmw" }],
  ["a CMW that is null", make({ cmw: null }), MALFORMED, { container: "CMW" }],
  ["a CMW that is a number", make({ cmw: 1 }), MALFORMED, { container: "CMW" }],
  ["an empty CMW", make({ cmw: "" }), MALFORMED, { container: "CMW" }],
  ["a CMW in the other alphabet", make({ cmw: "++++" }), ENCODING],
  ["a CMW of half a digit", make({ cmw: "AAAAA" }), ENCODING],
  ["a CMW of text", make({ cmw: base64url(utf8("cmw")) }), MALFORMED, { container: "CMW" }],
  ["an EAT in the EAT", make({ cmw: base64url(token()) }), MALFORMED, { container: "CMW" }],
  ["a CMW without a report", make({ cmw: { a: ["x", "AA"] } }), UNSUPPORTED, { where: "type" }],
  ["text behind it", concatBytes(make(), utf8("}")), MALFORMED, has("not JSON")],
  ["a byte that is not UTF-8", patched(make(), 3, 0xff), MALFORMED, has("not UTF-8")],
  ["a byte above the limit", padded(make(), 262_145), LENGTH, { actual: 262_145 }],
];

describeContainer({
  name: "openRatsd",
  open: openRatsd,
  sound: token(),
  forged,
  broken: [
    ...brokenJson(token),
    ["a claim twice", utf8(text.replace("{", '{"cmw":"AA",')), MALFORMED, has("twice")],
    ["a record for a collection", token({ cmw: inBase64([REPORT, base64url(report)]) }), UNSUPPORTED, found("null")],
    ["a collection of no type", token({ cmw: inBase64(collection({ __cmwc_t: undefined })) }), UNSUPPORTED],
    [
      "a collection of version 2",
      token({ cmw: inBase64(collection({ __cmwc_t: `${RATSD_COLLECTION}/v2` })) }),
      UNSUPPORTED,
    ],
    [
      "claims in CBOR",
      encode(
        new Map<unknown, unknown>([
          [265, RATSD],
          [299, [REPORT, report]],
        ]),
      ),
      UNSUPPORTED,
    ],
  ],
});

describeOptions("openRatsd", (options) => openRatsd(token(), options));

const openProfile = (input: Uint8Array) => openEat(input, { profile: PROFILE });
const eat = (changes: object = {}) =>
  utf8(JSON.stringify({ eat_profile: PROFILE, cmw: collection({ __cmwc_t: undefined }), ...changes }));

describeContainer({
  name: "openEat, JSON",
  open: openProfile,
  sound: eat(),
  forged,
  broken: [
    ...brokenJson(eat),
    ["the profile of ratsd", token(), UNSUPPORTED, { where: "eat_profile" }],
    ["a record of CBOR's types", eat({ cmw: [10572, base64url(report)] }), MALFORMED, { container: "CMW" }],
  ],
});

const cborClaims: readonly (readonly [unknown, unknown])[] = [
  [10, new Uint8Array(8).fill(1)],
  [265, PROFILE],
  [
    299,
    new Map<unknown, unknown>([
      ["r", [10572, report]],
      ["t", [10573, table]],
    ]),
  ],
];
const cborEat = (changes: readonly (readonly [unknown, unknown])[] = []) =>
  encode(new Map([...cborClaims, ...changes]));
const uccs = (number: number) => concatBytes(Uint8Array.of(0xd9, number >> 8, number & 255), cborEat());

describeContainer({
  name: "openEat, CBOR",
  open: openProfile,
  sound: uccs(601),
  forged,
  broken: [
    ["another tag", uccs(600), UNSUPPORTED, found("CBOR tag 600")],
    ["the tag of UJCS", uccs(602), UNSUPPORTED, found("CBOR tag 602")],
    ["the tag twice", concatBytes(Uint8Array.of(0xd9, 2, 89), uccs(601)), MALFORMED, has("a map of claims")],
    ["a tagged array", encode(new Tagged(601, [1])), MALFORMED, has("a map of claims")],
    [
      "a claim twice",
      concatBytes(Uint8Array.of(0xa4, 10, 0x40), cborEat().subarray(1)),
      MALFORMED,
      has("repeat map key"),
    ],
    ["an indefinite map", concatBytes(Uint8Array.of(0xbf), cborEat().subarray(1), Uint8Array.of(0xff)), MALFORMED],
    ["2^32 claims announced", concatBytes(Uint8Array.of(0xba, 255, 255, 255, 255), cborEat()), MALFORMED],
    ["no profile", encode(new Map([cborClaims[2] ?? [0, 0]])), UNSUPPORTED, { where: "265" }],
    ["another profile", cborEat([[265, RATSD]]), UNSUPPORTED, { where: "265" }],
    ["a profile that is an OID in bytes", cborEat([[265, Uint8Array.of(1, 2)]]), MALFORMED, { where: "265" }],
    ["a nonce of text", cborEat([[10, nonce]]), MALFORMED, { where: "10" }],
    ["a nonce in a map", cborEat([[10, new Map()]]), MALFORMED, { where: "10" }],
    ["no CMW", cborEat([[299, null]]), MALFORMED, { container: "CMW" }],
    [
      "a CMW under JSON's name",
      encode(
        new Map<unknown, unknown>([
          [265, PROFILE],
          ["cmw", [10572, report]],
        ]),
      ),
      MALFORMED,
    ],
    ["a CMW in bytes", cborEat([[299, cborEat()]]), MALFORMED, { container: "CMW" }],
    ["a CMW of text", cborEat([[299, inBase64(collection())]]), MALFORMED, { container: "CMW" }],
    ["a record of JSON's types", cborEat([[299, [REPORT, base64url(report)]]]), MALFORMED, { container: "CMW" }],
    ["a second item", concatBytes(cborEat(), Uint8Array.of(0)), MALFORMED, has("too many terminals")],
  ],
});

describeOptions("openEat", (options) => openEat(eat(), options), { profile: PROFILE });

describe("an EAT", () => {
  // The casts stand for a caller without types.
  it.each([
    ["no profile", {}],
    ["a profile that is undefined", { profile: undefined }],
    ["a profile of bytes", { profile: utf8(PROFILE) }],
    ["an inherited profile", Object.create({ profile: PROFILE })],
  ])("with %s in its options is a TypeError", async (_, options) => {
    await expect(openEat(eat(), options as EatOptions)).rejects.toBeInstanceOf(TypeError);
  });

  it("may come without tag, in any of its forms", async () => {
    expect((await openProfile(cborEat())).evidence).toEqual(forged.evidence);
    const tagged = cborEat([[299, new Tagged(1_668_546_817 + 41 * 256 + 117, report)]]);
    expect((await openProfile(tagged)).evidence.report).toEqual(report);
    expect((await openProfile(eat({ cmw: [REPORT, base64url(report)] }))).evidence.report).toEqual(report);
    const inBytes = eat({ cmw: base64url(encode([10572, report])) });
    expect((await openProfile(inBytes)).evidence.report).toEqual(report);
  });

  it.each(["", "=", "=="])("of ratsd may have its CMW padded, by %j where that is right", async (padding) => {
    const spaces = [0, 2, 1].map((extra) => utf8(JSON.stringify(collection()) + " ".repeat(extra)));
    const fitting = spaces.map(base64url).filter((cmw) => padding === "" || (cmw.length + padding.length) % 4 === 0);
    expect(fitting.length).toBeGreaterThan(0);
    for (const cmw of fitting) await expect(openRatsd(token({ cmw: cmw + padding }))).resolves.toBeDefined();
  });

  it("hands on its nonces as found, and passes over other claims", async () => {
    const { claims } = await openRatsd(token({ iat: 1, __proto__x: 2, submods: {} }));
    expect(claims).toMatchObject({ profile: RATSD, nonces: [nonce], cmw: { collectionType: RATSD_COLLECTION } });
    expect((await openProfile(eat())).claims.nonces).toEqual([]);
    expect((await openProfile(eat({ eat_nonce: ["a", "b"] }))).claims.nonces).toEqual(["a", "b"]);
    const bytes = [Uint8Array.of(1), Uint8Array.of(2)];
    expect((await openProfile(cborEat([[10, bytes]]))).claims.nonces).toEqual(bytes);
  });

  it("in JSON may come as a text", async () => {
    expect(await openRatsd(text)).toEqual(await openRatsd(token()));
    expect(await openEat(new TextDecoder().decode(eat()), { profile: PROFILE })).toEqual(await openProfile(eat()));
  });
});
