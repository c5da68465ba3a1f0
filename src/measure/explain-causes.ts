import type { SyncDigests } from "../crypto/sync-digests.js";
import type { Boot, Machine } from "./inputs.js";
import { appendHash, type KernelHashes } from "./kernel-hashes.js";
import { PROFILES, type VmmName, type VmsaOverrides } from "./profiles.js";
import { knownSignatures, modelOfSignature } from "./vcpu-types.js";

/** What of the inputs is not as it was at the launch. */
export type MismatchCause = "vmm" | "vmsa" | "vcpuType" | "features" | "kernel" | "initrd" | "append" | "vcpus";

/** One difference between the inputs and a launch that gives the measured digest. */
export interface MismatchChange {
  readonly cause: MismatchCause;
  /** What the inputs say. */
  readonly given: string;
  /** What was launched. */
  readonly measured: string;
  /** What usually stands behind it, and what to do. */
  readonly advice: string;
}

/** One value on one axis of the search; no change where it is the value of the inputs. */
export interface Variant<Value> {
  readonly value: Value;
  readonly changes: readonly MismatchChange[];
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** SEV_FEATURES that hosts in the field set, and why. */
const USUAL_FEATURES: ReadonlyMap<number, string> = /* @__PURE__ */ new Map([
  [0x1, "the host sets SNPActive alone, as most do; list both digests"],
  [0x21, "the host set DebugSwap (bit 5) by itself, as Linux did around 6.7 to 6.9; list both digests"],
  [0x201, "the guest runs with Secure TSC (bit 9); list both digests, or turn it off"],
]);

/** SEV_FEATURES to try, the given ones first. */
export function featureVariants(given: number): readonly Variant<number>[] {
  const others = [...USUAL_FEATURES].filter(([value]) => value !== given);
  const change = (value: number, advice: string): MismatchChange => ({
    cause: "features",
    given: hex(given),
    measured: hex(value),
    advice,
  });
  return [
    { value: given, changes: [] },
    ...others.map(([value, advice]) => ({ value, changes: [change(value, advice)] })),
  ];
}

/** Where tools and hosts of one VMM are known to differ from its profile. */
const QUIRKS: Readonly<Record<VmmName, readonly { readonly overrides: VmsaOverrides; readonly advice: string }[]>> = {
  qemu: [],
  ec2: [{ overrides: { rdx: 0 }, advice: "RDX begins as zero on this host; set vmsa.rdx to 0" }],
  gce: [
    {
      overrides: { gpa: 0x000f_ffff_ffff_f000 },
      advice: "the save areas lie at the top of 52 bits of address; set vmsa.gpa to 0xffffffffff000",
    },
  ],
  svsm: [
    { overrides: { x87Fcw: 0x37f }, advice: "the x87 control word begins as 0x37f on this host; set vmsa.x87Fcw" },
  ],
};

function overridesText(overrides: VmsaOverrides): string {
  const parts = Object.entries(overrides).map(([name, value]: [string, number | bigint]) => `${name} ${hex(value)}`);
  return parts.length === 0 ? "the profile's registers" : parts.join(", ");
}

/** Registers to try: the machine's own first. `set` are those of the inputs, which may be for another VMM. */
function vmsaVariants(machine: Machine, set: VmsaOverrides): readonly Variant<Machine>[] {
  const given = overridesText(set);
  const plain = { overrides: {}, advice: "this host begins as its profile says; leave vmsa out" };
  const own = overridesText(machine.overrides);
  const others = [plain, ...QUIRKS[machine.vmm]].filter(({ overrides }) => overridesText(overrides) !== own);
  return [{ overrides: machine.overrides, advice: plain.advice }, ...others].map(({ overrides, advice }) => {
    const measured = overridesText(overrides);
    const change: MismatchChange = { cause: "vmsa", given, measured, advice };
    return { value: { ...machine, overrides }, changes: measured === given ? [] : [change] };
  });
}

function typeText(signature: number): string {
  const model = modelOfSignature(signature);
  return model === null ? hex(signature) : `${model} (${hex(signature)})`;
}

/** vCPU types, where the profile measures them: the given one first, if there is one. */
function typeVariants(machine: Machine): readonly Variant<Machine>[] {
  const { signature, profile } = machine;
  if (profile.rdx !== null) return [{ value: machine, changes: [] }];
  const others = knownSignatures().filter((known) => known !== signature);
  const none = signature === null;
  const advice = none
    ? "this VMM measures the CPU model; name the one of the launch"
    : "the guest runs on another CPU model; name the one of its launch";
  return [
    ...(none ? [] : [{ value: machine, changes: [] }]),
    ...others.map((other) => {
      const change: MismatchChange = {
        cause: "vcpuType",
        given: none ? "none" : typeText(signature),
        measured: typeText(other),
        advice,
      };
      return { value: { ...machine, signature: other }, changes: [change] };
    }),
  ];
}

/** Machines of other VMMs; none to or from an SVSM, whose sections are another image's. */
function vmmVariants(machine: Machine): readonly Variant<Machine>[] {
  const others: readonly VmmName[] = machine.vmm === "svsm" ? [] : ["qemu", "ec2", "gce"];
  const change = (vmm: VmmName): MismatchChange => ({
    cause: "vmm",
    given: machine.vmm,
    measured: vmm,
    advice: `the guest was launched as ${vmm} launches; measure it with that profile`,
  });
  return [
    { value: machine, changes: [] },
    ...others
      .filter((vmm) => vmm !== machine.vmm)
      .map((vmm) => ({
        value: { vmm, profile: PROFILES[vmm], signature: machine.signature, overrides: {} },
        changes: [change(vmm)],
      })),
  ];
}

function refined<Value>(
  variants: readonly Variant<Value>[],
  refine: (value: Value) => readonly Variant<Value>[],
): readonly Variant<Value>[] {
  return variants.flatMap(({ value, changes }) =>
    refine(value).map((finer) => ({ value: finer.value, changes: [...changes, ...finer.changes] })),
  );
}

/** Machines to try, the given one first. */
export function machineVariants(machine: Machine): readonly Variant<Machine>[] {
  const registers = (other: Machine) => vmsaVariants(other, machine.overrides);
  return refined(refined(vmmVariants(machine), registers), typeVariants);
}

/** Ends of a command line that editors, shells and tools add or drop. */
const ENDINGS = [
  { ending: "\n", named: "a line feed" },
  { ending: "\0", named: "a NUL more" },
] as const;

function appendVariants(append: string): readonly { append: string; measured: string }[] {
  const more = ENDINGS.map(({ ending, named }) => ({ append: `${append}${ending}`, measured: `ends with ${named}` }));
  const fewer = ENDINGS.filter(({ ending }) => append.endsWith(ending)).map(({ named }) => ({
    append: append.slice(0, -1),
    measured: `ends without ${named}`,
  }));
  const bare = append === "" ? [] : [{ append: "", measured: "is empty" }];
  return [...more, ...fewer, ...bare];
}

/** What was booted, as given and as hashed. */
export interface HashedBoot {
  readonly boot: Boot;
  readonly hashes: KernelHashes | null;
}

/** SHA-256 of nothing: an initrd that is not there. */
const NO_INITRD = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const NO_KERNEL: MismatchChange = {
  cause: "kernel",
  given: "measured",
  measured: "not measured",
  advice: "no hash of the kernel was measured; launch with kernel-hashes=on, or measure without the kernel",
};

const WITHOUT_INITRD: MismatchChange = {
  cause: "initrd",
  given: "measured",
  measured: "none",
  advice: "the guest was launched without an initrd; give it one, or measure without",
};

/** Kernels to try, the given one first. */
export function bootVariants(
  { boot, hashes }: HashedBoot,
  digests: SyncDigests,
): readonly Variant<KernelHashes | null>[] {
  const given: Variant<KernelHashes | null> = { value: hashes, changes: [] };
  if (hashes === null) return [given];
  const initrd = { value: { ...hashes, initrd: NO_INITRD }, changes: [WITHOUT_INITRD] };
  const appends = boot?.kind === "parts" ? appendVariants(boot.parts.append) : [];
  return [
    given,
    { value: null, changes: [NO_KERNEL] },
    ...(hashes.initrd === NO_INITRD ? [] : [initrd]),
    ...appends.map(({ append, measured }) => {
      const advice = "the command line differs at its end; look at how the launch script writes it";
      const change: MismatchChange = {
        cause: "append",
        given: JSON.stringify(boot?.kind === "parts" ? boot.parts.append : ""),
        measured,
        advice,
      };
      return { value: { ...hashes, append: appendHash(append, { digests }) }, changes: [change] };
    }),
  ];
}
