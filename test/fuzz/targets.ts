import { FORMATS } from "../../src/cli/formats.js";
import { DerCursor, TAG } from "../../src/der/cursor.js";
import { readTime } from "../../src/der/time.js";
import {
  readBigInteger,
  readBitStringBytes,
  readBoolean,
  readNull,
  readOctetString,
  readOid,
  readText,
} from "../../src/der/values.js";
import { isAttestationError } from "../../src/errors.js";
import { parseCertificateTable } from "../../src/evidence/certificate-table.js";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { reportToJson } from "../../src/report/json.js";
import { parseReport } from "../../src/report/report.js";
import { judgeCaProfile } from "../../src/x509/ca-profile.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import { judgeLeafProfile } from "../../src/x509/leaf-profile.js";

/** A reader that takes whatever anybody sends. */
export interface Target {
  readonly name: string;
  /** Reads the bytes. Throws nothing but our own errors, and ends soon. */
  read(bytes: Uint8Array): unknown;
}

/** How a certificate's values are read, by tag. */
const VALUES: Readonly<Record<number, (cursor: DerCursor) => unknown>> = {
  [TAG.boolean]: readBoolean,
  [TAG.integer]: (cursor) => readBigInteger(cursor, 20),
  [TAG.bitString]: readBitStringBytes,
  [TAG.octetString]: readOctetString,
  [TAG.null]: readNull,
  [TAG.oid]: readOid,
  [TAG.utf8String]: readText,
  [TAG.printableString]: readText,
  [TAG.ia5String]: readText,
  [TAG.utcTime]: readTime,
  [TAG.generalizedTime]: readTime,
};

const CONSTRUCTED = 0x20;

/** Every element of DER, as deep as it is nested. */
function walk(cursor: DerCursor): void {
  for (let tag = cursor.peek(); tag !== undefined; tag = cursor.peek()) {
    if ((tag & CONSTRUCTED) !== 0) walk(cursor.enter(tag));
    else (VALUES[tag] ?? ((value: DerCursor) => value.take(Number(tag))))(cursor);
  }
}

function readCertificate(bytes: Uint8Array): void {
  const certificate = parseCertificate(bytes);
  for (const read of [
    () => judgeCaProfile(certificate, "ARK", { pathLenRequired: true }),
    () => judgeCaProfile(certificate, "ASK", { pathLenRequired: false }),
    () => judgeLeafProfile(certificate, { role: "VCEK", productLine: "Milan" }),
    () => judgeLeafProfile(certificate, { role: "VLEK", productLine: "Turin" }),
  ]) {
    tolerate(read);
  }
}

async function readPolicy(bytes: Uint8Array): Promise<void> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return;
  }
  explainPolicy(await definePolicy(document));
}

/** Runs what may be refused by one of our own errors. */
function tolerate(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!isAttestationError(error)) throw error;
  }
}

const READERS: readonly Target[] = [
  { name: "report", read: (bytes) => JSON.stringify(reportToJson(parseReport(bytes), "Genoa")) },
  { name: "der", read: (bytes) => walk(DerCursor.over(bytes, "the input")) },
  { name: "certificate", read: readCertificate },
  { name: "crl", read: (bytes) => parseCrl(bytes) },
  { name: "certificate-table", read: (bytes) => parseCertificateTable(bytes) },
  { name: "policy", read: readPolicy },
];

const CONTAINERS = FORMATS.map(({ name, open }): Target => ({ name: `container-${name}`, read: open }));

/** Everything that reads bytes of strangers. */
export const TARGETS: readonly Target[] = [...READERS, ...CONTAINERS];

/** Readers with a fault, to show that the fuzzers find one: a wrong error, and no answer at all. */
export const PLANTED: readonly Target[] = [
  { name: "planted-error", read: (bytes) => isPlanted(bytes) && Object.defineProperty(Object.freeze({}), "x", {}) },
  {
    name: "planted-loop",
    read(bytes) {
      while (isPlanted(bytes)) bytes.at(0);
    },
  },
];

/** Three steps away from a report, each of which reaches code of its own. */
function isPlanted(bytes: Uint8Array): boolean {
  if (bytes.length < 1184) return false;
  if ((bytes[0] ?? 0) < 0x80) return false;
  return (bytes[8] ?? 0) > 0x80;
}

export function targetOf(name: string): Target {
  const found = [...TARGETS, ...PLANTED].find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new Error(`no target ${name}; there are ${TARGETS.map((target) => target.name).join(", ")}`);
}

/** Reads the bytes as a fuzzer does: one of our errors is an answer, everything else a finding. */
export async function probe({ read }: Target, bytes: Uint8Array): Promise<void> {
  try {
    await read(bytes);
  } catch (error) {
    if (!isAttestationError(error)) throw error;
  }
}
