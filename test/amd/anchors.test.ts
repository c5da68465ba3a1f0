import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { amdAnchors, type CaRole, type TrustAnchor } from "../../src/amd/anchors.js";
import { PRODUCT_LINES, type ProductLine } from "../../src/amd/product-lines.js";
import { toHex } from "../../src/bytes/codecs.js";
import { corpusFile, corpusSets } from "../support/corpus.js";
import { anchorsPath, needs } from "../support/needs.js";

const ROLES: readonly CaRole[] = ["ARK", "ASK", "ASVK"];
const ALL = PRODUCT_LINES.flatMap((line) => ROLES.map((role) => [line, role] as const));

function only(line: ProductLine, role: CaRole): TrustAnchor {
  const [anchor, ...more] = amdAnchors(line, role);
  if (anchor === undefined || more.length > 0) throw new Error(`${line} ${role}: not exactly one anchor`);
  return anchor;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function spkiOf({ key }: TrustAnchor): Uint8Array {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const jwk = { kty: "RSA", n: text(key.modulus), e: text(key.exponent) };
  return createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "der" });
}

describe.each(ALL)("the anchor of %s, %s", (line, role) => {
  const anchor = only(line, role);

  it("is of that line and role", () => expect(anchor).toMatchObject({ productLine: line, role }));

  it("is named as AMD names it", () => {
    expect(anchor.subject).toBe({ ARK: `ARK-${line}`, ASK: `SEV-${line}`, ASVK: `SEV-VLEK-${line}` }[role]);
  });

  it("has a key of 4096 bits whose SPKI has its digest", () => {
    expect(anchor.key.modulus).toHaveLength(512);
    expect(anchor.key.modulus[0]).toBeGreaterThan(0x7f);
    expect([...anchor.key.exponent]).toEqual([1, 0, 1]);
    expect(sha256(spkiOf(anchor))).toBe(toHex(anchor.spkiSha256));
  });

  it("is valid for 25 years", () => {
    const [from, to] = [new Date(anchor.notBefore), new Date(anchor.notAfter)];
    expect(to.getUTCFullYear() - from.getUTCFullYear()).toBe(25);
    expect(to.toISOString().slice(4)).toBe(from.toISOString().slice(4));
  });

  it("has digests and a key identifier of the right lengths", () => {
    const { subjectKeyIdentifier, spkiSha256, certificateSha256 } = anchor;
    expect([subjectKeyIdentifier.length, spkiSha256.length, certificateSha256.length]).toEqual([20, 32, 32]);
  });

  it("is one frozen object, its key too, at every call", () => {
    expect(only(line, role)).toBe(anchor);
    expect(only(line, role).key).toBe(anchor.key);
    expect(Object.isFrozen(anchor) && Object.isFrozen(anchor.key)).toBe(true);
  });
});

describe("all anchors", () => {
  const anchors = ALL.map(([line, role]) => only(line, role));

  it("are nine different keys with nine different serials", () => {
    expect(anchors).toHaveLength(9);
    expect(new Set(anchors.map(({ spkiSha256 }) => toHex(spkiSha256))).size).toBe(9);
    expect(new Set(anchors.map(({ serial }) => serial)).size).toBe(9);
  });

  it("do not hold the Genoa ASK that AMD revoked", () => {
    expect(anchors.map(({ serial }) => serial)).not.toContain(0x020001n);
    expect(only("Genoa", "ASK").serial).toBe(0x020002n);
  });
});

describe.runIf(needs("amd-anchors"))("the published facts", () => {
  it("are the anchors", () => {
    const facts: unknown = JSON.parse(readFileSync(anchorsPath, "utf8")).anchors;
    const second = (milliseconds: number) => new Date(milliseconds).toISOString().replace(".000Z", "Z");
    const ours = ALL.map(([line, role]) => {
      const anchor = only(line, role);
      return {
        productLine: anchor.productLine,
        role: anchor.role,
        subject: anchor.subject,
        issuer: `ARK-${line}`,
        serial: `0x${anchor.serial.toString(16)}`,
        notBefore: second(anchor.notBefore),
        notAfter: second(anchor.notAfter),
        subjectKeyIdentifier: toHex(anchor.subjectKeyIdentifier),
        publicExponent: Number(`0x${toHex(anchor.key.exponent)}`),
        modulus: toHex(anchor.key.modulus),
        spkiSha256: toHex(anchor.spkiSha256),
        certificateSha256: toHex(anchor.certificateSha256),
      };
    });
    expect(ours).toEqual(facts);
  });
});

const FILES: Readonly<Record<CaRole, string>> = { ARK: "ark.der", ASK: "ask.der", ASVK: "asvk.der" };

describe.runIf(needs("corpus"))("AMD's certificates", () => {
  it.each(ALL)("%s %s is the anchor, fact by fact", (line, role) => {
    const anchor = only(line, role);
    const der = corpusFile(`amd/${line}/${FILES[role]}`);
    const certificate = new X509Certificate(der);
    expect(sha256(der)).toBe(toHex(anchor.certificateSha256));
    expect(certificate.publicKey.export({ type: "spki", format: "der" })).toEqual(Buffer.from(spkiOf(anchor)));
    expect(BigInt(`0x${certificate.serialNumber}`)).toBe(anchor.serial);
    expect(certificate.subject.split("\n")).toContain(`CN=${anchor.subject}`);
    expect(certificate.issuer.split("\n")).toContain(`CN=ARK-${line}`);
    expect(Date.parse(certificate.validFrom)).toBe(anchor.notBefore);
    expect(Date.parse(certificate.validTo)).toBe(anchor.notAfter);
    // SubjectKeyIdentifier in DER: OID 2.5.29.14, an OCTET STRING around an OCTET STRING of 20 bytes.
    expect(toHex(der)).toContain(`0603551d0e04160414${toHex(anchor.subjectKeyIdentifier)}`);
  });

  it("in every genuine set are the anchors of the set's line", () => {
    let compared = 0;
    for (const set of corpusSets().filter(({ expected }) => expected === "valid")) {
      for (const role of ROLES.filter((name) => set.has(FILES[name]))) {
        if (set.product === null) throw new Error(`${set.id} has no product`);
        expect(sha256(set.read(FILES[role])), `${set.id} ${role}`).toBe(
          toHex(only(set.product, role).certificateSha256),
        );
        compared += 1;
      }
    }
    expect(compared).toBe(92);
  });
});
