import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { p384 } from "@noble/curves/nist.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { mgf1, PSS } from "micro-rsa-dsa-dh/rsa.js";
import type { RawCertificate, RawReport, Subject } from "./subject.js";

type Answer = boolean | Promise<boolean>;

/** A library called directly on one chip's evidence, the root's and the leaf's keys imported beforehand. */
export interface BareRun {
  /** One report. */
  warm(report: RawReport): Answer;
  /** Imports the intermediate's and the leaf's key, then three certificates and one report. */
  first(report: RawReport): Answer;
}

/** One library with nothing of ours around it: what each of our figures is held against. */
export interface Bare {
  readonly name: string;
  prepare(subject: Subject): BareRun | Promise<BareRun>;
}

const RSA_PSS = { name: "RSA-PSS", hash: "SHA-384", saltLength: 48 } as const;
const ECDSA = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" } as const;
const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

/** Each key in the form that its library takes fastest: P-384 as SPKI, RSA as JWK. */
const SPKI_PREFIX = Buffer.from("3076301006072a8648ce3d020106052b81040022036200", "hex");
const ecSpki = ({ point }: Subject) => Buffer.concat([SPKI_PREFIX, point]);

function rsaJwk(modulus: Uint8Array) {
  return { kty: "RSA", n: base64Url(modulus), e: "AQAB" };
}

const { subtle } = globalThis.crypto;
const subtleEc = (subject: Subject) => subtle.importKey("spki", ecSpki(subject), ECDSA, false, ["verify"]);
const subtleRsa = (modulus: Uint8Array) => subtle.importKey("jwk", rsaJwk(modulus), RSA_PSS, false, ["verify"]);
const subtleReport = (key: CryptoKey, { message, signature }: RawReport) =>
  subtle.verify(ECDSA, key, own(signature), own(message));
const subtleCertificate = (key: CryptoKey, { tbs, signature }: RawCertificate) =>
  subtle.verify(RSA_PSS, key, own(signature), own(tbs));

const subtleBare: Bare = {
  name: "webcrypto",
  async prepare(subject) {
    const { root, intermediate, leaf } = subject.chain;
    const leafKey = await subtleEc(subject);
    const rootKey = await subtleRsa(subject.modulus.root);
    return {
      warm: (report) => subtleReport(leafKey, report),
      async first(report) {
        const chain = (await subtleCertificate(rootKey, root)) && (await subtleCertificate(rootKey, intermediate));
        const issued = await subtleCertificate(await subtleRsa(subject.modulus.intermediate), leaf);
        return (await subtleReport(await subtleEc(subject), report)) && chain && issued;
      },
    };
  },
};

const nodeEc = (subject: Subject) => createPublicKey({ format: "der", type: "spki", key: ecSpki(subject) });
const nodeRsa = (modulus: Uint8Array) => createPublicKey({ format: "jwk", key: rsaJwk(modulus) });
const nodeReport = (key: KeyObject, { message, signature }: RawReport) =>
  verify("sha384", message, { key, dsaEncoding: "ieee-p1363" }, signature);
const nodeCertificate = (key: KeyObject, { tbs, signature }: RawCertificate) =>
  verify("sha384", tbs, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }, signature);

const nodeBare: Bare = {
  name: "node",
  prepare(subject) {
    const { root, intermediate, leaf } = subject.chain;
    const leafKey = nodeEc(subject);
    const rootKey = nodeRsa(subject.modulus.root);
    return {
      warm: (report) => nodeReport(leafKey, report),
      first(report) {
        const chain = nodeCertificate(rootKey, root) && nodeCertificate(rootKey, intermediate);
        const issued = nodeCertificate(nodeRsa(subject.modulus.intermediate), leaf);
        return nodeReport(nodeEc(subject), report) && chain && issued;
      },
    };
  },
};

const pss = PSS(sha384, mgf1(sha384), 48);
const nobleRsa = (modulus: Uint8Array) => ({ n: BigInt(`0x${Buffer.from(modulus).toString("hex")}`), e: 65537n });
const nobleReport = ({ point }: Subject, { message, signature }: RawReport) =>
  p384.verify(signature, message, point, { lowS: false });

/** Window of the table that a key gets which is used again and again. */
const TABLE_BITS = 6;
const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

/** ECDSA on noble's points with a table of the public key, which `p384.verify` has no place for. */
function nobleTabled(point: Uint8Array) {
  const { BASE, Fn } = p384.Point;
  const key = p384.Point.fromBytes(point).precompute(TABLE_BITS, false);
  return ({ message, signature }: RawReport): boolean => {
    const [r, s] = [toBigInt(signature.subarray(0, 48)), toBigInt(signature.subarray(48))];
    if (!Fn.isValidNot0(r) || !Fn.isValidNot0(s)) return false;
    const inverse = Fn.inv(s);
    const first = BASE.multiplyUnsafe(Fn.mul(Fn.create(toBigInt(sha384(message))), inverse));
    const sum = first.add(key.multiplyUnsafe(Fn.mul(r, inverse)));
    return !sum.is0() && Fn.create(sum.toAffine().x) === r;
  };
}

const nobleBare: Bare = {
  name: "noble",
  prepare(subject) {
    const { root, intermediate, leaf } = subject.chain;
    const rootKey = nobleRsa(subject.modulus.root);
    return {
      warm: nobleTabled(subject.point),
      first(report) {
        const above = [root, intermediate].every(({ tbs, signature }) => pss.verify(rootKey, tbs, signature));
        const issued = pss.verify(nobleRsa(subject.modulus.intermediate), leaf.tbs, leaf.signature);
        return nobleReport(subject, report) && above && issued;
      },
    };
  },
};

/** By engine name. */
export const BARE: readonly Bare[] = [nodeBare, subtleBare, nobleBare];
