import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { buildFirmware } from "../../scripts/vectors/firmware.js";
import { fromHex, toHex } from "../../src/bytes/codecs.js";
import { computeKernelHashes, computeLaunchDigest, nobleDigests } from "../../src/measure/index.js";
import { kernelHashTable } from "../../src/measure/kernel-hashes.js";
import { LaunchChain, PAGE_BYTES, type PageType } from "../../src/measure/pages.js";
import { KVM_VMSA_GPA, PROFILES, type VmmName } from "../../src/measure/profiles.js";
import { isVcpuModel } from "../../src/measure/vcpu-types.js";
import { vmsaPage } from "../../src/measure/vmsa.js";
import { nodeDigests } from "../../src/node/digests.js";
import { vectorFile, vectorJson } from "../vectors/files.js";

interface Parts {
  kernel: string;
  initrd: string;
  append: string;
}

interface TableCase extends Parts {
  prefix: string;
  sha256: string;
}

interface PageCase {
  pageType: PageType;
  gpa: string;
  contents: string | null;
  digest: string;
}

interface VmsaCase {
  vmm: VmmName;
  role: "first" | "other";
  signature: string;
  features: string;
  resetVector: string | null;
  sha384: string;
  digest?: string;
}

interface LaunchCase {
  vmm: VmmName;
  vcpus: number;
  vcpuType: string;
  features: string;
  boot: Parts | null;
  measurement: string;
}

interface Case {
  tcId: number;
  comment: string;
}

interface Suite {
  numberOfTests: number;
  firmware: { file: string; sha256: string };
  testGroups: { type: string; tests: (Case & Record<string, unknown>)[] }[];
}

const suite = vectorJson<Suite>("measure/launch.json");
const firmware = vectorFile(`measure/${suite.firmware.file}`);
const ascii = (text: string) => new TextEncoder().encode(text);
const ENGINES = [nobleDigests, nodeDigests];

function casesOf<Kind>(type: string): (Case & Kind)[] {
  const group = suite.testGroups.find((candidate) => candidate.type === type);
  // The schema, which is checked below, says what the tests of each type are.
  return (group?.tests ?? []) as (Case & Kind)[];
}

function bootOf(boot: Parts | null) {
  return boot === null ? {} : { ...boot, kernel: ascii(boot.kernel), initrd: ascii(boot.initrd) };
}

describe("the firmware of the vectors", () => {
  it("is what the script makes, byte for byte", () => {
    expect(Buffer.compare(buildFirmware(), firmware)).toBe(0);
    expect(createHash("sha256").update(firmware).digest("hex")).toBe(suite.firmware.sha256);
  });
});

describe.each(ENGINES)("vectors by the digests of $name", (digests) => {
  it.each(casesOf<TableCase>("kernelHashTable"))("table $tcId: $comment", async ({ prefix, sha256, ...parts }) => {
    const { kernel, initrd, append } = parts;
    const given = { kernel: ascii(kernel), initrd: ascii(initrd), append };
    const table = kernelHashTable(await computeKernelHashes(given, { digests }));
    expect(toHex(table).slice(0, prefix.length)).toBe(prefix);
    expect(createHash("sha256").update(table).digest("hex")).toBe(sha256);
  });

  it.each(casesOf<PageCase>("page"))("page $tcId: $comment", ({ pageType, gpa, contents, digest }) => {
    const chain = new LaunchChain(digests);
    const page = contents === "zeros" ? new Uint8Array(PAGE_BYTES) : fromHex(contents ?? "");
    if (contents === null) chain.add(pageType, Number(gpa));
    else chain.addPage("normal", Number(gpa), page);
    expect(chain.hex()).toBe(digest);
    expect(toHex(chain.digest())).toBe(digest);
    expect(chain.steps).toBe(1);
  });

  it.each(casesOf<VmsaCase>("vmsa"))("save area $tcId: $comment", (test) => {
    const { vmm, role, signature, features, resetVector, sha384, digest } = test;
    const state = {
      signature: Number(signature),
      features: BigInt(features),
      overrides: {},
      resetVector: resetVector === null ? null : Number(resetVector),
    };
    const page = vmsaPage(PROFILES[vmm], state, role);
    expect(page).not.toBeNull();
    const contents = digests.sha384(page ?? new Uint8Array(0));
    expect(toHex(contents)).toBe(sha384);
    const chain = new LaunchChain(digests);
    chain.add("vmsa", KVM_VMSA_GPA, contents);
    if (digest !== undefined) expect(chain.hex()).toBe(digest);
  });

  it.each(casesOf<LaunchCase>("launch"))("launch $tcId: $comment", async (test) => {
    const { vmm, vcpus, vcpuType, features, boot, measurement } = test;
    expect(isVcpuModel(vcpuType)).toBe(true);
    if (!isVcpuModel(vcpuType)) return;
    const inputs = { firmware, vmm, vcpus, vcpuType, features: Number(features), ...bootOf(boot) };
    expect(toHex(await computeLaunchDigest(inputs, { digests }))).toBe(measurement);
  });
});

describe("the file of vectors", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(
    vectorJson<object>("measure/schema.json"),
  );

  it("keeps its schema", () => {
    expect(validate(suite), JSON.stringify(validate.errors)).toBe(true);
  });

  it("numbers its cases from 1 and tells none twice", () => {
    const tests = suite.testGroups.flatMap((group) => group.tests);
    expect(tests.map(({ tcId }) => tcId)).toEqual(Array.from({ length: suite.numberOfTests }, (_, index) => index + 1));
    expect(new Set(tests.map(({ comment }) => comment)).size).toBe(tests.length);
    expect(suite.testGroups.map(({ type, tests: { length } }) => [type, length])).toEqual([
      ["kernelHashTable", 1],
      ["page", 5],
      ["vmsa", 4],
      ["launch", 12],
    ]);
  });

  it.each([
    ["an unknown member", { surprise: 1 }],
    ["a digest of another length", { measurement: "00" }],
    ["an unknown VMM", { vmm: "xen" }],
    ["no vCPU", { vcpus: 0 }],
  ])("refuses %s", (_, spoil) => {
    const spoilt = vectorJson<Suite>("measure/launch.json");
    Object.assign(spoilt.testGroups[3]?.tests[0] ?? {}, spoil);
    expect(validate(spoilt)).toBe(false);
  });
});
