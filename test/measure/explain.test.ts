import { describe, expect, it } from "vitest";
import {
  computeLaunchDigest,
  computeOvmfDigest,
  type ExplainOptions,
  explainMismatch,
  type LaunchInputs,
  type MeasureProgress,
  type MismatchCause,
  type VcpuModel,
} from "../../src/measure/index.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith, numbersFrom, randomFirmware, svsmWith } from "./images.js";

const digests = nodeDigests;
const ascii = (text: string) => new TextEncoder().encode(text);
const BASE: LaunchInputs = { firmware: firmwareWith(), vmm: "qemu", vcpuType: "EPYC-Milan", vcpus: 2, features: 1 };
const BOOT = { kernel: ascii("kernel"), initrd: ascii("initrd"), append: "root=/dev/sda quiet" };

const measured = (inputs: LaunchInputs) => computeLaunchDigest(inputs, { digests });

async function explain(launched: LaunchInputs, inputs: LaunchInputs, options: ExplainOptions = {}) {
  return await explainMismatch(await measured(launched), inputs, { digests, ...options });
}

/** A guest without its kernel's parts. */
function without(inputs: LaunchInputs, ...names: (keyof LaunchInputs)[]): LaunchInputs {
  const rest = { ...inputs };
  for (const name of names) delete rest[name];
  return rest;
}

interface Mismatch {
  cause: MismatchCause;
  given: LaunchInputs;
  launched: LaunchInputs;
}

const MODELS: readonly VcpuModel[] = ["EPYC", "EPYC-Rome", "EPYC-Milan", "EPYC-Genoa", "EPYC-Turin"];
const FEATURES = [0x1, 0x21, 0x201];
const VMMS = ["qemu", "ec2", "gce"] as const;

type Make = (inputs: LaunchInputs, pick: (count: number) => number) => Mismatch;

/** What another choice from a list is. */
function another<Item>(list: readonly Item[], item: Item, pick: (count: number) => number): Item {
  const others = list.filter((candidate) => candidate !== item);
  return others[pick(others.length)] ?? item;
}

const MAKERS: Readonly<Record<MismatchCause, Make>> = {
  vcpus: (given, pick) => {
    const counts = Array.from({ length: 256 }, (_, index) => index + 1);
    return { cause: "vcpus", given, launched: { ...given, vcpus: another(counts, given.vcpus, pick) } };
  },
  features: (given, pick) => ({
    cause: "features",
    given,
    launched: { ...given, features: another(FEATURES, given.features ?? 1, pick) },
  }),
  vcpuType: (inputs, pick) => {
    const given: LaunchInputs = { ...inputs, vmm: "qemu", vcpuType: MODELS[pick(MODELS.length)] ?? "EPYC" };
    const type = another<unknown>(MODELS, given.vcpuType, pick);
    const launched = { ...given, vcpuType: MODELS.find((model) => model === type) ?? "EPYC" };
    return { cause: "vcpuType", given, launched };
  },
  vmm: (given, pick) => {
    const vmm = another<string>(VMMS, given.vmm, pick);
    return { cause: "vmm", given, launched: { ...given, vmm: VMMS.find((name) => name === vmm) ?? "qemu" } };
  },
  vmsa: (inputs, pick) => {
    const [vmm, vmsa] = pick(2) === 0 ? (["ec2", { rdx: 0 }] as const) : (["gce", { gpa: 0xffffffffff000 }] as const);
    const given: LaunchInputs = { ...inputs, vmm };
    return { cause: "vmsa", given, launched: { ...given, vmsa } };
  },
  kernel: (inputs) => {
    const given = { ...inputs, ...BOOT };
    return { cause: "kernel", given, launched: without(given, "kernel", "initrd", "append") };
  },
  initrd: (inputs) => {
    const given = { ...inputs, ...BOOT };
    return { cause: "initrd", given, launched: without(given, "initrd") };
  },
  append: (inputs, pick) => {
    const given = { ...inputs, ...BOOT, append: `console=ttyS${pick(4)}` };
    const appends = [`${given.append}\n`, `${given.append}\0`, ""];
    const launched = { ...given, append: appends[pick(3)] ?? "" };
    // Half of them the other way round: the inputs have the ending, the launch had not.
    return pick(2) === 1 && launched.append !== ""
      ? { cause: "append", given: launched, launched: given }
      : { cause: "append", given, launched };
  },
};

function mismatches(count: number): Mismatch[] {
  const next = numbersFrom(0xa77e57);
  const pick = (limit: number) => next() % limit;
  const causes = Object.keys(MAKERS) as MismatchCause[];
  return Array.from({ length: count }, (_, index) => {
    const inputs: LaunchInputs = {
      firmware: randomFirmware(index, 1 + pick(3)),
      vmm: VMMS[pick(3)] ?? "qemu",
      vcpuType: MODELS[pick(MODELS.length)] ?? "EPYC",
      vcpus: 1 + pick(64),
      features: FEATURES[pick(3)] ?? 1,
      ...(pick(2) === 0 ? {} : BOOT),
    };
    const cause = causes[index % causes.length] ?? "vcpus";
    return MAKERS[cause](inputs, pick);
  });
}

describe("explainMismatch finds each single cause", () => {
  const table = mismatches(200);

  it("in a table of 200, with every cause in it", () => {
    expect(table).toHaveLength(200);
    expect(new Set(table.map(({ cause }) => cause))).toEqual(new Set(Object.keys(MAKERS)));
  });

  it.each(table.map((row, index) => ({ ...row, title: `${index} ${row.cause}` })))("$title", async (row) => {
    const { cause, given, launched } = row;
    const actual = await measured(launched);
    const found = await explainMismatch(actual, given, { digests });
    expect(found.outcome).toBe("explained");
    expect(found.changes.map((change) => change.cause)).toEqual([cause]);
    expect(found.computed).toBe(Buffer.from(await measured(given)).toString("hex"));
    expect(found.actual).toBe(Buffer.from(actual).toString("hex"));
    expect(found.digests).toBeLessThanOrEqual(found.budget);
    expect(found.exhausted).toBe(false);
  });
});

describe("what explainMismatch says", () => {
  it("of inputs that match: nothing changed", async () => {
    const found = await explain(BASE, BASE);
    expect(found).toMatchObject({ outcome: "match", changes: [], exhausted: false, tried: 2 });
    expect(found.computed).toBe(found.actual);
  });

  it.each<[string, Partial<LaunchInputs>, object]>([
    ["features", { features: 0x21 }, { cause: "features", given: "0x1", measured: "0x21" }],
    ["vCPUs", { vcpus: 64 }, { cause: "vcpus", given: "2", measured: "64" }],
    [
      "a CPU model",
      { vcpuType: "EPYC-Genoa" },
      { cause: "vcpuType", given: "EPYC-Milan (0xa00f11)", measured: "EPYC-Genoa (0xa10f10)" },
    ],
    ["a VMM", { vmm: "gce" }, { cause: "vmm", given: "qemu", measured: "gce" }],
  ])("of %s: what was given, what was measured, what to do", async (_, change, expected) => {
    const { changes } = await explain({ ...BASE, ...change }, BASE);
    expect(changes).toEqual([{ ...expected, advice: expect.stringMatching(/\w{3,}/) }]);
  });

  it("of several causes at once: all of them, and no more", async () => {
    const launched = without({ ...BASE, ...BOOT, features: 0x201, vcpus: 5 }, "initrd");
    const { outcome, changes } = await explain(launched, { ...BASE, ...BOOT });
    expect(outcome).toBe("explained");
    expect(changes.map(({ cause }) => cause).sort()).toEqual(["features", "initrd", "vcpus"]);
  });

  it("of a digest that nothing gives: that nothing was found, after everything", async () => {
    const found = await explainMismatch(new Uint8Array(48).fill(7), { ...BASE, ...BOOT }, { digests });
    expect(found).toMatchObject({ outcome: "unexplained", changes: [], exhausted: false, budget: 150_000 });
    expect(found.tried).toBeGreaterThan(10_000);
    expect(found.digests).toBeLessThanOrEqual(150_000);
  });

  it("of a guest without a vCPU type: that the launch had one, and which", async () => {
    const given = without({ ...BASE, vmm: "gce" }, "vcpuType");
    const { changes } = await explain({ ...BASE, vcpuType: "EPYC-Rome" }, given);
    expect(changes).toMatchObject([
      { cause: "vmm", given: "gce", measured: "qemu" },
      { cause: "vcpuType", given: "none", measured: "EPYC-Rome (0x830f10)" },
    ]);
  });

  it("of registers that the caller set and the host has not: to leave them out", async () => {
    const { changes } = await explain(BASE, { ...BASE, vmsa: { mxcsr: 0, gPat: 1n } });
    expect(changes).toMatchObject([
      { cause: "vmsa", given: "gPat 0x1, mxcsr 0x0", measured: "the profile's registers" },
    ]);
  });

  it("of a signature without a name: the number", async () => {
    const { changes } = await explain(BASE, { ...BASE, vcpuType: 0x123 });
    expect(changes).toMatchObject([{ cause: "vcpuType", given: "0x123" }]);
  });

  it("of an SVSM: the same causes, but for the VMM", async () => {
    const svsm = { image: svsmWith(), varsSize: 0x1000 };
    const given: LaunchInputs = { ...BASE, vmm: "svsm", svsm };
    expect((await explain({ ...given, features: 0x21 }, given)).changes).toMatchObject([{ cause: "features" }]);
    expect((await explain({ ...given, vmsa: { x87Fcw: 0x37f } }, given)).changes).toMatchObject([{ cause: "vmsa" }]);
  });

  it("of an OvmfDigest: the same as of the image", async () => {
    const ovmf = await computeOvmfDigest(firmwareWith(), { digests });
    const { changes } = await explain({ ...BASE, vcpus: 9 }, { ...BASE, firmware: ovmf });
    expect(changes).toMatchObject([{ cause: "vcpus", measured: "9" }]);
  });

  it("of kernel hashes: whether they were measured, and not how the command line ended", async () => {
    const kernelHashes = { kernel: "11".repeat(32), initrd: "22".repeat(32), append: "33".repeat(32) };
    const given: LaunchInputs = { ...BASE, kernelHashes };
    expect((await explain(BASE, given)).changes).toMatchObject([{ cause: "kernel" }]);
    const { value } = { value: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" };
    const launched = { ...given, kernelHashes: { ...kernelHashes, initrd: value } };
    expect((await explain(launched, given)).changes).toMatchObject([{ cause: "initrd" }]);
  });

  it("of a kernel that the firmware cannot measure: that it was not measured", async () => {
    const firmware = firmwareWith({ sections: [[0x800000, 0x1000, 1]], hashTable: null });
    const found = await explain({ ...BASE, firmware }, { ...BASE, firmware, ...BOOT });
    expect(found).toMatchObject({ outcome: "explained", computed: null, changes: [{ cause: "kernel" }] });
  });

  it("of a firmware without a reset vector: one vCPU", async () => {
    const firmware = firmwareWith({ resetVector: null });
    const found = await explain({ ...BASE, firmware, vcpus: 1 }, { ...BASE, firmware, vcpus: 4 });
    expect(found).toMatchObject({ computed: null, changes: [{ cause: "vcpus", given: "4", measured: "1" }] });
  });
});

describe("the budget", () => {
  it("ends the search, and the answer says so", async () => {
    const found = await explain({ ...BASE, vcpus: 200 }, BASE, { budget: 50 });
    expect(found).toMatchObject({ outcome: "unexplained", exhausted: true, budget: 50 });
    expect(found.digests).toBe(50);
  });

  it.each([1, 5, 6, 7, 8, 9, 10, 100])(
    "of %s is never exceeded, and no digest is computed beyond it",
    async (budget) => {
      const ovmf = await computeOvmfDigest(firmwareWith(), { digests });
      const inputs = { ...BASE, firmware: ovmf };
      let computed = 0;
      const sha384 = (data: Uint8Array) => {
        computed++;
        return digests.sha384(data);
      };
      const wrong = new Uint8Array(48).fill(7);
      const found = await explainMismatch(wrong, inputs, { digests: { ...digests, sha384 }, budget });
      expect(found).toMatchObject({ outcome: "unexplained", exhausted: true, budget });
      expect(computed).toBeLessThanOrEqual(budget);
      expect(found.digests).toBeLessThanOrEqual(budget);
      expect(computed).toBeLessThanOrEqual(found.digests);
    },
  );

  it("is not spent on 64 MiB of sections that are above it", async () => {
    const firmware = firmwareWith({ sections: [[0x800000, 0x400_0000, 1]] });
    const small = await explainMismatch(new Uint8Array(48), { ...BASE, firmware }, { digests, budget: 16_384 });
    expect(small).toMatchObject({ exhausted: true, digests: 0, tried: 0 });
    const enough = await explainMismatch(new Uint8Array(48), { ...BASE, firmware }, { digests, budget: 16_388 });
    expect(enough).toMatchObject({ exhausted: true, digests: 16_388, tried: 1 });
  });

  it("is enough by default for everything that there is to try", async () => {
    const inputs = { ...BASE, ...BOOT, append: "quiet\n", features: 0x5, vcpuType: 0x123, vmsa: { mxcsr: 0 } };
    const found = await explainMismatch(new Uint8Array(48).fill(7), inputs, { digests });
    expect(found).toMatchObject({ outcome: "unexplained", exhausted: false });
    // 16 machines, 4 words of features, 7 ways to boot, 256 vCPUs.
    expect(found.tried).toBe(16 * 4 * 7 * 256);
  });

  it("that is just enough finds it", async () => {
    const { digests: needed } = await explain({ ...BASE, vcpus: 200 }, BASE);
    expect(await explain({ ...BASE, vcpus: 200 }, BASE, { budget: needed })).toMatchObject({ outcome: "explained" });
    expect(await explain({ ...BASE, vcpus: 200 }, BASE, { budget: needed - 1 })).toMatchObject({ exhausted: true });
  });

  it("keeps what was found before it ended", async () => {
    const found = await explain({ ...BASE, vcpus: 3 }, { ...BASE, vcpus: 100 }, { budget: 40 });
    expect(found).toMatchObject({ outcome: "explained", exhausted: true, computed: null });
  });

  it("of vCPUs: not beyond maxVcpus, but up to the given count", async () => {
    const launched = { ...BASE, vcpus: 20 };
    expect((await explain(launched, BASE, { maxVcpus: 19 })).outcome).toBe("unexplained");
    expect((await explain(launched, BASE, { maxVcpus: 20 })).outcome).toBe("explained");
    expect((await explain(launched, launched, { maxVcpus: 1 })).outcome).toBe("match");
  });
});

describe("explainMismatch refuses", () => {
  const actual = new Uint8Array(48);
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["47 bytes", () => explainMismatch(actual.subarray(1), BASE), /actual must be 48 bytes/],
    ["hex", () => explainMismatch("00" as unknown as Uint8Array, BASE), /actual must be a Uint8Array/],
    ["no vCPUs", () => explainMismatch(actual, { ...BASE, vcpus: 0 }), /vcpus must be/],
    ["no budget", () => explainMismatch(actual, BASE, { budget: 0 }), /options\.budget must be/],
    ["half a budget", () => explainMismatch(actual, BASE, { budget: 0.5 }), /options\.budget must be/],
    ["no vCPU count", () => explainMismatch(actual, BASE, { maxVcpus: 0 }), /options\.maxVcpus must be/],
    ["too many vCPUs", () => explainMismatch(actual, BASE, { maxVcpus: 4097 }), /options\.maxVcpus must be/],
    ["an unknown option", () => explainMismatch(actual, BASE, { fast: true } as ExplainOptions), /no option "fast"/],
  ])("%s", async (_, call, message) => {
    await expect(call()).rejects.toThrow(TypeError);
    await expect(call()).rejects.toThrow(message);
  });

  it("a firmware that is none", async () => {
    await expect(explainMismatch(actual, { ...BASE, firmware: new Uint8Array(4096) })).toFailWith(
      "ERR_UNSUPPORTED_FIRMWARE",
    );
  });

  it("to go on once the signal has fired", async () => {
    const ovmf = await computeOvmfDigest(firmwareWith(), { digests });
    const signal = AbortSignal.abort("enough");
    await expect(explainMismatch(actual, { ...BASE, firmware: ovmf }, { signal })).toFailWith("ERR_COLLATERAL_ABORTED");
  });
});

describe("the search", () => {
  it("tells how far it has come, and waits", async () => {
    const told: { part: string; done: number; total: number | null }[] = [];
    const onProgress = async (progress: MeasureProgress) => {
      await Promise.resolve();
      told.push(progress);
    };
    const { digests: needed } = await explain({ ...BASE, features: 0x201 }, BASE, { onProgress });
    const search = told.filter(({ part }) => part === "search");
    expect(search[0]).toEqual({ part: "search", done: 0, total: 150_000 });
    expect(search.length).toBeGreaterThan(1);
    const steps = search.map(({ done }) => done);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBeLessThan(needed);
  });

  it("ends when the signal fires in between", async () => {
    const controller = new AbortController();
    const onProgress = ({ part, done }: MeasureProgress) => {
      if (part === "search" && done > 1000) controller.abort("enough");
    };
    const actual = new Uint8Array(48).fill(7);
    const search = explainMismatch(actual, BASE, { digests, onProgress, signal: controller.signal });
    await expect(search).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "enough" });
  });
});

describe("a fault that says nothing of the inputs", () => {
  it("is thrown, and no reason to try something else", async () => {
    const ovmf = await computeOvmfDigest(firmwareWith(), { digests });
    const broken = { ...digests, name: "broken", sha384: () => new Uint8Array(1) };
    const search = explainMismatch(new Uint8Array(48), { ...BASE, firmware: ovmf }, { digests: broken });
    await expect(search).toFailWith("ERR_UNSUPPORTED_CRYPTO", { engine: "broken" });
  });
});
