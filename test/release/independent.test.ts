import { createDecipheriv, createHash, createPublicKey, diffieHellman, KeyObject, privateDecrypt } from "node:crypto";
import { flattenedDecrypt } from "jose";
import { describe, expect, it } from "vitest";
import { sealTo } from "../../src/release/index.js";
import type { SealedJwe } from "../../src/release/jwe.js";
import { KEMS, openBase } from "./rfc9180.js";
import {
  type Attested,
  accepted,
  type GuestKeys,
  guestKeys,
  NOW,
  POLICY,
  policyOf,
  publicJwk,
  SECRET,
  utf8,
} from "./support.js";

/** What binds a ciphertext, computed a second time. */
function contextOf({ challenge, report }: Pick<Attested, "challenge" | "report">, policy = POLICY) {
  return {
    challenge: challenge.id,
    policy: policy.digest,
    report: createHash("sha384").update(report.subarray(0, 0x2a0)).digest("hex"),
  };
}

/** The label, then each part behind its length. */
function infoOf({ challenge, policy, report }: ReturnType<typeof contextOf>): Uint8Array {
  const parts = [Buffer.from(challenge), Buffer.from(policy, "hex"), Buffer.from(report, "hex")];
  const prefixed = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return Buffer.concat([Buffer.from("attestry release v1", "ascii"), ...prefixed]);
}

const unpack = (text: string): Uint8Array => Buffer.from(text, "base64url");

describe.each(["X25519", "P-384"] as const)("HPKE for %s, opened by the formulas of RFC 9180", (kind) => {
  it.each([1, 32, 65_536])("gives a secret of %i bytes back, and no other info does", async (length) => {
    const guest = await guestKeys(kind, true);
    const made = await accepted(guest.spki);
    const secret = globalThis.crypto.getRandomValues(new Uint8Array(length));
    const { challenge } = made;
    const sealed = await sealTo(made.appraisal, secret, { challenge, format: "hpke", now: NOW });
    expect(sealed.context).toEqual(contextOf(made));
    const message = { enc: unpack(sealed.enc), ciphertext: unpack(sealed.ciphertext) };
    const key = KeyObject.from(guest.keyPair.privateKey);
    const info = infoOf(contextOf(made));
    expect(Buffer.from(secret).equals(openBase(KEMS[kind], key, { ...message, info }))).toBe(true);
    const others = Object.keys(contextOf(made)).map((field) => {
      const context: Record<string, string> = contextOf(made);
      return {
        ...contextOf(made),
        [field]: String(context[field]).replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
      };
    });
    for (const other of others) expect(() => openBase(KEMS[kind], key, { ...message, info: infoOf(other) })).toThrow();
    expect(() => openBase(KEMS[kind], key, { ...message, info: new Uint8Array(0) })).toThrow();
  });
});

/** What a client does that parses the protected header and authenticates its own spelling: alg, enc, then sorted. */
function respelled(header: Record<string, unknown>): string {
  const sorted = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
  };
  const { alg, enc, ...others } = header;
  const more = Object.entries(Object(sorted(others)));
  return Buffer.from(JSON.stringify({ alg, enc, ...Object.fromEntries(more) })).toString("base64url");
}

/** RFC 7518, section 4.6, with both parties' info empty. */
function agreedKey(privateKey: KeyObject, epk: object): Uint8Array {
  const publicKey = createPublicKey({ key: { ...epk }, format: "jwk" });
  const z = diffieHellman({ privateKey, publicKey });
  const alg = Buffer.from("ECDH-ES+A256KW");
  const u32 = (value: number) => Buffer.from([0, 0, value >> 8, value & 0xff]);
  const input = [u32(1), z, u32(alg.length), alg, u32(0), u32(0), u32(256)];
  return createHash("sha256").update(Buffer.concat(input)).digest();
}

function contentKey(guest: GuestKeys, header: Record<string, unknown>, wrapped: Uint8Array): Uint8Array {
  const privateKey = KeyObject.from(guest.keyPair.privateKey);
  if (header["alg"] === "RSA-OAEP-256") return privateDecrypt({ key: privateKey, oaepHash: "sha256" }, wrapped);
  const kek = agreedKey(privateKey, Object(header["epk"]));
  const unwrap = createDecipheriv("id-aes256-wrap", kek, Buffer.alloc(8, 0xa6));
  return Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
}

/** A JWE opened by node:crypto, as a client of Trustee does it. */
function openAsTrustee(guest: GuestKeys, jwe: SealedJwe): Uint8Array {
  const header: Record<string, unknown> = JSON.parse(Buffer.from(jwe.protected, "base64url").toString());
  const key = contentKey(guest, header, unpack(jwe.encrypted_key));
  const decipher = createDecipheriv("aes-256-gcm", key, unpack(jwe.iv)).setAuthTag(unpack(jwe.tag));
  decipher.setAAD(Buffer.from(respelled(header)));
  return Buffer.concat([decipher.update(unpack(jwe.ciphertext)), decipher.final()]);
}

const ALGORITHM = {
  "P-256": "ECDH-ES+A256KW",
  "P-384": "ECDH-ES+A256KW",
  "P-521": "ECDH-ES+A256KW",
  RSA: "RSA-OAEP-256",
};

describe.each(["P-256", "P-384", "P-521", "RSA"] as const)("a JWE for %s", (kind) => {
  const alg = ALGORITHM[kind];

  it("is opened by jose alone, which finds the context in the protected header", async () => {
    const guest = await guestKeys(kind);
    const made = await accepted(guest.spki);
    const jwe = await sealTo(made.appraisal, SECRET, { challenge: made.challenge, format: "jwe", now: NOW });
    expect(Object.keys(jwe).sort()).toEqual(["ciphertext", "encrypted_key", "iv", "protected", "tag"]);
    const { plaintext, protectedHeader } = await flattenedDecrypt(jwe, guest.keyPair.privateKey);
    expect(plaintext).toEqual(SECRET);
    expect(protectedHeader).toMatchObject({ alg, enc: "A256GCM", attestry: contextOf(made) });
  });

  it("is opened by a client of Trustee's, from the JWK that its REPORT_DATA binds", async () => {
    const guest = await guestKeys(kind, true);
    const policy = await policyOf({ scheme: "trustee" });
    const made = await accepted(utf8(publicJwk(guest.jwk, { alg })), { policy, scheme: "trustee" });
    const jwe = await sealTo(made.appraisal, SECRET, { challenge: made.challenge, format: "jwe", now: NOW });
    const header = Buffer.from(jwe.protected, "base64url").toString();
    expect(respelled(JSON.parse(header))).toBe(jwe.protected);
    expect(header.startsWith(`{"alg":"${alg}","enc":"A256GCM","attestry":{"challenge":"`)).toBe(true);
    expect(openAsTrustee(guest, jwe)).toEqual(Buffer.from(SECRET));
  });

  it("takes a fresh content key, iv and ephemeral key each time", async () => {
    const guest = await guestKeys(kind);
    const seal = async () => {
      const made = await accepted(guest.spki);
      return sealTo(made.appraisal, SECRET, { challenge: made.challenge, format: "jwe", now: NOW });
    };
    const [one, two] = [await seal(), await seal()];
    for (const name of ["protected", "encrypted_key", "iv", "ciphertext", "tag"] as const) {
      expect(one[name], name).not.toBe(two[name]);
    }
  });
});

it("jose itself spells epk in another order, which such a client would not authenticate", async () => {
  const { FlattenedEncrypt } = await import("jose");
  const guest = await guestKeys("P-256", true);
  const header = { alg: "ECDH-ES+A256KW", enc: "A256GCM" };
  const jwe = await new FlattenedEncrypt(SECRET).setProtectedHeader(header).encrypt(guest.keyPair.publicKey);
  expect(respelled(JSON.parse(Buffer.from(jwe.protected ?? "", "base64url").toString()))).not.toBe(jwe.protected);
});
