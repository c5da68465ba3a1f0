/**
 * As many chips as one likes: one forged chip with other CHIP_IDs. The engine pays for the signatures and then believes
 * them, since a hundred thousand genuine ones would take hours to make: what is measured is the memory, the look-up and
 * the walk.
 */
import type { CryptoEngine, Evidence } from "attestry";
import { nodeEngine } from "attestry/node";
import { BARE } from "./bare.js";
import { forgeSubject } from "./subject.js";

const CHIP_ID_AT = 0x1a0;
const CHIP_ID_BYTES = 64;

/** Who is verified, by what, and the cost of nothing but the signature. */
export interface ManyChips {
  readonly now: Date;
  readonly anchors: readonly Uint8Array[];
  readonly engine: CryptoEngine;
  /** The evidence of one of them. */
  evidenceOf(chip: number): Evidence;
  /** One raw P-384 verification. */
  raw(): void;
}

export async function makeManyChips(): Promise<ManyChips> {
  const subject = await forgeSubject("a");
  const { forged, evidence, raw } = subject;
  const [first] = evidence;
  const [rawFirst] = raw;
  const { leaf, ...others } = first?.certificates ?? {};
  if (first === undefined || rawFirst === undefined || leaf === undefined) throw new Error("there is no evidence");
  const { report } = first;
  const hwIdAt = Buffer.from(leaf).indexOf(report.slice(CHIP_ID_AT, CHIP_ID_AT + CHIP_ID_BYTES));
  if (hwIdAt === -1) throw new Error("the leaf does not name its chip");
  const bare = await BARE[0]?.prepare(subject);
  if (bare === undefined) throw new Error("nothing bare for node");
  return {
    now: forged.now,
    anchors: forged.anchors,
    engine: {
      ...nodeEngine,
      name: "believing",
      verifyRsaPss: (...signed) => {
        nodeEngine.verifyRsaPss(...signed);
        return true;
      },
      verifyEcdsaP384: (of) => {
        nodeEngine.verifyEcdsaP384(of, rawFirst.message, rawFirst.signature);
        return true;
      },
    },
    evidenceOf(chip) {
      const id = Buffer.alloc(CHIP_ID_BYTES, 0x5a);
      id.writeUInt32BE(chip);
      const ownReport = Uint8Array.from(report);
      ownReport.set(id, CHIP_ID_AT);
      const own = Uint8Array.from(leaf);
      own.set(id, hwIdAt);
      // The end of a certificate is its signature, which differs from chip to chip.
      new DataView(own.buffer).setUint32(own.length - 4, Math.imul(chip + 1, 0x9e3779b1));
      return { report: ownReport, certificates: { ...others, leaf: own } };
    },
    raw: () => void bare.warm(rawFirst),
  };
}

/** Numbers that only look like chance: each run asks for the same chips. */
export function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
