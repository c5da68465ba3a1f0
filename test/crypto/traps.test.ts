import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import type { EvidenceCertificates } from "../../src/evidence/evidence.js";
import { parseCertificate, verifyEvidence } from "../../src/index.js";
import * as noble from "../../src/noble/index.js";
import * as node from "../../src/node/index.js";
import { createForge, der, type Forge, type ForgedEvidence, p384Spki, twinSignature } from "../../src/testing/index.js";
import { ENGINES } from "./engines.js";

/** What runtimes get wrong or do otherwise than one expects, and that the library behaves the same all the same. */

let forge: Forge;
let forged: ForgedEvidence;

beforeAll(async () => {
  forge = await createForge({ seed: "traps" });
  forged = forge.evidence();
});

const optionsOf = ({ now, anchors }: ForgedEvidence) => ({ now, anchors });

describe("high s", () => {
  const patchS = (report: Uint8Array, signature: Uint8Array) => {
    const patched = report.slice();
    patched.set(signature.subarray(0, 48).slice().reverse(), 0x2a0);
    patched.set(signature.subarray(48).slice().reverse(), 0x2a0 + 72);
    return patched;
  };

  it.each(ENGINES)("both twins of a report's signature verify: $name", async (engine) => {
    const { report, certificates } = forged.evidence;
    const signature = forged.chip.key.sign(report.subarray(0, 0x2a0));
    expect(patchS(report, signature)).toEqual(report);
    const twin = patchS(report, twinSignature(signature));
    expect(twin).not.toEqual(report);
    for (const one of [report, twin]) {
      const evidence = certificates === undefined ? { report: one } : { report: one, certificates };
      await expect(verifyEvidence(evidence, { ...optionsOf(forged), engine })).resolves.toBeDefined();
    }
  });
});

describe("trailing bytes in a SubjectPublicKeyInfo, which Node takes", () => {
  const behind = Uint8Array.of(0x05, 0x00);
  const oids = (...dotted: string[]) => der.sequence(...dotted.map((oid) => der.objectIdentifier(oid)));
  const ec = () => oids("1.2.840.10045.2.1", "1.3.132.0.34");
  const rsa = () => der.sequence(der.objectIdentifier("1.2.840.113549.1.1.1"), der.nil());
  const point = () => forge.chip().key.point;
  const numbers = () => {
    const { modulus, exponent } = forge.caKey("ASK");
    return [concatBytes(Uint8Array.of(0x02, 0x82, 0x02, 0x01, 0x00), modulus), der.tlv(0x02, exponent)];
  };

  it.each([
    ["P-384: behind the point", () => der.sequence(ec(), der.bitString(point()), behind)],
    ["P-384: in the point", () => der.sequence(ec(), der.bitString(concatBytes(point(), behind)))],
    ["P-384: in the algorithm", () => der.sequence(der.sequence(der.contentOf(ec()), behind), der.bitString(point()))],
    ["RSA: behind the key", () => der.sequence(rsa(), der.bitString(der.sequence(...numbers())), behind)],
    [
      "RSA: behind the numbers",
      () => der.sequence(rsa(), der.bitString(concatBytes(der.sequence(...numbers()), behind))),
    ],
    ["RSA: among the numbers", () => der.sequence(rsa(), der.bitString(der.sequence(...numbers(), behind)))],
    [
      "RSA: in the algorithm",
      () => der.sequence(der.sequence(der.contentOf(rsa()), behind), der.bitString(der.sequence(...numbers()))),
    ],
  ])("%s", (_, spki) => {
    expect(() => parseCertificate(forge.vcek({ spki: spki() }).der)).toThrow();
  });

  it("the same keys without them are sound", () => {
    expect(der.sequence(ec(), der.bitString(point()))).toEqual(p384Spki(point()));
    expect(parseCertificate(forge.vcek({ spki: p384Spki(point()) }).der).publicKey.kind).toBe("p384");
    const spki = der.sequence(rsa(), der.bitString(der.sequence(...numbers())));
    expect(parseCertificate(forge.vcek({ spki }).der).publicKey.kind).toBe("rsa");
  });
});

describe("points that some runtimes import", () => {
  it.each([
    [
      "compressed",
      () =>
        concatBytes(
          Uint8Array.of(2 + (Number(forge.chip().key.point[96]) & 1)),
          forge.chip().key.point.subarray(1, 49),
        ),
    ],
    ["not on the curve", () => forge.chip().key.point.map((byte, index) => (index === 96 ? byte ^ 1 : byte))],
  ])("%s", (_, point) => {
    expect(() => parseCertificate(forge.vcek({ spki: p384Spki(point()) }).der)).toFailWith(
      "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
      { field: "subjectPublicKey" },
    );
  });
});

describe("an SPKI that names RSASSA-PSS, which no WebCrypto takes", () => {
  it("is refused when reading, not by the engine", () => {
    const algorithm = der.sequence(der.objectIdentifier("1.2.840.113549.1.1.10"));
    const { modulus, exponent } = forge.caKey("ASK");
    const numbers = der.sequence(
      concatBytes(Uint8Array.of(0x02, 0x82, 0x02, 0x01, 0x00), modulus),
      der.tlv(0x02, exponent),
    );
    const spki = der.sequence(algorithm, der.bitString(numbers));
    expect(() => parseCertificate(forge.ask({ spki }).der)).toFailWith("ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM");
  });
});

describe("X509Certificate of the runtime, which Deno answers wrongly", () => {
  it("is nowhere in src", () => {
    const root = join(import.meta.dirname, "../../src");
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((name) => readFileSync(join(root, name), "utf8").includes("X509Certificate"))).toEqual([]);
  });
});

/** The same bytes in shared memory, where another thread may write. */
function shared(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
  view.set(bytes);
  return view;
}

function mapEvidence({ evidence }: ForgedEvidence, change: (bytes: Uint8Array) => Uint8Array) {
  const { leaf, intermediate, root, crl } = evidence.certificates ?? {};
  if (!leaf || !intermediate || !root || !crl) throw new Error("the forge hands in all four");
  const certificates: Required<EvidenceCertificates> = {
    leaf: change(leaf),
    intermediate: change(intermediate),
    root: change(root),
    crl: change(crl),
  };
  return { report: change(evidence.report), certificates };
}

const partsOf = ({ report, certificates }: ReturnType<typeof mapEvidence>) => [report, ...Object.values(certificates)];

describe("shared memory, which WebCrypto refuses", () => {
  it.each(ENGINES)("is copied before it reaches $name", async (engine) => {
    const evidence = mapEvidence(forged, shared);
    const options = { now: forged.now, anchors: forged.anchors.map(shared), engine };
    await expect(verifyEvidence(evidence, options)).resolves.toBeDefined();
  });

  it.each([
    ["noble", noble.verifyEvidenceSync],
    ["node", node.verifyEvidenceSync],
  ])("is copied by the synchronous entry of %s", (_, verifyEvidenceSync) => {
    expect(verifyEvidenceSync(mapEvidence(forged, shared), optionsOf(forged))).toBeDefined();
  });
});

describe("an input that changes during an await", () => {
  it.each(ENGINES)("changes nothing for $name: sound stays sound", async (engine) => {
    const evidence = mapEvidence(forged, shared);
    const verdict = verifyEvidence(evidence, { ...optionsOf(forged), engine });
    for (const part of partsOf(evidence)) part.fill(0);
    await expect(verdict).resolves.toBeDefined();
  });

  it.each(ENGINES)("changes nothing for $name: broken stays broken", async (engine) => {
    const sound = forged.evidence.report;
    const report = sound.map((byte, index) => (index === 0x90 ? byte ^ 1 : byte));
    const evidence = { ...mapEvidence(forged, (bytes) => bytes.slice()), report };
    const verdict = verifyEvidence(evidence, { ...optionsOf(forged), engine });
    report.set(sound);
    await expect(verdict).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});

describe("views into one larger buffer", () => {
  it.each(ENGINES)("verify as copies do: $name", async (engine) => {
    const copies = mapEvidence(forged, (bytes) => bytes);
    const large = concatBytes(Uint8Array.of(0xee), ...partsOf(copies), Uint8Array.of(0xee));
    const before = large.slice();
    let end = 1;
    const view = (bytes: Uint8Array) => {
      end += bytes.length;
      return large.subarray(end - bytes.length, end);
    };
    const report = view(copies.report);
    const certificates = {
      leaf: view(copies.certificates.leaf),
      intermediate: view(copies.certificates.intermediate),
      root: view(copies.certificates.root),
      crl: view(copies.certificates.crl),
    };
    await expect(verifyEvidence({ report, certificates }, { ...optionsOf(forged), engine })).resolves.toBeDefined();
    expect(large).toEqual(before);
  });
});
