import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import type { Evidence } from "../../src/evidence/evidence.js";
import { type CaOptions, createForge, type EvidenceOptions, type Forge } from "../../src/testing/index.js";
import { describeTwins, forgeOf, HIERARCHIES, judge, type Trial, type Twins, withCertificates } from "./forged.js";

const vcek = await forgeOf();
const vlek = await forgeOf("Milan", "VLEK");
const genoa = await forgeOf("Genoa");
const branches = [vcek, vlek];
const stranger = await createForge({ seed: "somebody else" });

const certificatesOf = (forge: Forge) => ({ ...forge.evidence().evidence.certificates });
const [own, theirs] = [certificatesOf(vcek), certificatesOf(stranger)];

describe("sound evidence", () => {
  it.each(HIERARCHIES)("verifies: $productLine $signingKey", async ({ productLine, signingKey }) => {
    const forge = await forgeOf(productLine, signingKey);
    const verified = judge(forge, {});
    const { certificates } = verified;
    expect(verified).toMatchObject({ productLine, signingKey });
    expect(certificates).toMatchObject({
      productLine,
      signingKey,
      anchors: "caller",
      leaf: { role: signingKey },
      intermediate: { role: signingKey === "VCEK" ? "ASK" : "ASVK", origin: "supplied" },
      root: { role: "ARK", origin: "supplied", subject: `ARK-${productLine}` },
      revocation: { status: "checked", source: "evidence", number: "0x1" },
    });
  });

  it("needs no root: the anchor stands for it", () => {
    const { root } = judge(vcek, { evidence: { omit: ["root"] } }).certificates;
    expect(root).toMatchObject({ role: "ARK", origin: "pinned", subject: "ARK-Milan", serial: "0x10000" });
  });

  it("may have other non-critical extensions, which are reported", () => {
    const extra = { oid: "1.2.3.4", critical: false, value: Uint8Array.of(5, 0) };
    const add = { extensions: { add: [extra] } };
    const { leaf, intermediate } = judge(vcek, { evidence: { leaf: add, intermediate: add } }).certificates;
    expect(leaf.otherExtensions).toEqual([{ oid: "1.2.3.4", value: Uint8Array.of(5, 0) }]);
    expect(intermediate.otherExtensions).toContainEqual({ oid: "1.2.3.4", value: Uint8Array.of(5, 0) });
  });
});

describe("a missing certificate", () => {
  it.each([vcek, vlek])("leaves nothing to verify: $signingKey", (forge) => {
    const role = forge.signingKey === "VCEK" ? "ASK" : "ASVK";
    expect(() => judge(forge, { evidence: { omit: ["leaf"] } })).toFailWith("ERR_COLLATERAL_MISSING", {
      role: forge.signingKey,
    });
    expect(() => judge(forge, { evidence: { omit: ["intermediate"] } })).toFailWith("ERR_COLLATERAL_MISSING", { role });
    expect(() => judge(forge, { evidence: { omit: ["crl"] } })).toFailWith("ERR_COLLATERAL_CRL_MISSING", {
      productLine: "Milan",
    });
  });

  it("is missing also where there are no certificates at all", () => {
    const hand: Trial["hand"] = ({ evidence: { report } }) => ({ report });
    expect(() => judge(vcek, { hand })).toFailWith("ERR_COLLATERAL_MISSING", { role: "VCEK" });
    const empty: Trial["hand"] = ({ evidence: { report } }) => ({ report, certificates: {} });
    expect(() => judge(vcek, { hand: empty })).toFailWith("ERR_COLLATERAL_MISSING", { role: "VCEK" });
  });
});

type Parts = NonNullable<Evidence["certificates"]>;
const { leaf = new Uint8Array(), intermediate = leaf, root = leaf, crl = leaf } = own;

/** Certificates in places where they do not belong. */
const swaps: readonly (readonly [name: string, parts: Parts, code: ErrorCode])[] = [
  ["the intermediate as leaf", { leaf: intermediate }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["the root as leaf", { leaf: root }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["the leaf as intermediate", { intermediate: leaf }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["the root as intermediate", { intermediate: root }, "ERR_UNTRUSTED_BRANCH"],
  ["the leaf as root", { root: leaf }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["the intermediate as root", { root: intermediate }, "ERR_UNTRUSTED_BRANCH"],
  ["leaf and intermediate exchanged", { leaf: intermediate, intermediate: leaf }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["intermediate and root exchanged", { intermediate: root, root: intermediate }, "ERR_UNTRUSTED_BRANCH"],
  ["the CRL as leaf", { leaf: crl }, "ERR_MALFORMED_CERTIFICATE"],
  ["the CRL as root", { root: crl }, "ERR_MALFORMED_CERTIFICATE"],
  ["a certificate as CRL", { crl: leaf }, "ERR_MALFORMED_CRL"],
  ["the ASVK as intermediate", { intermediate: vcek.asvk().der }, "ERR_UNTRUSTED_BRANCH"],
  ["the VLEK as leaf", { leaf: vcek.vlek().der }, "ERR_UNTRUSTED_SIGNING_KEY"],
  ["Genoa's leaf", { leaf: certificatesOf(genoa).leaf ?? leaf }, "ERR_UNTRUSTED_PRODUCT_LINE"],
  ["Genoa's intermediate", { intermediate: genoa.ask().der }, "ERR_UNTRUSTED_PRODUCT_LINE"],
  ["Genoa's root", { root: genoa.ark().der }, "ERR_UNTRUSTED_PRODUCT_LINE"],
  ["another hierarchy's leaf", { leaf: theirs.leaf ?? leaf }, "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE"],
  ["another hierarchy's intermediate", { intermediate: stranger.ask().der }, "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE"],
  ["another hierarchy's root", { root: stranger.ark().der }, "ERR_UNTRUSTED_ROOT"],
  ["another hierarchy's whole chain", theirs, "ERR_UNTRUSTED_ROOT"],
  ["an empty leaf", { leaf: new Uint8Array() }, "ERR_MALFORMED_DER"],
  ["a leaf with one byte more", { leaf: Uint8Array.of(...leaf, 0) }, "ERR_MALFORMED_DER"],
  ["a leaf with one byte less", { leaf: leaf.subarray(0, -1) }, "ERR_MALFORMED_DER"],
  ["a leaf of 16385 bytes", { leaf: new Uint8Array(16_385) }, "ERR_MALFORMED_LENGTH"],
  ["a CRL of 65537 bytes", { crl: new Uint8Array(65_537) }, "ERR_MALFORMED_LENGTH"],
];

describeTwins(
  "certificates in the wrong place",
  swaps.map(([name, parts, code]) => ({
    name,
    forge: vcek,
    sound: { hand: withCertificates(own) },
    wrong: { hand: withCertificates(parts) },
    code,
  })),
);

describeTwins("a VLEK's report", [
  {
    name: "with the chip's VCEK",
    forge: vlek,
    wrong: { hand: withCertificates({ leaf }) },
    code: "ERR_UNTRUSTED_SIGNING_KEY",
    detail: { expected: "VLEK", actual: "VCEK" },
  },
  {
    name: "with the whole VCEK chain",
    forge: vlek,
    wrong: { hand: withCertificates(own) },
    code: "ERR_UNTRUSTED_SIGNING_KEY",
  },
]);

describeTwins("self-made certificates with AMD's names", [
  {
    name: "a whole hierarchy under AMD's anchors",
    forge: vcek,
    // An anchors option that is there and undefined means AMD's own.
    wrong: { options: { anchors: undefined as never } },
    code: "ERR_UNTRUSTED_ROOT",
    detail: { expected: "ARK-Milan", field: "subjectPublicKey" },
  },
  {
    name: "ASK and VCEK without their root, under AMD's anchors",
    forge: vcek,
    wrong: { evidence: { omit: ["root"] }, options: { anchors: undefined as never } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    detail: { role: "ASK", issuer: "ARK-Milan" },
  },
  {
    name: "a VCEK alone, under AMD's pinned ASK",
    forge: vcek,
    wrong: { evidence: { omit: ["root", "intermediate"] }, options: { anchors: undefined as never } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    detail: { role: "VCEK", issuer: "SEV-Milan" },
  },
  {
    name: "a VLEK alone, under AMD's pinned ASVK",
    forge: vlek,
    wrong: { evidence: { omit: ["root", "intermediate"] }, options: { anchors: undefined as never } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    detail: { role: "VLEK", issuer: "SEV-VLEK-Milan" },
  },
  {
    name: "a whole hierarchy under another's root of the same names",
    forge: stranger,
    wrong: { evidence: { omit: ["root"] }, options: { anchors: vcek.evidence().anchors } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
  },
]);

/** Rows for both branches: what is changed, and the refusal. */
function onBoth(
  name: string,
  evidence: (forge: Forge) => EvidenceOptions,
  refusal: (forge: Forge) => Pick<Twins, "code" | "detail">,
): Twins[] {
  return branches.map((forge) => ({
    name: `${name}, ${forge.signingKey}`,
    forge,
    wrong: { evidence: evidence(forge) },
    ...refusal(forge),
  }));
}

const issuerOf = (forge: Forge) => (forge.signingKey === "VCEK" ? "ASK" : "ASVK");
const nameCode = { code: "ERR_UNTRUSTED_CERTIFICATE_NAME" } as const;

describeTwins("names", [
  ...onBoth(
    "a leaf of another common name",
    () => ({ leaf: { subject: { commonName: "SEV-VXEK" } } }),
    () => ({ ...nameCode, detail: { field: "subject", expected: "SEV-VCEK or SEV-VLEK" } }),
  ),
  ...onBoth(
    "a leaf without a common name",
    () => ({ leaf: { subject: { commonName: null } } }),
    () => nameCode,
  ),
  ...onBoth(
    "a leaf of another organization",
    () => ({ leaf: { subject: { organization: "Advanced Micro Devices Inc" } } }),
    ({ signingKey }) => ({ ...nameCode, detail: { role: signingKey, field: "subject organization" } }),
  ),
  ...onBoth(
    "a leaf whose issuer is of another organization",
    () => ({ leaf: { issuer: { organization: "Advanced Micro Device" } } }),
    ({ signingKey }) => ({ ...nameCode, detail: { role: signingKey, field: "issuer organization" } }),
  ),
  ...onBoth(
    "a leaf whose issuer says another state",
    () => ({ leaf: { issuer: { state: "TX" } } }),
    ({ signingKey }) => ({ ...nameCode, detail: { role: signingKey, field: "issuer" } }),
  ),
  ...onBoth(
    "a leaf whose issuer is none of AMD's",
    () => ({ leaf: { issuer: { commonName: "SEV" } } }),
    ({ signingKey }) => ({ ...nameCode, detail: { role: signingKey, field: "issuer" } }),
  ),
  ...onBoth(
    "an intermediate of another common name",
    () => ({ intermediate: { subject: { commonName: "SEV-Naples" } } }),
    (forge) => ({ ...nameCode, detail: { role: issuerOf(forge), field: "subject" } }),
  ),
  ...onBoth(
    "an intermediate of another organization",
    () => ({ intermediate: { subject: { organization: "AMD" } } }),
    (forge) => ({ ...nameCode, detail: { role: issuerOf(forge), field: "subject organization" } }),
  ),
  ...onBoth(
    "an intermediate whose issuer says another locality",
    () => ({ intermediate: { issuer: { locality: "Austin" } } }),
    (forge) => ({ ...nameCode, detail: { role: issuerOf(forge), field: "issuer", expected: "ARK-Milan" } }),
  ),
  ...onBoth(
    "a root of another organization",
    () => ({ root: { subject: { organization: "AMD" }, issuer: { organization: "AMD" } } }),
    () => ({ ...nameCode, detail: { role: "ARK", field: "subject organization" } }),
  ),
  {
    name: "a version 2 report whose every certificate is none of AMD's",
    forge: vcek,
    sound: { evidence: { report: { version: 2 } } },
    wrong: {
      evidence: { report: { version: 2 }, leaf: { issuer: { commonName: "SEV" } }, omit: ["intermediate", "root"] },
    },
    code: "ERR_UNTRUSTED_CERTIFICATE_NAME",
    detail: { role: "leaf", field: "issuer", actual: "SEV" },
  },
]);

describe("names that agree in every byte", () => {
  it("may have other parts than AMD's, since only role, line and organization are read", () => {
    const name = { commonName: "SEV-Milan", state: "TX", locality: null };
    const evidence = { leaf: { issuer: name }, intermediate: { subject: name } };
    expect(judge(vcek, { evidence }).certificates.intermediate.subject).toBe("SEV-Milan");
  });
});

const ask = vcek.caKey("ASK");
const asvk = vcek.caKey("ASVK");
const ark = vcek.caKey("ARK");

describeTwins("the wrong branch", [
  {
    name: "a VCEK under the ASVK",
    forge: vcek,
    wrong: {
      evidence: { leaf: { issuer: { commonName: "SEV-VLEK-Milan" }, signWith: asvk } },
      hand: ({ evidence }) => ({
        ...evidence,
        certificates: { ...evidence.certificates, intermediate: vcek.asvk().der },
      }),
    },
    code: "ERR_UNTRUSTED_BRANCH",
    detail: { role: "VCEK", actual: "SEV-VLEK-Milan" },
  },
  {
    name: "a VLEK under the ASK",
    forge: vlek,
    wrong: {
      evidence: { leaf: { issuer: { commonName: "SEV-Milan" }, signWith: ask } },
      hand: ({ evidence }) => ({
        ...evidence,
        certificates: { ...evidence.certificates, intermediate: vlek.ask().der },
      }),
    },
    code: "ERR_UNTRUSTED_BRANCH",
    detail: { role: "VLEK", actual: "SEV-Milan" },
  },
  {
    name: "a VCEK signed by the ARK itself",
    forge: vcek,
    wrong: {
      evidence: { leaf: { issuer: { commonName: "ARK-Milan" }, signWith: ark } },
      hand: ({ evidence, root: { der } }) => ({
        ...evidence,
        certificates: { ...evidence.certificates, intermediate: der },
      }),
    },
    code: "ERR_UNTRUSTED_BRANCH",
    detail: { role: "VCEK", actual: "ARK-Milan" },
  },
  {
    name: "a VLEK signed by the ARK itself, without an intermediate",
    forge: vlek,
    wrong: { evidence: { leaf: { issuer: { commonName: "ARK-Milan" }, signWith: ark }, omit: ["intermediate"] } },
    code: "ERR_UNTRUSTED_BRANCH",
  },
  {
    name: "a VCEK that names the ASK and is signed by the ARK",
    forge: vcek,
    wrong: { evidence: { leaf: { signWith: ark } } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    detail: { role: "VCEK", issuer: "SEV-Milan" },
  },
  {
    name: "a VCEK that names the ASK and is signed by the ASVK",
    forge: vcek,
    wrong: { evidence: { leaf: { signWith: asvk } } },
    code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
  },
  {
    name: "an ASK with the ARK's name and key",
    forge: vcek,
    wrong: {
      evidence: {
        leaf: { issuer: { commonName: "ARK-Milan" }, signWith: ark },
        intermediate: { subject: { commonName: "ARK-Milan" }, spki: ark.spki },
      },
    },
    code: "ERR_UNTRUSTED_BRANCH",
  },
]);

const broken = (signature: Uint8Array) => signature.map((byte, index) => (index === 100 ? byte ^ 1 : byte));
const signatureCode = (role: string) => ({
  code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" as const,
  detail: { role },
});

describeTwins("signatures of the chain", [
  ...onBoth(
    "a leaf signed by a stranger",
    () => ({ leaf: { signWith: vcek.foreignCaKey() } }),
    ({ signingKey }) => signatureCode(signingKey),
  ),
  ...onBoth(
    "an intermediate signed by a stranger",
    () => ({ intermediate: { signWith: vcek.foreignCaKey() } }),
    (forge) => signatureCode(issuerOf(forge)),
  ),
  ...onBoth(
    "an intermediate that signed itself",
    (forge) => ({ intermediate: { signWith: forge.caKey(issuerOf(forge)) } }),
    (forge) => signatureCode(issuerOf(forge)),
  ),
  ...onBoth(
    "a root with the right key, signed by a stranger",
    () => ({ root: { signWith: vcek.foreignCaKey() } }),
    () => signatureCode("ARK"),
  ),
  ...onBoth(
    "a leaf with one bit of its signature flipped",
    () => ({ leaf: { patchSignature: broken } }),
    ({ signingKey }) => signatureCode(signingKey),
  ),
  ...onBoth(
    "an intermediate with one bit of its signature flipped",
    () => ({ intermediate: { patchSignature: broken } }),
    (forge) => signatureCode(issuerOf(forge)),
  ),
  ...onBoth(
    "a root with one bit of its signature flipped",
    () => ({ root: { patchSignature: broken } }),
    () => signatureCode("ARK"),
  ),
  ...onBoth(
    "a leaf with another key than its chip's",
    () => ({ leaf: { key: vcek.foreignLeafKey() } }),
    () => ({ code: "ERR_UNTRUSTED_REPORT_SIGNATURE" }),
  ),
  {
    name: "a leaf signed with another salt",
    forge: vcek,
    sound: { evidence: { leaf: { algorithm: "explicit-trailer" } } },
    wrong: { evidence: { leaf: { algorithm: { hash: "SHA-384", saltLength: 32 } } } },
    code: "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
  },
  {
    name: "a leaf signed with another hash",
    forge: vcek,
    wrong: { evidence: { leaf: { algorithm: { hash: "SHA-256", saltLength: 48 } } } },
    code: "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
  },
  {
    name: "an ASK signed by PKCS 1.5",
    forge: vcek,
    sound: { evidence: { intermediate: { algorithm: "default-trailer" } } },
    wrong: { evidence: { intermediate: { algorithm: "pkcs1-sha384" } } },
    code: "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
  },
  {
    name: "a leaf that announces one encoding inside and the other outside",
    forge: vcek,
    wrong: { evidence: { leaf: { innerAlgorithm: "explicit-trailer" } } },
    code: "ERR_MALFORMED_DER",
  },
]);

/** An ASK or ASVK that is no fit issuer although the ARK signed it. */
function unfit(name: string, options: CaOptions, field: string): Twins[] {
  return onBoth(
    name,
    () => ({ intermediate: options }),
    (forge) => ({ code: "ERR_UNTRUSTED_CERTIFICATE_PROFILE", detail: { role: issuerOf(forge), field } }),
  );
}

const unknownCritical = { oid: "1.2.3.4", critical: true, value: Uint8Array.of(5, 0) };

describeTwins("an intermediate that may not issue", [
  ...unfit("CA:FALSE", { basicConstraints: { ca: false, pathLen: null } }, "basicConstraints"),
  ...unfit("no basicConstraints", { basicConstraints: null }, "basicConstraints"),
  ...unfit("basicConstraints not critical", { basicConstraints: { critical: false } }, "basicConstraints"),
  ...unfit("pathLen 1", { basicConstraints: { pathLen: 1 } }, "basicConstraints"),
  ...unfit("no keyUsage", { keyUsage: null }, "keyUsage"),
  ...unfit("keyUsage not critical", { keyUsage: { critical: false } }, "keyUsage"),
  ...unfit("no keyCertSign", { keyUsage: { usages: ["cRLSign", "digitalSignature"] } }, "keyUsage"),
  ...unfit("an unknown critical extension", { extensions: { add: [unknownCritical] } }, "1.2.3.4"),
  ...unfit("a P-384 key", { spki: vcek.foreignLeafKey().spki }, "subjectPublicKey"),
]);

describe("an intermediate without pathLen", () => {
  it.each(branches)("will do under the caller's own root: $signingKey", (forge) => {
    const evidence = { intermediate: { basicConstraints: { pathLen: null } } };
    expect(judge(forge, { evidence }).certificates.anchors).toBe("caller");
  });
});

const rootProfile = { code: "ERR_UNTRUSTED_CERTIFICATE_PROFILE" as const };

describeTwins("a root that may not issue", [
  ...onBoth(
    "no cRLSign",
    () => ({ root: { keyUsage: { usages: ["keyCertSign"] } } }),
    () => ({ ...rootProfile, detail: { role: "ARK", field: "keyUsage" } }),
  ),
  ...onBoth(
    "no keyCertSign",
    () => ({ root: { keyUsage: { usages: ["cRLSign"] } } }),
    () => ({ ...rootProfile, detail: { role: "ARK", field: "keyUsage" } }),
  ),
  ...onBoth(
    "CA:FALSE",
    () => ({ root: { basicConstraints: { ca: false } } }),
    () => ({ ...rootProfile, detail: { role: "ARK", field: "basicConstraints" } }),
  ),
  ...onBoth(
    "pathLen 0",
    () => ({ root: { basicConstraints: { pathLen: 0 } } }),
    () => ({ ...rootProfile, detail: { role: "ARK", field: "basicConstraints" } }),
  ),
  ...onBoth(
    "another serial than the anchor's",
    () => ({ root: { serial: 7 } }),
    () => ({ code: "ERR_UNTRUSTED_ROOT", detail: { field: "serialNumber" } }),
  ),
  ...onBoth(
    "another subject than the anchor's",
    () => ({ root: { subject: { state: "TX" } } }),
    () => ({ code: "ERR_UNTRUSTED_ROOT", detail: { field: "subject" } }),
  ),
  ...onBoth(
    "another issuer than itself",
    () => ({ root: { issuer: { state: "TX" } } }),
    () => ({ code: "ERR_UNTRUSTED_ROOT", detail: { field: "issuer" } }),
  ),
  ...onBoth(
    "another key under the same name",
    () => ({ root: { spki: vcek.foreignCaKey().spki, signWith: vcek.foreignCaKey() } }),
    () => ({ code: "ERR_UNTRUSTED_ROOT", detail: { field: "subjectPublicKey" } }),
  ),
  ...onBoth(
    "a P-384 key under the same name",
    () => ({ root: { spki: vcek.foreignLeafKey().spki } }),
    () => ({ code: "ERR_UNTRUSTED_ROOT", detail: { field: "subjectPublicKey" } }),
  ),
]);
