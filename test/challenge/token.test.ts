import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import { createChallenger } from "../../src/challenge/index.js";
import type { ErrorCode } from "../../src/errors.js";
import { flipped, PURPOSE, START, secretOf, setUp, TTL } from "./support.js";

const { challenger, options } = setUp();
const { id, nonce, expiresAt } = await challenger.issue(PURPOSE);

const utf8 = (text: string) => Buffer.from(text, "utf8");

function prefixed(...parts: Uint8Array[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

/** The token as the documentation describes it, made by Node's own HMAC. */
function tokenBy({ secret = secretOf(1), keyId = "k1", expiry = START + TTL, version = 1, random = secretOf(9) }) {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(expiry));
  const input = prefixed(
    utf8("attestry challenge v1"),
    Buffer.of(version),
    utf8(keyId),
    random,
    time,
    utf8(PURPOSE.audience),
    Buffer.from(PURPOSE.policyDigest, "hex"),
  );
  const mac = createHmac("sha256", secret).update(input).digest();
  return new Uint8Array(Buffer.concat([Buffer.of(version, keyId.length), utf8(keyId), time, random, mac]));
}

describe("a nonce", () => {
  it("is what its description says: another HMAC makes the same", () => {
    const random = Buffer.from(id, "hex");
    expect(random).toHaveLength(32);
    expect(Buffer.from(nonce)).toEqual(Buffer.from(tokenBy({ random })));
    expect(expiresAt).toEqual(new Date(START + TTL));
  });

  it("is verified when another HMAC made it", async () => {
    const verified = await challenger.verify(tokenBy({}), PURPOSE);
    expect(verified.id).toBe(Buffer.from(secretOf(9)).toString("hex"));
  });

  it.each([
    ["the shortest key id", "a", 75],
    ["the longest", "a".repeat(32), 106],
  ])("has, with %s, %s, %i bytes", async (_, keyId, length) => {
    const other = createChallenger({ ...options, keys: [{ id: keyId, secret: secretOf(1) }] });
    const challenge = await other.issue(PURPOSE);
    expect(challenge.nonce).toHaveLength(length);
    await expect(other.verify(challenge.nonce, PURPOSE)).resolves.toMatchObject({ id: challenge.id });
  });

  it("fits the schemes that take long nonces, and its SHA-512 those that do not", async () => {
    await expect(bindReportData("attestry-v1", { nonce })).resolves.toBeDefined();
    const teePublicKey = utf8('{"kty":"OKP"}');
    await expect(bindReportData("trustee", { nonce, teePublicKey })).resolves.toBeDefined();
    await expect(bindReportData("nonce", { nonce })).rejects.toThrow(TypeError);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", Uint8Array.from(nonce)));
    await expect(bindReportData("nonce", { nonce: digest })).resolves.toMatchObject({ bytes: digest });
    await expect(bindReportData("svsm", { nonce: digest, manifest: nonce })).resolves.toBeDefined();
  });

  it("is another each time", async () => {
    const many = await Promise.all(Array.from({ length: 200 }, () => challenger.issue(PURPOSE)));
    expect(new Set(many.map((challenge) => challenge.id)).size).toBe(200);
  });
});

const OF_HEAD: readonly ErrorCode[] = ["ERR_CHALLENGE_MALFORMED", "ERR_CHALLENGE_UNKNOWN_KEY"];

describe("a nonce that was changed", () => {
  it("in any one bit is refused, and by its MAC unless the head shows it", async () => {
    const head = 2 + "k1".length;
    for (let bit = 0; bit < nonce.length * 8; bit++) {
      const error: unknown = await challenger.verify(flipped(nonce, bit), PURPOSE).catch((thrown) => thrown);
      const code = error instanceof Error && "code" in error ? error.code : String(error);
      expect(bit < head * 8 ? OF_HEAD : ["ERR_CHALLENGE_FORGED"], `bit ${bit}`).toContain(code);
    }
  });

  it("in length is refused, shorter and longer", async () => {
    for (let length = 0; length <= 1100; length++) {
      if (length === nonce.length) continue;
      const other = new Uint8Array(length);
      other.set(nonce.subarray(0, length));
      await expect(challenger.verify(other, PURPOSE), `${length} bytes`).toFailWith("ERR_CHALLENGE_MALFORMED");
    }
    await expect(challenger.verify(new Uint8Array(50_000_000), PURPOSE)).toFailWith("ERR_CHALLENGE_MALFORMED", {
      reason: "expected 75 to 106 bytes, found 50000000",
    });
  });

  it("is never accepted, whatever the bytes", async () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 200 });
    const edited = fc
      .tuple(fc.nat(nonce.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }))
      .map(([at, piece]) => Uint8Array.from(nonce, (byte, index) => piece[index - at] ?? byte))
      .filter((other) => Buffer.compare(other, nonce) !== 0);
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, edited), async (other) => {
        await expect(challenger.verify(other, PURPOSE)).rejects.toMatchObject({ name: "ChallengeError" });
      }),
      { numRuns: 300 },
    );
  });
});

describe("a nonce that another made", () => {
  it.each<[string, Parameters<typeof tokenBy>[0], ErrorCode]>([
    ["with another secret", { secret: secretOf(2) }, "ERR_CHALLENGE_FORGED"],
    ["with nothing but zeros for a secret", { secret: new Uint8Array(32) }, "ERR_CHALLENGE_FORGED"],
    ["as a version that is none yet", { version: 2 }, "ERR_CHALLENGE_MALFORMED"],
    ["as version 0", { version: 0 }, "ERR_CHALLENGE_MALFORMED"],
    ["under the id of a key that is not there", { keyId: "k2" }, "ERR_CHALLENGE_UNKNOWN_KEY"],
    ["under an id that every object has", { keyId: "constructor" }, "ERR_CHALLENGE_UNKNOWN_KEY"],
    ["under an id with a space", { keyId: "k 1" }, "ERR_CHALLENGE_MALFORMED"],
    ["under an id with a line break", { keyId: "k1\n" }, "ERR_CHALLENGE_MALFORMED"],
    ["under an id with a zero", { keyId: "k1\0" }, "ERR_CHALLENGE_MALFORMED"],
    ["under an id that is too long", { keyId: "k".repeat(33) }, "ERR_CHALLENGE_MALFORMED"],
    ["without an id", { keyId: "" }, "ERR_CHALLENGE_MALFORMED"],
    ["to expire in a year, with the secret", { expiry: START + 365 * 86_400_000 }, "ERR_CHALLENGE_CLOCK"],
    ["to expire at the end of time", { expiry: 8.64e15 }, "ERR_CHALLENGE_CLOCK"],
    ["to expire after it", { expiry: 2 ** 63 }, "ERR_CHALLENGE_CLOCK"],
    ["in the past, with the secret", { expiry: START }, "ERR_CHALLENGE_EXPIRED"],
  ])("%s is refused", async (_, made, code) => {
    await expect(challenger.verify(tokenBy(made), PURPOSE)).toFailWith(code);
  });

  it("under the id of another key that is there is refused", async () => {
    const keys = [
      { id: "k1", secret: secretOf(1) },
      { id: "k2", secret: secretOf(2) },
    ];
    const both = createChallenger({ ...options, keys });
    await expect(both.verify(tokenBy({ keyId: "k2", secret: secretOf(2) }), PURPOSE)).resolves.toBeDefined();
    await expect(both.verify(tokenBy({ keyId: "k2", secret: secretOf(1) }), PURPOSE)).toFailWith(
      "ERR_CHALLENGE_FORGED",
      { keyId: "k2" },
    );
  });
});
