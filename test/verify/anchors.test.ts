import { describe, expect, it } from "vitest";
import { createForge, type ForgedEvidence } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { describeTwins, forgeOf, judge, type Twins, withCertificates } from "./forged.js";

const milan = await forgeOf();
const genoa = await forgeOf("Genoa");
const stranger = await createForge({ seed: "another root of the same name" });
const root = milan.ark().der;
const other = stranger.ark().der;

/** Anchors that are none, and what the message says of them. */
const wrong: readonly (readonly [name: string, anchors: unknown, message: RegExp])[] = [
  ["null", null, /at least one root certificate/],
  ["an empty list", [], /at least one root certificate/],
  ["one certificate and no list", root, /at least one root certificate/],
  ["an object like a list", { 0: root, length: 1 }, /at least one root certificate/],
  ["a list with a hole", new Array(1), /anchors\[0\] must be a Uint8Array/],
  ["a list with a hole behind a root", Object.assign(new Array(2), { 0: root }), /anchors\[1\] must be a Uint8Array/],
  ["a list of texts", ["ARK"], /anchors\[0\] must be a Uint8Array/],
  ["a list with undefined", [root, undefined], /anchors\[1\] must be a Uint8Array/],
  ["bytes that are no certificate", [Uint8Array.of(1, 2, 3)], /anchors\[0\] is no root certificate/],
  ["an empty certificate", [new Uint8Array()], /anchors\[0\] is no root certificate/],
  ["an ASK", [milan.ask().der], /anchors\[0\] must be named ARK-<product line>/],
  ["a VCEK", [milan.vcek().der], /anchors\[0\] must be named ARK-<product line>/],
  ["a root of no line", [milan.ark({ subject: { commonName: "ARK-Naples" } }).der], /found ARK-Naples/],
  ["a root without a name", [milan.ark({ subject: { commonName: null } }).der], /found null/],
  ["a root with a P-384 key", [milan.ark({ spki: milan.foreignLeafKey().spki }).der], /must be named ARK/],
  ["a root that another issued", [milan.ark({ issuer: { state: "TX" } }).der], /must be self-signed/],
  ["a root that is no CA", [milan.ark({ basicConstraints: { ca: false } }).der], /no root certificate.*CA:TRUE/],
  ["a root without keyCertSign", [milan.ark({ keyUsage: { usages: ["cRLSign"] } }).der], /keyCertSign/],
  ["a root without cRLSign", [milan.ark({ keyUsage: { usages: ["keyCertSign"] } }).der], /cRLSign/],
  ["a root with pathLen 0", [milan.ark({ basicConstraints: { pathLen: 0 } }).der], /pathLen 0/],
  ["a root of version 1", [milan.ark({ version: 1 }).der], /version 1/],
  ["a good root and a bad one", [root, milan.ask().der], /anchors\[1\]/],
];

describe("anchors that are none", () => {
  it.each(wrong)("are a TypeError: %s", async (_, anchors, message) => {
    const { evidence, now } = milan.evidence();
    const verification = verifyEvidence(evidence, { now, anchors: anchors as Uint8Array[] });
    await expect(verification).rejects.toThrow(TypeError);
    await expect(verification).rejects.toThrow(message);
    await expect(verifyEvidence(evidence, { now, anchors: [root] })).resolves.toBeDefined();
  });
});

const both = { anchors: [other, root] };
const onlyOther = { anchors: [other] };

describe("two anchors of one line", () => {
  it.each([
    ["the right one first", [root, other]],
    ["the right one last", [other, root]],
    ["the right one twice", [root, root]],
  ])("are both tried: %s", (_, anchors) => {
    expect(judge(milan, { options: { anchors } }).certificates.root.origin).toBe("supplied");
    expect(judge(milan, { evidence: { omit: ["root"] }, options: { anchors } }).certificates.root.origin).toBe(
      "pinned",
    );
  });

  it("stand beside anchors of other lines", () => {
    const anchors = [genoa.ark().der, other, root];
    expect(judge(milan, { options: { anchors } }).productLine).toBe("Milan");
    expect(judge(genoa, { options: { anchors } }).productLine).toBe("Genoa");
  });
});

/** Under two roots, of which one is a stranger, the same is refused as under the right one alone. */
const telling = (name: string, row: Pick<Twins, "wrong" | "code">): Twins[] =>
  [
    [other, root],
    [root, other],
  ].map((anchors, index) => ({
    name: `${name}, the right root ${index === 0 ? "last" : "first"}`,
    forge: milan,
    sound: { options: both },
    wrong: { ...row.wrong, options: { ...row.wrong.options, anchors } },
    code: row.code,
  }));

const later = new Date(Date.UTC(2099, 0, 1));

describeTwins("the most telling refusal of several anchors", [
  ...telling("a leaf that the ASK did not sign", {
    wrong: { evidence: { omit: ["root"], leaf: { signWith: milan.foreignCaKey() } } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
  }),
  ...telling("an ASK with pathLen 1", {
    wrong: { evidence: { omit: ["root"], intermediate: { basicConstraints: { pathLen: 1 } } } },
    code: "ERR_UNTRUSTED_CERTIFICATE_PROFILE",
  }),
  ...telling("an expired leaf", {
    wrong: { evidence: { omit: ["root"] }, options: { now: later } },
    code: "ERR_UNTRUSTED_CERTIFICATE_EXPIRED",
  }),
  ...telling("a revoked ASK", {
    wrong: { evidence: { crl: { revoked: [{ serial: 0x10001n }] } } },
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  }),
  ...telling("a missing CRL", {
    wrong: { evidence: { omit: ["crl", "root"] } },
    code: "ERR_COLLATERAL_CRL_MISSING",
  }),
  ...telling("a missing CRL, the root at hand", {
    wrong: { evidence: { omit: ["crl"] } },
    code: "ERR_COLLATERAL_CRL_MISSING",
  }),
  ...telling("a CRL that is not the root's", {
    wrong: { evidence: { crl: { signWith: milan.foreignCaKey() } } },
    code: "ERR_UNTRUSTED_CRL_SIGNATURE",
  }),
  ...telling("a missing ASK", {
    wrong: { evidence: { omit: ["intermediate"] } },
    code: "ERR_COLLATERAL_MISSING",
  }),
  ...telling("a CRL that cannot be read", {
    wrong: { hand: withCertificates({ crl: Uint8Array.of(7) }) },
    code: "ERR_MALFORMED_DER",
  }),
]);

describeTwins("another root of the same name", [
  {
    name: "does not stand for the root of the evidence",
    forge: milan,
    wrong: { options: onlyOther },
    code: "ERR_UNTRUSTED_ROOT",
    detail: { expected: "ARK-Milan", field: "subjectPublicKey" },
  },
  {
    name: "did not sign the ASK",
    forge: milan,
    wrong: { evidence: { omit: ["root"] }, options: onlyOther },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    detail: { role: "ASK" },
  },
]);

describe("refusals that tell as much", () => {
  it("are told by the first of the anchors", () => {
    const otherSerial = milan.ark({ serial: 7 }).der;
    for (const [anchors, field] of [
      [[other, otherSerial], "subjectPublicKey"],
      [[otherSerial, other], "serialNumber"],
    ] as const) {
      expect(() => judge(milan, { options: { anchors } })).toFailWith("ERR_UNTRUSTED_ROOT", { field });
    }
  });
});

describe("an anchor whose own signature does not hold", () => {
  const forgedRoot = milan.ark({ signWith: milan.foreignCaKey() }).der;
  it("is refused when it is used, whichever root is in the evidence", () => {
    const refusal = ["ERR_UNTRUSTED_CERTIFICATE_SIGNATURE", { role: "ARK" }] as const;
    const omit = ["root"] as const;
    expect(() => judge(milan, { evidence: { omit }, options: { anchors: [forgedRoot] } })).toFailWith(...refusal);
    const hand = withCertificates({ root: forgedRoot });
    expect(() => judge(milan, { hand, options: { anchors: [forgedRoot] } })).toFailWith(...refusal);
    // A sound root in the evidence vouches for itself, not for the anchor.
    expect(() => judge(milan, { options: { anchors: [forgedRoot] } })).toFailWith(...refusal);
  });
});

describe("anchors of the caller", () => {
  it("replace AMD's: none of theirs is pinned any more", () => {
    const { certificates } = judge(milan, {});
    expect(certificates.anchors).toBe("caller");
    const withoutAsk: ForgedEvidence = milan.evidence({ omit: ["intermediate"] });
    const hand = () => withoutAsk.evidence;
    expect(() => judge(milan, { hand })).toFailWith("ERR_COLLATERAL_MISSING", { role: "ASK" });
  });

  it("are copied: what happens to the list and its bytes later does not matter", async () => {
    const bytes = root.slice();
    const anchors = [bytes];
    const { evidence, now } = milan.evidence();
    const verification = verifyEvidence(evidence, { now, anchors });
    bytes.fill(0);
    anchors.length = 0;
    expect((await verification).productLine).toBe("Milan");
  });
});
