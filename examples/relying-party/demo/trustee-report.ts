import { parseReport, reportToJson, type TcbJson } from "attestry";

const numbers = (hex: string): number[] => [...Buffer.from(hex, "hex")];

function tcb({ components }: TcbJson) {
  if (components === null) throw new Error("a report of version 3 and later says which product line it is of");
  const { bootLoader, tee, snp, microcode, fmc } = components;
  return { fmc: fmc ?? null, bootloader: bootLoader, tee, snp, microcode };
}

/** One half of the signature as the report holds it: little-endian, 72 bytes. */
function half(bigEndian: string): number[] {
  const bytes = numbers(bigEndian).reverse();
  return [...bytes, ...Array<number>(72 - bytes.length).fill(0)];
}

/** A report as Trustee's attester for `snp` sends it: field by field, in the names of virtee's structure. */
export function spellOut(bytes: Uint8Array): { attestation_report: object; cert_chain: null } {
  const report = reportToJson(parseReport(bytes));
  const { cpuid, currentFirmware, committedFirmware } = report;
  const attestation_report = {
    version: report.version,
    guest_svn: report.guestSvn,
    policy: Number(report.policy.raw),
    family_id: numbers(report.familyId),
    image_id: numbers(report.imageId),
    vmpl: report.vmpl,
    sig_algo: report.signatureAlgo,
    current_tcb: tcb(report.currentTcb),
    plat_info: Number(report.platformInfo.raw),
    key_info: Number(report.keyInfo.raw),
    report_data: numbers(report.reportData),
    measurement: numbers(report.measurement),
    host_data: numbers(report.hostData),
    id_key_digest: numbers(report.idKeyDigest),
    author_key_digest: numbers(report.authorKeyDigest),
    report_id: numbers(report.reportId),
    report_id_ma: numbers(report.reportIdMa),
    reported_tcb: tcb(report.reportedTcb),
    cpuid_fam_id: cpuid?.family ?? null,
    cpuid_mod_id: cpuid?.model ?? null,
    cpuid_step: cpuid?.stepping ?? null,
    chip_id: numbers(report.chipId),
    committed_tcb: tcb(report.committedTcb),
    current: currentFirmware,
    committed: committedFirmware,
    launch_tcb: tcb(report.launchTcb),
    launch_mit_vector: report.launchMitVector === null ? null : Number(report.launchMitVector),
    current_mit_vector: report.currentMitVector === null ? null : Number(report.currentMitVector),
    signature: { r: half(report.signature.r), s: half(report.signature.s) },
  };
  return { attestation_report, cert_chain: null };
}
