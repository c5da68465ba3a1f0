import * as nodeCrypto from "node:crypto";

type Hash = (algorithm: string, data: Uint8Array) => Uint8Array;

const inPieces: Hash = (algorithm, data) => nodeCrypto.createHash(algorithm).update(data).digest();

/** One call instead of an object that lives for one call; runtimes that imitate Node may lack it. */
export const hash: Hash =
  typeof nodeCrypto.hash === "function" ? (algorithm, data) => nodeCrypto.hash(algorithm, data, "buffer") : inPieces;
