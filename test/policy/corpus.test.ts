import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import type { Evidence } from "../../src/evidence/evidence.js";
import { appraise } from "../../src/policy/appraise.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";
import { type CorpusSet, corpusWhere } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { blockPolicy, failedIds } from "./support.js";

const FILES = {
  leaf: ["vcek.der", "vlek.der"],
  intermediate: ["ask.der", "asvk.der"],
  root: ["ark.der"],
  crl: ["crl.der"],
};

function evidenceOf(set: CorpusSet): Evidence {
  const parts = Object.entries(FILES).flatMap(([part, names]) =>
    names.filter((name) => set.has(name)).map((name): [string, Uint8Array] => [part, set.read(name)]),
  );
  return { report: set.read("report.bin"), certificates: Object.fromEntries(parts) };
}

function verify(set: CorpusSet): Promise<VerifiedEvidence> {
  const line = set.version === 2 && set.product !== null ? { productLine: set.product } : {};
  return verifyEvidence(evidenceOf(set), { now: set.at, revocation: set.revocation, ...line });
}

/** What the strict defaults have against a set, read off its index row and its POLICY. */
function objections(set: CorpusSet, verified: VerifiedEvidence): string[] {
  return [
    ...(set.signer === "VLEK" ? ["snp.signingKey"] : []),
    ...(((verified.report.policy.raw >> 19n) & 1n) === 1n ? ["snp.guestPolicy.debug"] : []),
    ...(verified.revocation.status === "checked" ? [] : ["snp.revocation.status"]),
  ];
}

/** What an ID block says; zeros can be no key of anybody. */
function guestBlock({ idKeyDigest, familyId, imageId, guestSvn }: VerifiedEvidence["report"]): object {
  if (/^0+$/.test(toHex(idKeyDigest))) return { idBlock: { required: false } };
  return {
    idBlock: { idKeyDigests: [toHex(idKeyDigest)] },
    familyId: [toHex(familyId)],
    imageId: [toHex(imageId)],
    guestSvn: { minimum: guestSvn },
  };
}

/** Everything that the language can pin, as this report has it. */
function pinned({ report, tcb, productLine, signingKey, certificates, revocation }: VerifiedEvidence): object {
  const { policy, platformInfo } = report;
  const word = (bit: boolean) => (bit ? "required" : "forbidden");
  const { spl4: _4, spl5: _5, spl6: _6, spl7: _7, ...floor } = tcb.reported;
  const chipId = toHex(report.chipId);
  return {
    productLine: [productLine],
    signingKey: [signingKey],
    cspId: certificates.leaf.cspId === null ? "any" : [certificates.leaf.cspId],
    chipId: [/^0+$/.test(chipId) ? "masked" : chipId],
    measurement: [toHex(report.measurement)],
    reportData: { exact: toHex(report.reportData) },
    hostData: [toHex(report.hostData)],
    vmpl: [report.vmpl],
    guestPolicy: {
      smt: word(policy.smt),
      debug: word(policy.debug),
      migrateMa: word(policy.migrateMa),
      pageSwapDisable: word(policy.pageSwapDisable),
      minimumAbi: { major: policy.abiMajor, minor: policy.abiMinor },
    },
    platformInfo: {
      smtEn: word(platformInfo.smtEn),
      tsmeEn: word(platformInfo.tsmeEn),
      tioEn: word(platformInfo.tioEn),
    },
    minimumTcb: { [productLine]: { reported: floor, current: floor } },
    ...guestBlock(report),
    revocation: { status: revocation.status },
    reserved: "zero",
  };
}

describe.runIf(needs("corpus"))("genuine evidence", () => {
  it.each(corpusWhere((expected) => expected === "valid").map((set) => [set.id, set] as const))(
    "%s",
    async (_, set) => {
      const verified = await verify(set);
      const inputs = { now: set.at };
      expect(failedIds(appraise(verified, await blockPolicy({}), inputs))).toEqual(objections(set, verified));
      const policy = await blockPolicy(pinned(verified));
      expect(failedIds(appraise(verified, policy, inputs))).toEqual([]);
      const other = await blockPolicy({ ...pinned(verified), measurement: ["00".repeat(48)] });
      expect(failedIds(appraise(verified, other, inputs))).toEqual(["snp.measurement"]);
    },
  );
});
