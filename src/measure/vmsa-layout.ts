import { defineLayout, type LayoutValues } from "../bytes/layout.js";
import { PAGE_BYTES } from "./pages.js";

/** A segment register: four rows, 16 bytes. */
function segment<const Name extends string>(name: Name, offset: number) {
  const says = (field: string, what: string) => `${name.toUpperCase()}.${field}: ${what}`;
  return [
    { name: `${name}Selector`, offset, size: 2, type: "u16", doc: says("SELECTOR", "as loaded") },
    { name: `${name}Attributes`, offset: offset + 2, size: 2, type: "u16", doc: says("ATTRIB", "type and flags") },
    { name: `${name}Limit`, offset: offset + 4, size: 4, type: "u32", doc: says("LIMIT", "in bytes") },
    { name: `${name}Base`, offset: offset + 8, size: 8, type: "u64", doc: says("BASE", "linear address") },
  ] as const;
}

/**
 * A vCPU's save area, as far as launches write it: registers that no VMM sets before a launch are `keep` rows.
 *
 * Source: AMD APM volume 2, appendix B, VMSA layout of SEV-ES guests.
 */
export const VMSA = /* @__PURE__ */ defineLayout("VMSA", PAGE_BYTES, [
  ...segment("es", 0x000),
  ...segment("cs", 0x010),
  ...segment("ss", 0x020),
  ...segment("ds", 0x030),
  ...segment("fs", 0x040),
  ...segment("gs", 0x050),
  ...segment("gdtr", 0x060),
  ...segment("ldtr", 0x070),
  ...segment("idtr", 0x080),
  ...segment("tr", 0x090),
  { reserved: "keep", offset: 0x0a0, size: 42 },
  { name: "vmpl", offset: 0x0ca, size: 1, type: "u8", doc: "VMPL: the privilege level" },
  { name: "cpl", offset: 0x0cb, size: 1, type: "u8", doc: "CPL: the protection ring" },
  { reserved: "keep", offset: 0x0cc, size: 4 },
  { name: "efer", offset: 0x0d0, size: 8, type: "u64", doc: "EFER: bit 12 is SVME" },
  { reserved: "keep", offset: 0x0d8, size: 104 },
  { name: "xss", offset: 0x140, size: 8, type: "u64", doc: "XSS: supervisor state" },
  { name: "cr4", offset: 0x148, size: 8, type: "u64", doc: "CR4: bit 6 is MCE" },
  { name: "cr3", offset: 0x150, size: 8, type: "u64", doc: "CR3: page tables" },
  { name: "cr0", offset: 0x158, size: 8, type: "u64", doc: "CR0: bit 0 is PE, bit 4 is ET" },
  { name: "dr7", offset: 0x160, size: 8, type: "u64", doc: "DR7: debug control" },
  { name: "dr6", offset: 0x168, size: 8, type: "u64", doc: "DR6: debug status" },
  { name: "rflags", offset: 0x170, size: 8, type: "u64", doc: "RFLAGS: bit 1 is always one" },
  { name: "rip", offset: 0x178, size: 8, type: "u64", doc: "RIP: where it begins, within CS" },
  { reserved: "keep", offset: 0x180, size: 88 },
  { name: "rsp", offset: 0x1d8, size: 8, type: "u64", doc: "RSP: stack" },
  { reserved: "keep", offset: 0x1e0, size: 24 },
  { name: "rax", offset: 0x1f8, size: 8, type: "u64", doc: "RAX: general" },
  { reserved: "keep", offset: 0x200, size: 104 },
  { name: "gPat", offset: 0x268, size: 8, type: "u64", doc: "G_PAT: page attribute table" },
  { reserved: "keep", offset: 0x270, size: 152 },
  { name: "rcx", offset: 0x308, size: 8, type: "u64", doc: "RCX: general" },
  { name: "rdx", offset: 0x310, size: 8, type: "u64", doc: "RDX: EAX of CPUID leaf 1 after a reset" },
  { name: "rbx", offset: 0x318, size: 8, type: "u64", doc: "RBX: general" },
  { reserved: "keep", offset: 0x320, size: 8 },
  { name: "rbp", offset: 0x328, size: 8, type: "u64", doc: "RBP: general" },
  { name: "rsi", offset: 0x330, size: 8, type: "u64", doc: "RSI: general" },
  { name: "rdi", offset: 0x338, size: 8, type: "u64", doc: "RDI: general" },
  { reserved: "keep", offset: 0x340, size: 112 },
  { name: "sevFeatures", offset: 0x3b0, size: 8, type: "u64", doc: "SEV_FEATURES: bit 0 is SNPActive" },
  { name: "vintrCtrl", offset: 0x3b8, size: 8, type: "u64", doc: "VINTR_CTRL: virtual interrupts" },
  { reserved: "keep", offset: 0x3c0, size: 8 },
  { name: "virtualTom", offset: 0x3c8, size: 8, type: "u64", doc: "VIRTUAL_TOM: top of private memory" },
  { reserved: "keep", offset: 0x3d0, size: 24 },
  { name: "xcr0", offset: 0x3e8, size: 8, type: "u64", doc: "XCR0: user state; bit 0 is x87" },
  { reserved: "keep", offset: 0x3f0, size: 16 },
  { name: "x87Dp", offset: 0x400, size: 8, type: "u64", doc: "X87_DP: data pointer" },
  { name: "mxcsr", offset: 0x408, size: 4, type: "u32", doc: "MXCSR: SSE control" },
  { name: "x87Ftw", offset: 0x40c, size: 2, type: "u16", doc: "X87_FTW: tags" },
  { name: "x87Fsw", offset: 0x40e, size: 2, type: "u16", doc: "X87_FSW: status" },
  { name: "x87Fcw", offset: 0x410, size: 2, type: "u16", doc: "X87_FCW: control" },
  { reserved: "keep", offset: 0x412, size: 606 },
  { reserved: "keep", offset: 0x670, size: PAGE_BYTES - 0x670 },
]);

/** The registers of a save area. */
export type VmsaValues = LayoutValues<(typeof VMSA)["rows"]>;

/** Where the registers end; behind them the page is empty. */
export const VMSA_BYTES = 0x670;
