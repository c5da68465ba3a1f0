import { chipId } from "./chip-id.js";
import { cspId } from "./csp-id.js";
import { guestPolicy } from "./guest-policy.js";
import { hostData } from "./host-data.js";
import { idBlock } from "./id-block.js";
import { measurement } from "./measurement.js";
import { minimumTcb } from "./minimum-tcb.js";
import { platformInfo } from "./platform-info.js";
import { productLine } from "./product-line.js";
import { reportData } from "./report-data.js";
import { reserved } from "./reserved.js";
import { revocation } from "./revocation.js";
import { signingKey } from "./signing-key.js";
import { vmpl } from "./vmpl.js";

/** Every key of the block `snp`, in the order in which results list its checks. A new key is a file and a line here. */
export const SNP_RULES = {
  productLine,
  signingKey,
  cspId,
  chipId,
  measurement,
  reportData,
  hostData,
  vmpl,
  guestPolicy,
  platformInfo,
  minimumTcb,
  idBlock,
  revocation,
  reserved,
} as const;

/** A key of the block `snp`. */
export type SnpKey = keyof typeof SNP_RULES;
