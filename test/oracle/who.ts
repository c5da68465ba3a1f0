import type { Block, TextList } from "./facts.js";
import { readAt } from "./facts.js";
import { type Answer, cpuName, entries, isChip, lower, type World, zeros } from "./world.js";

export function identity(block: Block, world: World): Answer[] {
  const { facts, rules } = world;
  const at = readAt(facts.report);
  const answers: Answer[] = [];
  const listed = (key: keyof Block, list: TextList | undefined, value: string | null) => {
    if (list === undefined) return;
    answers.push({ id: `snp.${key}`, at: `/${key}`, holds: value !== null && lower(list, world).includes(value) });
  };
  const exactly = (key: keyof Block, list: TextList | undefined, value: string | null) => {
    if (list === undefined) return;
    answers.push({ id: `snp.${key}`, at: `/${key}`, holds: value !== null && entries(list, world).includes(value) });
  };
  exactly("productLine", block.productLine, facts.productLine);
  exactly("cpu", block.cpu, cpuName(facts.report));
  exactly("signingKey", block.signingKey, facts.signingKey);
  if (block.cspId !== "any") exactly("cspId", block.cspId, facts.cspId);
  if (block.measurement !== "any") listed("measurement", block.measurement, at.hex(0x090, 48));
  listed("hostData", block.hostData, at.hex(0x0c0, 32));
  const signed = !zeros(at.hex(0x0e0, 48));
  listed("familyId", block.familyId, signed ? at.hex(0x010, 16) : null);
  listed("imageId", block.imageId, signed ? at.hex(0x020, 16) : null);
  listed("reportId", block.reportId, at.hex(0x140, 32));
  listed("reportIdMa", block.reportIdMa, at.hex(0x160, 32));
  const { reportVersion: range, guestSvn, vmpl } = block;
  if (range !== undefined) {
    const { minimum = 0, maximum = 255 } = range;
    const holds = rules.atLeast(at.u32(0), minimum) && at.u32(0) <= maximum;
    answers.push({ id: "snp.reportVersion", at: "/reportVersion", holds });
  }
  if (guestSvn !== undefined) {
    answers.push({ id: "snp.guestSvn", at: "/guestSvn", holds: signed && rules.atLeast(at.u32(4), guestSvn.minimum) });
  }
  if (vmpl !== undefined) answers.push({ id: "snp.vmpl", at: "/vmpl", holds: vmpl.includes(at.u32(0x30)) });
  return answers;
}

export function machine(block: Block, world: World): Answer[] {
  const { facts } = world;
  const chipId = readAt(facts.report).hex(0x1a0, 64);
  const answers: Answer[] = [];
  if (block.chipId !== undefined) {
    const holds = entries(block.chipId, world).some((entry) =>
      entry === "masked" ? zeros(chipId) : !zeros(chipId) && isChip(entry, chipId),
    );
    answers.push({ id: "snp.chipId", at: "/chipId", holds });
  }
  if (block.denyChips !== undefined) {
    const known = [...(zeros(chipId) ? [] : [chipId]), ...(facts.hwId === null ? [] : [facts.hwId.padEnd(128, "0")])];
    const denied = entries(block.denyChips, world).some((entry) => known.some((id) => isChip(entry, id)));
    answers.push({ id: "snp.denyChips", at: "/denyChips", holds: known.length === 0 ? null : !denied });
  }
  if (block.denyCertificates !== undefined) {
    const denied = lower(block.denyCertificates, world);
    const at = "/denyCertificates";
    answers.push({ id: "snp.denyCertificates.leaf", at, holds: !denied.includes(facts.leafSha256) });
    answers.push({ id: "snp.denyCertificates.intermediate", at, holds: !denied.includes(facts.intermediateSha256) });
  }
  return answers;
}

export function reportData(block: Block, { facts, inputs }: World): Answer[] {
  const wanted = block.reportData;
  const found = readAt(facts.report).hex(0x050, 64);
  if (wanted === undefined || wanted === "any") return [];
  const name = { id: "snp.reportData", at: "/reportData" };
  if ("exact" in wanted) return [{ ...name, holds: wanted.exact.toLowerCase() === found }];
  const brought = inputs.reportData;
  const { scheme, parts = {} } = wanted;
  if (brought === null) return [{ ...name, holds: false }];
  const allowed = brought.fromEvidence.every((part) => parts[part] === "fromEvidence");
  return [{ ...name, holds: brought.scheme === scheme && allowed && brought.bytes === found, compares: true }];
}
