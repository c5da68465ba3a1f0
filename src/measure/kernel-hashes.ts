import { readOptions } from "../bytes/arguments.js";
import { fromHex, toHex } from "../bytes/codecs.js";
import { guidBytes } from "./guid.js";
import type { Job, MeasuredPart } from "./job.js";
import { checkedDigest, PAGE_BYTES } from "./pages.js";
import { chunksOf, openSource } from "./source.js";

/** SHA-256 of what a guest boots directly, each as 64 lower-case hex digits. */
export interface KernelHashes {
  readonly kernel: string;
  /** Of nothing where there is no initrd. */
  readonly initrd: string;
  /** Of the command line and one NUL. */
  readonly append: string;
}

/** A page with the table, as the VMM puts it into the guest. */
export const HASH_TABLE_BYTES = 176;

// Source: QEMU, target/i386/sev.c; edk2, OvmfPkg/AmdSev/BlobVerifierLibSevHashes.
const TABLE_GUID = /* @__PURE__ */ guidBytes("9438d606-4f22-4cc9-b479-a793d411fd21");
const TABLE_LENGTH = 168;
/** The entries in their order. */
const ENTRIES = [
  { name: "append", guid: /* @__PURE__ */ guidBytes("97d02dd8-bd20-4c94-aa78-e7714d36ab2a") },
  { name: "initrd", guid: /* @__PURE__ */ guidBytes("44baf731-3a2f-4bd7-9af1-41e29169781d") },
  { name: "kernel", guid: /* @__PURE__ */ guidBytes("4de79437-abd2-427f-b835-d5b172d2045b") },
] as const;
const GUID_BYTES = 16;
const HASH_BYTES = 32;
const ENTRY_BYTES = GUID_BYTES + 2 + HASH_BYTES;

/** The table of three hashes, padded with zeros to a multiple of 16 bytes. */
export function kernelHashTable(hashes: KernelHashes): Uint8Array {
  const table = new Uint8Array(HASH_TABLE_BYTES);
  const view = new DataView(table.buffer);
  table.set(TABLE_GUID);
  view.setUint16(GUID_BYTES, TABLE_LENGTH, true);
  let at = GUID_BYTES + 2;
  for (const { name, guid } of ENTRIES) {
    table.set(guid, at);
    view.setUint16(at + GUID_BYTES, ENTRY_BYTES, true);
    table.set(fromHex(hashes[name]), at + GUID_BYTES + 2);
    at += ENTRY_BYTES;
  }
  return table;
}

/** The page that holds the table at `offset`, with nothing beside it. */
export function kernelHashPage(hashes: KernelHashes, offset: number): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES);
  page.set(kernelHashTable(hashes), offset);
  return page;
}

/** What is booted directly; `append` is the command line without the NUL that the VMM puts behind it. */
export interface DirectBoot {
  readonly kernel: unknown;
  readonly initrd: unknown;
  readonly append: string;
}

async function hashOf(source: unknown, part: MeasuredPart, job: Job): Promise<string> {
  const hash = job.digests.sha256();
  for await (const chunk of chunksOf(openSource(source, part), part, job)) hash.update(chunk);
  return toHex(checkedDigest(job.digests, hash.digest(), HASH_BYTES));
}

/** SHA-256 of a command line with the NUL behind it. */
export function appendHash(append: string, { digests }: Pick<Job, "digests">): string {
  const hash = digests.sha256();
  hash.update(new TextEncoder().encode(`${append}\0`));
  return toHex(checkedDigest(digests, hash.digest(), HASH_BYTES));
}

/** Reads kernel and initrd once. */
export async function hashDirectBoot({ kernel, initrd, append }: DirectBoot, job: Job): Promise<KernelHashes> {
  return Object.freeze({
    kernel: await hashOf(kernel, "kernel", job),
    initrd: await hashOf(initrd ?? new Uint8Array(0), "initrd", job),
    append: appendHash(append, job),
  });
}

const HASH_TEXT = /^[0-9a-f]{64}$/;

/** @throws TypeError for anything but three hashes as `computeKernelHashes` writes them. */
export function checkKernelHashes(value: unknown, name: string): KernelHashes {
  const read = readOptions(value, name, ["kernel", "initrd", "append"]);
  const hash = (key: keyof KernelHashes): string => {
    const text = read[key];
    if (typeof text === "string" && HASH_TEXT.test(text)) return text;
    throw new TypeError(`${name}.${key} must be SHA-256 as 64 lower-case hex digits`);
  };
  return { kernel: hash("kernel"), initrd: hash("initrd"), append: hash("append") };
}
