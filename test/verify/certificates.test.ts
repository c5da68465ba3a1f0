import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { nodeEngine } from "../../src/node/index.js";
import type { EvidenceOptions, Forge, LeafOptions } from "../../src/testing/index.js";
import { type CertificateChain, verifyCertificates } from "../../src/verify/certificates.js";
import { assertVerified } from "../../src/verify/record.js";
import type { VerifiedCertificates, VerifyOptions } from "../../src/verify/types.js";
import { forgeOf, HIERARCHIES, judge } from "./forged.js";

const vcek = await forgeOf();
const vlek = await forgeOf("Milan", "VLEK");
const genoa = await forgeOf("Genoa");

/** The chain of forged evidence, without its report. */
function chainOf(forge: Forge, options: EvidenceOptions = {}): CertificateChain {
  const { evidence, leaf } = forge.evidence(options);
  return { leaf: leaf.der, ...evidence.certificates };
}

function verify(
  forge: Forge,
  chain: CertificateChain,
  options: Partial<VerifyOptions> = {},
): Promise<VerifiedCertificates> {
  const { now, anchors } = forge.evidence();
  return verifyCertificates(chain, { now, anchors, engine: nodeEngine, ...options });
}

describe("a chain without a report", () => {
  it.each(HIERARCHIES)("says the same as with one: $productLine $signingKey", async ({ productLine, signingKey }) => {
    const forge = await forgeOf(productLine, signingKey);
    const verified = await verify(forge, chainOf(forge));
    expect(verified.toJSON()).toEqual(judge(forge, {}).certificates.toJSON());
    expect(verified).toMatchObject({ productLine, signingKey });
  });

  it("is no verified evidence, and cannot be taken for it", async () => {
    const verified = await verify(vcek, chainOf(vcek));
    expect(() => assertVerified(verified)).toThrow(TypeError);
    expect(verified).not.toHaveProperty("report");
  });

  it("takes its line from the caller where the names agree", async () => {
    await expect(verify(vcek, chainOf(vcek), { productLine: "Milan" })).resolves.toBeDefined();
    await expect(verify(vcek, chainOf(vcek), { productLine: "Turin" })).toFailWith("ERR_UNTRUSTED_PRODUCT_LINE", {
      expected: "Turin",
      actual: "Milan",
      where: "the leaf's issuer",
    });
  });

  it("of a leaf that names no issuer of AMD's is of no line", async () => {
    const leaf: LeafOptions = { issuer: { commonName: "SEV" } };
    const chain = chainOf(vcek, { leaf, omit: ["intermediate", "root"] });
    await expect(verify(vcek, chain)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_NAME", { role: "leaf", actual: "SEV" });
    const told = verify(vcek, chain, { productLine: "Milan" });
    await expect(told).toFailWith("ERR_UNTRUSTED_CERTIFICATE_NAME", { role: "VCEK", expected: "SEV-Milan" });
  });
});

const DAY = 86_400_000;
const past = { notAfter: new Date(vcek.now.getTime() - DAY) };

/** Each is refused as the same chain is with a report; the chain without the change verifies above. */
const refusals: readonly (readonly [name: string, forge: Forge, options: EvidenceOptions, code: ErrorCode])[] = [
  ["no intermediate", vcek, { omit: ["intermediate"] }, "ERR_COLLATERAL_MISSING"],
  ["no CRL", vcek, { omit: ["crl"] }, "ERR_COLLATERAL_CRL_MISSING"],
  ["a leaf of no role", vcek, { leaf: { subject: { commonName: "SEV" } } }, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
  ["a leaf of another's key", vcek, { leaf: { signWith: vcek.foreignCaKey() } }, "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE"],
  ["a VCEK under the ASVK", vcek, { leaf: { issuer: { commonName: "SEV-VLEK-Milan" } } }, "ERR_UNTRUSTED_BRANCH"],
  ["a VLEK under the ASK", vlek, { leaf: { issuer: { commonName: "SEV-Milan" } } }, "ERR_UNTRUSTED_BRANCH"],
  ["a VLEK with hwID", vlek, { leaf: { hwId: new Uint8Array(64) } }, "ERR_UNTRUSTED_CERTIFICATE_PROFILE"],
  ["a VCEK with cspID", vcek, { leaf: { cspId: "CN=x" } }, "ERR_UNTRUSTED_CERTIFICATE_PROFILE"],
  ["an expired leaf", vcek, { leaf: past }, "ERR_UNTRUSTED_CERTIFICATE_EXPIRED"],
  ["an expired intermediate", vlek, { intermediate: past }, "ERR_UNTRUSTED_CERTIFICATE_EXPIRED"],
  ["a revoked ASK", vcek, { crl: { revoked: [{ serial: 0x10001n }] } }, "ERR_UNTRUSTED_CERTIFICATE_REVOKED"],
  ["a revoked ASVK", vlek, { crl: { revoked: [{ serial: 0x10101n }] } }, "ERR_UNTRUSTED_CERTIFICATE_REVOKED"],
];

describe("a chain that is refused", () => {
  it.each(refusals)("%s", async (_, forge, options, code) => {
    await expect(verify(forge, chainOf(forge, options))).toFailWith(code);
    expect(() => judge(forge, { evidence: options })).toFailWith(code);
  });

  it("the chain of another line's root", async () => {
    const mixed = { ...chainOf(vcek), root: genoa.ark().der };
    await expect(verify(vcek, mixed)).toFailWith("ERR_UNTRUSTED_PRODUCT_LINE");
  });

  it("the other branch's intermediate", async () => {
    const mixed = { ...chainOf(vcek), intermediate: vcek.asvk().der };
    await expect(verify(vcek, mixed)).toFailWith("ERR_UNTRUSTED_BRANCH");
  });
});
