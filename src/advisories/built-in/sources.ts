import type { AdvisoryDocument } from "../schema.js";

/** Where the numbers of the built-in data set come from. AMD's own bulletins were not read; all of these quote them. */
export const SOURCES = {
  "aleph-siena": { title: "A public deployment script for Siena that quotes AMD-SB-3019 for its microcode (2026-08)" },
  "arxiv-2605.12990": { title: "arXiv 2605.12990, abstract (2026-05)", url: "https://arxiv.org/abs/2605.12990" },
  "aws-profile": { title: "A public firmware profile for Milan at AWS, quoting AMD-SB-3002 and AMD-SB-3023 (2026)" },
  badram: { title: "BadRAM, project page", url: "https://badram.eu/" },
  "battering-ram": { title: "Battering RAM, project page", url: "https://batteringram.eu/" },
  "ccf-6812": { title: "microsoft/CCF#6812, on AMD-SB-3019", url: "https://github.com/microsoft/CCF/issues/6812" },
  "cpuid-floors": { title: "Floors by CPUID in a public Go verifier, quoting AMD-SB-3019, 3020 and 3027 (2026)" },
  "cpuid-floors-3023": {
    title: "Floors by CPUID in a public Swift client, quoting AMD-SB-3020 and AMD-SB-3023 (2026)",
  },
  "gcp-2025-007": {
    title: "Google Cloud security bulletin GCP-2025-007 (2025-02-03)",
    url: "https://cloud.google.com/support/bulletins#gcp-2025-007",
  },
  "gcp-2026-019": {
    title: "Google Cloud security bulletin GCP-2026-019 (2026-04-14)",
    url: "https://cloud.google.com/support/bulletins#gcp-2026-019",
  },
  "gcp-2026-021": {
    title: "Google Cloud security bulletin GCP-2026-021 (2026-04-14)",
    url: "https://cloud.google.com/support/bulletins#gcp-2026-021",
  },
  "gcp-2026-031": {
    title: "Google Cloud security bulletin GCP-2026-031 (2026-05-12)",
    url: "https://cloud.google.com/support/bulletins#gcp-2026-031",
  },
  heckler: { title: "Ahoi attacks (Heckler, WeSee), project page", url: "https://ahoi-attacks.github.io/" },
  "linux-58c0ac6125d8": {
    title: "Linux commit 58c0ac6125d8: the IOMMU event log of family 0x19 under CVE-2023-20585",
    url: "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/commit/?id=58c0ac6125d8",
  },
  "milan-masks": { title: "Mitigation masks of Milan in a public policy registry, by bulletin (2026)" },
  "mitigation-table": { title: "A public table of attacks on SEV-SNP and what a report shows of each (2026-10)" },
  "policy-tables": {
    title: "Public policy tables that quote AMD's bulletins: lsd-cat's SPEC, ariofrio/pi-tee (2026-10)",
  },
  "sentinel-3030": { title: "The Milan floor of a public verifier (Sentinel), quoting AMD-SB-3030 (2026)" },
  "svn-tests": { title: "Tests of a public client for AMD-SB-3015 floors by family (2026)" },
  "tee-fail": { title: "TEE.fail, project page", url: "https://tee.fail/" },
  stackwarp: { title: "StackWarp, project page", url: "https://stackwarpattack.com/" },
} as const satisfies AdvisoryDocument["sources"];
