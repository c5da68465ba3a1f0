import type { SyncDigests } from "../crypto/sync-digests.js";
import { unsupportedFirmware } from "./firmware-error.js";
import type { Machine } from "./inputs.js";
import { LaunchChain } from "./pages.js";
import { type VcpuState, vmsaGpa, vmsaPage } from "./vmsa.js";

/** Where vCPUs are added. */
export interface VcpuStart {
  /** The launch digest so far. */
  readonly digest: Uint8Array;
  /** How many vCPUs are in it. */
  readonly vcpus: number;
  /** Where APs begin, or every vCPU under an SVSM. */
  readonly resetVector: number | null;
}

/** vCPUs added one by one to a launch digest: the digest of n is a step on the way to that of n + 1. */
export interface VcpuChain {
  readonly chain: LaunchChain;
  readonly vcpus: number;
  /** @throws UnsupportedError `ERR_UNSUPPORTED_FIRMWARE` where a vCPU has nowhere to begin. */
  add(): void;
}

/** Adds vCPUs to a launch digest. */
export function addVcpus(
  start: VcpuStart,
  { machine, features }: { readonly machine: Machine; readonly features: number },
  digests: SyncDigests,
): VcpuChain {
  const { profile, signature, overrides } = machine;
  const { resetVector } = start;
  const state: VcpuState = { signature: signature ?? 0, features: BigInt(features), overrides, resetVector };
  const chain = new LaunchChain(digests, start.digest);
  const gpa = vmsaGpa(state);
  let vcpus = start.vcpus;
  let others: Uint8Array | null = null;
  const contents = (role: "first" | "other"): Uint8Array => {
    const page = vmsaPage(profile, state, role);
    if (page !== null) return Uint8Array.from(chain.contents(page));
    throw unsupportedFirmware("firmware", `vCPU ${vcpus + 1}`, "the image does not say where it begins (reset vector)");
  };
  return {
    chain,
    get vcpus() {
      return vcpus;
    },
    add() {
      if (vcpus > 0) others ??= contents("other");
      chain.add("vmsa", gpa, vcpus === 0 || others === null ? contents("first") : others);
      vcpus++;
    },
  };
}

/** The launch digest at each of the vCPU counts, by count, at the cost of the greatest. */
export function digestsAt(
  start: VcpuStart,
  guest: { readonly machine: Machine; readonly features: number; readonly vcpus: readonly number[] },
  digests: SyncDigests,
): ReadonlyMap<number, Uint8Array> {
  const wanted = new Set(guest.vcpus);
  const found = new Map<number, Uint8Array>();
  const most = guest.vcpus.reduce((greatest, count) => Math.max(greatest, count), 0);
  for (const vcpus = addVcpus(start, guest, digests); ; vcpus.add()) {
    if (wanted.has(vcpus.vcpus)) found.set(vcpus.vcpus, vcpus.chain.digest());
    if (vcpus.vcpus >= most) return found;
  }
}

/** The launch digest at one vCPU count. @throws TypeError where the start has more already. */
export function digestAt(
  start: VcpuStart,
  guest: { readonly machine: Machine; readonly features: number; readonly vcpus: number },
  digests: SyncDigests,
): Uint8Array {
  const digest = digestsAt(start, { ...guest, vcpus: [guest.vcpus] }, digests).get(guest.vcpus);
  if (digest !== undefined) return digest;
  throw new TypeError(`vcpus must be at least the seed's ${start.vcpus}, found ${guest.vcpus}`);
}
