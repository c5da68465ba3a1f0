import { advisories } from "./advisories.js";
import { chipId, denyCertificates, denyChips } from "./chips.js";
import { minimumFirmware, mitigations, provisionalFirmware } from "./firmware.js";
import { familyId, guestSvn, hostData, imageId, measurement, reportId, reportIdMa, vmpl } from "./guest.js";
import { guestPolicy } from "./guest-policy.js";
import { idBlock } from "./id-block.js";
import { minimumTcb } from "./minimum-tcb.js";
import { cpu, cspId, productLine, reportVersion, signingKey } from "./platform.js";
import { platformInfo } from "./platform-info.js";
import { reportData } from "./report-data.js";
import { reserved } from "./reserved.js";
import { revocation } from "./revocation.js";

/** Every key of the block `snp`, in the order in which results list its checks. A new key is a rule and a line here. */
export const SNP_RULES = {
  productLine,
  cpu,
  reportVersion,
  signingKey,
  cspId,
  chipId,
  denyChips,
  denyCertificates,
  measurement,
  reportData,
  hostData,
  familyId,
  imageId,
  reportId,
  reportIdMa,
  guestSvn,
  vmpl,
  guestPolicy,
  platformInfo,
  minimumTcb,
  minimumFirmware,
  provisionalFirmware,
  mitigations,
  advisories,
  idBlock,
  revocation,
  reserved,
} as const;

/** A key of the block `snp`. */
export type SnpKey = keyof typeof SNP_RULES;
