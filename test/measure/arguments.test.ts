import { describe, expect, it } from "vitest";
import {
  computeIgvmDigest,
  computeKernelHashes,
  computeLaunchDigest,
  computeMeasurements,
  computeOvmfDigest,
  digestFromSeed,
  explainMismatch,
  type OvmfDigest,
  vcpuSignature,
} from "../../src/measure/index.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith } from "./images.js";

/** Arguments whose text overflows the stack or does not exist, and other things that nobody expects. */
function strangers(): unknown[] {
  let nested: unknown[] = [];
  for (let depth = 0; depth < 100_000; depth++) nested = [nested];
  const thrower = {
    toString() {
      throw new Error("no text");
    },
  };
  return [nested, Object.create(null), thrower, Symbol("odd"), 1n, true, "text", () => 1, new Date(0), /x/];
}

// Typed as a function of anything: the compiler would not let these calls through, JavaScript does.
type Loose = (...values: unknown[]) => unknown;

const GUEST = { firmware: firmwareWith(), vmm: "ec2", vcpus: 1 };
const IMAGES = { firmware: firmwareWith(), vmm: "ec2" };
const SEED = { digest: "ab".repeat(48), vcpus: 1, resetVector: null };

/** Calls that are right but for the one place of `odd`. */
const AT_ONCE: readonly (readonly [string, (odd: unknown) => unknown])[] = [
  ["digestFromSeed, seed", (odd) => (digestFromSeed as Loose)(odd, { vmm: "ec2", vcpus: 1 })],
  ["digestFromSeed, inputs", (odd) => (digestFromSeed as Loose)(SEED, odd)],
  ["digestFromSeed, vmm", (odd) => (digestFromSeed as Loose)(SEED, { vmm: odd, vcpus: 1 })],
  ["digestFromSeed, vcpus", (odd) => (digestFromSeed as Loose)(SEED, { vmm: "ec2", vcpus: odd })],
  ["vcpuSignature", (odd) => (vcpuSignature as Loose)(odd)],
];

const LATER: readonly (readonly [string, (odd: unknown) => unknown])[] = [
  ["computeLaunchDigest, inputs", (odd) => (computeLaunchDigest as Loose)(odd)],
  ["computeLaunchDigest, firmware", (odd) => (computeLaunchDigest as Loose)({ ...GUEST, firmware: odd })],
  ["computeLaunchDigest, vmm", (odd) => (computeLaunchDigest as Loose)({ ...GUEST, vmm: odd })],
  ["computeLaunchDigest, vcpuType", (odd) => (computeLaunchDigest as Loose)({ ...GUEST, vcpuType: odd })],
  ["computeLaunchDigest, features", (odd) => (computeLaunchDigest as Loose)({ ...GUEST, features: odd })],
  ["computeLaunchDigest, kernel", (odd) => (computeLaunchDigest as Loose)({ ...GUEST, kernel: odd })],
  ["computeLaunchDigest, svsm", (odd) => (computeLaunchDigest as Loose)({ ...GUEST, vmm: "svsm", svsm: odd })],
  ["computeMeasurements, inputs", (odd) => (computeMeasurements as Loose)(odd, { vcpus: [1] })],
  ["computeMeasurements, sets", (odd) => (computeMeasurements as Loose)(IMAGES, odd)],
  ["computeMeasurements, vcpus", (odd) => (computeMeasurements as Loose)(IMAGES, { vcpus: [odd] })],
  ["computeOvmfDigest, firmware", (odd) => (computeOvmfDigest as Loose)(odd)],
  ["computeOvmfDigest, svsm", (odd) => (computeOvmfDigest as Loose)(firmwareWith(), { svsm: odd })],
  ["computeKernelHashes, parts", (odd) => (computeKernelHashes as Loose)(odd)],
  ["computeKernelHashes, initrd", (odd) => (computeKernelHashes as Loose)({ kernel: firmwareWith(), initrd: odd })],
  ["computeIgvmDigest, file", (odd) => (computeIgvmDigest as Loose)(odd)],
  ["computeIgvmDigest, loader", (odd) => (computeIgvmDigest as Loose)(firmwareWith(), { loader: odd })],
  ["explainMismatch, actual", (odd) => (explainMismatch as Loose)(odd, GUEST)],
  ["explainMismatch, inputs", (odd) => (explainMismatch as Loose)(new Uint8Array(48), odd)],
  ["explainMismatch, budget", (odd) => (explainMismatch as Loose)(new Uint8Array(48), GUEST, { budget: odd })],
];

describe("a function of attestry/measure given a stranger", () => {
  it.each(AT_ONCE)("throws a TypeError: %s", (_, call) => {
    for (const odd of strangers()) expect(() => call(odd)).toThrow(TypeError);
  });

  it.each(LATER)("rejects with a TypeError and never throws: %s", async (_, call) => {
    for (const odd of strangers()) {
      const answer = call(odd);
      expect(answer).toBeInstanceOf(Promise);
      await expect(answer).rejects.toBeInstanceOf(TypeError);
    }
  });

  it("changes none of its arguments", async () => {
    const firmware = firmwareWith();
    const copy = firmware.slice();
    const inputs = Object.freeze({ ...GUEST, firmware, vmm: "qemu", vcpuType: "EPYC" } as const);
    const sets = Object.freeze({ vcpus: Object.freeze([2, 1]), features: Object.freeze([1]) });
    const { vcpus: _, ...images } = inputs;
    await computeMeasurements(Object.freeze(images), sets);
    await explainMismatch(new Uint8Array(48), inputs, Object.freeze({ maxVcpus: 1 }));
    expect(firmware).toEqual(copy);
    expect(sets.vcpus).toEqual([2, 1]);
  });

  it("answers what nobody can change for others", async () => {
    const ovmf = await computeOvmfDigest(firmwareWith(), { digests: nodeDigests });
    expect(Object.isFrozen(ovmf)).toBe(true);
    const first = digestFromSeed(ovmf, { vmm: "ec2", vcpus: 1 });
    first.fill(0);
    expect(digestFromSeed(ovmf, { vmm: "ec2", vcpus: 1 })).not.toEqual(first);
  });

  it("looks at each member of an OvmfDigest once, whatever its getters say later", async () => {
    const good = await computeOvmfDigest(firmwareWith(), { digests: nodeDigests });
    const whole = digestFromSeed(good, { vmm: "ec2", vcpus: 2 });
    let reads = 0;
    const shifty: OvmfDigest = Object.defineProperty({ ...good }, "digest", {
      enumerable: true,
      get: () => (reads++ === 0 ? good.digest : "zz"),
    });
    expect(digestFromSeed(shifty, { vmm: "ec2", vcpus: 2 })).toEqual(whole);
    expect(reads).toBe(1);
  });
});
