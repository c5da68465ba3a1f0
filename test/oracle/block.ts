import { advisoryChecks } from "./advisories.js";
import type { Block, TextList } from "./facts.js";
import { readAt } from "./facts.js";
import { bits, firmware, minimumTcb } from "./platform.js";
import { identity, machine, reportData } from "./who.js";
import { type Answer, lower, type World, zeros } from "./world.js";

function isConsistent({ facts, rules }: World): boolean {
  const at = readAt(facts.report);
  const enabled = rules.authorKeyEnabled(at.u32(0x48));
  const author = !zeros(at.hex(0x110, 48));
  if (!zeros(at.hex(0x0e0, 48))) return enabled === author;
  return zeros(at.hex(0x010, 32)) && at.u32(4) === 0 && !author && !enabled;
}

function idBlock(block: Block, world: World): Answer[] {
  const wanted = block.idBlock;
  if (wanted === undefined) return [];
  const { rules, facts } = world;
  const at = readAt(facts.report);
  const [idKey, authorKey] = [at.hex(0x0e0, 48), at.hex(0x110, 48)];
  const { required = true, idKeyDigests, authorKeyDigests } = wanted;
  const excused = !required && zeros(idKey);
  const trusted = (list: TextList, digest: string) =>
    excused ? null : !zeros(digest) && lower(list, world).includes(digest);
  const answers: Answer[] = [];
  if (required) answers.push({ id: "snp.idBlock.required", at: "/idBlock/required", holds: !zeros(idKey) });
  answers.push({ id: "snp.idBlock.consistent", at: "/idBlock", holds: isConsistent(world) });
  if (idKeyDigests !== undefined) {
    answers.push({ id: "snp.idBlock.idKeyDigests", at: "/idBlock/idKeyDigests", holds: trusted(idKeyDigests, idKey) });
  }
  if (authorKeyDigests !== undefined) {
    const enabled = rules.authorKeyEnabled(at.u32(0x48));
    const holds = excused ? null : enabled && trusted(authorKeyDigests, authorKey);
    answers.push({ id: "snp.idBlock.authorKeyDigests", at: "/idBlock/authorKeyDigests", holds });
  }
  return answers;
}

function upkeep(block: Block, { facts, inputs, rules }: World): Answer[] {
  const { status, thisUpdate } = facts.revocation;
  const answers: Answer[] = [];
  const { status: least, maxAgeSeconds } = block.revocation ?? {};
  if (least !== undefined) {
    const holds = rules.revocationOrder.indexOf(status) >= rules.revocationOrder.indexOf(least);
    answers.push({ id: "snp.revocation.status", at: "/revocation/status", holds });
  }
  if (maxAgeSeconds !== undefined) {
    const holds = thisUpdate !== null && inputs.now - thisUpdate <= maxAgeSeconds * 1000;
    answers.push({ id: "snp.revocation.maxAgeSeconds", at: "/revocation/maxAgeSeconds", holds });
  }
  if (block.reserved === "zero") {
    const at = readAt(facts.report);
    const clear = rules.reserved(at.u32(0)).every(([from, to]) => zeros(at.hex(from, to - from)));
    answers.push({ id: "snp.reserved.keyInfo", at: "/reserved", holds: at.u32(0x48) >>> 5 === 0 });
    answers.push({ id: "snp.reserved.bytes", at: "/reserved", holds: clear });
  }
  return answers;
}

/** Every check that a block writes. */
export function blockAnswers(block: Block, world: World): Answer[] {
  const parts = [identity, machine, reportData, bits, minimumTcb, firmware, idBlock, upkeep, advisoryChecks];
  return parts.flatMap((part) => part(block, world));
}
