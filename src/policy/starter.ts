import type { Tcb } from "../amd/tcb.js";
import { isZero, toHex } from "../bytes/codecs.js";
import type { FirmwareVersion } from "../report/report.js";
import { assertVerified, type VerifiedRecord } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { GUEST_POLICY_FLAGS, PLATFORM_INFO_FLAGS } from "./claims.js";
import { deepFreeze } from "./json.js";
import { viewOf } from "./record-view.js";
import type { PolicyDocument } from "./schema.js";

type Snp = Extract<PolicyDocument, { readonly snp: unknown }>["snp"];

/** A policy to start from, and what to know of its parts: frozen and JSON-safe. */
export interface StarterPolicy {
  readonly policy: PolicyDocument;
  /** By JSON Pointer into the policy. */
  readonly comments: Readonly<Record<string, string>>;
}

/** What a record pins, and the comments on it, by the keys of the block. */
type Pinned = readonly [snp: Snp, comments: Readonly<Record<string, string>>];

function words<const Name extends string>(names: readonly Name[], bits: { readonly [Key in Name]: boolean }) {
  const entries = names.map((name) => [name, bits[name] ? "required" : "forbidden"] as const);
  // The names are those of the list.
  return Object.fromEntries(entries) as Record<Name, "required" | "forbidden">;
}

function floorOf({ bootLoader, tee, snp, microcode, fmc }: Tcb) {
  return { bootLoader, tee, snp, microcode, ...(fmc === undefined ? {} : { fmc }) };
}

function bitNumbers(vector: bigint | null): readonly number[] {
  return Array.from({ length: 64 }, (_, at) => at).filter((at) => vector !== null && (vector >> BigInt(at)) & 1n);
}

/** The machine and the key. */
function pinMachine({ report, productLine, signingKey, chain }: VerifiedRecord, cpuid: string | null): Pinned {
  const { cspId } = chain.leaf;
  const masked = isZero(report.chipId);
  return [
    {
      productLine: [productLine],
      ...(cpuid === null ? {} : { cpu: [cpuid] }),
      reportVersion: { minimum: report.version },
      signingKey: [signingKey],
      ...(cspId === null ? {} : { cspId: [cspId] }),
      chipId: [masked ? "masked" : toHex(report.chipId)],
    },
    {
      ...(productLine === "Milan"
        ? { productLine: "The root seed of Milan chips can be extracted: prefer others." }
        : {}),
      chipId: masked
        ? "The report hides its chip: no chip is pinned."
        : "This one chip. List your fleet, or remove the key to accept any of the line.",
    },
  ];
}

/** The guest: image, ID block, privilege level, POLICY. */
function pinGuest({ report }: VerifiedRecord): Pinned {
  const hex = (name: "measurement" | "hostData" | "familyId" | "imageId" | "idKeyDigest" | "authorKeyDigest") => [
    toHex(report[name]),
  ];
  const author = report.keyInfo.authorKeyEn ? { authorKeyDigests: hex("authorKeyDigest") } : {};
  const signed = {
    idBlock: { idKeyDigests: hex("idKeyDigest"), ...author },
    familyId: hex("familyId"),
    imageId: hex("imageId"),
    guestSvn: { minimum: report.guestSvn },
  };
  const { policy, vmpl } = report;
  const minimumAbi = { major: policy.abiMajor, minor: policy.abiMinor };
  const hasIdBlock = !isZero(report.idKeyDigest);
  return [
    {
      measurement: hex("measurement"),
      reportData: { scheme: "attestry-v1" },
      hostData: hex("hostData"),
      ...(hasIdBlock ? signed : {}),
      vmpl: [vmpl],
      guestPolicy: {
        ...words(GUEST_POLICY_FLAGS, policy),
        unknownBits: policy.unknownBits === 0n ? "forbidden" : "any",
        minimumAbi,
      },
    },
    {
      measurement: "This one image: add the digests of its successors.",
      reportData: `Name the scheme by which your guests bind REPORT_DATA; this report had ${toHex(report.reportData)}.`,
      ...(isZero(report.hostData) ? { hostData: "No host data; MEASUREMENT does not cover it." } : {}),
      ...(policy.debug ? { guestPolicy: "This guest can be debugged by its host: never so in production." } : {}),
      ...(hasIdBlock ? { guestSvn: "Counts within this ID key and this FAMILY_ID." } : {}),
    },
  ];
}

/** The host: configuration, firmware, revocation, reserved bytes. */
function pinHost({ report, tcb, productLine, chain }: VerifiedRecord, cpuid: string | null): Pinned {
  const { current, reported, committed, launch } = tcb;
  const { currentFirmware, committedFirmware, launchMitVector, currentMitVector } = report;
  const same = (a: FirmwareVersion | Tcb, b: FirmwareVersion | Tcb) => JSON.stringify(a) === JSON.stringify(b);
  const settled = same(current, committed) && same(currentFirmware, committedFirmware);
  const vectors = [
    ["launch", bitNumbers(launchMitVector)],
    ["current", bitNumbers(currentMitVector)],
  ] as const;
  const mitigations = Object.fromEntries(vectors.filter(([, bits]) => bits.length > 0));
  const floors = { reported: floorOf(reported), committed: floorOf(committed), launch: floorOf(launch) };
  const { status } = chain.revocation;
  const known = report.reserved.length === 0 && report.keyInfo.unknownBits === 0;
  return [
    {
      platformInfo: {
        ...words(PLATFORM_INFO_FLAGS, report.platformInfo),
        unknownBits: report.platformInfo.unknownBits === 0n ? "forbidden" : "any",
      },
      minimumTcb: { [cpuid ?? productLine]: floors },
      minimumFirmware: { current: { ...currentFirmware }, committed: { ...committedFirmware } },
      ...(settled ? { provisionalFirmware: "forbidden" as const } : {}),
      ...(Object.keys(mitigations).length === 0 ? {} : { mitigations }),
      revocation: { status },
      reserved: known ? "zero" : "any",
    },
    {
      platformInfo: "As this host is configured. Bits that do not matter to you may be removed.",
      minimumTcb:
        "What this host has. Raise the floors when AMD publishes fixes; other lines need floors of their own.",
      ...(status === "checked" ? {} : { revocation: "Verified without a current CRL: write checked." }),
      ...(known ? {} : { reserved: "Reserved bytes are set that this version does not know." }),
      ...(settled ? {} : { minimumFirmware: "The host runs firmware that it has not committed, and can go back." }),
    },
  ];
}

/**
 * A strict policy to start from: everything that this evidence shows and a policy can pin is pinned as it is, so that
 * little else is accepted. REPORT_DATA is left to the scheme `attestry-v1`, since a value that was seen is not fresh.
 *
 * It says what was seen, not what is good: read the comments, and pin a trusted build's evidence only.
 *
 * @throws TypeError for anything that `verifyEvidence` did not make.
 */
export function policyFromReport(verified: VerifiedEvidence): StarterPolicy {
  const record = assertVerified(verified);
  const cpuid = viewOf(record).claims.get("cpuid");
  const cpu = typeof cpuid === "string" ? cpuid : null;
  const parts = [pinMachine(record, cpu), pinGuest(record), pinHost(record, cpu)];
  const snp: Snp = Object.assign({}, ...parts.map(([said]) => said));
  const comments = parts.flatMap(([, said]) => Object.entries(said).map(([key, text]) => [`/snp/${key}`, text]));
  const id = `pinned to ${record.productLine} ${toHex(record.report.measurement).slice(0, 16)}`;
  return deepFreeze({ policy: { version: 1, id, snp }, comments: Object.fromEntries(comments) });
}
