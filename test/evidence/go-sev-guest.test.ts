import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openGoSevGuest } from "../../src/evidence/index.js";
import { createForge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { attestationOf, chainFields, extra, messageOf, reportFields, type WireFields } from "./support/attestation.js";
import { pem, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { field, message, tag, varint } from "./support/wire.js";

const forge = await createForge({ seed: "go-sev-guest" });
const forged = forge.evidence();
const { report, certificates = {} } = forged.evidence;
const fields = reportFields(report);
const chain = chainFields(certificates);
const product = message([
  [1, 1],
  [3, field(1, 1)],
]);
const attestation = (changes: WireFields = {}, chainChanges: WireFields = {}) =>
  attestationOf(messageOf({ ...fields, ...changes }), messageOf({ ...chain, ...chainChanges }), product);
const sound = attestation();
const reportMessage = messageOf(fields);
const chainMessage = messageOf(chain);
const withReport = (bytes: Uint8Array) => attestationOf(bytes, chainMessage, product);
const withChain = (bytes: Uint8Array) => attestationOf(reportMessage, bytes, product);
const empty = new Uint8Array(0);

const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const CRL_GUID = "92f81bc3-5811-4d3d-97ff-d19f88dc67ea";
const CONTRAST_CRL = "00569ee4-e480-4fba-bbf4-45b629901180";
const has = (reason: string) => ({ reason: expect.stringContaining(reason) });

/** Each field of bytes, a byte short and a byte long. */
const LENGTHS: Broken[] = Object.entries(fields).flatMap(([number, value]): Broken[] => {
  if (!(value instanceof Uint8Array)) return [];
  return [
    [`report field ${number} a byte short`, attestation({ [number]: value.subarray(1) }), MALFORMED],
    [`report field ${number} a byte long`, attestation({ [number]: concatBytes(value, Uint8Array.of(0)) }), MALFORMED],
    [`report field ${number} empty`, attestation({ [number]: empty }), MALFORMED],
  ];
});

/** What the wire format itself forbids, or we do. */
const WIRE: Broken[] = [
  ["nothing", empty, MALFORMED, { where: "report" }],
  ["a varint without end", Uint8Array.of(0x80), MALFORMED, has("a varint is cut")],
  ["a tag without value", concatBytes(field(1, reportMessage), Uint8Array.of(0x12)), MALFORMED, has("cut")],
  ["a tag of eleven bytes", new Uint8Array(11).fill(0x80), MALFORMED, has("more than 10 bytes")],
  ["field number 0", concatBytes(Uint8Array.of(0x02, 0), sound), MALFORMED, has("field number 0")],
  ["a field number above 2^29", concatBytes(varint(2n ** 32n + 2n), sound), MALFORMED, has("expected at most")],
  ["a group's start", concatBytes(tag(1, 3), sound), MALFORMED, has("group start")],
  ["a group's end", concatBytes(tag(1, 4), sound), MALFORMED, has("group end")],
  ["wire type 6", concatBytes(tag(1, 6), sound), MALFORMED, has("wire type 6")],
  ["wire type 7", concatBytes(tag(1, 7), sound), MALFORMED, has("wire type 7")],
  ["a report as a varint", concatBytes(field(1, 5), field(2, chainMessage)), MALFORMED, has("length-delimited")],
  ["a report as 64 bits", concatBytes(tag(1, 1), new Uint8Array(8)), MALFORMED, has("found 64 bits")],
  ["a report as 32 bits", concatBytes(tag(1, 5), new Uint8Array(4)), MALFORMED, has("found 32 bits")],
  ["a length beyond the end", concatBytes(tag(1, 2), varint(5), Uint8Array.of(8)), MALFORMED, has("beyond")],
  ["a length of 2^63", concatBytes(tag(1, 2), varint(2n ** 63n)), MALFORMED, has("beyond the message")],
  ["a length above 64 bits", concatBytes(tag(1, 2), varint(2n ** 64n)), MALFORMED, has("expected at most")],
  ["two reports", concatBytes(sound, field(1, reportMessage)), MALFORMED, has("report stands there twice")],
  ["two chains", concatBytes(sound, field(2, chainMessage)), MALFORMED, has("twice")],
  ["two products", concatBytes(sound, field(3, product)), MALFORMED, has("twice")],
  ["an unknown field", concatBytes(sound, field(4, 1)), UNSUPPORTED, { where: "Attestation" }],
  ["above the limit", new Uint8Array(262_145), "ERR_MALFORMED_LENGTH", { actual: 262_145 }],
];

const REPORT: Broken[] = [
  ["no report", concatBytes(field(2, chainMessage), field(3, product)), MALFORMED, { where: "report" }],
  ["an empty report", withReport(empty), UNSUPPORTED, { where: "version" }],
  ["version 1", attestation({ 1: 1 }), UNSUPPORTED, { where: "version" }],
  ["version 6", attestation({ 1: 6 }), UNSUPPORTED, { where: "version" }],
  ["a version above 32 bits", attestation({ 1: 2n ** 32n + 5n }), MALFORMED, has("version: expected at most")],
  ["a policy above 64 bits", attestation({ 3: 2n ** 64n }), MALFORMED, has("policy: expected at most")],
  [
    "a varint that is not minimal",
    withReport(concatBytes(Uint8Array.of(0x08, 0x85, 0), messageOf({ ...fields, 1: 0 }))),
    MALFORMED,
    has("not minimal"),
  ],
  ["a VMPL of minus one in 64 bits", attestation({ 6: 2n ** 64n - 1n }), MALFORMED, has("vmpl")],
  ["a build above a byte", attestation({ 21: 256 }), MALFORMED, { where: "currentBuild" }],
  ["a major above a byte", attestation({ 26: 0xffff_ffff }), MALFORMED, { where: "committedMajor" }],
  [
    "the version twice",
    withReport(concatBytes(reportMessage, field(1, 5))),
    MALFORMED,
    has("version stands there twice"),
  ],
  ["the signature twice", withReport(concatBytes(reportMessage, field(28, new Uint8Array(512)))), MALFORMED],
  ["field 32", withReport(concatBytes(reportMessage, field(32, 1))), UNSUPPORTED, { where: "report" }],
  ["the policy as bytes", attestation({ 3: new Uint8Array(8) }), MALFORMED, has("policy: expected a varint")],
  ["the measurement as a varint", attestation({ 12: 1 }), MALFORMED, has("measurement: expected a length-delimited")],
  ["CPUID bits outside the mask", attestation({ 29: 0x1000_0f11 }), MALFORMED, { where: "cpuid1eax_fms" }],
  ["CPUID bits 15:12", attestation({ 29: 0x00a0_1f11 }), MALFORMED, { where: "cpuid1eax_fms" }],
  ["an extended family without base 15", attestation({ 29: 0x00a0_0611 }), MALFORMED, { where: "cpuid1eax_fms" }],
  ["a family above a byte", attestation({ 29: 0x0ff0_0f11 }), MALFORMED, { where: "cpuid1eax_fms" }],
  ["version 2 with a CPUID", attestation({ 1: 2, 30: 0, 31: 0 }), MALFORMED, { where: "cpuidFamId" }],
  ["version 3 with a mitigation vector", attestation({ 1: 3, 30: 0 }), MALFORMED, { where: "currentMitVector" }],
];

const CHAIN: Broken[] = [
  ["a VCEK that is no DER", attestation({}, { 1: utf8("MIIF") }), MALFORMED, { where: "vcek_cert" }],
  ["an ASK that is no DER", attestation({}, { 2: Uint8Array.of(0) }), MALFORMED, { where: "ask_cert" }],
  [
    "an ARK of two PEM blocks",
    attestation({}, { 3: concatBytes(pem(forged.root.der), pem(forged.root.der)) }),
    MALFORMED,
  ],
  ["a VCEK of broken PEM", attestation({}, { 1: utf8("-----BEGIN CERTIFICATE-----\n") }), "ERR_MALFORMED_ENCODING"],
  [
    "two VCEKs",
    withChain(concatBytes(chainMessage, field(1, forged.leaf.der))),
    MALFORMED,
    has("vcekCert stands there"),
  ],
  ["an unknown field", withChain(concatBytes(chainMessage, field(8, 1))), UNSUPPORTED, { where: "certificate_chain" }],
  ["field 5", withChain(concatBytes(chainMessage, field(5, empty))), UNSUPPORTED, { where: "certificate_chain" }],
  [
    "an extra key twice",
    withChain(concatBytes(chainMessage, field(7, extra(CONTRAST_CRL, empty)))),
    MALFORMED,
    has("twice"),
  ],
  [
    "an extra key twice, in another case",
    withChain(concatBytes(chainMessage, field(7, extra(CONTRAST_CRL.toUpperCase(), empty)))),
    MALFORMED,
  ],
  [
    "a CRL under both keys",
    withChain(concatBytes(chainMessage, field(7, extra(CRL_GUID, forged.crl.der)))),
    MALFORMED,
    has("two CRLs"),
  ],
  [
    "a CRL that is no DER",
    attestation({}, { 7: extra(CRL_GUID, Uint8Array.of(1)) }),
    MALFORMED,
    { where: "extras: CRL" },
  ],
  ["an empty CRL", attestation({}, { 7: extra(CRL_GUID, empty) }), MALFORMED, { where: "extras: CRL" }],
  [
    "a VCEK among the extras",
    withChain(concatBytes(chainMessage, field(7, extra("63da758d-e664-4564-adc5-f4b93be8accd", forged.leaf.der)))),
    MALFORMED,
    has("a field of its own"),
  ],
  [
    "an extra key that is not UTF-8",
    attestation({}, { 7: extra(Uint8Array.of(0xff), empty) }),
    MALFORMED,
    has("UTF-8"),
  ],
  ["an extra with a third field", attestation({}, { 7: concatBytes(extra("a", empty), field(3, 1)) }), UNSUPPORTED],
  [
    "65 extras",
    withChain(concatBytes(...Array.from({ length: 65 }, (_, index) => field(7, extra(`${index}`, empty))))),
    MALFORMED,
    has("more than 64"),
  ],
  ["a product of number 4", attestationOf(reportMessage, chainMessage, field(1, 4)), UNSUPPORTED, { where: "product" }],
  ["a stepping with a second field", attestationOf(reportMessage, chainMessage, field(3, field(2, 1))), UNSUPPORTED],
];

/** Where a field of the outermost message ends, the message may: what follows is optional. */
const ends = new Set([field(1, reportMessage).length, field(1, reportMessage).length + field(2, chainMessage).length]);

describeContainer({
  name: "openGoSevGuest",
  open: openGoSevGuest,
  sound,
  forged,
  mayEndAt: (length) => ends.has(length),
  broken: [...WIRE, ...REPORT, ...LENGTHS, ...CHAIN],
});

describeOptions("openGoSevGuest", (options) => openGoSevGuest(sound, options));

describe("an Attestation", () => {
  it.each([2, 3, 4, 5])("rebuilds a report of version %i to the byte, and it verifies", async (version) => {
    const made = forge.evidence({ report: { version } });
    const bytes = attestationOf(messageOf(reportFields(made.evidence.report)), chainMessage);
    const { evidence } = await openGoSevGuest(bytes);
    expect(evidence.report).toEqual(made.evidence.report);
    await verifyEvidence(evidence, { anchors: made.anchors, now: made.now });
  });

  it.each(["Milan", "Genoa", "Turin"] as const)("rebuilds the CPUID of %s", async (productLine) => {
    const made = forge.report({ productLine });
    const { evidence } = await openGoSevGuest(attestationOf(messageOf(reportFields(made.bytes)), empty));
    expect(evidence.report).toEqual(made.bytes);
  });

  it.each([
    [0x0000_0000, [0, 0, 0]],
    [0x0000_0652, [6, 5, 2]],
    [0x000f_0e5f, [14, 0xf5, 15]],
    [0x00aa_0f02, [0x19, 0xa0, 2]],
    [0x0f00_0f00, [0xff, 0, 0]],
  ])("reads CPUID 0x%s", async (eax, cpuid) => {
    const { evidence } = await openGoSevGuest(attestation({ 29: eax }));
    expect([...evidence.report.subarray(0x188, 0x18b)]).toEqual(cpuid);
  });

  it("loses reserved bytes, and then its signature fails", async () => {
    const made = forge.evidence({ report: { patch: [{ offset: 0x208, bytes: Uint8Array.of(1) }] } });
    await verifyEvidence(made.evidence, { anchors: made.anchors, now: made.now });
    const { evidence } = await openGoSevGuest(
      attestationOf(messageOf(reportFields(made.evidence.report)), chainMessage),
    );
    const verified = verifyEvidence(evidence, { anchors: made.anchors, now: made.now });
    await expect(verified).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });

  it("keeps the signature field whole: what hides behind s is refused by the report's own reader", async () => {
    const signature = report.slice(0x2a0);
    signature[511] = 1;
    const { evidence } = await openGoSevGuest(attestation({ 28: signature }));
    await expect(verifyEvidence(evidence, { anchors: forged.anchors, now: forged.now })).toFailWith(
      "ERR_MALFORMED_RESERVED",
    );
  });

  it("takes fields in any order", async () => {
    const reversed = concatBytes(
      ...Object.entries(fields)
        .reverse()
        .map(([number, value]) => field(Number(number), value)),
    );
    expect((await openGoSevGuest(withReport(reversed))).evidence.report).toEqual(report);
  });

  it("takes certificates in PEM", async () => {
    const { evidence } = await openGoSevGuest(
      attestation({}, { 1: pem(forged.leaf.der), 2: pem(forged.intermediate.der) }),
    );
    expect(evidence.certificates).toEqual(certificates);
  });

  it("has the certificates that are there, empty ones aside", async () => {
    const none = await openGoSevGuest(field(1, reportMessage));
    expect(none.evidence.certificates).toEqual({});
    const some = await openGoSevGuest(
      withChain(
        message([
          [1, empty],
          [2, forged.intermediate.der],
        ]),
      ),
    );
    expect(some.evidence.certificates).toEqual({ intermediate: forged.intermediate.der });
  });

  it("takes a CRL under the table's key", async () => {
    const { evidence } = await openGoSevGuest(attestation({}, { 7: extra(CRL_GUID.toUpperCase(), forged.crl.der) }));
    expect(evidence.certificates?.crl).toEqual(forged.crl.der);
  });
});

describe("a VCEK and a VLEK in one chain", () => {
  const vlek = forge.vlek().der;
  const leafOf = async (changes: WireFields, chainChanges: WireFields) =>
    (await openGoSevGuest(attestation(changes, chainChanges))).evidence.certificates?.leaf;

  it("give the one that KEY_INFO names, or none", async () => {
    expect(await leafOf({}, { 6: vlek })).toEqual(forged.leaf.der);
    expect(await leafOf({ 10: 4 }, { 6: vlek })).toEqual(vlek);
    expect(await leafOf({ 10: 28 }, { 6: vlek })).toBeUndefined();
  });

  it("one alone is the leaf whatever KEY_INFO says", async () => {
    expect(await leafOf({ 10: 4 }, {})).toEqual(forged.leaf.der);
    expect(await leafOf({}, { 1: empty, 6: vlek })).toEqual(vlek);
  });
});

describe("the claims of an Attestation", () => {
  const claimsOf = async (bytes: Uint8Array) => (await openGoSevGuest(bytes)).claims;
  const productClaims = async (bytes: Uint8Array) => {
    const { product: line, stepping } = await claimsOf(attestationOf(reportMessage, empty, bytes));
    return { line, stepping };
  };

  it("are its extras, its product and the firmware's endorsement", async () => {
    const bytes = attestation({}, { 4: Uint8Array.of(9), 7: extra("__proto__", Uint8Array.of(7)) });
    expect(await claimsOf(bytes)).toEqual({
      product: "Milan",
      stepping: 1,
      extras: [{ key: "__proto__", bytes: Uint8Array.of(7) }],
      firmwareCertificate: Uint8Array.of(9),
    });
    expect(await claimsOf(field(1, reportMessage))).toEqual({
      product: null,
      stepping: null,
      extras: [],
      firmwareCertificate: null,
    });
  });

  it.each([
    ["nothing", empty, { line: null, stepping: null }],
    ["no name", field(3, empty), { line: null, stepping: 0 }],
    [
      "Genoa, stepping in the old field",
      message([
        [1, 2],
        [2, 5],
      ]),
      { line: "Genoa", stepping: 5 },
    ],
    [
      "Turin, stepping in both",
      message([
        [1, 3],
        [2, 5],
        [3, field(1, 6)],
      ]),
      { line: "Turin", stepping: 6 },
    ],
  ])("know a product of %s", async (_, bytes, wanted) => expect(await productClaims(bytes)).toEqual(wanted));

  it("share no memory with the CRL of the evidence", async () => {
    const { evidence, claims } = await openGoSevGuest(sound);
    claims.extras[0]?.bytes.fill(0);
    expect(evidence.certificates?.crl).toEqual(forged.crl.der);
  });
});
