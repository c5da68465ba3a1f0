/** Attacks on the CRL, and what its entries and its age do. */
import type { ErrorCode } from "../../src/errors.js";
import { type CrlOptions, der } from "../../src/testing/index.js";
import type { Base } from "./bases.js";
import {
  alteredIn,
  cut,
  flip,
  forged,
  type Group,
  type Judging,
  judged,
  lengthen,
  omitted,
  type Recipe,
  resigned,
  swapped,
  under,
} from "./recipe.js";

const crl = (comment: string, code: ErrorCode | null, change: CrlOptions): Recipe =>
  resigned(comment, code, { crl: change });

const by = (comment: string, code: ErrorCode | null, change: (base: Base) => CrlOptions): Recipe =>
  forged(comment, code, (base) => ({ crl: change(base) }));

const altered = alteredIn("crl");

const REVOKED = "ERR_UNTRUSTED_CERTIFICATE_REVOKED";
const SIGNATURE = "ERR_UNTRUSTED_CRL_SIGNATURE";
const PROFILE = "ERR_UNTRUSTED_CRL_PROFILE";
const ALGORITHM = "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM";
const IF_AVAILABLE: Judging = { options: { revocation: "if-available" } };
const DAY = 86_400_000;
const at = new Date("2026-05-01T12:00:00Z");

const structure: readonly Recipe[] = [
  omitted("no CRL where revocation is required", "ERR_COLLATERAL_CRL_MISSING", ["crl"]),
  under(IF_AVAILABLE, omitted("no CRL where one would do", null, ["crl"])),
  under({ options: { revocation: "skip" } }, omitted("no CRL and no question", null, ["crl"])),
  altered("one byte short", "ERR_MALFORMED_DER", cut),
  altered("one byte long", "ERR_MALFORMED_DER", lengthen),
  crl("version 1, unsaid", "ERR_MALFORMED_CRL", { version: null }),
  crl("version 3", "ERR_MALFORMED_CRL", { version: 3 }),
  crl("without nextUpdate", "ERR_MALFORMED_DER", { nextUpdate: null }),
  crl("a serial listed twice", "ERR_MALFORMED_DER", { revoked: [{ serial: 7 }, { serial: 7 }] }),
  swapped("the root in its place", "ERR_MALFORMED_CRL", { part: "crl", from: "milan-vcek", as: "root" }),
];

const signing: readonly Recipe[] = [
  altered("its signature altered", SIGNATURE, (bytes) => flip(bytes.length - 1)(bytes)),
  by("signed by the ASK", SIGNATURE, ({ forge }) => ({ signWith: forge.caKey("ASK") })),
  by("signed by a foreign key", SIGNATURE, ({ forge }) => ({ signWith: forge.foreignCaKey() })),
  crl("issuer the ASK", "ERR_UNTRUSTED_CRL_ISSUER", { issuer: { commonName: "SEV-Milan" } }),
  crl("issuer that differs from the ARK's subject in a free part", "ERR_UNTRUSTED_CRL_ISSUER", {
    issuer: { locality: "Austin" },
  }),
  swapped("the CRL of Genoa", "ERR_UNTRUSTED_CRL_ISSUER", { part: "crl", from: "genoa-vcek" }),
  crl("the trailer of the PSS parameters spelled out", null, { algorithm: "explicit-trailer" }),
  crl("RSASSA-PKCS1-v1_5", ALGORITHM, { algorithm: "pkcs1-sha384" }),
  crl("RSASSA-PSS with a salt of 32 bytes", ALGORITHM, { algorithm: { hash: "SHA-384", saltLength: 32 } }),
  crl("the algorithm inside in the other of AMD's forms", "ERR_MALFORMED_DER", { innerAlgorithm: "explicit-trailer" }),
  under(
    IF_AVAILABLE,
    by("a bad signature is refused also where a CRL is not required", SIGNATURE, ({ forge }) => ({
      signWith: forge.foreignCaKey(),
    })),
  ),
];

const entries: readonly Recipe[] = [
  crl("the ASK revoked", REVOKED, { revoked: [{ serial: 0x010001, at }] }),
  crl("the ARK revoked", REVOKED, { revoked: [{ serial: 0x010000, at }] }),
  crl("the ASK revoked from a time to come: revoked all the same", REVOKED, {
    revoked: [{ serial: 0x010001, at: new Date("2030-01-01T00:00:00Z") }],
  }),
  crl("the ASK revoked among others", REVOKED, {
    revoked: [{ serial: 1 }, { serial: 0x010001, at }, { serial: 2 }],
  }),
  crl("others revoked: the other branch, and another line's serial", null, {
    revoked: [
      { serial: 0x010101, at },
      { serial: 0x020002, at },
    ],
  }),
  crl("serial 0 revoked: every leaf has it, so it says nothing of this one", null, { revoked: [{ serial: 0, at }] }),
  crl("an entry with a critical extension (another issuer's certificate)", PROFILE, {
    revoked: [{ serial: 7, extensions: [{ oid: "2.5.29.29", critical: true, value: der.sequence() }] }],
  }),
  crl("an entry with a reason, not critical", null, {
    revoked: [{ serial: 7, extensions: [{ oid: "2.5.29.21", critical: false, value: Uint8Array.of(0x0a, 1, 1) }] }],
  }),
  under(
    IF_AVAILABLE,
    crl("the ASK revoked in a stale CRL, where none is required", REVOKED, {
      revoked: [{ serial: 0x010001, at }],
      nextUpdate: new Date("2026-05-30T00:00:00Z"),
    }),
  ),
];

const form: readonly Recipe[] = [
  crl("no number: allowed under roots of the caller", null, { number: null }),
  crl("a great number", null, { number: 2n ** 128n }),
  crl("a number below zero", "ERR_MALFORMED_DER", { number: -1 }),
  crl("no authority key identifier", null, { authorityKeyId: null }),
  crl("another authority key identifier", PROFILE, { authorityKeyId: new Uint8Array(20).fill(1) }),
  crl("a delta CRL", PROFILE, {
    extensions: { add: [{ oid: "2.5.29.27", critical: true, value: der.integer(1) }] },
  }),
  crl("a partial CRL (issuing distribution point)", PROFILE, {
    extensions: { add: [{ oid: "2.5.29.28", critical: true, value: der.sequence() }] },
  }),
  crl("an unknown extension, not critical", null, {
    extensions: { add: [{ oid: "1.3.6.1.4.1.3704.9.9", critical: false, value: der.nil() }] },
  }),
  crl("the number twice", "ERR_MALFORMED_DER", { extensions: { repeat: ["2.5.29.20"] } }),
];

const window: readonly Recipe[] = [
  crl("nextUpdate this very second", null, { nextUpdate: new Date("2026-06-01T00:00:00Z") }),
  crl("nextUpdate a second ago", "ERR_COLLATERAL_CRL_STALE", { nextUpdate: new Date("2026-05-31T23:59:59Z") }),
  under(
    IF_AVAILABLE,
    crl("nextUpdate a second ago, where none is required", null, { nextUpdate: new Date("2026-05-31T23:59:59Z") }),
  ),
  crl("thisUpdate in a second", "ERR_COLLATERAL_CRL_FUTURE", { thisUpdate: new Date("2026-06-01T00:00:01Z") }),
  judged("a day past nextUpdate", "ERR_COLLATERAL_CRL_STALE", { now: "2026-07-10T00:00:00Z" }),
  judged("a day past nextUpdate, two allowed", null, {
    now: "2026-07-10T00:00:00Z",
    options: { revocation: { mode: "require", maxStaleMs: 2 * DAY } },
  }),
  judged("three days past nextUpdate, two allowed", "ERR_COLLATERAL_CRL_STALE", {
    now: "2026-07-12T00:00:00Z",
    options: { revocation: { mode: "require", maxStaleMs: 2 * DAY } },
  }),
  judged("a week old, six days allowed", "ERR_COLLATERAL_CRL_STALE", {
    options: { revocation: { mode: "require", maxAgeMs: 6 * DAY } },
  }),
  judged("a week old, a week allowed", null, { options: { revocation: { mode: "require", maxAgeMs: 7 * DAY } } }),
];

const genoa: readonly Recipe[] = [
  crl("the first ASK of Genoa revoked, as in AMD's CRL; this one is the second", null, {
    revoked: [{ serial: 0x020001, at: new Date("2022-10-31T12:00:00Z") }],
  }),
  resigned("the first ASK of Genoa revoked, and the chain uses it", REVOKED, {
    intermediate: { serial: 0x020001 },
    crl: { revoked: [{ serial: 0x020001, at: new Date("2022-10-31T12:00:00Z") }] },
  }),
];

const vlek: readonly Recipe[] = [
  crl("the ASVK revoked", REVOKED, { revoked: [{ serial: 0x010101, at }] }),
  crl("the ASK revoked: not of this chain", null, { revoked: [{ serial: 0x010001, at }] }),
];

export const CRL_GROUPS: readonly Group[] = [
  { base: "milan-vcek", recipes: [...structure, ...signing, ...entries, ...form, ...window] },
  { base: "genoa-vcek", recipes: genoa },
  { base: "milan-vlek", recipes: vlek },
];
