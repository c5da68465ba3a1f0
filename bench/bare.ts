import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { p384 } from "@noble/curves/nist.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { mgf1, PSS } from "micro-rsa-dsa-dh/rsa.js";
import type { RawCertificate, RawReport, Subject } from "./subject.js";

type Verify = (report: RawReport) => boolean | Promise<boolean>;

/** One library called directly, with nothing of ours around it: what each of our figures is held against. */
export interface Bare {
  readonly name: string;
  /** A function that verifies a report with a key imported beforehand. */
  prepare(subject: Subject): Verify | Promise<Verify>;
  /** Imports three keys, verifies three certificates and one report. */
  first(subject: Subject, report: RawReport): boolean | Promise<boolean>;
}

const RSA_PSS = { name: "RSA-PSS", hash: "SHA-384", saltLength: 48 } as const;
const ECDSA = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" } as const;
const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

function ecJwk({ point }: Subject): JsonWebKey {
  return { kty: "EC", crv: "P-384", x: base64Url(point.subarray(1, 49)), y: base64Url(point.subarray(49)) };
}

function rsaJwk(modulus: Uint8Array): JsonWebKey {
  return { kty: "RSA", n: base64Url(modulus), e: "AQAB" };
}

/** The issuer of each certificate of a chain: the root signs itself and the intermediate. */
function issuers({ modulus }: Subject): readonly Uint8Array[] {
  return [modulus.root, modulus.root, modulus.intermediate];
}

const { subtle } = globalThis.crypto;

const subtleBare: Bare = {
  name: "webcrypto",
  async prepare(subject) {
    const key = await subtle.importKey("jwk", ecJwk(subject), ECDSA, false, ["verify"]);
    return ({ message, signature }) => subtle.verify(ECDSA, key, copy(signature), copy(message));
  },
  async first(subject, report) {
    const rsa = (modulus: Uint8Array) => subtle.importKey("jwk", rsaJwk(modulus), RSA_PSS, false, ["verify"]);
    const root = await rsa(subject.modulus.root);
    const keys = [root, root, await rsa(subject.modulus.intermediate)];
    let holds = true;
    for (const [index, { tbs, signature }] of subject.chain.entries()) {
      holds = (await subtle.verify(RSA_PSS, keys[index] as CryptoKey, copy(signature), copy(tbs))) && holds;
    }
    const verifyReport = await subtleBare.prepare(subject);
    return (await verifyReport(report)) && holds;
  },
};

function nodeRsa(key: KeyObject, { tbs, signature }: RawCertificate): boolean {
  return verify("sha384", tbs, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }, signature);
}

const nodeBare: Bare = {
  name: "node",
  prepare(subject) {
    const key = createPublicKey({ format: "jwk", key: ecJwk(subject) as { kty: string } });
    return ({ message, signature }) => verify("sha384", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  },
  async first(subject, report) {
    const rsa = (modulus: Uint8Array) => createPublicKey({ format: "jwk", key: rsaJwk(modulus) as { kty: string } });
    const root = rsa(subject.modulus.root);
    const keys = [root, root, rsa(subject.modulus.intermediate)];
    const holds = subject.chain.every((certificate, index) => nodeRsa(keys[index] as KeyObject, certificate));
    const verifyReport = await nodeBare.prepare(subject);
    return (await verifyReport(report)) && holds;
  },
};

const pss = PSS(sha384, mgf1(sha384), 48);
const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

const nobleBare: Bare = {
  name: "noble",
  prepare({ point }) {
    return ({ message, signature }) => p384.verify(signature, message, point, { lowS: false });
  },
  first(subject, { message, signature }) {
    const keys = issuers(subject).map((modulus) => ({ n: toBigInt(modulus), e: 65537n }));
    const holds = subject.chain.every((certificate, index) =>
      pss.verify(keys[index] as { n: bigint; e: bigint }, certificate.tbs, certificate.signature),
    );
    return p384.verify(signature, message, subject.point, { lowS: false }) && holds;
  },
};

/** By engine name. */
export const BARE: readonly Bare[] = [nodeBare, subtleBare, nobleBare];
