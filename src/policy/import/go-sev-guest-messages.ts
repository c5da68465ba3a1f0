import type { MessageOf, ProtoTable } from "./proto.js";

/** What errors call the input. */
export const FORMAT = "go-sev-guest policy";

const SEV_PRODUCT = {
  name: {
    type: {
      enum: { SEV_PRODUCT_UNKNOWN: 0, SEV_PRODUCT_MILAN: 1, SEV_PRODUCT_GENOA: 2, SEV_PRODUCT_TURIN: 3 },
    },
  },
  stepping: { type: "uint32" },
  machine_stepping: { type: "UInt32Value" },
} as const satisfies ProtoTable;

/** `check.Policy`. Source: google/go-sev-guest, proto/check.proto. */
export const POLICY = {
  minimum_guest_svn: { type: "uint32" },
  policy: { type: "uint64" },
  family_id: { type: "bytes" },
  image_id: { type: "bytes" },
  vmpl: { type: "UInt32Value" },
  minimum_tcb: { type: "uint64" },
  minimum_launch_tcb: { type: "uint64" },
  platform_info: { type: "UInt64Value" },
  require_author_key: { type: "bool" },
  report_data: { type: "bytes" },
  measurement: { type: "bytes" },
  host_data: { type: "bytes" },
  report_id: { type: "bytes" },
  report_id_ma: { type: "bytes" },
  chip_id: { type: "bytes" },
  minimum_build: { type: "uint32" },
  minimum_version: { type: "string" },
  permit_provisional_firmware: { type: "bool" },
  require_id_block: { type: "bool" },
  trusted_author_keys: { type: "bytes", repeated: true },
  trusted_author_key_hashes: { type: "bytes", repeated: true },
  trusted_id_keys: { type: "bytes", repeated: true },
  trusted_id_key_hashes: { type: "bytes", repeated: true },
  product: { type: { message: SEV_PRODUCT } },
  minimum_tcb_turin: { type: "uint64" },
  minimum_launch_tcb_turin: { type: "uint64" },
} as const satisfies ProtoTable;

const ROOT_OF_TRUST = {
  product: { type: "string" },
  cabundle_paths: { type: "string", repeated: true },
  cabundles: { type: "string", repeated: true },
  check_crl: { type: "bool" },
  disallow_network: { type: "bool" },
  product_line: { type: "string" },
} as const satisfies ProtoTable;

/** `check.Config`. Source: as `POLICY`. */
export const CONFIG = {
  root_of_trust: { type: { message: ROOT_OF_TRUST } },
  policy: { type: { message: POLICY } },
} as const satisfies ProtoTable;

/** What a Policy says. */
export type PolicyMessage = MessageOf<typeof POLICY>;
/** What a RootOfTrust says. */
export type RootMessage = MessageOf<typeof ROOT_OF_TRUST>;

/** A Policy, and the RootOfTrust of the Config that it stands in. */
export interface Source {
  readonly message: PolicyMessage;
  readonly root: RootMessage | null;
}
