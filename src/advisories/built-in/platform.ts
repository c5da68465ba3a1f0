import type { Advisory } from "../schema.js";
import { bootLoader, bulletin, from, MILAN_B1, microcode, mitigation, platformInfo, snp } from "./words.js";

/** AMD-SB-3002. */
export function oldMilan(): Advisory {
  return {
    id: "AMD-SB-3002",
    title: "Weaknesses of the platform, fixed in the boot loader and in microcode",
    cves: [],
    sources: ["aws-profile"],
    published: null,
    reference: bulletin(3002),
    affected: ["Milan"],
    provable: true,
    proofs: [
      { for: [MILAN_B1], anyOf: [[bootLoader(3, "low", "aws-profile"), microcode(0xa9, "low", "aws-profile")]] },
    ],
  };
}

/** AMD-SB-3015. */
export function badRam(): Advisory {
  return {
    id: "AMD-SB-3015",
    title: "BadRAM: memory modules that lie about their size alias the guest's memory",
    cves: ["CVE-2024-21944"],
    sources: ["badram"],
    published: null,
    reference: bulletin(3015),
    note: "ALIAS_CHECK_COMPLETE means something from firmware 1.55.22 (Milan) and 1.55.38 (Genoa) on. It does not help against interposers that begin to alias after boot.",
    affected: ["Milan", "Genoa"],
    provable: true,
    proofs: [
      {
        for: ["Milan"],
        anyOf: [
          [
            snp(0x17, "high", "policy-tables", "svn-tests"),
            platformInfo({ bit: "aliasCheckComplete", state: "set" }, "high", "policy-tables", "mitigation-table"),
          ],
        ],
      },
      {
        for: ["Genoa"],
        anyOf: [
          [
            snp(0x16, "high", "policy-tables", "svn-tests"),
            platformInfo({ bit: "aliasCheckComplete", state: "set" }, "high", "policy-tables", "mitigation-table"),
          ],
        ],
      },
    ],
  };
}

/** AMD-SB-3016. */
export function iommuWriteBuffer(): Advisory {
  return {
    id: "AMD-SB-3016",
    title: "IOMMU write buffer: the host directs the IOMMU to write into guest memory",
    cves: ["CVE-2023-20585"],
    sources: ["gcp-2026-021"],
    published: "2026-04-14",
    reference: bulletin(3016),
    note: "The host's operating system has to be updated as well.",
    affected: ["Milan", "Genoa"],
    notAffected: [{ for: ["Turin"], ...from(["medium", "linux-58c0ac6125d8"]) }],
    provable: true,
    proofs: [
      {
        for: ["Milan"],
        anyOf: [[snp(0x1b, "medium", "policy-tables"), mitigation(2, "high", "policy-tables", "milan-masks")]],
      },
      {
        for: ["Genoa"],
        anyOf: [[snp(0x1b, "medium", "policy-tables"), mitigation(2, "low", "policy-tables")]],
      },
    ],
  };
}

/** AMD-SB-3034. */
export function fabricked(): Advisory {
  return {
    id: "AMD-SB-3034",
    title: "Fabricked: memory routing is left open while firmware sets up the guest's pages",
    cves: ["CVE-2025-54510"],
    sources: ["gcp-2026-019"],
    published: "2026-04-14",
    reference: bulletin(3034),
    note: "A floor for Genoa was published and withdrawn on 2026-09-24.",
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [{ for: ["Milan"], anyOf: [[mitigation(4, "high", "policy-tables", "milan-masks")]] }],
  };
}

/** AMD-SB-3030. */
export function breakFast(): Advisory {
  return {
    id: "AMD-SB-3030",
    title: "BreakFAST: firmware is made to write to the interconnect for the host",
    cves: ["CVE-2024-36315", "CVE-2025-61971", "CVE-2025-61972"],
    sources: ["gcp-2026-031"],
    published: "2026-05-12",
    reference: bulletin(3030),
    note: "Floors of the boot loader (Genoa) and of TEE (Turin) are said to exist; no source has their numbers.",
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [
      {
        for: ["Milan"],
        anyOf: [
          [snp(0x1d, "high", "policy-tables", "sentinel-3030"), mitigation(4, "high", "policy-tables", "milan-masks")],
        ],
      },
    ],
  };
}
