import { malformedFirmware, unsupportedFirmware } from "./firmware-error.js";
import { HASH_TABLE_BYTES, type KernelHashes, kernelHashPage } from "./kernel-hashes.js";
import type { FirmwareSection, SectionType } from "./metadata.js";
import type { OvmfDigest } from "./ovmf-digest.js";
import { type LaunchChain, PAGE_BYTES, type PageType } from "./pages.js";
import type { Profile } from "./profiles.js";

type Tables = Pick<OvmfDigest, "sections" | "hashTable">;

/** The page of the kernel's hashes. @throws where the firmware has no place for it, or one that does not fit. */
function hashPage({ sections, hashTable }: Tables, hashes: KernelHashes): Uint8Array {
  const [section, second] = sections.filter(({ type }) => type === "kernelHashes");
  if (section === undefined || hashTable === null) {
    const lacks = section === undefined ? "no SNP_KERNEL_HASHES section" : "no entry for the hash table";
    throw unsupportedFirmware("firmware", "a kernel is given", `${lacks}: it cannot measure a kernel; take AmdSev`);
  }
  if (second !== undefined || section.size !== PAGE_BYTES) {
    throw unsupportedFirmware("firmware", "SNP_KERNEL_HASHES", "more than one page for one table");
  }
  const offset = hashTable.gpa - section.gpa;
  const fits = offset >= 0 && offset + HASH_TABLE_BYTES <= PAGE_BYTES && hashTable.size >= HASH_TABLE_BYTES;
  if (fits) return kernelHashPage(hashes, offset);
  throw malformedFirmware(
    "firmware",
    null,
    `the hash table of ${hashTable.size} bytes at ${hashTable.gpa} does not lie in its section at ${section.gpa}`,
  );
}

function pageType(type: SectionType, { secMem }: Profile): PageType {
  switch (type) {
    case "secMem":
      return secMem;
    case "secrets":
    case "cpuid":
      return type;
    case "svsmCaa":
    case "kernelHashes":
      return "zero";
  }
}

function inOrder(sections: readonly FirmwareSection[], { cpuidLast }: Profile): readonly FirmwareSection[] {
  if (!cpuidLast) return sections;
  const isCpuid = ({ type }: FirmwareSection) => type === "cpuid";
  return [...sections.filter((section) => !isCpuid(section)), ...sections.filter(isCpuid)];
}

/**
 * Measures the sections of a firmware's metadata as a VMM does, in their order.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_FIRMWARE` for a kernel where the firmware has no place for its hashes.
 * @throws MalformedError `ERR_MALFORMED_FIRMWARE` for a hash table outside its section.
 */
export function addSections(
  chain: LaunchChain,
  tables: Tables,
  { profile, hashes }: { readonly profile: Profile; readonly hashes: KernelHashes | null },
): void {
  const page = hashes === null ? null : hashPage(tables, hashes);
  for (const { type, gpa, size } of inOrder(tables.sections, profile)) {
    if (type === "kernelHashes" && page !== null) {
      chain.addPage("normal", gpa, page);
      continue;
    }
    const as = pageType(type, profile);
    for (let at = gpa; at < gpa + size; at += PAGE_BYTES) chain.add(as, at);
  }
}
