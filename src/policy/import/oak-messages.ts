import type { MessageOf, ProtoTable } from "./proto.js";

/** What errors call the input. */
export const FORMAT = "Oak reference values";

const TCB_VERSION = {
  boot_loader: { type: "uint32" },
  tee: { type: "uint32" },
  snp: { type: "uint32" },
  microcode: { type: "uint32" },
  fmc: { type: "uint32" },
} as const satisfies ProtoTable;

const TCB_REFERENCE = {
  skip: { type: "opaque" },
  minimum: { type: { message: TCB_VERSION } },
} as const satisfies ProtoTable;

/** Digests of one thing; a launch measurement is the SHA-384 alone. */
const RAW_DIGEST = {
  identity: { type: "bytes" },
  sha1: { type: "bytes" },
  sha2_256: { type: "bytes" },
  sha2_512: { type: "bytes" },
  sha3_512: { type: "bytes" },
  sha3_384: { type: "bytes" },
  sha3_256: { type: "bytes" },
  sha3_224: { type: "bytes" },
  sha2_384: { type: "bytes" },
} as const satisfies ProtoTable;

const DIGESTS = { digests: { type: { message: RAW_DIGEST }, repeated: true } } as const satisfies ProtoTable;

const BINARY_REFERENCE = {
  skip: { type: "opaque" },
  endorsement: { type: "opaque" },
  digests: { type: { message: DIGESTS } },
} as const satisfies ProtoTable;

/** `AmdSevReferenceValues`. Source: project-oak/oak, proto/attestation/reference_value.proto. */
export const AMD_SEV = {
  min_tcb_version: { type: { message: TCB_VERSION } },
  milan: { type: { message: TCB_REFERENCE } },
  genoa: { type: { message: TCB_REFERENCE } },
  turin: { type: { message: TCB_REFERENCE } },
  allow_debug: { type: "bool" },
  stage0: { type: { message: BINARY_REFERENCE } },
  check_vcek_cert_expiry: { type: "bool" },
} as const satisfies ProtoTable;

/** `RootLayerReferenceValues`. */
export const ROOT_LAYER = {
  amd_sev: { type: { message: AMD_SEV } },
  intel_tdx: { type: "opaque" },
  insecure: { type: "opaque" },
} as const satisfies ProtoTable;

const ROOT = { type: { message: ROOT_LAYER } } as const;
const OPAQUE = { type: "opaque" } as const;

/** `ReferenceValues`: one of the kinds of systems that Oak attests. */
export const REFERENCE_VALUES = {
  oak_restricted_kernel: { type: { message: { root_layer: ROOT, kernel_layer: OPAQUE, application_layer: OPAQUE } } },
  oak_containers: {
    type: { message: { root_layer: ROOT, kernel_layer: OPAQUE, system_layer: OPAQUE, container_layer: OPAQUE } },
  },
  cb: { type: { message: { root_layer: ROOT, layers: { type: "opaque", repeated: true } } } },
} as const satisfies ProtoTable;

/** What an AmdSevReferenceValues says. */
export type AmdSev = MessageOf<typeof AMD_SEV>;
/** What a RootLayerReferenceValues says. */
export type RootLayer = MessageOf<typeof ROOT_LAYER>;
/** What a TcbVersion says. */
export type TcbVersion = MessageOf<typeof TCB_VERSION>;
