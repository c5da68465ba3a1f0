import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import type { Evidence } from "../../src/evidence/evidence.js";
import { nodeEngine } from "../../src/node/index.js";
import { type CrlOptions, createForge, type EvidenceOptions, type ForgedEvidence } from "../../src/testing/index.js";
import type { CollateralSource } from "../../src/verify/types.js";
import { createVerifier, type Verifier, type VerifierOptions } from "../../src/verify/verifier.js";
import { forgeOf, HIERARCHIES } from "./forged.js";

const milan = await forgeOf();
const turin = await forgeOf("Turin");
const stranger = await createForge({ seed: "another root of the same name" });
const sound = milan.evidence();
const root = milan.ark().der;
const DAY = 86_400_000;
const day = (count: number) => new Date(milan.now.getTime() + count * DAY);

/** The node engine, with a count of what it was asked, and a hook that runs before each answer. */
function counting(before: () => void = () => undefined) {
  const count = { ecdsa: 0, rsa: 0 };
  const engine: CryptoEngine = {
    ...nodeEngine,
    verifyEcdsaP384: (...given) => {
      before();
      count.ecdsa++;
      return nodeEngine.verifyEcdsaP384(...given);
    },
    verifyRsaPss: (...given) => {
      before();
      count.rsa++;
      return nodeEngine.verifyRsaPss(...given);
    },
  };
  return { engine, count };
}

/** A verifier under the forge's root at its clock, and what each of its verifications cost. */
function verifierOf(options: Partial<VerifierOptions> = {}, before?: () => void) {
  const { engine, count } = counting(before);
  const verifier = createVerifier({ now: () => milan.now, anchors: [root], engine, ...options });
  const cost = async (run: () => Promise<unknown>) => {
    const { ecdsa, rsa } = count;
    await run().catch(() => undefined);
    return { ecdsa: count.ecdsa - ecdsa, rsa: count.rsa - rsa };
  };
  return { verifier, count, cost };
}

/** Another report of the same chip, with the same certificates. */
function nextReport(forged: ForgedEvidence, options: NonNullable<EvidenceOptions["report"]> = {}): Evidence {
  const { productLine, signingKey } = forged;
  const { bytes } = milan.report({ productLine, signingKey, reportData: new Uint8Array(64).fill(7), ...options });
  return { ...forged.evidence, report: bytes };
}

/** Evidence with other certificates. */
function but(evidence: Evidence, changed: NonNullable<Evidence["certificates"]>): Evidence {
  return { ...evidence, certificates: { ...evidence.certificates, ...changed } };
}

const withCrl = (options: CrlOptions) => but(sound.evidence, { crl: milan.crl(options).der });
const withoutCrl = () => milan.evidence({ omit: ["crl"] }).evidence;

describe("a verifier", () => {
  it.each(HIERARCHIES)("walks a chain once: $productLine $signingKey", async ({ productLine, signingKey }) => {
    const forge = await forgeOf(productLine, signingKey);
    const forged = forge.evidence();
    const { verifier, cost } = verifierOf({ anchors: forged.anchors });
    expect(await cost(() => verifier.verify(forged.evidence))).toEqual({ ecdsa: 1, rsa: 4 });
    expect(await cost(() => verifier.verify(forged.evidence))).toEqual({ ecdsa: 1, rsa: 0 });
    const next = { ...forged.evidence, report: forge.report({ vmpl: 1 }).bytes };
    expect(await cost(() => verifier.verify(next))).toEqual({ ecdsa: 1, rsa: 0 });
    expect((await verifier.verify(next)).report.vmpl).toBe(1);
  });

  it("says the same of what it remembers as of what it sees for the first time", async () => {
    const { verifier } = verifierOf();
    const first = await verifier.verify(sound.evidence);
    const second = await verifier.verify(sound.evidence);
    expect(second.toJSON()).toEqual(first.toJSON());
    expect(second.revocation.source).toBe("evidence");
  });

  it("remembers for itself and for nobody else", async () => {
    const { engine, count } = counting();
    const options: VerifierOptions = { now: () => milan.now, anchors: [root], engine };
    await createVerifier(options).verify(sound.evidence);
    await createVerifier(options).verify(sound.evidence);
    expect(count).toEqual({ ecdsa: 2, rsa: 8 });
  });

  it("remembers bytes of its own: what becomes of the caller's does not matter", async () => {
    const { verifier, cost } = verifierOf();
    const copies = Object.entries({ ...sound.evidence.certificates }).map(([role, bytes]) => [role, bytes.slice()]);
    const certificates: Evidence["certificates"] & object = Object.fromEntries(copies);
    await verifier.verify({ ...sound.evidence, certificates });
    for (const bytes of Object.values(certificates)) bytes.fill(0);
    expect(await cost(() => verifier.verify(sound.evidence))).toEqual({ ecdsa: 1, rsa: 0 });
    await expect(verifier.verify(sound.evidence)).resolves.toBeDefined();
  });

  it("judges the CRL that it was handed, also where that is read late", async () => {
    const [short, long] = [milan.ark({ notAfter: day(10) }).der, milan.ark({ notAfter: day(900) }).der];
    const { verifier } = verifierOf({ anchors: [short, long] });
    const { evidence } = milan.evidence({ omit: ["root"] });
    await verifier.verify(evidence);
    // The root of the remembered chain is over by then, so that the other one is walked before the CRL is read.
    const crl = milan.crl({ number: 2, nextUpdate: day(30) }).der;
    const verification = verifier.verify(but(evidence, { crl }), { now: day(11) });
    crl.fill(0);
    expect((await verification).revocation.number).toBe("0x2");
  });

  it("remembers a chain whose leaf a source gives each time", async () => {
    const asked: string[] = [];
    const collateral: CollateralSource = {
      get: (request) => {
        asked.push(request.role);
        return Promise.resolve(request.role === "leaf" ? sound.leaf.der : undefined);
      },
    };
    const { verifier, cost } = verifierOf({ collateral });
    const { evidence } = milan.evidence({ omit: ["leaf"] });
    expect(await cost(() => verifier.verify(evidence))).toEqual({ ecdsa: 1, rsa: 4 });
    expect(await cost(() => verifier.verify(evidence))).toEqual({ ecdsa: 1, rsa: 0 });
    await expect(verifier.verify(evidence)).resolves.toBeDefined();
    expect(asked).toEqual(["leaf", "leaf", "leaf"]);
  });

  it("does not take a leaf for the remembered one that differs in any of these bytes", async () => {
    const given = { der: sound.leaf.der };
    const collateral: CollateralSource = {
      get: ({ role }) => Promise.resolve(role === "leaf" ? given.der : undefined),
    };
    const { verifier } = verifierOf({ collateral });
    const { evidence } = milan.evidence({ omit: ["leaf"] });
    await verifier.verify(evidence);
    for (const at of [0, sound.leaf.der.length >> 1, sound.leaf.der.length - 1]) {
      given.der = sound.leaf.der.slice();
      given.der[at] = (given.der[at] ?? 0) ^ 1;
      await expect(verifier.verify(evidence)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_(UNTRUSTED|MALFORMED)_/),
      });
    }
    given.der = sound.leaf.der;
    await expect(verifier.verify(evidence)).resolves.toBeDefined();
  });

  it("keeps no bytes of a source's", async () => {
    const given = sound.leaf.der.slice();
    const collateral: CollateralSource = {
      get: ({ role }) => Promise.resolve(role === "leaf" ? given : undefined),
    };
    const { verifier, cost } = verifierOf({ collateral });
    const { evidence } = milan.evidence({ omit: ["leaf"] });
    await verifier.verify(evidence);
    given.fill(0);
    await expect(verifier.verify(evidence)).toFailWith("ERR_MALFORMED_DER");
    given.set(sound.leaf.der);
    expect(await cost(() => verifier.verify(evidence))).toEqual({ ecdsa: 1, rsa: 0 });
  });

  it("tries the root of a remembered chain first", async () => {
    const { verifier, cost } = verifierOf({ anchors: [stranger.ark().der, root] });
    const { evidence } = milan.evidence({ omit: ["root"] });
    expect((await cost(() => verifier.verify(evidence))).rsa).toBeGreaterThan(4);
    expect(await cost(() => verifier.verify(evidence))).toEqual({ ecdsa: 1, rsa: 0 });
  });

  it("refuses a remembered chain for a report of another line or branch", async () => {
    const { verifier } = verifierOf();
    await verifier.verify(sound.evidence);
    const otherLine = { ...sound.evidence, report: milan.report({ cpuidModId: 0x11 }).bytes };
    await expect(verifier.verify(otherLine)).toFailWith("ERR_UNTRUSTED_PRODUCT_LINE");
    const otherBranch = { ...sound.evidence, report: milan.report({ keyInfo: 4 }).bytes };
    await expect(verifier.verify(otherBranch)).toFailWith("ERR_UNTRUSTED_SIGNING_KEY");
  });
});

describe("what is judged every time, also of a remembered chain", () => {
  /** After one good verification: what comes then, and how it is refused. */
  const later: readonly (readonly [name: string, evidence: () => Evidence, now: Date, code: string])[] = [
    ["the leaf's notAfter", () => sound.evidence, new Date(Date.UTC(2040, 0, 1)), "ERR_UNTRUSTED_CERTIFICATE_EXPIRED"],
    ["the leaf's notBefore", () => sound.evidence, day(-31), "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID"],
    ["the CRL's nextUpdate", () => sound.evidence, day(60), "ERR_COLLATERAL_CRL_STALE"],
    ["the CRL's thisUpdate", () => sound.evidence, day(-10), "ERR_COLLATERAL_CRL_FUTURE"],
    [
      "revocation",
      () => withCrl({ number: 2, revoked: [{ serial: 0x10001n }] }),
      milan.now,
      "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
    ],
    [
      "the CRL's signature",
      () => withCrl({ signWith: milan.foreignCaKey() }),
      milan.now,
      "ERR_UNTRUSTED_CRL_SIGNATURE",
    ],
    ["the report's TCB", () => nextReport(sound, { reportedTcb: { snp: 1 } }), milan.now, "ERR_UNTRUSTED_TCB_MISMATCH"],
    [
      "the report's chip",
      () => nextReport(sound, { chipId: new Uint8Array(64).fill(1) }),
      milan.now,
      "ERR_UNTRUSTED_CHIP_ID",
    ],
    [
      "a masked chip",
      () => nextReport(sound, { chipId: new Uint8Array(64) }),
      milan.now,
      "ERR_UNTRUSTED_MASKED_CHIP_ID",
    ],
    [
      "the report's signature",
      () => nextReport(sound, { signWith: milan.foreignLeafKey() }),
      milan.now,
      "ERR_UNTRUSTED_REPORT_SIGNATURE",
    ],
    ["the report's rules", () => nextReport(sound, { vmpl: 9 }), milan.now, "ERR_UNTRUSTED_VMPL"],
  ];

  it.each(later)("%s", async (_, evidence, now, code) => {
    const { verifier, count } = verifierOf();
    await verifier.verify(sound.evidence);
    const before = count.rsa;
    await expect(verifier.verify(evidence(), { now })).toFailWith(code as never);
    // Nothing of the chain was walked again: at most the CRL was new.
    expect(count.rsa - before).toBeLessThanOrEqual(1);
    // The verdict was not remembered; only a revocation is.
    const again = verifier.verify(sound.evidence);
    if (code === "ERR_UNTRUSTED_CERTIFICATE_REVOKED") await expect(again).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK");
    else await expect(again).resolves.toBeDefined();
  });
});

describe("what failed", () => {
  const bad = () => but(sound.evidence, { leaf: milan.vcek({ signWith: milan.foreignCaKey() }).der });

  it("is not remembered as good, nor as bad", async () => {
    const { verifier, cost } = verifierOf();
    const first = await cost(() => verifier.verify(bad()));
    expect(first).toEqual({ ecdsa: 0, rsa: 3 });
    expect(await cost(() => verifier.verify(bad()))).toEqual(first);
    await expect(verifier.verify(bad())).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
    expect(await cost(() => verifier.verify(sound.evidence))).toEqual({ ecdsa: 1, rsa: 4 });
  });

  it("for its date alone is sound once the date is", async () => {
    const { verifier, cost } = verifierOf();
    const early = { now: day(-31) };
    await expect(verifier.verify(sound.evidence, early)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID");
    expect(await cost(() => verifier.verify(sound.evidence))).toEqual({ ecdsa: 1, rsa: 1 });
    await expect(verifier.verify(sound.evidence)).resolves.toBeDefined();
  });

  it("together fails for everyone who waited for it, and is walked anew afterwards", async () => {
    const { verifier, count } = verifierOf();
    const together = await Promise.allSettled([bad(), bad(), bad()].map((evidence) => verifier.verify(evidence)));
    for (const result of together)
      expect(result).toMatchObject({ reason: { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" } });
    expect(count.rsa).toBe(3);
    await expect(verifier.verify(bad())).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
    expect(count.rsa).toBe(6);
  });
});

describe("a chain is found by its bytes alone", () => {
  it("the tail of a signature is not enough", async () => {
    const { verifier, cost } = verifierOf();
    await verifier.verify(sound.evidence);
    const certificates = { ...sound.evidence.certificates };
    for (const role of ["leaf", "intermediate", "root"] as const) {
      const bytes = certificates[role]?.slice() ?? new Uint8Array();
      // In the public key of a CA and of the leaf alike, far from the end.
      const index = bytes.length - 700;
      bytes[index] = Number(bytes[index]) ^ 1;
      expect(bytes.subarray(-512)).toEqual(certificates[role]?.subarray(-512));
      await expect(verifier.verify(but(sound.evidence, { [role]: bytes })), role).rejects.toHaveProperty("code");
    }
    expect(await cost(() => verifier.verify(sound.evidence))).toEqual({ ecdsa: 1, rsa: 0 });
  });

  it("another certificate of the same ASK under the same leaf is walked", async () => {
    const { verifier, cost } = verifierOf();
    await verifier.verify(sound.evidence);
    const renewed = but(sound.evidence, { intermediate: milan.ask({ notAfter: day(900) }).der });
    expect(await cost(() => verifier.verify(renewed))).toEqual({ ecdsa: 1, rsa: 3 });
    expect((await verifier.verify(renewed)).certificates.intermediate.notAfter).toEqual(day(900));
    expect(await cost(() => verifier.verify(renewed))).toEqual({ ecdsa: 1, rsa: 0 });
    expect(await cost(() => verifier.verify(sound.evidence))).toEqual({ ecdsa: 1, rsa: 0 });
    const foreign = but(sound.evidence, { intermediate: milan.ask({ signWith: milan.foreignCaKey() }).der });
    await expect(verifier.verify(foreign)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE", { role: "ASK" });
  });

  it("a chain with its root is another than one without", async () => {
    const { verifier, cost } = verifierOf();
    await verifier.verify(sound.evidence);
    const { evidence } = milan.evidence({ omit: ["root"] });
    expect((await verifier.verify(evidence)).certificates.root.origin).toBe("pinned");
    expect((await verifier.verify(sound.evidence)).certificates.root.origin).toBe("supplied");
    expect(await cost(() => verifier.verify(evidence))).toEqual({ ecdsa: 1, rsa: 0 });
  });
});

describe("the number of chains that are remembered", () => {
  const chips = ["a", "b", "c"].map((chip) => milan.evidence({ chip }).evidence);
  const [a, b, c] = chips as [Evidence, Evidence, Evidence];
  /** Which of the chips cost a walk, in the order of the visits. */
  async function walks(maxChains: number, visits: readonly Evidence[]): Promise<boolean[]> {
    const { verifier, cost } = verifierOf({ maxChains });
    const costs = [];
    for (const visit of visits) costs.push(await cost(() => verifier.verify(visit)));
    return costs.map(({ rsa }) => rsa > 0);
  }

  it("is bounded, and the one that was not used longest goes first", async () => {
    expect(await walks(1, [a, a, b, a, a])).toEqual([true, false, true, true, false]);
    expect(await walks(2, [a, b, a, c, a, b])).toEqual([true, true, false, true, false, true]);
    expect(await walks(3, [a, b, c, a, b, c])).toEqual([true, true, true, false, false, false]);
  });

  it("is 1000 by default", async () => {
    const { verifier, cost } = verifierOf({});
    for (const visit of chips) await verifier.verify(visit);
    expect(await cost(() => verifier.verify(a))).toEqual({ ecdsa: 1, rsa: 0 });
  });
});

describe("verifications at the same time", () => {
  const skip = { revocation: "skip" } as const;
  const reports = Array.from({ length: 10 }, (_, index) => ({
    ...sound.evidence,
    report: milan.report({ reportData: new Uint8Array(64).fill(index) }).bytes,
  }));

  it("of one chain walk it once", async () => {
    const { verifier, count } = verifierOf(skip);
    const verified = await Promise.all(reports.map((evidence) => verifier.verify(evidence)));
    expect(verified.map(({ report }) => report.reportData[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(count).toEqual({ ecdsa: 10, rsa: 3 });
    await verifier.verify(sound.evidence);
    expect(count).toEqual({ ecdsa: 11, rsa: 3 });
  });

  it("of different chains walk each", async () => {
    const { verifier, count } = verifierOf(skip);
    const both = [sound.evidence, milan.evidence({ chip: "1" }).evidence];
    await Promise.all([...both, ...both].map((evidence) => verifier.verify(evidence)));
    expect(count).toEqual({ ecdsa: 4, rsa: 6 });
  });

  it("of one leaf under different intermediates walk each: neither answers for the other", async () => {
    const { verifier } = verifierOf(skip);
    const foreign = but(sound.evidence, { intermediate: milan.ask({ signWith: milan.foreignCaKey() }).der });
    const [good, bad] = await Promise.allSettled([verifier.verify(sound.evidence), verifier.verify(foreign)]);
    expect(good.status).toBe("fulfilled");
    expect(bad).toMatchObject({ reason: { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" } });
  });

  it("of many chains with one tail do not wait for each other's sake, and none answers for another", async () => {
    const { verifier, count } = verifierOf(skip);
    const leaf = sound.leaf.der;
    // Each differs in the case of one letter of its subject; the signature at the end is the same.
    const letters = "Engineering";
    const start = Buffer.from(leaf).lastIndexOf(letters);
    const alike = Array.from(letters, (_, index) =>
      but(sound.evidence, { leaf: leaf.map((byte, at) => (at === start + index ? byte ^ 0x20 : byte)) }),
    );
    const all = [...alike, sound.evidence, sound.evidence].map((evidence) => verifier.verify(evidence));
    const results = await Promise.allSettled(all);
    for (const result of results.slice(0, letters.length)) {
      expect(result).toMatchObject({ reason: { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" } });
    }
    expect(results.slice(letters.length).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(count.ecdsa).toBe(2);
    await verifier.verify(sound.evidence);
    expect(count.ecdsa).toBe(3);
  });

  it("of one chain under two roots answer each for its own root, whoever is ahead", async () => {
    const anchors = [stranger.ark().der, root];
    const { evidence } = milan.evidence({ omit: ["root"] });
    for (let behind = 0; behind < 40; behind++) {
      const { verifier } = verifierOf({ ...skip, anchors });
      const first = verifier.verify(evidence);
      for (let turn = 0; turn < behind; turn++) await Promise.resolve();
      const both = await Promise.allSettled([first, verifier.verify(evidence)]);
      expect(
        both.map(({ status }) => status),
        `${behind} turns behind`,
      ).toEqual(["fulfilled", "fulfilled"]);
    }
  });

  it("do not suffer when the first of them is aborted", async () => {
    const controller = new AbortController();
    const { verifier, count } = verifierOf(skip, () => controller.abort("gave up"));
    const [first, ...others] = await Promise.allSettled([
      verifier.verify(sound.evidence, { signal: controller.signal }),
      ...reports.map((evidence) => verifier.verify(evidence)),
    ]);
    expect(first).toMatchObject({ reason: { code: "ERR_COLLATERAL_ABORTED" } });
    expect(others.every(({ status }) => status === "fulfilled")).toBe(true);
    expect(count).toEqual({ ecdsa: 10, rsa: 3 });
  });

  it("do not suffer when another of them is aborted", async () => {
    const controller = new AbortController();
    const { verifier } = verifierOf(skip, () => controller.abort());
    const [first, second] = await Promise.allSettled([
      verifier.verify(sound.evidence),
      verifier.verify(sound.evidence, { signal: controller.signal }),
    ]);
    expect([first.status, second.status]).toEqual(["fulfilled", "rejected"]);
  });
});

describe("the CRLs that a verifier has seen", () => {
  const numbered = (number: number | null, options: CrlOptions = {}) => withCrl({ number, ...options });
  /** A verifier that has seen these CRLs, all of them good. */
  async function thatSaw(seen: readonly Evidence[], options: Partial<VerifierOptions> = {}): Promise<Verifier> {
    const { verifier } = verifierOf(options);
    for (const evidence of seen) await verifier.verify(evidence);
    return verifier;
  }

  it("must not go back", async () => {
    const verifier = await thatSaw([numbered(5)]);
    await expect(verifier.verify(numbered(4))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK", {
      number: "0x4",
      seen: "0x5",
    });
    await expect(verifier.verify(numbered(5))).resolves.toBeDefined();
    await expect(verifier.verify(numbered(6))).resolves.toBeDefined();
    await expect(verifier.verify(numbered(5))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK", {
      number: "0x5",
      seen: "0x6",
    });
  });

  it("must not go back, whatever their dates say", async () => {
    const verifier = await thatSaw([numbered(5, { thisUpdate: day(-5) })]);
    await expect(verifier.verify(numbered(4, { thisUpdate: day(-1) }))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK");
  });

  it("must not go back in if-available mode, nor by a source", async () => {
    const verifier = await thatSaw([numbered(5)], { revocation: "if-available" });
    await expect(verifier.verify(numbered(4))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK");
    const old = milan.crl({ number: 4 }).der;
    const collateral: CollateralSource = { get: () => Promise.resolve(old) };
    const asking = await thatSaw([numbered(5)], { collateral });
    await expect(asking.verify(withoutCrl(), { now: day(60) })).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK");
  });

  it("count by root: another line begins anew", async () => {
    const verifier = await thatSaw([numbered(9)], { anchors: [root, turin.ark().der] });
    const { evidence } = turin.evidence({ crl: { number: 3 } });
    expect((await verifier.verify(evidence)).revocation.number).toBe("0x3");
  });

  it("count by root: two certificates of one root's name and key are one", async () => {
    const anchors = [root, milan.ark({ notAfter: day(900) }).der];
    const { verifier } = verifierOf({ anchors });
    const { evidence } = milan.evidence({ omit: ["root"], crl: { number: 5 } });
    await verifier.verify(evidence);
    const older = milan.evidence({ omit: ["root"], crl: { number: 4 } }).evidence;
    await expect(verifier.verify(older)).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK");
  });

  it("stay known where later evidence brings none", async () => {
    const verifier = await thatSaw([numbered(5)]);
    expect((await verifier.verify(withoutCrl())).revocation).toEqual({
      status: "checked",
      number: "0x5",
      thisUpdate: day(-7),
      nextUpdate: day(38),
      source: "remembered",
    });
    await expect(verifier.verify(withoutCrl(), { now: day(39) })).toFailWith("ERR_COLLATERAL_CRL_STALE");
    await expect((await thatSaw([])).verify(withoutCrl())).toFailWith("ERR_COLLATERAL_CRL_MISSING");
  });

  it("stay known where later evidence brings a stale one", async () => {
    const verifier = await thatSaw([numbered(5)]);
    const stale = numbered(5, { thisUpdate: day(-60), nextUpdate: day(-20) });
    expect((await verifier.verify(stale)).revocation).toMatchObject({ status: "checked", source: "remembered" });
  });

  it("do not stand in the way of one that the evidence brings, of the same number and in its window", async () => {
    const verifier = await thatSaw([numbered(5, { thisUpdate: day(-3), nextUpdate: day(1) })]);
    const longer = numbered(5, { thisUpdate: day(-4), nextUpdate: day(20) });
    const { revocation } = await verifier.verify(longer, { now: day(5) });
    expect(revocation).toMatchObject({ status: "checked", source: "evidence", thisUpdate: day(-4) });
  });

  it("revoke for good: a CRL without the entry does not bring a certificate back", async () => {
    const { verifier } = verifierOf();
    const listing = numbered(5, { revoked: [{ serial: 0x10001n }] });
    await expect(verifier.verify(listing)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_REVOKED");
    for (const evidence of [withoutCrl(), numbered(5), numbered(5, { thisUpdate: day(-60), nextUpdate: day(-20) })]) {
      await expect(verifier.verify(evidence)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_REVOKED", { crlNumber: "0x5" });
    }
  });

  it("revoke for good, also for a clock that goes back behind them", async () => {
    const { verifier } = verifierOf({ revocation: "if-available" });
    await expect(verifier.verify(numbered(5, { revoked: [{ serial: 0x10001n }] }))).rejects.toHaveProperty("code");
    const earlier = verifier.verify(withoutCrl(), { now: day(-8) });
    await expect(earlier).toFailWith("ERR_UNTRUSTED_CERTIFICATE_REVOKED", { crlNumber: "0x5" });
  });

  it("are replaced by a newer one", async () => {
    const verifier = await thatSaw([numbered(5), numbered(6, { thisUpdate: day(-1) })]);
    expect((await verifier.verify(withoutCrl())).revocation).toMatchObject({ number: "0x6", thisUpdate: day(-1) });
  });

  it("are replaced by one of a greater number, whatever its date says", async () => {
    const verifier = await thatSaw([numbered(5), numbered(6, { thisUpdate: day(-20) })]);
    expect((await verifier.verify(withoutCrl())).revocation).toMatchObject({ number: "0x6", thisUpdate: day(-20) });
    await expect(verifier.verify(numbered(5))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK");
  });

  it("without numbers are known by their dates, and must not go back either", async () => {
    const dated = (count: number) => numbered(null, { thisUpdate: day(count) });
    const verifier = await thatSaw([dated(-7), dated(-2), dated(-2)]);
    expect((await verifier.verify(withoutCrl())).revocation).toMatchObject({ number: null, thisUpdate: day(-2) });
    const seen = `none (of ${day(-2).toISOString()})`;
    await expect(verifier.verify(dated(-3))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK", { seen });
    await expect(verifier.verify(numbered(1))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK", { number: "0x1", seen });
    await expect(verifier.verify(numbered(1, { thisUpdate: day(-1) }))).resolves.toBeDefined();
    await expect(verifier.verify(dated(-2))).toFailWith("ERR_COLLATERAL_CRL_ROLLBACK", { seen: "0x1" });
  });

  it("are not of the future, where a call goes back in time", async () => {
    const verifier = await thatSaw([numbered(5)]);
    await expect(verifier.verify(withoutCrl(), { now: day(-8) })).toFailWith("ERR_COLLATERAL_CRL_MISSING");
  });

  it("are kept only once they are verified, whatever else comes of the evidence", async () => {
    const { verifier } = verifierOf();
    const foreign = withCrl({ number: 9, signWith: milan.foreignCaKey() });
    await expect(verifier.verify(foreign)).toFailWith("ERR_UNTRUSTED_CRL_SIGNATURE");
    await expect(verifier.verify(numbered(1))).resolves.toBeDefined();
    const future = numbered(9, { thisUpdate: day(1), nextUpdate: day(2) });
    await expect(verifier.verify(future)).toFailWith("ERR_COLLATERAL_CRL_FUTURE");
    await expect(verifier.verify(numbered(1))).resolves.toBeDefined();
  });

  it("cost no signature where they are the newest, byte for byte", async () => {
    const { verifier, cost } = verifierOf();
    await verifier.verify(numbered(5));
    expect(await cost(() => verifier.verify(numbered(5)))).toEqual({ ecdsa: 1, rsa: 0 });
    expect(await cost(() => verifier.verify(numbered(6)))).toEqual({ ecdsa: 1, rsa: 1 });
  });
});
