import { describe, expect, it } from "vitest";
import { AMD_EXTENSION, X509_EXTENSION } from "../../src/amd/oids.js";
import type { EvidenceOptions, Forge } from "../../src/testing/index.js";
import { describeTwins, forgeOf, judge, type Twins } from "./forged.js";

const vcek = await forgeOf();
const vlek = await forgeOf("Milan", "VLEK");
const turin = await forgeOf("Turin");

type LeafOptions = NonNullable<EvidenceOptions["leaf"]>;
type Refusal = Pick<Twins, "code" | "detail">;

/** Leaves of a forge whose AMD extensions are not their kind's. */
const misfit =
  (forge: Forge) =>
  (name: string, leaf: LeafOptions, refusal: Refusal): Twins => ({
    name: `${forge.productLine} ${forge.signingKey}: ${name}`,
    forge,
    wrong: { evidence: { leaf } },
    ...refusal,
  });

const milanMisfit = misfit(vcek);
const turinMisfit = misfit(turin);
const vlekMisfit = misfit(vlek);
const unknownCritical = { oid: "1.2.3.4", critical: true, value: Uint8Array.of(5, 0) };

const profile = (field: string) => ({ code: "ERR_UNTRUSTED_CERTIFICATE_PROFILE" as const, detail: { field } });
const { structVersion, productName, spl4, fmcSPL, hwID, cspID, ...spls } = AMD_EXTENSION;
const always = [structVersion, productName, ...Object.values(spls)];
const extensionsOf: readonly (readonly [forge: Forge, own: readonly string[], foreign: readonly string[]])[] = [
  [vcek, [...always, spl4, hwID], [fmcSPL, cspID]],
  [vlek, [...always, spl4, cspID], [fmcSPL, hwID]],
  [turin, [...always, fmcSPL, hwID], [spl4, cspID]],
];
const integerZero = Uint8Array.of(2, 1, 0);

describeTwins(
  "a leaf's extensions",
  extensionsOf.flatMap(([forge, owned, foreign]) => [
    ...owned.map((oid) => misfit(forge)(`without ${oid}`, { extensions: { drop: [oid] } }, profile(oid))),
    ...owned.map((oid) =>
      misfit(forge)(`with ${oid} twice`, { extensions: { repeat: [oid] } }, { code: "ERR_MALFORMED_DER" }),
    ),
    ...foreign.map((oid) =>
      misfit(forge)(
        `with ${oid}`,
        { extensions: { add: [{ oid, critical: false, value: integerZero }] } },
        profile(oid),
      ),
    ),
    misfit(forge)("with an unknown critical one", { extensions: { add: [unknownCritical] } }, profile("1.2.3.4")),
    misfit(forge)(
      "with basicConstraints critical",
      {
        extensions: {
          add: [{ oid: X509_EXTENSION.basicConstraints, critical: true, value: Uint8Array.of(0x30, 0) }],
        },
      },
      profile(X509_EXTENSION.basicConstraints),
    ),
    misfit(forge)("with a serial", { serial: 1 }, profile("serialNumber")),
    misfit(forge)("with an RSA key", { spki: vcek.foreignCaKey().spki }, profile("subjectPublicKey")),
  ]),
);

describe("a leaf whose AMD extensions are critical", () => {
  it("verifies: they are understood", () => {
    const evidence = { leaf: { extensions: { replace: { [structVersion]: { critical: true } } } } };
    expect(judge(vcek, { evidence }).certificates.leaf.structVersion).toBe(0);
  });
});

const value = (oid: string, ...bytes: number[]) => ({
  extensions: { replace: { [oid]: { value: Uint8Array.from(bytes) } } },
});
const malformed = { code: "ERR_MALFORMED_DER" as const };

describeTwins("an extension in another encoding", [
  milanMisfit("a negative level", value(spls.snpSPL, 2, 1, 0x98), malformed),
  milanMisfit("a level of two bytes", value(spls.snpSPL, 2, 2, 1, 0), malformed),
  milanMisfit("a level that is not minimal", value(spls.snpSPL, 2, 2, 0, 24), malformed),
  milanMisfit("a level with a byte left over", value(spls.snpSPL, 2, 1, 24, 0), malformed),
  milanMisfit("a level as BOOLEAN", value(spls.snpSPL, 1, 1, 0xff), malformed),
  milanMisfit("an empty level", value(spls.snpSPL), malformed),
  milanMisfit("a product name as UTF8String", value(productName, 0x0c, 5, 77, 105, 108, 97, 110), malformed),
  vlekMisfit("a provider as UTF8String", value(cspID, 0x0c, 1, 65), malformed),
  vlekMisfit("an empty provider value", value(cspID), malformed),
]);

const hwId = (length: number) => ({ hwId: Uint8Array.from({ length }, (_, index) => index) });

describeTwins("hwID of another length", [
  ...[0, 8, 63, 65, 66].map((length) => milanMisfit(`${length} bytes`, hwId(length), profile(hwID))),
  ...[0, 7, 9, 10, 64].map((length) => turinMisfit(`${length} bytes`, hwId(length), profile(hwID))),
  milanMisfit("inside an OCTET STRING", { hwId: Uint8Array.of(4, 64, ...vcek.chip().hwId) }, profile(hwID)),
  turinMisfit("inside an OCTET STRING", { hwId: Uint8Array.of(4, 8, ...turin.chip().hwId) }, profile(hwID)),
]);

describe("leaves of the other line's form", () => {
  it("Turin's extensions are refused under Milan, and Milan's under Turin", () => {
    const swapSpl = (from: string, to: string) => ({
      extensions: { drop: [from], add: [{ oid: to, critical: false, value: integerZero }] },
    });
    const likeTurin = { evidence: { leaf: swapSpl(spl4, fmcSPL) } };
    const likeMilan = { evidence: { leaf: swapSpl(fmcSPL, spl4) } };
    expect(() => judge(vcek, likeTurin)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", { field: fmcSPL });
    expect(() => judge(turin, likeMilan)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", { field: spl4 });
  });
});
