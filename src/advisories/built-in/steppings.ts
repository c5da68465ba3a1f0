import type { Advisory } from "../schema.js";
import {
  BERGAMO_A2,
  bulletin,
  firmware,
  GENOA_B1,
  GENOA_X_B2,
  guestPolicy,
  MILAN_B1,
  MILAN_B2,
  microcode,
  mitigation,
  platformInfo,
  snp,
  TURIN_C1,
  TURIN_DENSE_B0,
} from "./words.js";

/** AMD-SB-3019. */
export function entrySign(): Advisory {
  const genoa = [snp(0x17, "high", "ccf-6812", "policy-tables"), firmware("1.55.40", "medium", "policy-tables")];
  return {
    id: "AMD-SB-3019",
    title: "EntrySign: microcode that AMD did not write passes the signature check",
    cves: ["CVE-2024-56161"],
    sources: ["gcp-2025-007"],
    published: "2025-02-03",
    reference: bulletin(3019),
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [
      {
        for: [MILAN_B1],
        anyOf: [
          [
            snp(0x18, "high", "ccf-6812", "gcp-2025-007", "policy-tables"),
            microcode(0xdb, "high", "ccf-6812", "gcp-2025-007", "policy-tables"),
          ],
        ],
      },
      { for: [GENOA_B1], anyOf: [[...genoa, microcode(0x54, "high", "ccf-6812", "policy-tables")]] },
      { for: [GENOA_X_B2], anyOf: [[...genoa, microcode(0x4f, "medium", "policy-tables")]] },
      { for: [BERGAMO_A2], anyOf: [[...genoa, microcode(0x19, "low", "aleph-siena")]] },
    ],
  };
}

/** AMD-SB-3020. */
export function rmpocalypse(): Advisory {
  const milan = [
    snp(0x1b, "high", "policy-tables", "cpuid-floors-3023"),
    firmware("1.55.35", "medium", "cpuid-floors-3023"),
    mitigation(1, "high", "policy-tables", "milan-masks", "cpuid-floors-3023"),
  ];
  const genoa = [
    snp(0x1b, "high", "policy-tables", "cpuid-floors", "cpuid-floors-3023"),
    firmware("1.55.49", "medium", "cpuid-floors-3023"),
    mitigation(1, "medium", "cpuid-floors-3023"),
  ];
  const turin = [
    snp(0x04, "high", "policy-tables", "cpuid-floors", "cpuid-floors-3023"),
    firmware("1.55.65", "medium", "cpuid-floors-3023"),
    mitigation(0, "medium", "cpuid-floors-3023"),
  ];
  return {
    id: "AMD-SB-3020",
    title: "RMPocalypse: a race while the table of the guest's pages (RMP) is set up",
    cves: ["CVE-2025-0033"],
    sources: ["policy-tables"],
    published: null,
    reference: bulletin(3020),
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [
      { for: [MILAN_B1], anyOf: [[...milan, microcode(0xde, "medium", "cpuid-floors-3023")]] },
      { for: [MILAN_B2], anyOf: [[...milan, microcode(0x45, "medium", "cpuid-floors-3023")]] },
      { for: [GENOA_B1], anyOf: [[...genoa, microcode(0x56, "high", "policy-tables", "cpuid-floors-3023")]] },
      { for: [GENOA_X_B2], anyOf: [[...genoa, microcode(0x51, "high", "policy-tables", "cpuid-floors-3023")]] },
      { for: [BERGAMO_A2], anyOf: [[...genoa, microcode(0x1b, "medium", "cpuid-floors-3023")]] },
      { for: [TURIN_C1], anyOf: [[...turin, microcode(0x50, "high", "policy-tables", "cpuid-floors-3023")]] },
      { for: [TURIN_DENSE_B0], anyOf: [[...turin, microcode(0x4d, "medium", "cpuid-floors-3023")]] },
    ],
  };
}

/** AMD-SB-3027. */
export function stackWarp(): Advisory {
  const noSmt = [
    guestPolicy({ bit: "smt", state: "clear" }, "medium", "policy-tables", "mitigation-table"),
    platformInfo({ bit: "smtEn", state: "clear" }, "medium", "policy-tables", "mitigation-table"),
  ];
  return {
    id: "AMD-SB-3027",
    title: "StackWarp: the sibling thread moves the guest's stack pointer",
    cves: ["CVE-2025-29943"],
    sources: ["stackwarp"],
    published: null,
    reference: bulletin(3027),
    note: "Either the microcode of the processor, or a guest that forbids SMT on a host that has it off. The two numbers of Milan come without the bulletin's name.",
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [
      { for: ["Milan", "Genoa", "Turin"], anyOf: [noSmt] },
      { for: [MILAN_B1], anyOf: [[microcode(0xde, "low", "policy-tables", "cpuid-floors-3023")], noSmt] },
      { for: [MILAN_B2], anyOf: [[microcode(0x47, "low", "policy-tables", "cpuid-floors-3023")], noSmt] },
      { for: [GENOA_B1], anyOf: [[microcode(0x56, "high", "policy-tables", "cpuid-floors")], noSmt] },
      { for: [GENOA_X_B2], anyOf: [[microcode(0x51, "high", "policy-tables", "cpuid-floors")], noSmt] },
      { for: [TURIN_C1], anyOf: [[microcode(0x51, "high", "policy-tables", "cpuid-floors")], noSmt] },
    ],
  };
}
