import { beforeAll, describe, expect, it } from "vitest";
import type { CaRole } from "../../src/amd/anchors.js";
import { type CaOptions, createForge, der, type Forge, p384Spki } from "../../src/testing/index.js";
import { judgeCaProfile } from "../../src/x509/ca-profile.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { corpusFile } from "../support/corpus.js";
import { hex } from "../support/hex.js";
import { needs } from "../support/needs.js";
import { ZERO_SIGNER } from "./parts.js";

const { bitString, boolean, integer, octetString, sequence } = der;

const CONSTRAINTS = "2.5.29.19";
const USAGE = "2.5.29.15";
const SUBJECT_KEY = "2.5.29.14";

const ROLES: readonly CaRole[] = ["ARK", "ASK", "ASVK"];
const BELOW: readonly CaRole[] = ["ASK", "ASVK"];
const AMD = { pathLenRequired: true };
const PRIVATE = { pathLenRequired: false };

let forge: Forge;
beforeAll(async () => {
  forge = await createForge({ seed: "ca profile" });
});

function judge(role: CaRole, options: CaOptions, profile = AMD) {
  const make = { ARK: forge.ark, ASK: forge.ask, ASVK: forge.asvk }[role];
  return judgeCaProfile(parseCertificate(make({ signWith: ZERO_SIGNER, ...options }).der), role, profile);
}

/** An extension's value, in place of the forge's. */
const valued = (oid: string, value: Uint8Array): CaOptions => ({ extensions: { replace: { [oid]: { value } } } });
const constraints = (...content: Uint8Array[]) => valued(CONSTRAINTS, sequence(...content));
const usage = (bits: string) => valued(USAGE, hex(bits));

interface Row {
  why: string;
  roles: readonly CaRole[];
  /** Left out: as AMD has it. */
  sound?: CaOptions;
  broken: CaOptions;
  detail?: object;
}

const at = (field: string, pattern = /./) => ({ field, reason: expect.stringMatching(pattern) });
const MUST = /must be there, critical/;

const rows: readonly Row[] = [
  {
    why: "no basicConstraints: a leaf that signs",
    roles: ROLES,
    broken: { basicConstraints: null },
    detail: at("basicConstraints", MUST),
  },
  {
    why: "CA:FALSE",
    roles: ROLES,
    broken: { basicConstraints: { ca: false, pathLen: null } },
    detail: at("basicConstraints", MUST),
  },
  {
    why: "basicConstraints that are not critical",
    roles: ROLES,
    broken: { basicConstraints: { critical: false } },
    detail: at("basicConstraints", MUST),
  },
  {
    why: "pathLen without CA",
    roles: BELOW,
    broken: { basicConstraints: { ca: false, pathLen: 0 } },
    detail: at("basicConstraints", MUST),
  },
  {
    why: "no pathLen: room for authorities that nobody knows",
    roles: BELOW,
    broken: { basicConstraints: { pathLen: null } },
    detail: at("basicConstraints", /pathLen must be 0, found none/),
  },
  {
    why: "pathLen 1",
    roles: BELOW,
    broken: { basicConstraints: { pathLen: 1 } },
    detail: at("basicConstraints", /pathLen must be 0, found 1/),
  },
  {
    why: "pathLen 0 on a root, which leaves no room for an ASK",
    roles: ["ARK"],
    sound: { basicConstraints: { pathLen: 1 } },
    broken: { basicConstraints: { pathLen: 0 } },
    detail: at("basicConstraints", /no room/),
  },
  { why: "no keyUsage", roles: ROLES, broken: { keyUsage: null }, detail: at("keyUsage", MUST) },
  {
    why: "a keyUsage that is not critical",
    roles: ROLES,
    broken: { keyUsage: { critical: false } },
    detail: at("keyUsage", MUST),
  },
  {
    why: "a keyUsage of nothing",
    roles: ROLES,
    broken: { keyUsage: { usages: [] } },
    detail: at("keyUsage", MUST),
  },
  {
    why: "a keyUsage for CRLs and not for certificates",
    roles: ROLES,
    sound: { keyUsage: { usages: ["keyCertSign", "cRLSign"] } },
    broken: { keyUsage: { usages: ["cRLSign"] } },
    detail: at("keyUsage", /keyCertSign/),
  },
  {
    why: "a keyUsage of everything but signing certificates",
    roles: ROLES,
    sound: {
      keyUsage: { usages: ["digitalSignature", "nonRepudiation", "keyEncipherment", "keyCertSign", "cRLSign"] },
    },
    broken: { keyUsage: { usages: ["digitalSignature", "nonRepudiation", "keyEncipherment", "cRLSign"] } },
    detail: at("keyUsage", /keyCertSign/),
  },
  {
    why: "a root that may not sign CRLs",
    roles: ["ARK"],
    sound: { keyUsage: { usages: ["keyCertSign", "cRLSign"] } },
    broken: { keyUsage: { usages: ["keyCertSign"] } },
    detail: at("keyUsage", /cRLSign/),
  },
  {
    why: "an unknown critical extension",
    roles: ROLES,
    sound: { extensions: { add: [{ oid: "1.2.3.4", critical: false, value: hex("0500") }] } },
    broken: { extensions: { add: [{ oid: "1.2.3.4", critical: true, value: hex("0500") }] } },
    detail: at("1.2.3.4", /critical and not understood/),
  },
  {
    why: "critical nameConstraints, which would have to be obeyed",
    roles: BELOW,
    sound: { extensions: { add: [{ oid: "2.5.29.30", critical: false, value: sequence() }] } },
    broken: { extensions: { add: [{ oid: "2.5.29.30", critical: true, value: sequence() }] } },
    detail: at("2.5.29.30", /critical and not understood/),
  },
  {
    why: "a critical subjectKeyIdentifier, which is read and not judged",
    roles: ROLES,
    broken: { extensions: { replace: { [SUBJECT_KEY]: { critical: true } } } },
    detail: at(SUBJECT_KEY, /critical and not understood/),
  },
];

const DER_ROWS: readonly Row[] = [
  {
    why: "CA:FALSE spelled out, which DER leaves out",
    roles: ROLES,
    broken: constraints(boolean(false)),
    detail: { reason: "CA:FALSE, the default, spelled out" },
  },
  { why: "CA by 01, which BER takes for true", roles: ROLES, broken: constraints(hex("010101")) },
  { why: "pathLen before CA", roles: BELOW, broken: constraints(integer(0), boolean(true)) },
  { why: "a negative pathLen", roles: BELOW, broken: constraints(boolean(true), integer(-1)) },
  { why: "a pathLen that is not minimal", roles: BELOW, broken: constraints(boolean(true), hex("02020000")) },
  { why: "a pathLen of two bytes", roles: BELOW, broken: constraints(boolean(true), integer(256)) },
  { why: "something behind the pathLen", roles: BELOW, broken: constraints(boolean(true), integer(0), integer(0)) },
  { why: "something behind CA", roles: ["ARK"], broken: constraints(boolean(true), hex("0500")) },
  { why: "basicConstraints of no SEQUENCE", roles: ROLES, broken: valued(CONSTRAINTS, boolean(true)) },
  { why: "empty basicConstraints", roles: ROLES, broken: valued(CONSTRAINTS, new Uint8Array(0)) },
  {
    why: "something behind basicConstraints",
    roles: BELOW,
    sound: valued(CONSTRAINTS, sequence(boolean(true), integer(0))),
    broken: valued(CONSTRAINTS, hex("30060101ff020100 0500")),
  },
  { why: "an empty keyUsage", roles: ROLES, broken: valued(USAGE, new Uint8Array(0)) },
  { why: "a keyUsage in an OCTET STRING", roles: ROLES, broken: valued(USAGE, octetString(hex("0106"))) },
  { why: "a keyUsage with unused bits set", roles: ROLES, sound: usage("0302 01 06"), broken: usage("0302 01 07") },
  { why: "a keyUsage with eight unused bits", roles: ROLES, sound: usage("0302 01 06"), broken: usage("0302 08 06") },
  { why: "something behind keyUsage", roles: ROLES, sound: usage("0302 01 06"), broken: usage("0302 01 06 00") },
  {
    why: "a subjectKeyIdentifier without its OCTET STRING",
    roles: ROLES,
    sound: valued(SUBJECT_KEY, octetString(hex("aa"))),
    broken: valued(SUBJECT_KEY, hex("aa")),
  },
  {
    why: "something behind subjectKeyIdentifier",
    roles: ROLES,
    sound: valued(SUBJECT_KEY, octetString(hex("aa"))),
    broken: valued(SUBJECT_KEY, hex("0401aa 00")),
  },
];

const flat = (list: readonly Row[]) => list.flatMap((row) => row.roles.map((role) => ({ ...row, role })));

describe("judgeCaProfile", () => {
  it.each(flat(rows))("$role: $why", ({ role, sound = {}, broken, detail }) => {
    expect(judge(role, sound).publicKey.kind).toBe("rsa");
    expect(() => judge(role, broken)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", { role, ...detail });
  });

  it.each(flat(DER_ROWS))("$role: $why", ({ role, sound = {}, broken, detail }) => {
    expect(judge(role, sound).publicKey.kind).toBe("rsa");
    expect(() => judge(role, broken)).toFailWith("ERR_MALFORMED_DER", detail);
  });

  it.each(ROLES)("%s: a P-384 key signs no certificates", (role) => {
    const spki = p384Spki(forge.foreignLeafKey().point);
    expect(() => judge(role, { spki })).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", at("subjectPublicKey"));
  });

  it.each(ROLES)("%s: answers the key, its identifier and what it did not judge", (role) => {
    const { modulus, exponent } = forge.caKey(role);
    const profile = judge(role, { subjectKeyId: hex("00112233") });
    expect(profile.publicKey).toEqual({ kind: "rsa", modulus, exponent });
    expect(profile.subjectKeyId).toEqual(hex("00112233"));
    const others = profile.otherExtensions.map(({ oid }) => oid);
    expect(others).toContain(SUBJECT_KEY);
    expect(others).toContain("2.5.29.31");
    expect(others).not.toContain(CONSTRAINTS);
    expect(others).not.toContain(USAGE);
    expect(profile.otherExtensions.every(({ critical }) => !critical)).toBe(true);
  });

  it.each(ROLES)("%s: may have no key identifier", (role) => {
    expect(judge(role, { subjectKeyId: null }).subjectKeyId).toBeNull();
  });

  it("takes keyUsage in minimal form and in AMD's", () => {
    for (const bits of ["0302 02 04", "0302 01 04", "0302 00 04"])
      expect(() => judge("ASK", usage(bits))).not.toThrow();
  });

  it("takes any pathLen above 0 on a root, and none", () => {
    for (const pathLen of [null, 1, 2, 255])
      expect(() => judge("ARK", { basicConstraints: { pathLen } })).not.toThrow();
  });

  it("does not care about names, dates, signature or serial", () => {
    const elsewhere = { subject: { commonName: "x" }, issuer: { organization: null }, serial: 77 };
    expect(() => judge("ASK", { ...elsewhere, patchSignature: () => new Uint8Array(512) })).not.toThrow();
  });
});

describe("under a caller's own anchors", () => {
  it.each(BELOW)("%s may leave pathLen out, and under AMD's it may not", (role) => {
    const options = { basicConstraints: { pathLen: null } };
    expect(() => judge(role, options, PRIVATE)).not.toThrow();
    expect(() => judge(role, options, AMD)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE");
  });

  it.each(BELOW)("%s may say pathLen 0 and no more", (role) => {
    expect(() => judge(role, { basicConstraints: { pathLen: 0 } }, PRIVATE)).not.toThrow();
    for (const pathLen of [1, 2, 255]) {
      expect(() => judge(role, { basicConstraints: { pathLen } }, PRIVATE)).toFailWith(
        "ERR_UNTRUSTED_CERTIFICATE_PROFILE",
        { reason: `pathLen must be 0, found ${pathLen}` },
      );
    }
  });

  it.each(flat(rows).filter(({ why }) => !why.startsWith("no pathLen")))("$role: $why, as under AMD's", (row) => {
    const { role, sound = {}, broken, detail } = row;
    expect(() => judge(role, sound, PRIVATE)).not.toThrow();
    expect(() => judge(role, broken, PRIVATE)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", { role, ...detail });
  });
});

describe.runIf(needs("corpus"))("AMD's own certificates", () => {
  const all = ["Milan", "Genoa", "Turin"].flatMap((line) => ROLES.map((role) => ({ line, role })));
  const read = (line: string, role: CaRole) => parseCertificate(corpusFile(`amd/${line}/${role.toLowerCase()}.der`));

  it.each(all)("$role of $line keeps its profile", ({ line, role }) => {
    const { subjectKeyId, otherExtensions } = judgeCaProfile(read(line, role), role, AMD);
    expect(subjectKeyId).toHaveLength(20);
    const others = otherExtensions.map(({ oid }) => oid).sort();
    expect(others).toEqual(role === "ARK" ? [SUBJECT_KEY, "2.5.29.31"] : [SUBJECT_KEY, "2.5.29.31", "2.5.29.35"]);
  });

  it.each(["Milan", "Genoa", "Turin"])("an ASK of %s is no ARK, and an ARK no ASK", (line) => {
    const code = "ERR_UNTRUSTED_CERTIFICATE_PROFILE";
    expect(() => judgeCaProfile(read(line, "ASK"), "ARK", AMD)).toFailWith(code);
    expect(() => judgeCaProfile(read(line, "ARK"), "ASK", AMD)).toFailWith(code);
  });
});

describe("bits of keyUsage", () => {
  it.each([
    ["ASK", 5],
    ["ARK", 6],
  ] as const)("%s: losing bit %i alone is refused", (role, bit) => {
    const all = 0xff;
    const value = (bits: number) => valued(USAGE, bitString(Uint8Array.of(bits)));
    expect(() => judge(role, value(all))).not.toThrow();
    expect(() => judge(role, value(all & ~(0x80 >> bit)))).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE");
  });
});
