import { describe, expect, it } from "vitest";
import { X509_EXTENSION } from "../../src/amd/oids.js";
import type { CrlOptions, Forge } from "../../src/testing/index.js";
import { assertVerified } from "../../src/verify/record.js";
import type { RevocationMode, RevocationOptions } from "../../src/verify/types.js";
import { describeTwins, forgeOf, judge, type Trial, type Twins, withCertificates } from "./forged.js";

const vcek = await forgeOf();
const vlek = await forgeOf("Milan", "VLEK");
const genoa = await forgeOf("Genoa");

const DAY = 86_400_000;
const noon = vcek.now.getTime();
const days = (count: number) => new Date(noon + count * DAY);
const crl = (options: CrlOptions): Trial => ({ evidence: { crl: options } });
const under = (revocation: RevocationMode | RevocationOptions, trial: Trial = {}): Trial => ({
  ...trial,
  options: { ...trial.options, revocation },
});

const profile = (field: string, sound: CrlOptions) => ({
  code: "ERR_UNTRUSTED_CRL_PROFILE" as const,
  detail: { field },
  sound,
});
const row = (
  name: string,
  options: CrlOptions,
  { sound = {}, ...refusal }: Pick<Twins, "code" | "detail"> & { sound?: CrlOptions },
): Twins => ({ name, forge: vcek, sound: crl(sound), wrong: crl(options), ...refusal });
const unsigned = { code: "ERR_UNTRUSTED_CRL_SIGNATURE", detail: { issuer: "ARK-Milan" } } as const;
const extension = (oid: string, critical: boolean) => ({
  extensions: { add: [{ oid, critical, value: Uint8Array.of(2, 1, 1) }] },
});
const entry = (critical: boolean) => ({
  revoked: [{ serial: 99, extensions: [{ oid: "2.5.29.21", critical, value: Uint8Array.of(10, 1, 1) }] }],
});

describeTwins("a CRL that is not the root's", [
  row("signed by a stranger", { signWith: vcek.foreignCaKey() }, unsigned),
  row("signed by the ASK", { signWith: vcek.caKey("ASK") }, unsigned),
  row("a signature of zeros", { patchSignature: () => new Uint8Array(512) }, unsigned),
  row("no signature", { patchSignature: () => new Uint8Array() }, { code: "ERR_MALFORMED_LENGTH" }),
  row(
    "signed by PKCS 1.5",
    { algorithm: "pkcs1-sha384" },
    { code: "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM", sound: { algorithm: "explicit-trailer" } },
  ),
  row(
    "issued by the ASK",
    { issuer: { commonName: "SEV-Milan" }, signWith: vcek.caKey("ASK") },
    { code: "ERR_UNTRUSTED_CRL_ISSUER", detail: { expected: "ARK-Milan", actual: "SEV-Milan" } },
  ),
  row(
    "an issuer that differs in one attribute",
    { issuer: { locality: "Austin" } },
    { code: "ERR_UNTRUSTED_CRL_ISSUER", detail: { actual: "ARK-Milan" } },
  ),
  {
    name: "the CRL of another line",
    forge: vcek,
    wrong: { hand: withCertificates({ crl: genoa.crl().der }) },
    code: "ERR_UNTRUSTED_CRL_ISSUER",
    detail: { expected: "ARK-Milan", actual: "ARK-Genoa" },
  },
  {
    name: "one byte of its content altered",
    forge: vcek,
    wrong: crl({ patch: (der) => der.map((byte, index) => (index === der.length - 600 ? byte ^ 1 : byte)) }),
    code: "ERR_UNTRUSTED_CRL_SIGNATURE",
  },
]);

describeTwins("a CRL of a form that must not be used", [
  row("a delta", extension("2.5.29.27", true), profile("2.5.29.27", extension("2.5.29.27", false))),
  row("one of a part", extension("2.5.29.28", true), profile("2.5.29.28", extension("2.5.29.28", false))),
  row("an unknown critical extension", extension("1.2.3", true), profile("1.2.3", extension("1.2.3", false))),
  row("a critical extension on an entry", entry(true), profile("2.5.29.21", entry(false))),
  row(
    "a key identifier of another key",
    { authorityKeyId: new Uint8Array(20) },
    profile("authorityKeyIdentifier", { authorityKeyId: null }),
  ),
  row("version 1", { version: 1 }, { code: "ERR_MALFORMED_CRL", detail: { field: "version" }, sound: { version: 2 } }),
  row("no version", { version: null }, { code: "ERR_MALFORMED_CRL", detail: { field: "version" } }),
  row("no nextUpdate", { nextUpdate: null }, { code: "ERR_MALFORMED_DER", sound: { nextUpdate: days(1) } }),
  row(
    "the same serial twice",
    { revoked: [{ serial: 5 }, { serial: 5 }] },
    { code: "ERR_MALFORMED_DER", sound: { revoked: [{ serial: 5 }, { serial: 6 }] } },
  ),
]);

describe("a CRL that names its issuer's key", () => {
  it("does not fit an anchor that says no key identifier", () => {
    const anchors = [vcek.ark({ subjectKeyId: null }).der];
    const omit = ["root"] as const;
    expect(() => judge(vcek, { evidence: { omit }, options: { anchors } })).toFailWith("ERR_UNTRUSTED_CRL_PROFILE", {
      field: "authorityKeyIdentifier",
    });
    const sound = { evidence: { omit, crl: { authorityKeyId: null } }, options: { anchors } };
    expect(judge(vcek, sound).revocation.status).toBe("checked");
  });
});

describe("a CRL's number", () => {
  it("is reported", () => {
    const { number } = judge(vcek, crl({ number: 0x1234n })).revocation;
    expect(number).toBe("0x1234");
  });

  it("may be missing under the caller's own root", () => {
    expect(judge(vcek, crl({ number: null })).revocation).toMatchObject({ status: "checked", number: null });
  });

  it("and its key identifier may be critical: they are understood", () => {
    const replace = { [X509_EXTENSION.cRLNumber]: { critical: true } };
    expect(judge(vcek, crl({ extensions: { replace } })).revocation.status).toBe("checked");
  });
});

/** Serials of ARK, ASK and ASVK of the forge's Milan. */
const SERIALS = { ARK: 0x10000n, ASK: 0x10001n, ASVK: 0x10101n };
const listing = (serial: bigint): CrlOptions => ({ revoked: [{ serial: 3 }, { serial }, { serial: 4 }] });

const listed = (forge: Forge, role: "ARK" | "ASK" | "ASVK"): Twins => ({
  name: `the ${role} of a ${forge.signingKey}`,
  forge,
  sound: crl(listing(SERIALS[role] + 0x20n)),
  wrong: crl(listing(SERIALS[role])),
  code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  detail: { role, serial: `0x${SERIALS[role].toString(16)}`, crlNumber: "0x1", revokedAt: days(-7).toISOString() },
});

const revokedAsk = { crl: { revoked: [{ serial: 0x020001n, at: new Date("2022-10-31T12:00:00Z") }] } };
const askListed = listing(SERIALS.ASK);
const stale: CrlOptions = { ...askListed, thisUpdate: days(-60), nextUpdate: days(-20) };

describeTwins("a revoked certificate", [
  listed(vcek, "ARK"),
  listed(vcek, "ASK"),
  listed(vlek, "ARK"),
  listed(vlek, "ASVK"),
  {
    name: "Genoa's first ASK, serial 0x020001, forged under a test root",
    forge: genoa,
    sound: { evidence: { ...revokedAsk, intermediate: { serial: 0x020002n } } },
    wrong: { evidence: { ...revokedAsk, intermediate: { serial: 0x020001n } } },
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
    detail: { role: "ASK", serial: "0x20001", revokedAt: "2022-10-31T12:00:00.000Z" },
  },
  {
    name: "listed with a date that is still to come",
    forge: vcek,
    sound: crl({ revoked: [{ serial: 9, at: days(100) }] }),
    wrong: crl({ revoked: [{ serial: SERIALS.ASK, at: days(100) }] }),
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
  {
    name: "listed in a CRL without a number",
    forge: vcek,
    sound: crl({ number: null }),
    wrong: crl({ ...askListed, number: null }),
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
    detail: { crlNumber: null },
  },
  {
    name: "listed in a stale CRL, within the caller's grace",
    forge: vcek,
    sound: under({ mode: "require", maxStaleMs: 30 * DAY }, crl({ ...stale, revoked: [] })),
    wrong: under({ mode: "require", maxStaleMs: 30 * DAY }, crl(stale)),
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
  {
    name: "listed in a stale CRL, where none is required",
    forge: vcek,
    sound: under("if-available", crl({ ...stale, revoked: [] })),
    wrong: under("if-available", crl(stale)),
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
  {
    name: "listed in a CRL that is too stale to serve: revoked says more than stale",
    forge: vcek,
    sound: under("if-available", crl({ ...stale, revoked: [] })),
    wrong: under("require", crl(stale)),
    code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
]);

const window = { thisUpdate: days(-10), nextUpdate: days(10) };
const atTime = (time: number, revocation: RevocationOptions): Trial => ({
  evidence: { crl: window },
  options: { now: new Date(time), revocation },
});
const require: RevocationOptions = { mode: "require" };
const end = noon + 10 * DAY;
const start = noon - 10 * DAY;
const staleRow = (name: string, [sound, wrong]: readonly [Trial, Trial], limit: string): Twins => ({
  name,
  forge: vcek,
  sound,
  wrong,
  code: "ERR_COLLATERAL_CRL_STALE",
  detail: { limit, thisUpdate: new Date(start).toISOString(), nextUpdate: new Date(end).toISOString() },
});
const graced = (maxStaleMs: number): RevocationOptions => ({ mode: "require", maxStaleMs });
const young = (maxAgeMs: number): RevocationOptions => ({ mode: "require", maxAgeMs });

describeTwins("a CRL's window", [
  staleRow("up to nextUpdate", [atTime(end, require), atTime(end + 1, require)], "nextUpdate"),
  staleRow(
    "up to maxStaleMs after",
    [atTime(end + DAY, graced(DAY)), atTime(end + DAY + 1, graced(DAY))],
    "nextUpdate",
  ),
  staleRow("no grace at all by default", [atTime(end + 1, graced(1)), atTime(end + 1, graced(0))], "nextUpdate"),
  staleRow(
    "up to maxAgeMs after thisUpdate",
    [atTime(noon, young(10 * DAY)), atTime(noon, young(10 * DAY - 1))],
    `maxAgeMs ${10 * DAY - 1}`,
  ),
  staleRow(
    "grace after nextUpdate does not lift the greatest age",
    [
      atTime(end + DAY, { mode: "require", maxStaleMs: 5 * DAY, maxAgeMs: 21 * DAY }),
      atTime(end + DAY, { mode: "require", maxStaleMs: 5 * DAY, maxAgeMs: 21 * DAY - 1 }),
    ],
    `maxAgeMs ${21 * DAY - 1}`,
  ),
  staleRow(
    "grace does not make young what is too old inside its window",
    [
      atTime(noon, { mode: "require", maxStaleMs: 99 * DAY }),
      atTime(noon, { mode: "require", maxStaleMs: 99 * DAY, maxAgeMs: 1 }),
    ],
    "maxAgeMs 1",
  ),
  {
    name: "from thisUpdate on",
    forge: vcek,
    sound: atTime(start, require),
    wrong: atTime(start - 1, require),
    code: "ERR_COLLATERAL_CRL_FUTURE",
    detail: { thisUpdate: new Date(start).toISOString(), now: new Date(start - 1).toISOString() },
  },
  {
    name: "from thisUpdate on, where none is required",
    forge: vcek,
    sound: atTime(start, { mode: "if-available" }),
    wrong: atTime(start - 1, { mode: "if-available" }),
    code: "ERR_COLLATERAL_CRL_FUTURE",
  },
]);

describe("how revocation is reported", () => {
  const withoutCrl: Trial = { evidence: { omit: ["crl"] } };
  const nothing = { number: null, thisUpdate: null, nextUpdate: null, source: null };
  const dates = { thisUpdate: days(-10), nextUpdate: days(10) };

  it("checked", () => {
    const { revocation } = judge(vcek, atTime(noon, require));
    expect(revocation).toEqual({ status: "checked", number: "0x1", ...dates, source: "evidence" });
  });

  it("checked up to the very end of its window, and from the very start", () => {
    for (const time of [start, end]) expect(judge(vcek, atTime(time, require)).revocation.status).toBe("checked");
    expect(judge(vcek, atTime(end, { mode: "if-available" })).revocation.status).toBe("checked");
  });

  it("stale, within the caller's grace", () => {
    const { revocation } = judge(vcek, atTime(end + 1, graced(1)));
    expect(revocation).toEqual({ status: "stale", number: "0x1", ...dates, source: "evidence" });
  });

  it.each([
    ["past nextUpdate", atTime(end + 1, { mode: "if-available" })],
    ["above maxAgeMs", atTime(noon, { mode: "if-available", maxAgeMs: 1 })],
  ])("stale, where none is required: %s", (_, trial) => {
    expect(judge(vcek, trial).revocation).toMatchObject({ status: "stale", source: "evidence" });
  });

  it("unavailable, where none is required and none is there", () => {
    expect(judge(vcek, under("if-available", withoutCrl)).revocation).toEqual({ status: "unavailable", ...nothing });
    expect(() => judge(vcek, under("require", withoutCrl))).toFailWith("ERR_COLLATERAL_CRL_MISSING");
    expect(() => judge(vcek, withoutCrl)).toFailWith("ERR_COLLATERAL_CRL_MISSING", { productLine: "Milan" });
  });

  it("skipped, without a look at a CRL, be it one that revokes or none at all", () => {
    const skipped = { status: "skipped", ...nothing };
    expect(judge(vcek, under("skip")).revocation).toEqual(skipped);
    expect(judge(vcek, under({ mode: "skip" }, crl(askListed))).revocation).toEqual(skipped);
    expect(judge(vcek, under("skip", { hand: withCertificates({ crl: Uint8Array.of(1) }) })).revocation).toEqual(
      skipped,
    );
  });
});

/** Whatever a CRL at hand is, its faults are not passed over because none is required. */
const faults: readonly (readonly [name: string, trial: Trial, code: Twins["code"]])[] = [
  ["no DER", { hand: withCertificates({ crl: Uint8Array.of(1) }) }, "ERR_MALFORMED_DER"],
  ["unsigned", crl({ signWith: vcek.foreignCaKey() }), "ERR_UNTRUSTED_CRL_SIGNATURE"],
  ["foreign", { hand: withCertificates({ crl: genoa.crl().der }) }, "ERR_UNTRUSTED_CRL_ISSUER"],
  ["a delta", crl(extension("2.5.29.27", true)), "ERR_UNTRUSTED_CRL_PROFILE"],
];

describeTwins(
  "a faulty CRL where none is required",
  faults.map(([name, trial, code]) => ({
    name,
    forge: vcek,
    sound: under("if-available"),
    wrong: under("if-available", trial),
    code,
  })),
);

describe("until when the revocation that was found may be relied on", () => {
  const usableUntil = (trial: Trial) => assertVerified(judge(vcek, trial)).chain.revocation.usableUntil;

  it("a CRL in its window: until its nextUpdate", () => {
    expect(usableUntil(atTime(noon, require))).toBe(end);
    expect(usableUntil(atTime(noon, graced(DAY)))).toBe(end);
    expect(usableUntil(atTime(noon, { mode: "if-available" }))).toBe(end);
  });

  it("a CRL within the caller's grace: until that ends, if it does", () => {
    expect(usableUntil(atTime(end + 1, graced(DAY)))).toBe(end + DAY);
    expect(usableUntil(atTime(end + 1, graced(8.64e15 - end)))).toBe(8.64e15);
    expect(usableUntil(atTime(end + 1, graced(8.64e15)))).toBeNull();
    expect(usableUntil(atTime(end + 1, graced(Number.POSITIVE_INFINITY)))).toBeNull();
  });

  it("a late CRL that was not required, or none: no time", () => {
    expect(usableUntil(atTime(end + 1, { mode: "if-available", maxStaleMs: DAY }))).toBeNull();
    expect(usableUntil(atTime(noon, { mode: "if-available", maxAgeMs: 1 }))).toBeNull();
    expect(usableUntil(under("if-available", { evidence: { omit: ["crl"] } }))).toBeNull();
    expect(usableUntil(under("skip"))).toBeNull();
  });
});
