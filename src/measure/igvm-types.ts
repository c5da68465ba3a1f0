/** What a variable header does to the launch digest. */
export type IgvmEffect =
  /** Read by `computeIgvmDigest`. */
  | "supportedPlatform"
  | "parameterArea"
  | "pageData"
  | "parameterInsert"
  | "vpContext"
  /** Nothing, whoever loads it. */
  | "nothing"
  /** Moves what others place, where its platform is the one that is loaded; its mask is the first field. */
  | "relocates";

/** A type of variable header. */
export interface IgvmType {
  readonly name: string;
  readonly effect: IgvmEffect;
  /** Of its content in bytes; null where it does not matter. */
  readonly length: number | null;
}

const nothing = (name: string): IgvmType => ({ name, effect: "nothing", length: null });

/** Every type that is known. Source: crate igvm_defs, IgvmVariableHeaderType. */
export const IGVM_TYPES: ReadonlyMap<number, IgvmType> = /* @__PURE__ */ new Map<number, IgvmType>([
  [0x001, { name: "SUPPORTED_PLATFORM", effect: "supportedPlatform", length: 16 }],
  [0x101, nothing("GUEST_POLICY")],
  [0x102, { name: "RELOCATABLE_REGION", effect: "relocates", length: 48 }],
  [0x103, { name: "PAGE_TABLE_RELOCATION_REGION", effect: "relocates", length: 32 }],
  [0x301, { name: "PARAMETER_AREA", effect: "parameterArea", length: 16 }],
  [0x302, { name: "PAGE_DATA", effect: "pageData", length: 24 }],
  [0x303, { name: "PARAMETER_INSERT", effect: "parameterInsert", length: 16 }],
  [0x304, { name: "VP_CONTEXT", effect: "vpContext", length: 20 }],
  [0x305, nothing("REQUIRED_MEMORY")],
  [0x307, nothing("VP_COUNT_PARAMETER")],
  [0x308, nothing("SRAT")],
  [0x309, nothing("MADT")],
  [0x30a, nothing("MMIO_RANGES")],
  [0x30b, nothing("SNP_ID_BLOCK")],
  [0x30c, nothing("MEMORY_MAP")],
  [0x30d, nothing("ERROR_RANGE")],
  [0x30e, nothing("COMMAND_LINE")],
  [0x30f, nothing("SLIT")],
  [0x310, nothing("PPTT")],
  [0x311, nothing("VBS_MEASUREMENT")],
  [0x312, nothing("DEVICE_TREE")],
  [0x313, nothing("ENVIRONMENT_INFO_PARAMETER")],
]);

/** The greatest types of the sections: platform, initialization, directives. */
const SECTION_ENDS = [0x100, 0x200, 0x400] as const;

/** Which section a known type belongs to: 0, 1 or 2; they stand in this order. */
export function sectionOfType(type: number): number {
  return SECTION_ENDS.findIndex((end) => type <= end);
}
