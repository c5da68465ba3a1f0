import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { sealTo } from "../../src/release/index.js";
import { issueResult, verifyResult } from "../../src/result/index.js";
import { VERIFIED_AT } from "../support/records.js";
import { accepted, type Differing, guestKeys, NOW, POLICY, policyOf, SECRET } from "./support.js";

const guest = await guestKeys("P-384");
const pair = await generateKeyPair("ES256", { extractable: true });
const BOUND = { scheme: "attestry-v1" } as const;
/** Something ends here, long before the challenge does. */
const END = VERIFIED_AT + 100_000;
const until = new Date(END).toISOString();
/** As policies write it. */
const second = until.replace(".000Z", "Z");
const only = { productLine: ["Milan"] };
const excuse = { check: "/snp/platformInfo/aliasCheckComplete", until: second, reason: "being replaced", only };
/** What the guest of these tests fails, and a policy may excuse. */
const HOST = { platformInfo: { aliasCheckComplete: "required" } };
const validity = { notAfter: second };
const [ending, waiving, warning] = [
  await policyOf(BOUND, "ending", {}, { validity }),
  await policyOf(BOUND, "waiving", HOST, { waivers: [excuse] }),
  await policyOf(BOUND, "warning", HOST, { warn: [excuse] }),
];

function seal({ appraisal, challenge }: Awaited<ReturnType<typeof accepted>>, now: number) {
  return sealTo(appraisal, SECRET, { challenge, format: "hpke", now: new Date(now) });
}

describe("an accepted appraisal", () => {
  const rows: [string, Differing][] = [
    ["its leaf certificate", { evidence: { notAfter: { leaf: END, intermediate: END + 1e9, root: END + 1e9 } } }],
    ["its intermediate certificate", { evidence: { notAfter: { intermediate: END } } }],
    ["its root certificate", { evidence: { notAfter: { root: END } } }],
    ["its CRL", { evidence: { revocation: { nextUpdate: END } } }],
    ["its policy", { policy: ending }],
    ["a waiver of its policy", { policy: waiving }],
    ["a warning of its policy", { policy: warning }],
  ];

  it.each(rows)("ends with %s, before its challenge does", async (_, differing) => {
    const [early, late] = [await accepted(guest.spki, differing), await accepted(guest.spki, differing)];
    await expect(seal(early, END - 1)).resolves.toBeDefined();
    const detail = { what: "appraisal", expiresAt: until, now: until };
    await expect(seal(late, END)).toFailWith("ERR_RELEASE_EXPIRED", detail);
  });

  it("is not sealed to before it was made", async () => {
    const made = await accepted(guest.spki);
    await expect(seal(made, VERIFIED_AT - 1)).rejects.toThrow(/^options.now must not be before the appraisal at /);
    await expect(seal(made, VERIFIED_AT)).resolves.toBeDefined();
  });
});

describe("a verified result", () => {
  const key = { algorithm: "ES256", keyId: "verifier-1" } as const;
  const names = { issuer: "https://verifier.example", audience: "https://release.example" };

  async function carried(maxAgeMs: number) {
    const made = await accepted(guest.spki);
    const token = await issueResult(made.appraisal, {
      ...names,
      key: { ...key, privateKey: pair.privateKey },
      ttlMs: 200_000,
      now: NOW,
      profile: "ear-03",
      verifier: { developer: names.issuer, build: "1" },
      platformIdentity: "leave-out",
      advisories: "unassessed",
    });
    const result = await verifyResult(token, {
      ...names,
      keys: [{ ...key, publicKey: (await exportJWK(pair.publicKey)) as JsonWebKey }],
      algorithms: ["ES256"],
      policyDigest: POLICY.digest,
      maxAgeMs,
      profile: "ear-03",
      now: NOW,
      nonce: made.challenge.nonce,
    });
    const { challenge } = made;
    return (now: number) => sealTo(result, SECRET, { challenge, format: "hpke", now: new Date(now) });
  }

  it("gets no older by waiting than verifyResult was told to accept", async () => {
    const [early, late] = [await carried(100_000), await carried(100_000)];
    await expect(early(END)).resolves.toBeDefined();
    const end = new Date(END + 1).toISOString();
    await expect(late(END + 1)).toFailWith("ERR_RELEASE_EXPIRED", { what: "result", expiresAt: end, now: end });
  });

  it("ends with its token where that is sooner", async () => {
    const [early, late] = [await carried(1e9), await carried(1e9)];
    await expect(early(VERIFIED_AT + 199_999)).resolves.toBeDefined();
    await expect(late(VERIFIED_AT + 200_000)).toFailWith("ERR_RELEASE_EXPIRED", { what: "result" });
  });

  it("is not sealed to before it was issued", async () => {
    const releasing = (await carried(1e9))(VERIFIED_AT - 1);
    await expect(releasing).rejects.toThrow(/^options.now must not be before the appraisal at /);
  });
});
