import type { PolicyDocument } from "../../src/policy/schema.js";

const hex = (length: number, byte = 0x5a) => byte.toString(16).padStart(2, "0").repeat(length);
const firmware = { major: 1, minor: 55, build: 29 };
const floor = { bootLoader: 4, tee: 0, snp: 24, microcode: 219 };

/** A block that says everything that the language can say: every key with every key below it. */
export const WHOLE_BLOCK = {
  productLine: ["Milan"],
  cpu: ["0x19-0x01-0x01"],
  reportVersion: { minimum: 3, maximum: 5 },
  signingKey: ["VCEK", "VLEK"],
  cspId: ["CN=cc-us-east-2.amazonaws.com"],
  chipId: [hex(64, 0xa1), "masked"],
  denyChips: [hex(64, 0xde)],
  denyCertificates: [hex(32, 0xde)],
  measurement: [hex(48)],
  reportData: { scheme: "attestry-v1", parts: { publicKey: "fromEvidence" } },
  hostData: [hex(32, 0)],
  familyId: [hex(16, 1)],
  imageId: [hex(16, 2)],
  reportId: [hex(32)],
  reportIdMa: [hex(32, 0xff)],
  guestSvn: { minimum: 4 },
  vmpl: [0],
  guestPolicy: {
    smt: "forbidden",
    migrateMa: "forbidden",
    debug: "forbidden",
    singleSocket: "any",
    cxlAllow: "forbidden",
    memAes256Xts: "required",
    raplDis: "required",
    ciphertextHidingDram: "required",
    pageSwapDisable: "required",
    unknownBits: "forbidden",
    minimumAbi: { major: 1, minor: 55 },
  },
  platformInfo: {
    smtEn: "forbidden",
    tsmeEn: "any",
    eccEn: "required",
    raplDis: "required",
    ciphertextHidingDramEn: "required",
    aliasCheckComplete: "required",
    tioEn: "forbidden",
    unknownBits: "any",
  },
  minimumTcb: { Milan: { reported: floor, committed: floor, launch: floor, current: floor } },
  minimumFirmware: { current: firmware, committed: firmware },
  provisionalFirmware: "forbidden",
  mitigations: { launch: [0, 1, 3], current: [0, 1, 3] },
  advisories: { ids: ["AMD-SB-3019"], dataSet: hex(48, 0xad), maxAgeSeconds: 7_776_000 },
  idBlock: { required: true, idKeyDigests: [hex(48, 1)], authorKeyDigests: [hex(48, 2)] },
  revocation: { status: "checked", maxAgeSeconds: 3_888_000 },
  reserved: "zero",
} as const satisfies Extract<PolicyDocument, { readonly snp: unknown }>["snp"];
