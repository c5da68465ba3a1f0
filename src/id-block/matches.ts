import { copyBytes, readOptions } from "../bytes/arguments.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { assertVerified } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { engineOrDefault } from "./engine-option.js";
import { CHECKS, type IdBlockCheck } from "./match-checks.js";
import { readTrustedKeys, type TrustedKeys } from "./trusted-keys.js";
import { judgePair } from "./verify-id-auth.js";

/** What `matchesIdBlock` compares a report with; every member but `engine` must be said. */
export interface IdBlockExpectation {
  /** 96 bytes. */
  block: Uint8Array;
  /** 4096 bytes. */
  auth: Uint8Array;
  /** The ID keys that are trusted, by their digests. "any" leaves open who vouches for the guest. */
  idKeyDigests: TrustedKeys;
  /** The author keys that are trusted; a list demands one. "any" accepts every author key, and none. */
  authorKeyDigests: TrustedKeys;
  /** Default: WebCrypto. */
  engine?: CryptoEngine;
}

/** How a report and an ID block go together. An object is always true: ask `matches`. */
export interface IdBlockMatch {
  /** True when no check failed. */
  readonly matches: boolean;
  /** Every check, always all of them, in a fixed order. */
  readonly checks: readonly IdBlockCheck[];
  /** The checks that failed. */
  readonly failures: readonly IdBlockCheck[];
}

/**
 * Whether verified evidence is of a guest that was launched with this ID block and ID_AUTH: both signatures, both key
 * digests, the presence of an author key, measurement, ids, version and policy. All checks run, whatever the first ones
 * say; what does not hold is data and no error.
 *
 * POLICY is compared and not judged: a block that allows DEBUG matches a guest that was launched with it, and one that
 * the host can read. It says nothing else about the report: TCB, VMPL, report data and the rest are what `appraise` is for. With "any" for
 * the keys it says that the guest was launched with this block, and not that the block is anybody's you know.
 *
 * @param verified - what `verifyEvidence` returned; a look-alike is a TypeError
 * @throws TypeError (a rejection) for what is wrong or unknown in `expectation`: a list that is empty, a digest of
 * zeros or of another length.
 * @throws MalformedError, UnsupportedError for a block or ID_AUTH that `parseIdBlock` or `parseIdAuth` refuses;
 * `ERR_UNSUPPORTED_CRYPTO` when the engine fails.
 *
 * Source: AMD 56860, SNP_LAUNCH_FINISH and ATTESTATION_REPORT.
 */
export async function matchesIdBlock(
  verified: VerifiedEvidence,
  expectation: IdBlockExpectation,
): Promise<IdBlockMatch> {
  const { report } = assertVerified(verified);
  const names = ["block", "auth", "idKeyDigests", "authorKeyDigests", "engine"] as const;
  const raw = readOptions(expectation, "expectation", names);
  const block = copyBytes(raw.block, "expectation.block");
  const auth = copyBytes(raw.auth, "expectation.auth");
  const idKeys = readTrustedKeys(raw.idKeyDigests, "expectation.idKeyDigests");
  const authorKeys = readTrustedKeys(raw.authorKeyDigests, "expectation.authorKeyDigests");
  const pair = await judgePair(block, auth, engineOrDefault(raw.engine, "expectation.engine"));
  const checks = CHECKS.map((check) => Object.freeze(check({ pair, report, idKeys, authorKeys })));
  const failures = checks.filter(({ outcome }) => outcome === "fail");
  return Object.freeze({
    matches: failures.length === 0,
    checks: Object.freeze(checks),
    failures: Object.freeze(failures),
  });
}
