/** A model of QEMU's by name, a processor by its numbers, or EAX of CPUID leaf 1 as it is. */
export type VcpuType =
  | VcpuModel
  | { readonly family: number; readonly model: number; readonly stepping: number }
  | number;

/** QEMU's name of an EPYC model. */
export type VcpuModel = keyof typeof VCPU_SIGNATURES;

/** EAX of CPUID leaf 1, which KVM leaves in RDX of a vCPU that was reset. Source: QEMU, target/i386/cpu.c. */
const VCPU_SIGNATURES = /* @__PURE__ */ Object.freeze({
  EPYC: 0x00800f12,
  "EPYC-v1": 0x00800f12,
  "EPYC-v2": 0x00800f12,
  "EPYC-v3": 0x00800f12,
  "EPYC-v4": 0x00800f12,
  "EPYC-IBPB": 0x00800f12,
  "EPYC-Rome": 0x00830f10,
  "EPYC-Rome-v1": 0x00830f10,
  "EPYC-Rome-v2": 0x00830f10,
  "EPYC-Rome-v3": 0x00830f10,
  "EPYC-Milan": 0x00a00f11,
  "EPYC-Milan-v1": 0x00a00f11,
  "EPYC-Milan-v2": 0x00a00f11,
  "EPYC-Genoa": 0x00a10f10,
  "EPYC-Genoa-v1": 0x00a10f10,
  "EPYC-Turin": 0x00b00f00,
});

/** The models that are known by name. */
export const VCPU_MODELS: readonly VcpuModel[] = /* @__PURE__ */ Object.freeze(
  // The keys are exactly those of the table.
  Object.keys(VCPU_SIGNATURES) as VcpuModel[],
);

/** True for the name of a model. Never throws. */
export function isVcpuModel(value: unknown): value is VcpuModel {
  return typeof value === "string" && Object.hasOwn(VCPU_SIGNATURES, value);
}

/** One name for each signature of the table, the shortest first. */
export function modelOfSignature(signature: number): VcpuModel | null {
  return VCPU_MODELS.find((name) => VCPU_SIGNATURES[name] === signature) ?? null;
}

/** The signatures of the table, each once. */
export function knownSignatures(): readonly number[] {
  return [...new Set(Object.values(VCPU_SIGNATURES))];
}

const BASE_FAMILY = 15;

function isWithin(value: unknown, greatest: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= greatest;
}

/**
 * EAX of CPUID leaf 1 for a vCPU type: that of a model that is known by name, or composed of family, model and
 * stepping as CPUID counts them (the whole family, such as 25, and the whole model).
 *
 * @throws TypeError for an unknown name, or numbers that no processor of a family from 15 on can have.
 *
 * Source: AMD APM volume 3, CPUID Fn0000_0001_EAX.
 */
export function vcpuSignature(type: VcpuType): number {
  if (isVcpuModel(type)) return VCPU_SIGNATURES[type];
  if (isWithin(type, 0xffff_ffff)) return type;
  if (typeof type === "object" && type !== null) {
    const { family, model, stepping }: { family?: unknown; model?: unknown; stepping?: unknown } = type;
    const inRange = isWithin(family, BASE_FAMILY + 0xff) && isWithin(model, 0xff) && isWithin(stepping, 0xf);
    if (inRange && family >= BASE_FAMILY) {
      const extended = ((family - BASE_FAMILY) << 20) | ((model >> 4) << 16);
      return (extended | (BASE_FAMILY << 8) | ((model & 0xf) << 4) | stepping) >>> 0;
    }
  }
  throw new TypeError(
    `vcpuType must be one of ${VCPU_MODELS.join(", ")}, { family, model, stepping } of a family from ${BASE_FAMILY} on, ` +
      "or EAX of CPUID leaf 1",
  );
}
