import {
  createHash,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  webcrypto,
} from "node:crypto";
import { PublicKeyInfo } from "pkijs";
import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { p384Spki } from "../../src/crypto/p384.js";
import type { P384Signer } from "../../src/crypto/signer.js";
import { webCryptoEngine } from "../../src/crypto/webcrypto.js";
import { buildIdAuth, buildIdBlock, parseIdAuth, verifyIdAuth, webCryptoSigner } from "../../src/id-block/index.js";
import { nobleEngine, nobleSigner } from "../../src/noble/index.js";
import { nodeEngine, nodeSigner } from "../../src/node/index.js";
import { counting, fieldsWith } from "./support.js";

/*
 * The structures written and read a second time, on Buffers and node:crypto, by nothing of ours: offsets in decimal,
 * signatures in DER, coordinates out of a JWK.
 */

const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;

function coordinates(key: KeyObject): { x: Buffer; y: Buffer } {
  const { x, y } = key.export({ format: "jwk" });
  return { x: Buffer.from(String(x), "base64url"), y: Buffer.from(String(y), "base64url") };
}

function amdKey(key: KeyObject): Buffer {
  const { x, y } = coordinates(key);
  const bytes = Buffer.alloc(1028);
  bytes.writeUInt32LE(2, 0);
  x.reverse().copy(bytes, 4);
  y.reverse().copy(bytes, 76);
  return bytes;
}

/** An INTEGER of a signature in DER, at `at`: its bytes without leading zeros, and where it ends. */
function derInteger(der: Buffer, at: number): { value: Buffer; end: number } {
  const length = der.readUInt8(at + 1);
  const value = der.subarray(at + 2, at + 2 + length);
  return { value: value[0] === 0 ? value.subarray(1) : value, end: at + 2 + length };
}

function amdSignature(key: KeyObject, message: Uint8Array): Buffer {
  const der = createSign("sha384").update(message).sign(key);
  const r = derInteger(der, 2);
  const s = derInteger(der, r.end);
  const bytes = Buffer.alloc(512);
  Buffer.from(r.value).reverse().copy(bytes, 0);
  Buffer.from(s.value).reverse().copy(bytes, 72);
  return bytes;
}

function idBlock({ measurement, familyId, imageId, guestSvn, policy } = fieldsWith()): Buffer {
  const bytes = Buffer.alloc(96);
  bytes.set(measurement, 0);
  bytes.set(familyId, 48);
  bytes.set(imageId, 64);
  bytes.writeUInt32LE(1, 80);
  bytes.writeUInt32LE(guestSvn, 84);
  bytes.writeBigUInt64LE(policy, 88);
  return bytes;
}

function idAuth(block: Uint8Array, idKey: KeyObject, author?: KeyObject): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.writeUInt32LE(1, 0);
  bytes.set(amdSignature(idKey, block), 64);
  bytes.set(amdKey(idKey), 576);
  if (author === undefined) return bytes;
  bytes.writeUInt32LE(1, 4);
  bytes.set(amdSignature(author, amdKey(idKey)), 1664);
  bytes.set(amdKey(author), 2176);
  return bytes;
}

/** r and s of a structure, little-endian, as DER. */
function derSignature(structure: Uint8Array): Buffer {
  const integer = (bytes: Uint8Array): Buffer => {
    const trimmed = Buffer.from(bytes).reverse();
    const start = trimmed.findIndex((byte) => byte !== 0);
    const value = trimmed.subarray(start);
    const padded = (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value;
    return Buffer.concat([Buffer.of(2, padded.length), padded]);
  };
  const content = Buffer.concat([integer(structure.subarray(0, 72)), integer(structure.subarray(72, 144))]);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

const ROUNDS = Array.from({ length: 12 }, (_, round) => round);

describe("what node:crypto made", () => {
  it.each(ROUNDS)("verifies here, round %i", async (round) => {
    const [idKey, author] = [newKey(), newKey()];
    const fields = fieldsWith({ guestSvn: round, measurement: counting(48, round + 1) });
    const block = idBlock(fields);
    expect(new Uint8Array(block)).toEqual(buildIdBlock(fields));
    const signed = await verifyIdAuth({ block, auth: idAuth(block, idKey, author) });
    const digest = (key: KeyObject) => new Uint8Array(createHash("sha384").update(amdKey(key)).digest());
    expect(signed).toMatchObject({ idKeyDigest: digest(idKey), authorKeyDigest: digest(author) });
    const alone = await verifyIdAuth({ block, auth: idAuth(block, idKey) });
    expect(alone).toMatchObject({ idKeyDigest: digest(idKey), authorKeyDigest: null });
  });

  it("does not verify under a key or for a block that it is not of", async () => {
    const [idKey, author, other] = [newKey(), newKey(), newKey()];
    const block = idBlock();
    const next = idBlock(fieldsWith({ guestSvn: 8 }));
    const wrongs = [
      { block: next, auth: idAuth(block, idKey, author) },
      { block, auth: Buffer.concat([idAuth(block, other).subarray(0, 576), idAuth(block, idKey).subarray(576)]) },
      {
        block,
        auth: Buffer.concat([
          idAuth(block, idKey, author).subarray(0, 2176),
          idAuth(block, idKey, other).subarray(2176),
        ]),
      },
    ];
    for (const pair of wrongs) await expect(verifyIdAuth(pair)).toFailWith("ERR_UNTRUSTED_ID_BLOCK_SIGNATURE");
  });
});

describe("what was made here", () => {
  it.each(ROUNDS)("verifies by node:crypto, round %i", async (round) => {
    const [idKey, author] = [nobleSigner(counting(48, round + 1)), nobleSigner(counting(48, round + 99))];
    const block = buildIdBlock(fieldsWith({ guestSvn: round }));
    const auth = await buildIdAuth({ block, idKey, authorKey: author });
    const publicKey = ({ publicKey: key }: P384Signer) =>
      createPublicKey({ key: Buffer.from(p384Spki(key)), format: "der", type: "spki" });
    const holds = (key: P384Signer, message: Uint8Array, signature: Uint8Array) =>
      createVerify("sha384").update(message).verify(publicKey(key), derSignature(signature));
    expect(holds(idKey, block, auth.subarray(64, 576))).toBe(true);
    expect(holds(author, auth.subarray(576, 1604), auth.subarray(1664, 2176))).toBe(true);
    expect(holds(author, block, auth.subarray(64, 576))).toBe(false);
    expect(auth.subarray(576, 1604)).toEqual(new Uint8Array(amdKey(publicKey(idKey))));
    expect(auth.subarray(2176, 3204)).toEqual(new Uint8Array(amdKey(publicKey(author))));
  });

  it("verifies under the key as pkijs reads it", async () => {
    const idKey = nobleSigner(counting(48, 5));
    const block = buildIdBlock(fieldsWith());
    const { signature } = parseIdAuth(await buildIdAuth({ block, idKey }));
    const info = PublicKeyInfo.fromBER(p384Spki(idKey.publicKey).buffer);
    const key = await webcrypto.subtle.importKey(
      "spki",
      info.toSchema().toBER(),
      { name: "ECDSA", namedCurve: "P-384" },
      false,
      ["verify"],
    );
    const raw = Buffer.concat([signature.r, signature.s]);
    const algorithm = { name: "ECDSA", hash: "SHA-384" };
    expect(await webcrypto.subtle.verify(algorithm, key, raw, block)).toBe(true);
    expect(await webcrypto.subtle.verify(algorithm, key, raw, block.slice(1))).toBe(false);
  });
});

const ENGINES: readonly CryptoEngine[] = [webCryptoEngine, nobleEngine, nodeEngine];
const SIGNERS: readonly (readonly [string, () => P384Signer | Promise<P384Signer>])[] = [
  ["noble", () => nobleSigner(counting(48, 3))],
  ["node", () => nodeSigner(newKey())],
  [
    "WebCrypto",
    async () =>
      webCryptoSigner(
        await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, false, ["sign", "verify"]),
      ),
  ],
];

describe.each(SIGNERS)("a signer of %s", (_, make) => {
  it.each(ENGINES)("signs what the engine $name verifies, as ID key and as author", async (engine) => {
    const block = buildIdBlock(fieldsWith());
    const [idKey, authorKey] = [await make(), await make()];
    const auth = await buildIdAuth({ block, idKey, authorKey, engine });
    for (const judge of ENGINES) await expect(verifyIdAuth({ block, auth, engine: judge })).resolves.toBeDefined();
    const other = buildIdBlock(fieldsWith({ guestSvn: 8 }));
    await expect(verifyIdAuth({ block: other, auth, engine })).toFailWith("ERR_UNTRUSTED_ID_BLOCK_SIGNATURE");
  });
});
