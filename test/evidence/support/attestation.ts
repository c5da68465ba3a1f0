import { concatBytes } from "../../../src/bytes/codecs.js";
import type { EvidenceCertificates } from "../../../src/evidence/evidence.js";
import { isReportVersion, REPORT_LAYOUTS, SIGNED_LENGTH } from "../../../src/report/layouts.js";
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

/** The fields of the message `Report`, by number. */
export function reportFields(report: Uint8Array): WireFields {
  const version = new DataView(report.buffer, report.byteOffset).getUint32(0, true);
  if (!isReportVersion(version)) throw new Error(`no such version: ${version}`);
  const { values } = REPORT_LAYOUTS[version].parse(report);
  const fields: Record<number, WireValue> = {};
  for (const [index, name] of NUMBERS.entries()) {
    const value = values[name];
    fields[index + 1] = name.endsWith("Tcb") && value instanceof Uint8Array ? wordOf(value) : value;
  }
  fields[28] = report.slice(SIGNED_LENGTH);
  if ("cpuidFamId" in values) fields[29] = eaxOf(values.cpuidFamId, values.cpuidModId, values.cpuidStep);
  if ("launchMitVector" in values) Object.assign(fields, { 30: values.launchMitVector, 31: values.currentMitVector });
  return fields;
}

/** The fields of `CertificateChain` of a VCEK, by number; the CRL goes where Contrast puts it. */
export function chainFields({ leaf, intermediate, root, crl }: EvidenceCertificates): WireFields {
  const entries: [number, WireValue | undefined][] = [
    [1, leaf],
    [2, intermediate],
    [3, root],
    [7, crl === undefined ? undefined : extra("00569ee4-e480-4fba-bbf4-45b629901180", crl)],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
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
