import { encode } from "cborg";
import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import type { ExpectedReportData } from "../../src/binding/expected.js";
import { openGoSevGuest, openRaTls, openRatsd, openTsmCbor } from "../../src/evidence/index.js";
import type { OpenedEvidence } from "../../src/evidence/opened.js";
import { appraise } from "../../src/policy/appraise.js";
import { createForge } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { blockPolicy } from "../policy/support.js";
import { attestationOf, chainFields, messageOf, reportFields } from "./support/attestation.js";
import { base64url, utf8 } from "./support/bytes.js";
import { tlsCertificate, tlsSpki } from "./support/tls-certificate.js";

/** The nonce that the verifier chose, and one that somebody else did. */
const nonce = new Uint8Array(64).fill(0x17);
const stale = new Uint8Array(64).fill(0x18);
const forge = await createForge({ seed: "bound" });

type Scheme = { scheme: string; parts?: Readonly<Record<string, "fromEvidence">> };

async function verdictOf(opened: OpenedEvidence<unknown>, scheme: Scheme, reportData: ExpectedReportData) {
  const { anchors, now, evidence } = forge.evidence();
  const all = { ...evidence.certificates, ...opened.evidence.certificates };
  const verified = await verifyEvidence({ ...opened.evidence, certificates: all }, { anchors, now });
  const policy = await blockPolicy({ reportData: scheme });
  return appraise(verified, policy, { now, reportData }).verdict;
}

describe("the key of an RA-TLS certificate", () => {
  const FROM = { scheme: "atls", parts: { publicKey: "fromEvidence" } } as const;

  async function opened(boundKey: Uint8Array, boundNonce: Uint8Array) {
    const reportData = (await bindReportData("atls", { publicKey: boundKey, nonce: boundNonce })).bytes;
    const { evidence } = forge.evidence({ report: { reportData } });
    const chain = messageOf(chainFields(evidence.certificates ?? {}));
    const message = attestationOf(messageOf(reportFields(evidence.report)), chain);
    return await openRaTls(tlsCertificate({ extensions: [["1.3.9901.2.1", message]] }));
  }

  const expected = (publicKey: Uint8Array) =>
    bindReportData("atls", { publicKey, nonce }, { fromEvidence: ["publicKey"] });

  it("counts where the report is bound to it and to the verifier's nonce, and the policy lets it", async () => {
    const found = await opened(tlsSpki, nonce);
    const { publicKey } = found.claims;
    expect(await verdictOf(found, FROM, await expected(publicKey))).toBe("accept");
    expect(await verdictOf(found, { scheme: "atls" }, await bindReportData("atls", { publicKey, nonce }))).toBe(
      "accept",
    );
  });

  it("does not count where the policy does not let it", async () => {
    const found = await opened(tlsSpki, nonce);
    expect(await verdictOf(found, { scheme: "atls" }, await expected(found.claims.publicKey))).toBe("reject");
  });

  it("does not count in a certificate that somebody else made around the same report", async () => {
    const other = tlsSpki.slice();
    other[other.length - 1] = Number(other.at(-1)) ^ 1;
    const found = await opened(other, nonce);
    expect(await verdictOf(found, FROM, await expected(found.claims.publicKey))).toBe("reject");
  });

  it("does not count under a nonce that is not the verifier's", async () => {
    const found = await opened(tlsSpki, stale);
    expect(await verdictOf(found, FROM, await expected(found.claims.publicKey))).toBe("reject");
  });
});

describe("a manifest in a TSM report", () => {
  const manifest = utf8("the services of an SVSM");
  const FROM = { scheme: "svsm", parts: { manifest: "fromEvidence" } } as const;

  async function opened(manifestblob: Uint8Array) {
    const reportData = (await bindReportData("svsm", { nonce, manifest })).bytes;
    const { evidence } = forge.evidence({ report: { reportData } });
    return await openTsmCbor(encode({ outblob: evidence.report, manifestblob, service_provider: "svsm" }));
  }

  it.each([
    ["counts where it is the one that was bound", manifest, "accept"],
    ["does not count where another stands in its place", utf8("other services"), "reject"],
  ])("%s", async (_, manifestblob, verdict) => {
    const found = await opened(manifestblob);
    const parts = { nonce, manifest: found.claims.manifest ?? new Uint8Array(1) };
    const reportData = await bindReportData("svsm", parts, { fromEvidence: ["manifest"] });
    expect(await verdictOf(found, FROM, reportData)).toBe(verdict);
  });
});

describe("a nonce in a token", () => {
  const token = (report: Uint8Array) =>
    utf8(
      JSON.stringify({
        eat_profile: "tag:github.com,2024:veraison/ratsd",
        eat_nonce: base64url(stale),
        cmw: {
          __cmwc_t: "tag:github.com,2025:veraison/ratsd/cmw",
          r: ["application/vnd.amd.sev-snp.attestation-report", base64url(report)],
        },
      }),
    );

  it("is not the nonce to expect: a replayed token has one that fits its report", async () => {
    const reportData = (await bindReportData("nonce", { nonce: stale })).bytes;
    const found = await openRatsd(token(forge.evidence({ report: { reportData } }).evidence.report));
    expect(found.claims.nonces).toEqual([base64url(stale)]);
    const scheme = { scheme: "nonce" };
    expect(await verdictOf(found, scheme, await bindReportData("nonce", { nonce }))).toBe("reject");
    expect(await verdictOf(found, scheme, await bindReportData("nonce", { nonce: stale }))).toBe("accept");
    const taken = bindReportData("nonce", { nonce: stale }, { fromEvidence: ["nonce"] as never });
    await expect(taken).rejects.toBeInstanceOf(TypeError);
  });
});

describe("a report in one container", () => {
  it("bound by one scheme is refused under every other", async () => {
    const bound = await bindReportData("nonce", { nonce });
    const { evidence } = forge.evidence({ report: { reportData: bound.bytes } });
    const chain = messageOf(chainFields(evidence.certificates ?? {}));
    const found = await openGoSevGuest(attestationOf(messageOf(reportFields(evidence.report)), chain));
    expect(await verdictOf(found, { scheme: "nonce" }, bound)).toBe("accept");
    const others = [
      await bindReportData("atls", { publicKey: tlsSpki, nonce }),
      await bindReportData("svsm", { nonce, manifest: utf8("m") }),
      await bindReportData("azure", { runtimeData: nonce }),
      await bindReportData("tinfoil-v2", { tlsPublicKey: tlsSpki, hpkePublicKey: nonce.slice(0, 32) }),
    ];
    for (const other of others) {
      expect(await verdictOf(found, { scheme: other.scheme }, other), other.scheme).toBe("reject");
      expect(await verdictOf(found, { scheme: "nonce" }, other), other.scheme).toBe("reject");
      expect(await verdictOf(found, { scheme: other.scheme }, bound), other.scheme).toBe("reject");
    }
  });
});
