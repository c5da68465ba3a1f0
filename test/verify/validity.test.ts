import { describe, expect, it } from "vitest";
import type { EvidenceOptions, Forge } from "../../src/testing/index.js";
import { describeTwins, forgeOf, judge, type Twins } from "./forged.js";

const vcek = await forgeOf();
const vlek = await forgeOf("Milan", "VLEK");
const turin = await forgeOf("Turin");

const DAY = 86_400_000;
const noon = vcek.now.getTime();
const notBefore = new Date(noon - DAY);
const notAfter = new Date(noon + DAY);
const at = (time: number) => ({ now: new Date(time), revocation: "skip" as const });

/** The same evidence at the last moment that holds and at the first that does not. */
function edges(
  forge: Forge,
  role: string,
  part: { evidence?: EvidenceOptions; anchors?: readonly Uint8Array[] },
): Twins[] {
  const { evidence = {}, anchors } = part;
  const trial = (time: number) => ({
    evidence,
    options: { ...at(time), ...(anchors === undefined ? {} : { anchors }) },
  });
  return [
    {
      name: `${role}: from notBefore on`,
      forge,
      sound: trial(notBefore.getTime()),
      wrong: trial(notBefore.getTime() - 1),
      code: "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID",
      detail: { role, notBefore: notBefore.toISOString(), now: new Date(noon - DAY - 1).toISOString() },
    },
    {
      name: `${role}: up to notAfter`,
      forge,
      sound: trial(notAfter.getTime()),
      wrong: trial(notAfter.getTime() + 1),
      code: "ERR_UNTRUSTED_CERTIFICATE_EXPIRED",
      detail: { role, notAfter: notAfter.toISOString(), now: new Date(noon + DAY + 1).toISOString() },
    },
  ];
}

const narrow = { notBefore, notAfter };
const narrowRoot = (forge: Forge) => ({
  evidence: { omit: ["root"] } satisfies EvidenceOptions,
  anchors: [forge.ark(narrow).der],
});

describeTwins("a certificate's window", [
  ...edges(vcek, "VCEK", { evidence: { leaf: narrow } }),
  ...edges(vlek, "VLEK", { evidence: { leaf: narrow } }),
  ...edges(turin, "VCEK", { evidence: { leaf: narrow } }),
  ...edges(vcek, "ASK", { evidence: { intermediate: narrow } }),
  ...edges(vlek, "ASVK", { evidence: { intermediate: narrow } }),
  ...edges(vcek, "ARK", narrowRoot(vcek)),
  ...edges(vlek, "ARK", narrowRoot(vlek)),
]);

describe("the root's dates", () => {
  it("are the anchor's, whatever a supplied root of the same key says", () => {
    const evidence = { root: narrow };
    const later = at(notAfter.getTime() + 1);
    const { root } = judge(vcek, { evidence, options: later }).certificates;
    expect(root.notAfter.getTime()).toBeGreaterThan(later.now.getTime());
    const anchors = [vcek.ark(narrow).der];
    expect(() => judge(vcek, { options: { ...later, anchors } })).toFailWith("ERR_UNTRUSTED_CERTIFICATE_EXPIRED", {
      role: "ARK",
    });
  });
});

describe("the windows that are reported", () => {
  it("are those of the certificates, in whole seconds", () => {
    const { leaf, intermediate } = judge(vcek, { evidence: { leaf: narrow, intermediate: narrow } }).certificates;
    for (const { notBefore: from, notAfter: to } of [leaf, intermediate])
      expect([from, to]).toEqual([notBefore, notAfter]);
  });

  it("may be written as UTCTime or GeneralizedTime", () => {
    for (const timeForm of ["rfc5280", "generalized"] as const) {
      expect(judge(vcek, { evidence: { leaf: { timeForm } } }).verifiedAt).toEqual(vcek.now);
    }
  });

  it("root first, then intermediate, then leaf, where all are over", () => {
    const evidence = { leaf: narrow, intermediate: narrow };
    const later = at(notAfter.getTime() + 1);
    expect(() => judge(vcek, { evidence, options: later })).toFailWith("ERR_UNTRUSTED_CERTIFICATE_EXPIRED", {
      role: "ASK",
    });
    const anchors = [vcek.ark(narrow).der];
    expect(() => judge(vcek, { evidence, options: { ...later, anchors } })).toFailWith(
      "ERR_UNTRUSTED_CERTIFICATE_EXPIRED",
      { role: "ARK" },
    );
  });
});
