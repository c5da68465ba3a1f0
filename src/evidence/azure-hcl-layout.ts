import { defineLayout } from "../bytes/layout.js";

/** Where the hardware report stands. */
export const HARDWARE_REPORT_OFFSET = 0x20;
/** Where the description of the runtime data stands: behind the 1184 bytes of the hardware report. */
export const RUNTIME_HEADER_OFFSET = 0x4c0;

// Source of the rows: Microsoft, openvmm, openhcl_attestation_protocol (IGVM attestation); measured on real blobs.

/** What stands before the hardware report. */
export const HCL_HEADER = /* @__PURE__ */ defineLayout("HCL report header", 32, [
  { name: "signature", offset: 0x00, size: 4, type: "u32", doc: "signature: HCLA in ASCII" },
  { name: "version", offset: 0x04, size: 4, type: "u32", doc: "version: 1, or 2 under OpenHCL" },
  { name: "reportSize", offset: 0x08, size: 4, type: "u32", doc: "report_size: of all without padding, this included" },
  { name: "requestType", offset: 0x0c, size: 4, type: "u32", doc: "request_type: 2 is AK_CERT" },
  { name: "status", offset: 0x10, size: 4, type: "u32", doc: "status: zero" },
  { reserved: "refuse", offset: 0x14, size: 12 },
]);

/** What stands between the hardware report and the runtime data. */
export const RUNTIME_HEADER = /* @__PURE__ */ defineLayout("HCL runtime data header", 20, [
  { name: "dataSize", offset: 0x00, size: 4, type: "u32", doc: "data_size: of this and of the runtime data" },
  { name: "version", offset: 0x04, size: 4, type: "u32", doc: "version: of this structure" },
  { name: "reportType", offset: 0x08, size: 4, type: "u32", doc: "report_type: whose hardware report it is" },
  { name: "hashType", offset: 0x0c, size: 4, type: "u32", doc: "hash_type: of the runtime data in REPORT_DATA" },
  { name: "variableSize", offset: 0x10, size: 4, type: "u32", doc: "var_size: of the runtime data" },
]);

/** Whose hardware report it is, by number. */
export const HCL_REPORT_TYPES: readonly (string | undefined)[] = [undefined, "VBS", "SNP", "TVM", "TDX", "CCA"];
