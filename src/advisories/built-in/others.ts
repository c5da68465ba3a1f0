import type { Advisory } from "../schema.js";
import { bulletin, guestPolicy, platformInfo } from "./words.js";

/** AMD-SB-3021. */
export function ciphertext(): Advisory {
  return {
    id: "AMD-SB-3021",
    title: "CipherLeaks and Heracles: the host reads ciphertext, or moves pages to choose it",
    cves: [],
    sources: ["mitigation-table"],
    published: null,
    reference: bulletin(3021),
    note: "The guest has to ask for both; page swapping can be forbidden from firmware 1.58 on.",
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [
      {
        for: ["Milan", "Genoa", "Turin"],
        anyOf: [
          [
            guestPolicy({ bit: "ciphertextHidingDram", state: "set" }, "high", "policy-tables", "mitigation-table"),
            guestPolicy({ bit: "pageSwapDisable", state: "set" }, "high", "policy-tables", "mitigation-table"),
            platformInfo({ bit: "ciphertextHidingDramEn", state: "set" }, "high", "policy-tables", "mitigation-table"),
          ],
        ],
      },
    ],
  };
}

/** PwrLeak has no id of AMD's. */
export function pwrLeak(): Advisory {
  return {
    id: "PwrLeak",
    title: "PwrLeak: power telemetry tells of the guest's work",
    cves: [],
    sources: ["mitigation-table"],
    published: null,
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: [
      {
        for: ["Milan", "Genoa", "Turin"],
        anyOf: [
          [
            guestPolicy({ bit: "raplDis", state: "set" }, "high", "policy-tables", "mitigation-table"),
            platformInfo({ bit: "raplDis", state: "set" }, "high", "policy-tables", "mitigation-table"),
          ],
        ],
      },
    ],
  };
}

/** Heckler and WeSee. */
export function heckler(): Advisory {
  return {
    id: "Heckler-WeSee",
    title: "Heckler and WeSee: interrupts that the host injects",
    cves: ["CVE-2024-25742", "CVE-2024-25743", "CVE-2024-25744"],
    published: null,
    reference: "https://ahoi-attacks.github.io/",
    affected: ["Milan", "Genoa", "Turin"],
    provable: false,
    why: "the fix is in the guest's kernel; only a list of launch digests of patched images shows it",
    sources: ["heckler", "mitigation-table"],
  };
}

/** The root seed of Milan. */
export function milanSeed(): Advisory {
  return {
    id: "arXiv-2605.12990",
    title: "The root seed of Milan chips can be extracted",
    cves: [],
    published: null,
    reference: "https://arxiv.org/abs/2605.12990",
    note: "A policy can exclude the product line.",
    affected: ["Milan"],
    provable: false,
    why: "who has a chip's seed can sign any report for it; there is no fix",
    sources: ["arxiv-2605.12990", "mitigation-table"],
  };
}

/** TEE.fail. */
export function teeFail(): Advisory {
  return {
    id: "TEE.fail",
    title: "TEE.fail: an interposer reads DDR5 memory",
    cves: [],
    published: null,
    reference: "https://tee.fail/",
    note: "Ciphertext hiding raises the cost; a list of chips in racks that you trust helps.",
    affected: ["Genoa", "Turin"],
    provable: false,
    why: "no report shows what sits between processor and memory",
    sources: ["tee-fail", "mitigation-table"],
  };
}

/** Battering RAM. */
export function batteringRam(): Advisory {
  return {
    id: "Battering-RAM",
    title: "Battering RAM: an interposer aliases DDR4 memory after boot",
    cves: [],
    published: null,
    reference: "https://batteringram.eu/",
    note: "A list of chips in racks that you trust helps.",
    affected: ["Milan"],
    provable: false,
    why: "no report shows what sits between processor and memory",
    sources: ["battering-ram", "mitigation-table"],
  };
}
