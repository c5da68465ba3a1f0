// Writes src/amd/anchors.data.ts from a JSON file of AMD's published signing keys:
//
//   node scripts/make-anchors.mjs path/to/anchors.json [path/to/output.ts]
//
// Each key is checked against its own SPKI digest before it is written, so a slip in the file cannot become an anchor.

import { createHash, createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OUTPUT = fileURLToPath(new URL("../src/amd/anchors.data.ts", import.meta.url));
const LINES = ["Milan", "Genoa", "Turin"];
const SUBJECTS = {
  ARK: (line) => `ARK-${line}`,
  ASK: (line) => `SEV-${line}`,
  ASVK: (line) => `SEV-VLEK-${line}`,
};
const EXPONENT = 65537;
const MODULUS_BYTES = 512;

function assert(condition, subject, message) {
  if (!condition) throw new Error(`${subject}: ${message}`);
}

function spkiDigest(modulus) {
  const jwk = { kty: "RSA", n: modulus.toString("base64url"), e: "AQAB" };
  const spki = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

function checkDate(subject, text) {
  assert(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)), subject, `date ${text}`);
}

function checkAnchor(anchor) {
  const { subject, productLine, role } = anchor;
  const modulus = Buffer.from(anchor.modulus, "hex");
  assert(LINES.includes(productLine), subject, `product line ${productLine}`);
  assert(SUBJECTS[role]?.(productLine) === subject, subject, `is not the subject of ${role} of ${productLine}`);
  assert(anchor.issuer === `ARK-${productLine}`, subject, `issuer ${anchor.issuer}`);
  assert(anchor.publicExponent === EXPONENT, subject, `exponent ${anchor.publicExponent}`);
  assert(modulus.length === MODULUS_BYTES && modulus[0] >= 0x80, subject, "modulus is not of 4096 bits");
  assert(modulus.toString("hex") === anchor.modulus, subject, "modulus is not lower-case hex");
  assert(spkiDigest(modulus) === anchor.spkiSha256, subject, "key and spkiSha256 disagree");
  assert(/^[0-9a-f]{64}$/.test(anchor.certificateSha256), subject, "certificateSha256 is no SHA-256");
  assert(/^[0-9a-f]{40}$/.test(anchor.subjectKeyIdentifier), subject, "subjectKeyIdentifier is no SHA-1");
  assert(/^0x[0-9a-f]+$/.test(anchor.serial), subject, `serial ${anchor.serial}`);
  checkDate(subject, anchor.notBefore);
  checkDate(subject, anchor.notAfter);
  return modulus;
}

function rowOf(anchor) {
  const modulus = checkAnchor(anchor);
  return `  {
    productLine: "${anchor.productLine}",
    role: "${anchor.role}",
    subject: "${anchor.subject}",
    serial: ${anchor.serial}n,
    notBefore: "${anchor.notBefore}",
    notAfter: "${anchor.notAfter}",
    subjectKeyIdentifier: "${anchor.subjectKeyIdentifier}",
    spkiSha256: "${anchor.spkiSha256}",
    certificateSha256: "${anchor.certificateSha256}",
    modulus:
      "${modulus.toString("base64")}",
  },
`;
}

function moduleOf(anchors) {
  return `// Made by scripts/make-anchors.mjs from AMD's published signing keys; do not edit.

export const ANCHOR_ROWS = [
${anchors.map(rowOf).join("")}] as const;
`;
}

const [input, output = OUTPUT] = process.argv.slice(2);
if (input === undefined) throw new Error("usage: node scripts/make-anchors.mjs path/to/anchors.json [output.ts]");
const { anchors } = JSON.parse(readFileSync(input, "utf8"));
const names = anchors.map((anchor) => anchor.subject);
assert(new Set(names).size === names.length, input, "a subject stands there twice");
assert(names.length === LINES.length * Object.keys(SUBJECTS).length, input, `${names.length} anchors`);
writeFileSync(output, moduleOf(anchors));
process.stdout.write(`${output}: ${names.join(", ")}\n`);
