import { defineLayout } from "../bytes/layout.js";

// Source of every row: the IGVM file format, crate igvm_defs (Microsoft), versions 1 and 2 of the format.

/** At the start of every file. */
export const FIXED_HEADER = /* @__PURE__ */ defineLayout("IGVM fixed header", 24, [
  { name: "magic", offset: 0, size: 4, type: "u32", doc: "MAGIC: the characters IGVM" },
  { name: "version", offset: 4, size: 4, type: "u32", doc: "FORMAT_VERSION: 1 or 2" },
  { name: "headerOffset", offset: 8, size: 4, type: "u32", doc: "VARIABLE_HEADER_OFFSET: from the file's start" },
  { name: "headerSize", offset: 12, size: 4, type: "u32", doc: "VARIABLE_HEADER_SIZE: in bytes" },
  { name: "fileSize", offset: 16, size: 4, type: "u32", doc: "TOTAL_FILE_SIZE: in bytes" },
  { name: "checksum", offset: 20, size: 4, type: "u32", doc: "CHECKSUM: CRC-32 of both headers, itself as zero" },
]);

/** What version 2 has behind it. */
export const FIXED_HEADER_2 = /* @__PURE__ */ defineLayout("IGVM fixed header, version 2", 8, [
  { name: "architecture", offset: 0, size: 4, type: "u32", doc: "ARCHITECTURE: 0 is x86-64" },
  { name: "pageSize", offset: 4, size: 4, type: "u32", doc: "PAGE_SIZE: in bytes" },
]);

/** Before each variable header. */
export const VARIABLE_HEADER = /* @__PURE__ */ defineLayout("IGVM variable header", 8, [
  { name: "type", offset: 0, size: 4, type: "u32", doc: "TYPE: bit 31 says that a loader may pass it over" },
  { name: "length", offset: 4, size: 4, type: "u32", doc: "LENGTH: of the content, without its padding to 8 bytes" },
]);

/** Which isolation platform a bit of the compatibility mask stands for. */
export const SUPPORTED_PLATFORM = /* @__PURE__ */ defineLayout("IGVM supported platform", 16, [
  { name: "mask", offset: 0, size: 4, type: "u32", doc: "COMPATIBILITY_MASK: one bit" },
  { name: "highestVtl", offset: 4, size: 1, type: "u8", doc: "HIGHEST_VTL: zero without VTLs" },
  { name: "platform", offset: 5, size: 1, type: "u8", doc: "PLATFORM_TYPE: 2 is SEV-SNP" },
  { name: "version", offset: 6, size: 2, type: "u16", doc: "PLATFORM_VERSION: 1" },
  { name: "sharedGpaBoundary", offset: 8, size: 8, type: "u64", doc: "SHARED_GPA_BOUNDARY: above it memory is shared" },
]);

/** Memory for parameters, by index. */
export const PARAMETER_AREA = /* @__PURE__ */ defineLayout("IGVM parameter area", 16, [
  { name: "bytes", offset: 0, size: 8, type: "u64", doc: "NUMBER_OF_BYTES: whole pages" },
  { name: "index", offset: 8, size: 4, type: "u32", doc: "PARAMETER_AREA_INDEX: used once" },
  { name: "fileOffset", offset: 12, size: 4, type: "u32", doc: "FILE_OFFSET: of the first content; zero for zeros" },
]);

/** A page with content. */
export const PAGE_DATA = /* @__PURE__ */ defineLayout("IGVM page data", 24, [
  { name: "gpa", offset: 0, size: 8, type: "u64", doc: "GPA: guest physical address" },
  { name: "mask", offset: 8, size: 4, type: "u32", doc: "COMPATIBILITY_MASK: of the platforms it is for" },
  { name: "fileOffset", offset: 12, size: 4, type: "u32", doc: "FILE_OFFSET: of the content; zero for zeros" },
  { name: "flags", offset: 16, size: 4, type: "u32", doc: "FLAGS: 0 is 2 MiB, 1 unmeasured, 2 shared" },
  { name: "dataType", offset: 20, size: 2, type: "u16", doc: "DATA_TYPE: normal, secrets, CPUID" },
  { reserved: "refuse", offset: 22, size: 2 },
]);

/** Puts a parameter area into the guest. */
export const PARAMETER_INSERT = /* @__PURE__ */ defineLayout("IGVM parameter insert", 16, [
  { name: "gpa", offset: 0, size: 8, type: "u64", doc: "GPA: guest physical address" },
  { name: "mask", offset: 8, size: 4, type: "u32", doc: "COMPATIBILITY_MASK: of the platforms it is for" },
  { name: "index", offset: 12, size: 4, type: "u32", doc: "PARAMETER_AREA_INDEX: declared before" },
]);

/** The registers that a vCPU begins with. */
export const VP_CONTEXT = /* @__PURE__ */ defineLayout("IGVM VP context", 20, [
  { name: "gpa", offset: 0, size: 8, type: "u64", doc: "GPA: guest physical address of the save area" },
  { name: "mask", offset: 8, size: 4, type: "u32", doc: "COMPATIBILITY_MASK: of the platforms it is for" },
  { name: "fileOffset", offset: 12, size: 4, type: "u32", doc: "FILE_OFFSET: of the save area" },
  { name: "vpIndex", offset: 16, size: 2, type: "u16", doc: "VP_INDEX: which vCPU" },
  { reserved: "refuse", offset: 18, size: 2 },
]);
