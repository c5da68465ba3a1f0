import { describe, expect, it, vi } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import { appraise } from "../../src/policy/appraise.js";
import { openSealed, ReleaseError, type SealOptions, sealTo } from "../../src/release/index.js";
import { makeVerified, VERIFIED_AT } from "../support/records.js";
import {
  AUDIENCE,
  accepted,
  attested,
  challenger,
  type Differing,
  guestKeys,
  type KeyKind,
  NOW,
  POLICY,
  policyOf,
  publicJwk,
  SECRET,
  SOUND,
  TTL,
  utf8,
} from "./support.js";

const guest = await guestKeys("P-384");
const debugging = await policyOf({ scheme: "attestry-v1" }, "release", { vmpl: [3] });

/** Calls with arguments that the types forbid. */
function sealAnyhow(recipient: unknown, secret: unknown, options: unknown): Promise<unknown> {
  const call: (...given: readonly unknown[]) => Promise<unknown> = sealTo as never;
  return call(recipient, secret, options);
}

/** Notes every use of a cipher, of whatever library. */
function watchCiphers() {
  const { subtle } = globalThis.crypto;
  return [vi.spyOn(subtle, "encrypt"), vi.spyOn(subtle, "wrapKey"), vi.spyOn(subtle, "generateKey")];
}

describe("what is released", () => {
  const rows: [KeyKind, "hpke" | "jwe"][] = [
    ["X25519", "hpke"],
    ["P-384", "hpke"],
    ["P-384", "jwe"],
    ["P-256", "jwe"],
    ["P-521", "jwe"],
    ["RSA", "jwe"],
  ];
  it.each(rows)("a guest with %s opens it by %s, with a private key that nobody can take out", async (kind, format) => {
    const { keyPair, spki } = await guestKeys(kind);
    const { appraisal, challenge, report } = await accepted(spki);
    const sealed = await sealTo(appraisal, SECRET, { challenge, format, now: NOW });
    const arrived: unknown = JSON.parse(JSON.stringify(sealed));
    const context = { challengeId: challenge.id, report };
    const options = { format, keyPair, ...context };
    expect(await openSealed(arrived, { ...options, policyDigest: POLICY.digest })).toEqual(SECRET);
    expect(await openSealed(arrived, { ...options, policyDigest: "any" })).toEqual(SECRET);
  });

  it("is for the 32 bytes of X25519 that REPORT_DATA binds, and for a JWK of it", async () => {
    const { keyPair, jwk, spki } = await guestKeys("X25519");
    const raw = await accepted(spki.subarray(-32));
    const policy = await policyOf({ scheme: "trustee" });
    const byJwk = await accepted(utf8(publicJwk(jwk)), { policy, scheme: "trustee" });
    for (const { appraisal, challenge, report } of [raw, byJwk]) {
      const sealed = await sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
      const context = { challengeId: challenge.id, policyDigest: "any", report };
      expect(await openSealed(sealed, { format: "hpke", keyPair, ...context })).toEqual(SECRET);
    }
  });

  it.each([1, 65_536])("may have %i bytes", async (length) => {
    const { appraisal, challenge, report } = await accepted(guest.spki);
    const secret = new Uint8Array(length).fill(5);
    const sealed = await sealTo(appraisal, secret, { challenge, format: "hpke", now: NOW });
    const { keyPair } = guest;
    const context = { challengeId: challenge.id, policyDigest: "any", report };
    expect(Buffer.compare(await openSealed(sealed, { format: "hpke", keyPair, ...context }), secret)).toBe(0);
  });

  it("is the secret as it was at the call", async () => {
    const { appraisal, challenge, report } = await accepted(guest.spki);
    const secret = SECRET.slice();
    const pending = sealTo(appraisal, secret, { challenge, format: "jwe", now: NOW });
    secret.fill(0);
    const { keyPair } = guest;
    const context = { challengeId: challenge.id, policyDigest: "any", report };
    expect(await openSealed(await pending, { format: "jwe", keyPair, ...context })).toEqual(SECRET);
  });

  it("is frozen, and says what it is for", async () => {
    const { appraisal, challenge } = await accepted(guest.spki);
    const sealed = await sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
    expect(Object.isFrozen(sealed) && Object.isFrozen(sealed.context)).toBe(true);
    expect(sealed.context).toMatchObject({ challenge: challenge.id, policy: POLICY.digest });
  });
});

describe("a recipient that is none", () => {
  it("verified evidence alone, and look-alikes of what counts, are a TypeError and no ciphertext", async () => {
    const { appraisal, challenge, verified } = await accepted(guest.spki);
    const ciphers = watchCiphers();
    const recipients = [
      verified,
      { ...appraisal },
      Object.create(appraisal),
      structuredClone({ ...appraisal }),
      new Proxy(appraisal, {}),
      POLICY,
      challenge,
      guest.spki,
      "accept",
      null,
      undefined,
    ];
    for (const recipient of recipients) {
      await expect(sealAnyhow(recipient, SECRET, { challenge, format: "hpke", now: NOW })).rejects.toThrow(
        /^recipient must be an accepted appraisal/,
      );
    }
    expect(ciphers.every((cipher) => cipher.mock.calls.length === 0)).toBe(true);
    await expect(sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW })).resolves.toBeDefined();
  });

  it("an appraisal that refuses says why", async () => {
    const { appraisal, challenge } = await attested(guest.spki, { policy: debugging });
    const ciphers = watchCiphers();
    const options = { challenge, format: "hpke", now: NOW };
    await expect(sealAnyhow(appraisal, SECRET, options)).toFailWith("ERR_POLICY_REJECTED");
    expect(ciphers.every((cipher) => cipher.mock.calls.length === 0)).toBe(true);
  });
});

describe("a guest whose key nobody proved", () => {
  const rows: [string, Uint8Array | null, Differing & { reportData?: unknown }, object][] = [
    ["the policy takes any REPORT_DATA", guest.spki, { reportData: "any" }, { scheme: null }],
    ["the scheme binds no key", null, { reportData: { scheme: "nonce" }, scheme: "nonce" }, { scheme: "nonce" }],
    ["the guest bound none", null, {}, { scheme: "attestry-v1" }],
  ];
  it.each(rows)("%s", async (_, publicKey, { reportData = { scheme: "attestry-v1" }, ...differing }, detail) => {
    const policy = await policyOf(reportData);
    const { appraisal, challenge } = await accepted(publicKey, { ...differing, policy });
    const ciphers = watchCiphers();
    const releasing = sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
    await expect(releasing).toFailWith("ERR_RELEASE_NO_KEY", detail);
    expect(ciphers.every((cipher) => cipher.mock.calls.length === 0)).toBe(true);
  });

  it("exact bytes that a scheme could have made name no key", async () => {
    const { nonce } = await challenger.issue({ audience: AUDIENCE, policyDigest: POLICY.digest });
    const { bytes } = await bindReportData("attestry-v1", { nonce, publicKey: guest.spki });
    const policy = await policyOf({ exact: Buffer.from(bytes).toString("hex") });
    const { challenge } = await accepted(guest.spki, { policy: await policyOf("any"), challengePolicy: policy });
    const appraisal = appraise(makeVerified({ report: { ...SOUND, reportData: bytes } }), policy, { now: NOW });
    const releasing = sealAnyhow(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
    await expect(releasing).toFailWith("ERR_RELEASE_NO_KEY", { scheme: null });
  });

  it("tinfoil's scheme binds a key and no nonce", async () => {
    const hpkePublicKey = (await guestKeys("X25519")).spki.subarray(-32);
    const reportData = await bindReportData("tinfoil-v2", { tlsPublicKey: guest.spki, hpkePublicKey });
    const policy = await policyOf({ scheme: "tinfoil-v2" });
    const { challenge } = await attested(guest.spki, { policy });
    const verified = makeVerified({ report: { ...SOUND, reportData: reportData.bytes } });
    const appraisal = appraise(verified, policy, { now: NOW, reportData });
    const releasing = sealAnyhow(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
    await expect(releasing).toFailWith("ERR_RELEASE_NO_NONCE", { scheme: "tinfoil-v2" });
  });
});

describe("a swapped key", () => {
  it("is no way in: another key than that of REPORT_DATA refuses, and only the attested one opens", async () => {
    const thief = await guestKeys("P-384");
    const { nonce } = await challenger.issue({ audience: AUDIENCE, policyDigest: POLICY.digest });
    const [bound, claimed] = await Promise.all(
      [guest.spki, thief.spki].map((publicKey) => bindReportData("attestry-v1", { nonce, publicKey })),
    );
    const verified = makeVerified({ report: { ...SOUND, reportData: bound?.bytes ?? new Uint8Array(64) } });
    if (claimed === undefined) throw new Error("two keys, two expectations");
    const appraisal = appraise(verified, POLICY, { now: NOW, reportData: claimed });
    const { challenge } = await attested(guest.spki);
    const releasing = sealAnyhow(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
    await expect(releasing).toFailWith("ERR_POLICY_REJECTED");
    const made = await accepted(guest.spki);
    const sealed = await sealTo(made.appraisal, SECRET, { challenge: made.challenge, format: "hpke", now: NOW });
    const context = { challengeId: made.challenge.id, policyDigest: "any", report: made.report };
    const stolen = openSealed(sealed, { format: "hpke", keyPair: thief.keyPair, ...context });
    await expect(stolen).toFailWith("ERR_RELEASE_NOT_OPENED", { format: "hpke" });
  });
});

describe("the challenge", () => {
  const options = (made: { challenge: SealOptions["challenge"] }, now = VERIFIED_AT) =>
    ({ challenge: made.challenge, format: "hpke", now: new Date(now) }) as const;

  it("must have been spent", async () => {
    const made = await accepted(guest.spki, { spent: false });
    const ciphers = watchCiphers();
    const releasing = sealTo(made.appraisal, SECRET, options(made));
    await expect(releasing).toFailWith("ERR_RELEASE_UNSPENT", { challengeId: made.challenge.id });
    expect(ciphers.every((cipher) => cipher.mock.calls.length === 0)).toBe(true);
    await challenger.spend(made.challenge);
    await expect(sealTo(made.appraisal, SECRET, options(made))).resolves.toBeDefined();
  });

  it("must have been spent by this very handle", async () => {
    const made = await accepted(guest.spki);
    const purpose = { audience: AUDIENCE, policyDigest: POLICY.digest };
    const again = await challenger.verify(made.challenge.nonce, purpose);
    await expect(challenger.spend(again)).toFailWith("ERR_CHALLENGE_SPENT");
    const releasing = sealTo(made.appraisal, SECRET, options({ challenge: again }));
    await expect(releasing).toFailWith("ERR_RELEASE_UNSPENT");
  });

  it("ends at its expiry, to the millisecond", async () => {
    const [in_, out] = [await accepted(guest.spki), await accepted(guest.spki)];
    await expect(sealTo(in_.appraisal, SECRET, options(in_, VERIFIED_AT + TTL - 1))).resolves.toBeDefined();
    const ciphers = watchCiphers();
    const releasing = sealTo(out.appraisal, SECRET, options(out, VERIFIED_AT + TTL));
    const time = new Date(VERIFIED_AT + TTL).toISOString();
    await expect(releasing).toFailWith("ERR_RELEASE_EXPIRED", { what: "challenge", expiresAt: time, now: time });
    expect(ciphers.every((cipher) => cipher.mock.calls.length === 0)).toBe(true);
  });

  it("must be for the policy that accepted", async () => {
    const challengePolicy = await policyOf({ scheme: "attestry-v1" }, "stricter");
    const made = await accepted(guest.spki, { challengePolicy });
    const releasing = sealTo(made.appraisal, SECRET, options(made));
    const detail = { challenge: challengePolicy.digest, recipient: POLICY.digest };
    await expect(releasing).toFailWith("ERR_RELEASE_OTHER_POLICY", detail);
  });

  it("must be the one whose nonce REPORT_DATA binds", async () => {
    const [one, two] = [await accepted(guest.spki), await accepted(guest.spki)];
    const releasing = sealTo(one.appraisal, SECRET, options(two));
    await expect(releasing).toFailWith("ERR_RELEASE_OTHER_NONCE", { challengeId: two.challenge.id });
    await expect(sealTo(one.appraisal, SECRET, options(one))).resolves.toBeDefined();
    await expect(sealTo(two.appraisal, SECRET, options(two))).resolves.toBeDefined();
  });

  it("releases once, also of many calls at one time, and an appraisal thereby does", async () => {
    const made = await accepted(guest.spki);
    const calls = Array.from({ length: 10 }, () => sealTo(made.appraisal, SECRET, options(made)));
    const ends = await Promise.allSettled(calls);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const releasing = sealTo(made.appraisal, SECRET, { ...options(made), format: "jwe" });
    await expect(releasing).toFailWith("ERR_RELEASE_USED", { challengeId: made.challenge.id });
    const other = await accepted(guest.spki);
    await expect(sealTo(made.appraisal, SECRET, options(other))).toFailWith("ERR_RELEASE_OTHER_NONCE");
  });

  it("is not used up by a call that is refused", async () => {
    const made = await accepted(guest.spki);
    await expect(sealTo(made.appraisal, SECRET, options(made, VERIFIED_AT + TTL))).toFailWith("ERR_RELEASE_EXPIRED");
    await expect(sealAnyhow(made.appraisal, SECRET, { ...options(made), format: "x" })).rejects.toThrow(TypeError);
    await expect(sealTo(made.appraisal, SECRET, options(made))).resolves.toBeDefined();
  });

  it("is used up where WebCrypto fails, which is no verdict", async () => {
    for (const format of ["hpke", "jwe"] as const) {
      const made = await accepted(guest.spki);
      const failing = vi.spyOn(globalThis.crypto.subtle, "encrypt").mockRejectedValue(new Error("no cipher today"));
      const releasing = sealTo(made.appraisal, SECRET, { ...options(made), format });
      await expect(releasing).toFailWith("ERR_UNSUPPORTED_CRYPTO", { engine: "webcrypto" });
      failing.mockRestore();
      await expect(sealTo(made.appraisal, SECRET, options(made))).toFailWith("ERR_RELEASE_USED");
    }
  });

  it("that no challenger verified is none", async () => {
    const { appraisal, challenge } = await accepted(guest.spki);
    for (const other of [{ ...challenge }, Object.create(challenge), challenge.nonce, challenge.id, null, undefined]) {
      await expect(sealAnyhow(appraisal, SECRET, { challenge: other, format: "hpke", now: NOW })).rejects.toThrow(
        /^challenge must be what a challenger's verify returned/,
      );
    }
  });
});

describe("keys that do not go with the format", () => {
  const hpke = /seal by the format jwe/;
  const jwe = /seal by the format hpke/;
  const rows: [KeyKind, "hpke" | "jwe", RegExp][] = [
    ["P-256", "hpke", hpke],
    ["P-521", "hpke", hpke],
    ["RSA", "hpke", hpke],
    ["X25519", "jwe", jwe],
  ];
  it.each(rows)("%s and %s", async (kind, format, reason) => {
    const { spki } = await guestKeys(kind);
    const { appraisal, challenge } = await accepted(spki);
    const releasing = sealTo(appraisal, SECRET, { challenge, format, now: NOW });
    await expect(releasing).toFailWith("ERR_RELEASE_KEY", { what: "attested key" });
    await expect(sealTo(appraisal, SECRET, { challenge, format, now: NOW })).rejects.toThrow(reason);
  });

  const algorithms: [KeyKind, string, "hpke" | "jwe"][] = [
    ["RSA", "RSA1_5", "jwe"],
    ["RSA", "ECDH-ES+A256KW", "jwe"],
    ["P-256", "ECDH-ES", "jwe"],
    ["P-256", "ES256", "jwe"],
    ["P-384", "ECDH-ES+A256KW", "hpke"],
    ["X25519", "ECDH-ES+A256KW", "hpke"],
  ];
  it.each(algorithms)("a JWK of %s that is for %s alone, by %s", async (kind, alg, format) => {
    const policy = await policyOf({ scheme: "trustee" });
    const { jwk } = await guestKeys(kind);
    const seal = async (more: { alg?: string }) => {
      const { appraisal, challenge } = await accepted(utf8(publicJwk(jwk, more)), { policy, scheme: "trustee" });
      return sealTo(appraisal, SECRET, { challenge, format, now: NOW });
    };
    await expect(seal({ alg })).toFailWith("ERR_RELEASE_KEY");
    await expect(seal({})).resolves.toBeDefined();
  });

  it.each(["hpke", "jwe"] as const)("a JWK with an alg that would spoil a log, by %s", async (format) => {
    const policy = await policyOf({ scheme: "trustee" });
    const key = utf8(publicJwk((await guestKeys("P-384")).jwk, { alg: `x\n${"y".repeat(10_000)}` }));
    const { appraisal, challenge } = await accepted(key, { policy, scheme: "trustee" });
    const releasing = sealTo(appraisal, SECRET, { challenge, format, now: NOW });
    await expect(releasing).rejects.toThrow(/^attested key: its JWK is for "x\\ny{38}"[,;] .{5,60}$/);
  });

  it("a key that is none", async () => {
    const { appraisal, challenge } = await accepted(guest.spki.subarray(0, -1));
    const releasing = sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW });
    await expect(releasing).rejects.toBeInstanceOf(ReleaseError);
    await expect(sealTo(appraisal, SECRET, { challenge, format: "hpke", now: NOW })).toFailWith("ERR_RELEASE_KEY");
  });
});

describe("arguments", () => {
  it.each([
    ["an empty secret", new Uint8Array(0), /^secret must have 1 to 65536 bytes, found 0/],
    ["a secret of 65,537 bytes", new Uint8Array(65_537), /^secret must have 1 to 65536 bytes, found 65537/],
    ["text", "secret", /^secret must be a Uint8Array/],
    ["nothing", undefined, /^secret must be a Uint8Array/],
  ])("refuse %s", async (_, secret, reason) => {
    const { appraisal, challenge } = await accepted(guest.spki);
    await expect(sealAnyhow(appraisal, secret, { challenge, format: "hpke", now: NOW })).rejects.toThrow(reason);
  });

  const rows: [string, (good: object) => unknown, RegExp][] = [
    ["no options", () => undefined, /^options must be an object/],
    ["a list", () => [], /^options must be an object/],
    ["a key as argument", (good) => ({ ...good, publicKey: guest.spki }), /^options has no option "publicKey"/],
    ["no format", (good) => ({ ...good, format: undefined }), /^options\.format must be/],
    ["another format", (good) => ({ ...good, format: "JWE" }), /^options\.format must be "hpke" or "jwe", found JWE/],
    ["a format that objects have", (good) => ({ ...good, format: "toString" }), /^options\.format must be/],
    ["no time", (good) => ({ ...good, now: undefined }), /^options\.now must be a Date/],
    [
      "a time in seconds",
      (good) => ({ ...good, now: new Date(VERIFIED_AT / 1000) }),
      /^options\.now must be a Date from/,
    ],
    ["a time that is none", (good) => ({ ...good, now: new Date(Number.NaN) }), /an invalid Date/],
    ["no challenge", (good) => ({ ...good, challenge: undefined }), /^challenge must be/],
    ["inherited options", (good) => Object.create(good), /own property/],
  ];
  it.each(rows)("refuse %s", async (_, options, reason) => {
    const { appraisal, challenge } = await accepted(guest.spki);
    const good = { challenge, format: "hpke", now: NOW };
    await expect(sealAnyhow(appraisal, SECRET, options(good))).rejects.toThrow(reason);
    await expect(sealAnyhow(appraisal, SECRET, options(good))).rejects.toBeInstanceOf(TypeError);
  });

  it("are types of their own: evidence, copies and unverified challenges do not compile", async () => {
    const { verified } = await attested(guest.spki);
    const policy = await policyOf("any");
    type Recipient = Parameters<typeof sealTo>[0];
    type Challenge = SealOptions["challenge"];
    type Fits<T, Into> = T extends Into ? true : false;
    const fits: [
      Fits<typeof verified, Recipient>,
      Fits<ReturnType<typeof appraise>, Recipient>,
      Fits<typeof policy, Recipient>,
      Fits<{ id: string; nonce: Uint8Array; expiresAt: Date; audience: string; policyDigest: string }, Challenge>,
    ] = [false, false, false, false];
    expect(fits).not.toContain(true);
  });
});
