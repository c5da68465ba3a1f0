import type { Advisory, Block, Proof } from "./facts.js";
import { readAt } from "./facts.js";
import type { Answer, World } from "./world.js";
import { entries, GUEST_POLICY_BITS, PLATFORM_INFO_BITS, TCB_OFFSETS } from "./world.js";

type Demand = Proof["anyOf"][number][number] & { state?: string };

function tcbReaches({ component = "", minimum }: Demand, { facts, rules }: World): boolean {
  const index = rules.tcbBytes(facts.productLine).indexOf(component);
  if (index < 0) return false;
  return ["reported", "committed", "launch"].every(
    (kind) => readAt(facts.report).u8((TCB_OFFSETS[kind] ?? Number.NaN) + index) >= Number(minimum),
  );
}

/** docs/advisories.md, "The data set". */
function shown(demand: Demand, world: World): boolean {
  const at = readAt(world.facts.report);
  const bit = (word: bigint, number: number) => ((word >> BigInt(number)) & 1n) === 1n;
  switch (demand.check) {
    case "tcb":
      return tcbReaches(demand, world);
    case "firmware": {
      const found = [at.u8(0x1ee), at.u8(0x1ed), at.u8(0x1ec)];
      return world.rules.reaches(found, String(demand.minimum).split(".").map(Number));
    }
    case "platformInfo":
      return bit(at.u64(0x40), PLATFORM_INFO_BITS[String(demand.bit)] ?? Number.NaN) === (demand.state === "set");
    case "guestPolicy":
      return bit(at.u64(0x08), GUEST_POLICY_BITS[String(demand.bit)] ?? Number.NaN) === (demand.state === "set");
    default:
      return at.u32(0) >= 5 && bit(at.u64(0x1f8), Number(demand.bit)) && bit(at.u64(0x200), Number(demand.bit));
  }
}

/** Fixed or not affected; data sets of the oracle speak of lines alone. */
function settled(advisory: Advisory | undefined, world: World): boolean {
  if (advisory === undefined) return false;
  const line = world.facts.productLine;
  if ((advisory.notAffected ?? []).some((spared) => spared.for.includes(line))) return true;
  if (!advisory.provable) return false;
  const proofs = (advisory.proofs ?? []).filter((proof) => proof.for.includes(line));
  return proofs.some((proof) => proof.anyOf.some((way) => way.every((demand) => shown(demand, world))));
}

/** docs/policy.md, `advisories`. */
export function advisoryChecks(block: Block, world: World): Answer[] {
  const wanted = block.advisories;
  if (wanted === undefined) return [];
  const { now, advisories: brought } = world.inputs;
  const age = brought === null ? Number.NaN : now - Date.parse(brought.publishedAt);
  const fixed = entries(wanted.ids, world).map((id, index) => ({
    id: "snp.advisories.fixed",
    at: `/advisories/ids/${index}`,
    holds: settled(
      brought?.advisories.find((advisory) => advisory.id === id),
      world,
    ),
  }));
  return [
    {
      id: "snp.advisories.dataSet",
      at: "/advisories/dataSet",
      holds: brought?.digest === wanted.dataSet.toLowerCase(),
    },
    {
      id: "snp.advisories.maxAgeSeconds",
      at: "/advisories/maxAgeSeconds",
      holds: age >= 0 && age <= wanted.maxAgeSeconds * 1000,
    },
    ...fixed,
  ];
}
