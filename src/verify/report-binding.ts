import { hwIdLength } from "../amd/product-lines.js";
import { type Tcb, tcbComponents } from "../amd/tcb.js";
import { equalBytes, isZero, toHex } from "../bytes/codecs.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { isP384Scalar, P384_BYTES } from "../crypto/p384.js";
import { UntrustedError } from "../errors.js";
import { type AttestationReport, SIGNED_LENGTH } from "../report/report.js";
import type { Branch } from "./branch.js";
import type { LeafRecord } from "./record.js";
import { type Step, verifyEcdsa } from "./steps.js";

/** What ties a report to its leaf certificate. */
export interface BindingInput {
  readonly report: AttestationReport;
  readonly reported: Tcb;
  readonly leaf: LeafRecord;
  readonly branch: Branch;
}

/**
 * The leaf is for this TCB and, a VCEK, for this chip. A VLEK is for no chip, and AWS leaves CHIP_ID zero with it.
 *
 * Source: AMD 57230 (extensions against REPORTED_TCB and CHIP_ID).
 */
export function judgeBinding(input: BindingInput, allowMaskedChipId: boolean): void {
  judgeTcb(input);
  const { hwId } = input.leaf;
  if (hwId !== null) judgeChipId(hwId, input, allowMaskedChipId);
}

function judgeTcb({ reported, leaf, branch }: BindingInput): void {
  for (const component of tcbComponents(branch.productLine)) {
    const certificate = Number(leaf.tcb[component]);
    const report = Number(reported[component]);
    if (certificate === report) continue;
    throw new UntrustedError(
      "ERR_UNTRUSTED_TCB_MISMATCH",
      `${component}: the certificate is for ${certificate}, REPORTED_TCB has ${report}; fetch the ${branch.signingKey} of REPORTED_TCB`,
      { component, certificate, report },
    );
  }
}

function judgeChipId(hwId: Uint8Array, { report, branch }: BindingInput, allowMaskedChipId: boolean): void {
  const { chipId } = report;
  if (isZero(chipId)) {
    if (allowMaskedChipId) return;
    throw new UntrustedError(
      "ERR_UNTRUSTED_MASKED_CHIP_ID",
      "CHIP_ID is masked (zeros), so it does not show that the VCEK is this chip's; unset MASK_CHIP_ID on the host, " +
        "or accept that with allowMaskedChipId: true",
      { option: "allowMaskedChipId" },
    );
  }
  const length = hwIdLength(branch.productLine);
  if (equalBytes(chipId.subarray(0, length), hwId) && isZero(chipId.subarray(length))) return;
  const detail = { certificate: toHex(hwId), report: toHex(chipId) };
  throw new UntrustedError(
    "ERR_UNTRUSTED_CHIP_ID",
    `the VCEK is of chip ${detail.certificate}, the report of chip ${detail.report}; fetch the VCEK of CHIP_ID`,
    detail,
  );
}

/**
 * The step that finds out whether the leaf's key signed the first 672 bytes, exactly as received; its answer is for
 * `judgeReportSignature`. High s is as good as low s.
 */
export function reportSignature(bytes: Uint8Array, report: AttestationReport, key: P384PublicKey): Step {
  const { r, s } = report.signature;
  if (!isP384Scalar(r) || !isP384Scalar(s)) throw signatureError("r or s is not in 1..n-1: the report is not signed");
  const signature = new Uint8Array(2 * P384_BYTES);
  signature.set(r);
  signature.set(s, P384_BYTES);
  return verifyEcdsa(key, bytes.subarray(0, SIGNED_LENGTH), signature);
}

/** Only `true` itself is a yes. */
export function judgeReportSignature(answer: unknown): void {
  if (answer !== true) throw signatureError("the leaf's key did not sign these bytes: they were altered");
}

function signatureError(reason: string): UntrustedError {
  return new UntrustedError("ERR_UNTRUSTED_REPORT_SIGNATURE", `the report's signature does not hold: ${reason}`, {
    reason,
  });
}
