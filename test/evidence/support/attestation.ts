import { concatBytes } from "../../../src/bytes/codecs.js";
import type { EvidenceCertificates } from "../../../src/evidence/evidence.js";
import { spelled } from "../spelled.js";
import { field, message } from "./wire.js";

type WireValue = bigint | number | string | Uint8Array;
/** Fields of a message by their numbers. */
export type WireFields = Readonly<Record<number, WireValue>>;

/** Where the numbers of the message's fields stand in the report's table. Source: go-sev-guest, proto/sevsnp.proto. */
const NUMBERS = [
  "version",
  "guestSvn",
  "policy",
  "familyId",
  "imageId",
  "vmpl",
  "signatureAlgo",
  "currentTcb",
  "platformInfo",
  "keyInfo",
  "reportData",
  "measurement",
  "hostData",
  "idKeyDigest",
  "authorKeyDigest",
  "reportId",
  "reportIdMa",
  "reportedTcb",
  "chipId",
  "committedTcb",
  "currentBuild",
  "currentMinor",
  "currentMajor",
  "committedBuild",
  "committedMinor",
  "committedMajor",
  "launchTcb",
] as const;

function wordOf(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

/** Fn0000_0001 EAX of a family from 15 on. */
function eaxOf(family: number, model: number, stepping: number): number {
  return ((family - 15) << 20) | ((model >> 4) << 16) | (15 << 8) | ((model & 15) << 4) | stepping;
}

/** The fields of the message `Report`, by number; those that the version does not have are left out. */
export function reportFields(report: Uint8Array): WireFields {
  const values = spelled(report);
  const { cpuidFamId, cpuidModId = 0, cpuidStep = 0, launchMitVector = 0n, currentMitVector = 0n } = values;
  const fields: Record<number, WireValue> = { 28: values.signature, 30: launchMitVector, 31: currentMitVector };
  for (const [index, name] of NUMBERS.entries()) {
    const value = values[name];
    // Every version has these fields.
    if (value === undefined) throw new Error(`the report has no ${name}`);
    fields[index + 1] = name.endsWith("Tcb") && value instanceof Uint8Array ? wordOf(value) : value;
  }
  if (cpuidFamId !== undefined) fields[29] = eaxOf(cpuidFamId, cpuidModId, cpuidStep);
  return fields;
}

/** The fields of `CertificateChain` of a VCEK, by number; the CRL goes where Contrast puts it. */
export function chainFields({ leaf, intermediate, root, crl }: EvidenceCertificates): WireFields {
  const fields: Record<number, WireValue> = {};
  if (leaf !== undefined) fields[1] = leaf;
  if (intermediate !== undefined) fields[2] = intermediate;
  if (root !== undefined) fields[3] = root;
  if (crl !== undefined) fields[7] = extra("00569ee4-e480-4fba-bbf4-45b629901180", crl);
  return fields;
}

/** An entry of the map `extras`. */
export function extra(key: string | Uint8Array, value: Uint8Array): Uint8Array {
  return message([
    [1, key],
    [2, value],
  ]);
}

/** A message of fields by their numbers. */
export function messageOf(fields: WireFields): Uint8Array {
  return message(Object.entries(fields).map(([number, value]) => [Number(number), value] as const));
}

/** An `Attestation` of a report and a chain that are messages already. */
export function attestationOf(report: Uint8Array, chain: Uint8Array, product?: Uint8Array): Uint8Array {
  return concatBytes(field(1, report), field(2, chain), product === undefined ? new Uint8Array(0) : field(3, product));
}
