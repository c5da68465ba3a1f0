/**
 * Launch digests once more, from the specification's offsets and `node:crypto` alone: nothing of src/ is used here,
 * and nothing is checked, so that the two can only agree where both are right.
 */
import { createHash } from "node:crypto";

const sha384 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha384");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const sha256 = (data: Uint8Array | string): Buffer => createHash("sha256").update(data).digest();
const ZERO48 = Buffer.alloc(48);

/** A guest as plain numbers. */
export interface PlainGuest {
  image: Uint8Array;
  vmm: "qemu" | "ec2" | "gce";
  signature: number;
  features: bigint;
  vcpus: number;
  boot: { kernel: Uint8Array; initrd: Uint8Array; append: string } | null;
}

/** The bytes of a GUID as EFI has them, by way of its text. */
function efiGuid(text: string): Buffer {
  const [a = "", b = "", c = "", d = "", e = ""] = text.split("-");
  const back = (digits: string) => Buffer.from(digits, "hex").reverse();
  return Buffer.concat([back(a), back(b), back(c), Buffer.from(d + e, "hex")]);
}

/** The data before a GUID; images of these tests hold each GUID once. */
function dataBefore(image: Buffer, guid: string, length: number): Buffer {
  const at = image.indexOf(efiGuid(guid), image.length - 0x200);
  return image.subarray(at - 2 - length, at - 2);
}

function update(digest: Buffer, type: number, gpa: bigint, contents: Buffer = ZERO48): Buffer {
  const info = Buffer.alloc(0x70);
  digest.copy(info, 0);
  contents.copy(info, 0x30);
  info.writeUInt16LE(0x70, 0x60);
  info.writeUInt8(type, 0x62);
  info.writeBigUInt64LE(gpa, 0x68);
  return sha384(info);
}

/** Writes a segment register. */
function segment(page: Buffer, at: number, [selector, attributes, limit, base]: readonly number[]): void {
  page.writeUInt16LE(Number(selector), at);
  page.writeUInt16LE(Number(attributes), at + 2);
  page.writeUInt32LE(Number(limit), at + 4);
  page.writeBigUInt64LE(BigInt(Number(base)), at + 8);
}

/** The save area of a vCPU that begins at `eip`. */
export function saveArea({ vmm, signature, features }: PlainGuest, eip: number, isFirst: boolean): Buffer {
  const page = Buffer.alloc(4096);
  const isEc2 = vmm === "ec2";
  const isQemu = vmm === "qemu";
  const data = [0, 0x93, 0xffff, 0];
  segment(page, 0x00, data);
  segment(page, 0x10, [0xf000, isEc2 && isFirst ? 0x9a : 0x9b, 0xffff, eip - (eip % 0x10000)]);
  segment(page, 0x20, [0, isEc2 ? 0x92 : 0x93, 0xffff, 0]);
  for (const at of [0x30, 0x40, 0x50]) segment(page, at, data);
  segment(page, 0x60, [0, 0, 0xffff, 0]);
  segment(page, 0x70, [0, 0x82, 0xffff, 0]);
  segment(page, 0x80, [0, 0, 0xffff, 0]);
  segment(page, 0x90, [0, isEc2 ? 0x83 : 0x8b, 0xffff, 0]);
  page.writeBigUInt64LE(0x1000n, 0xd0);
  page.writeBigUInt64LE(0x40n, 0x148);
  page.writeBigUInt64LE(0x10n, 0x158);
  page.writeBigUInt64LE(0x400n, 0x160);
  page.writeBigUInt64LE(0xffff0ff0n, 0x168);
  page.writeBigUInt64LE(2n, 0x170);
  page.writeBigUInt64LE(BigInt(eip % 0x10000), 0x178);
  page.writeBigUInt64LE(vmm === "gce" ? 0x70106n : 0x7040600070406n, 0x268);
  page.writeBigUInt64LE(BigInt(isQemu ? signature : 0x600), 0x310);
  page.writeBigUInt64LE(features, 0x3b0);
  page.writeBigUInt64LE(1n, 0x3e8);
  if (isQemu) page.writeUInt32LE(0x1f80, 0x408);
  if (isQemu) page.writeUInt16LE(0x37f, 0x410);
  return page;
}

/** The page with the hashes of kernel, initrd and command line. */
export function hashPage(boot: NonNullable<PlainGuest["boot"]>, offset: number): Buffer {
  const entry = (guid: string, hash: Buffer) => Buffer.concat([efiGuid(guid), Buffer.from([50, 0]), hash]);
  const table = Buffer.concat([
    efiGuid("9438d606-4f22-4cc9-b479-a793d411fd21"),
    Buffer.from([168, 0]),
    entry("97d02dd8-bd20-4c94-aa78-e7714d36ab2a", sha256(`${boot.append}\0`)),
    entry("44baf731-3a2f-4bd7-9af1-41e29169781d", sha256(boot.initrd)),
    entry("4de79437-abd2-427f-b835-d5b172d2045b", sha256(boot.kernel)),
  ]);
  const page = Buffer.alloc(4096);
  table.copy(page, offset);
  return page;
}

interface PlainSection {
  gpa: number;
  size: number;
  type: number;
}

function sectionsOf(image: Buffer): PlainSection[] {
  const offset = dataBefore(image, "dc886566-984a-4798-a75e-5585a7bf67cc", 4).readUInt32LE(0);
  const start = image.length - offset;
  return Array.from({ length: image.readUInt32LE(start + 12) }, (_, index) => {
    const at = start + 16 + 12 * index;
    return { gpa: image.readUInt32LE(at), size: image.readUInt32LE(at + 4), type: image.readUInt32LE(at + 8) };
  });
}

/** PAGE_TYPE by the type of a section. */
function pageTypeOf(type: number, vmm: PlainGuest["vmm"]): number {
  if (type === 1) return vmm === "gce" ? 4 : 3;
  if (type === 2) return 5;
  return type === 3 ? 6 : 3;
}

function addSections(start: Buffer, guest: PlainGuest, image: Buffer): Buffer {
  const sections = sectionsOf(image);
  const late = (section: PlainSection) => guest.vmm === "ec2" && section.type === 3;
  const ordered = [...sections.filter((section) => !late(section)), ...sections.filter(late)];
  let digest = start;
  for (const { gpa, size, type } of ordered) {
    if (type === 0x10 && guest.boot !== null) {
      const base = dataBefore(image, "7255371f-3a3b-4b04-927b-1da6efa8d454", 8).readUInt32LE(0);
      digest = update(digest, 1, BigInt(gpa), sha384(hashPage(guest.boot, base % 4096)));
      continue;
    }
    for (let at = gpa; at < gpa + size; at += 4096) digest = update(digest, pageTypeOf(type, guest.vmm), BigInt(at));
  }
  return digest;
}

/** MEASUREMENT, in hex. */
export function plainDigest(guest: PlainGuest): string {
  const image = Buffer.from(guest.image);
  let digest: Buffer = ZERO48;
  for (let at = 0; at < image.length; at += 4096) {
    digest = update(digest, 1, BigInt(2 ** 32 - image.length + at), sha384(image.subarray(at, at + 4096)));
  }
  digest = addSections(digest, guest, image);
  const reset = dataBefore(image, "00f771de-1a7e-4fcb-890e-68c77e2fb44e", 4).readUInt32LE(0);
  for (let vcpu = 0; vcpu < guest.vcpus; vcpu++) {
    const page = saveArea(guest, vcpu === 0 ? 0xfffffff0 : reset, vcpu === 0);
    digest = update(digest, 2, 0xfffffffff000n, sha384(page));
  }
  return digest.toString("hex");
}
