import { createHash } from "node:crypto";
import fc from "fast-check";
import { type BindingParts, bindReportData } from "../../src/binding/bind.js";
import type { BindingSchemeName, ExpectedReportData } from "../../src/binding/expected.js";

/** Parts as a test has them: all of them bytes. */
export type Parts = Readonly<Record<string, Uint8Array>>;

/** A scheme written a second time from docs/policy.md, on Node's own hashes. */
export interface Model {
  /** Least and greatest length of each part. */
  readonly lengths: Readonly<Record<string, readonly [least: number, greatest: number]>>;
  /** Parts that may be left out. */
  readonly optional: readonly string[];
  /** The 64 bytes as hex. */
  bytes(parts: Parts): string;
  /** The bytes of the key that they bind, as hex; null where none is bound. */
  key(parts: Parts): string | null;
  /** Parts that fit. */
  readonly parts: fc.Arbitrary<Parts>;
}

const NONE = new Uint8Array(0);

function hash(algorithm: "sha256" | "sha384" | "sha512", ...data: readonly (Uint8Array | undefined)[]): string {
  const state = createHash(algorithm);
  for (const part of data) state.update(part ?? NONE);
  return state.digest("hex");
}

function hexOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? NONE).toString("hex");
}

/** A string of the hash input of attestry-v1: its length in four bytes, then itself. */
function counted(part: Uint8Array = NONE): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return Buffer.concat([length, part]);
}

const bytes = (least: number, greatest: number) => fc.uint8Array({ minLength: least, maxLength: greatest });

/** A DER sequence of up to 120 bytes of content. */
const sequence = bytes(0, 120).map((content) => Uint8Array.of(0x30, content.length, ...content));

/** The text of a JWK whose members stand in the order of their names, which is its canonical form. */
const jwk = fc
  .dictionary(fc.constantFrom("alg", "crv", "e", "kty", "n", "x", "y"), fc.stringMatching(/^[\w-]{0,40}$/), {
    minKeys: 1,
  })
  .map((members) => Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))))
  .map((members) => new TextEncoder().encode(JSON.stringify(members)));

const PART = 65_536;

/** Every scheme. */
export const MODELS: Readonly<Record<BindingSchemeName, Model>> = {
  exact: {
    lengths: { reportData: [64, 64] },
    optional: [],
    bytes: ({ reportData }) => hexOf(reportData),
    key: () => null,
    parts: fc.record({ reportData: bytes(64, 64) }),
  },
  nonce: {
    lengths: { nonce: [16, 64] },
    optional: [],
    bytes: ({ nonce }) => hexOf(nonce).padEnd(128, "0"),
    key: () => null,
    parts: fc.record({ nonce: bytes(16, 64) }),
  },
  "attestry-v1": {
    lengths: { nonce: [16, 1024], publicKey: [1, PART], context: [1, PART] },
    optional: ["publicKey", "context"],
    bytes: ({ nonce, publicKey, context }) =>
      hash("sha512", ...[Buffer.from("attestry report data v1"), nonce, publicKey, context].map(counted)),
    key: ({ publicKey }) => (publicKey === undefined ? null : hexOf(publicKey)),
    parts: fc.record(
      { nonce: bytes(16, 100), publicKey: bytes(1, 100), context: bytes(1, 100) },
      { requiredKeys: ["nonce"] },
    ),
  },
  trustee: {
    lengths: { nonce: [16, 1024], teePublicKey: [2, PART] },
    optional: [],
    bytes({ nonce, teePublicKey }) {
      const base64 = Buffer.from(nonce ?? NONE).toString("base64");
      const text = `{"nonce":"${base64}","tee-pubkey":${Buffer.from(teePublicKey ?? NONE).toString("utf8")}}`;
      return `${hash("sha384", Buffer.from(text, "utf8"))}${"00".repeat(16)}`;
    },
    key: ({ teePublicKey }) => hexOf(teePublicKey),
    parts: fc.record({ nonce: bytes(16, 100), teePublicKey: jwk }),
  },
  azure: {
    lengths: { runtimeData: [1, PART] },
    optional: [],
    bytes: ({ runtimeData }) => `${hash("sha256", runtimeData)}${"00".repeat(32)}`,
    key: () => null,
    parts: fc.record({ runtimeData: bytes(1, 200) }),
  },
  svsm: {
    lengths: { nonce: [64, 64], manifest: [1, PART] },
    optional: [],
    bytes: ({ nonce, manifest }) => hash("sha512", nonce, manifest),
    key: () => null,
    parts: fc.record({ nonce: bytes(64, 64), manifest: bytes(1, 200) }),
  },
  "tinfoil-v2": {
    lengths: { tlsPublicKey: [1, PART], hpkePublicKey: [32, 32] },
    optional: [],
    bytes: ({ tlsPublicKey, hpkePublicKey }) => hash("sha256", tlsPublicKey) + hexOf(hpkePublicKey),
    key: ({ hpkePublicKey }) => hexOf(hpkePublicKey),
    parts: fc.record({ tlsPublicKey: bytes(1, 200), hpkePublicKey: bytes(32, 32) }),
  },
  atls: {
    lengths: { publicKey: [1, PART], nonce: [16, 64] },
    optional: [],
    bytes: ({ publicKey, nonce }) => hash("sha512", publicKey, nonce),
    key: ({ publicKey }) => hexOf(publicKey),
    parts: fc.record({ publicKey: sequence, nonce: bytes(16, 64) }),
  },
};

/** Calls with parts that the types cannot tell from others. */
export function bindParts(
  scheme: BindingSchemeName,
  parts: unknown,
  options: object = {},
): Promise<ExpectedReportData> {
  // The tests hold parts by name, for schemes that they loop over; the function checks both.
  return bindReportData(scheme, parts as BindingParts[BindingSchemeName], options);
}
