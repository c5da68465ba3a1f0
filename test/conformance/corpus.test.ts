import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { nobleEngine, verifyEvidenceSync as verifyWithNoble } from "../../src/noble/index.js";
import { nodeEngine, verifyEvidenceSync as verifyWithNode } from "../../src/node/index.js";
import { parseReport } from "../../src/report/report.js";
import { verifyCertificates } from "../../src/verify/certificates.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifiedCertificates } from "../../src/verify/types.js";
import { createVerifier } from "../../src/verify/verifier.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { type CorpusSet, corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { certificatesOf, codeOf, ENDINGS, evidenceOf, optionsOf, setsThatEnd } from "./evidence.js";
import { extensionsOf, fieldsOf, tcbOf, timeOf } from "./said.js";

const named = (sets: readonly CorpusSet[]) => sets.map((set) => [set.id, set] as const);

/** Every way to verify evidence: three engines, waiting for the answer or not. */
const ways: Readonly<Record<string, (set: CorpusSet) => unknown>> = {
  webcrypto: (set) => verifyEvidence(evidenceOf(set), optionsOf(set)),
  "node, awaited": (set) => verifyEvidence(evidenceOf(set), { ...optionsOf(set), engine: nodeEngine }),
  "noble, awaited": (set) => verifyEvidence(evidenceOf(set), { ...optionsOf(set), engine: nobleEngine }),
  "node, at once": (set) => verifyWithNode(evidenceOf(set), optionsOf(set)),
  "noble, at once": (set) => verifyWithNoble(evidenceOf(set), optionsOf(set)),
};

/** The JSON of what was verified, or the code of the refusal. Any other error is none and stays one. */
async function outcome(verify: () => unknown): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(await verify()));
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    throw error;
  }
}

function expectCertificates(set: CorpusSet, verified: VerifiedCertificates): void {
  const expected = set.expectedJson();
  const { leaf, intermediate, root, productLine, signingKey } = verified;
  expect(productLine).toBe(set.product);
  expect(signingKey).toBe(set.signer);
  expect(verified.anchors).toBe("amd");
  expect(expected["chain"]).toBe("ok");
  expect(leaf.role).toBe(set.signer);
  expect(extensionsOf(productLine, leaf)).toEqual(expected["vek_ext"]);
  expect(leaf.productName).toBe(expected["product_vek"]);
  expect([timeOf(leaf.notBefore), timeOf(leaf.notAfter)]).toEqual(expected["vek_validity"]);
  expect(leaf.otherExtensions).toEqual([]);
  expect([intermediate.role, root.role]).toEqual([set.signer === "VCEK" ? "ASK" : "ASVK", "ARK"]);
  expect([intermediate.origin, root.origin]).toEqual(["supplied", "supplied"]);
  const certificate = parseCertificate(certificatesOf(set).leaf ?? new Uint8Array());
  expect(certificate.signatureAlgorithm).toBe(expected["vek_pss"]);
  expect(`0x${certificate.serial.toString(16)}`).toBe(expected["vek_serial"]);
}

function expectRevocation(set: CorpusSet, { revocation }: VerifiedCertificates): void {
  if (set.revocation === "skip") {
    expect(revocation).toMatchObject({ status: "skipped", number: null, source: null });
    return;
  }
  const { status, source, thisUpdate, nextUpdate } = revocation;
  expect({ status, source }).toEqual({ status: "checked", source: "evidence" });
  const window = [thisUpdate, nextUpdate].map((date) => date?.toISOString().slice(0, 10)).join("..");
  expect(set.expectedJson()["crl"]).toContain(`ok(${window})`);
}

describe.runIf(needs("corpus"))("the corpus", () => {
  it("has its 77 sets, and each of them a test", () => {
    const counts = Object.fromEntries(ENDINGS.map((ending) => [ending, setsThatEnd(ending).length]));
    expect(counts).toEqual({ valid: 46, "valid-cert": 4, invalid: 19, "invalid-cert": 1, "parse-only": 7 });
    expect(corpusSets()).toHaveLength(77);
    expect(setsThatEnd("invalid", "invalid-cert").filter(codeOf)).toHaveLength(19);
  });

  it("has reports of every line, branch and version from 2 on, 4 excepted", () => {
    const kinds = new Set(
      setsThatEnd("valid").map(({ product, signer, version }) => `${product} ${signer} ${version}`),
    );
    for (const kind of [
      "Milan VCEK 2",
      "Milan VCEK 3",
      "Milan VCEK 5",
      "Milan VLEK 2",
      "Milan VLEK 3",
      "Milan VLEK 5",
    ]) {
      expect(kinds).toContain(kind);
    }
    for (const kind of ["Genoa VCEK 3", "Genoa VCEK 5", "Turin VCEK 5"]) expect(kinds).toContain(kind);
  });
});

describe.runIf(needs("corpus"))("a genuine set", () => {
  it.each(named(setsThatEnd("valid")))(
    "%s verifies, and says what an independent verifier read in it",
    async (_, set) => {
      const expected = set.expectedJson();
      const verified = await verifyEvidence(evidenceOf(set), optionsOf(set));
      expect(verified.reportBytes).toEqual(set.read("report.bin"));
      expect(fieldsOf(verified.report)).toEqual(expected["fields"]);
      expect(verified.signingKey).toBe(set.signer);
      expect(verified.productLine).toBe(set.product);
      for (const name of ["current", "reported", "committed", "launch"] as const) {
        expect(tcbOf(verified.productLine, verified.tcb[name]), name).toEqual(expected[`${name}_tcb_decoded`]);
      }
      expect([expected["report_sig"], expected["tcb_match"]]).toEqual([true, true]);
      expect(expected["chip"]).toBe(set.signer === "VCEK" ? "match" : "zero");
      expectCertificates(set, verified.certificates);
      expectRevocation(set, verified.certificates);
      expect(verified.verifiedAt).toEqual(set.at);
    },
  );

  it.each(named(setsThatEnd("valid")))("%s verifies alike with every engine", async (_, set) => {
    const results = await Promise.all(Object.values(ways).map((verify) => outcome(() => verify(set))));
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toMatchObject({ productLine: set.product });
  });

  it.each(named(setsThatEnd("valid")))(
    "%s verifies with AMD's pinned keys in place of its CA certificates",
    (_, set) => {
      const { leaf = new Uint8Array(), crl } = certificatesOf(set);
      const certificates = crl === undefined ? { leaf } : { leaf, crl };
      const verified = verifyWithNode({ report: set.read("report.bin"), certificates }, optionsOf(set));
      const whole = verifyWithNode(evidenceOf(set), optionsOf(set)).certificates;
      for (const role of ["intermediate", "root"] as const) {
        const { origin, otherExtensions: _others, ...facts } = verified.certificates[role];
        expect(origin).toBe("pinned");
        expect(whole[role]).toMatchObject(facts);
      }
    },
  );

  it("verifies in one verifier for all of them, twice over", async () => {
    for (const revocation of ["require", "skip"] as const) {
      const verifier = createVerifier({ now: () => new Date(0), revocation });
      const sets = setsThatEnd("valid").filter((set) => set.revocation === revocation);
      for (const set of [...sets, ...sets]) {
        const verified = await verifier.verify(evidenceOf(set), { now: set.at });
        expect(JSON.stringify(verified), set.id).toBe(JSON.stringify(verifyWithNode(evidenceOf(set), optionsOf(set))));
      }
    }
  });
});

describe.runIf(needs("corpus"))("a set that is not genuine", () => {
  it.each(named(setsThatEnd("invalid")))("%s is refused alike by every engine", async (_, set) => {
    const results = await Promise.all(Object.values(ways).map((verify) => outcome(() => verify(set))));
    for (const result of results) expect(result).toBe(results[0]);
    expect(results[0]).toMatch(/^ERR_(UNTRUSTED|MALFORMED|UNSUPPORTED)_/);
    expect(results[0]).toBe(codeOf(set) ?? results[0]);
  });

  it("synth-tinfoil-601-mbo is refused, for a bit that no firmware leaves zero, before its chain is looked at", async () => {
    const set = setsThatEnd("invalid").find(({ id }) => id === "synth-tinfoil-601-mbo");
    expect(await outcome(() => set && verifyWithNode(evidenceOf(set), optionsOf(set)))).toBe(
      "ERR_UNTRUSTED_GUEST_POLICY",
    );
    const certificates = set && verifyCertificates({ leaf: new Uint8Array(), ...certificatesOf(set) }, optionsOf(set));
    await expect(certificates).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
  });
});

describe.runIf(needs("corpus"))("certificates without a report", () => {
  const leafOf = (set: CorpusSet) => ({ leaf: new Uint8Array(), ...certificatesOf(set) });

  it.each(named(setsThatEnd("valid-cert")))("%s verify", async (_, set) => {
    for (const engine of [undefined, nodeEngine, nobleEngine]) {
      const options = engine === undefined ? optionsOf(set) : { ...optionsOf(set), engine };
      const verified = await verifyCertificates(leafOf(set), options);
      expectCertificates(set, verified);
      expectRevocation(set, verified);
    }
  });

  it.each(named(setsThatEnd("valid")))("%s: so does the chain of a genuine report", async (_, set) => {
    const verified = await verifyCertificates(leafOf(set), { ...optionsOf(set), engine: nodeEngine });
    expectCertificates(set, verified);
  });

  it.each(named(setsThatEnd("invalid-cert")))("%s are refused", async (_, set) => {
    for (const engine of [nodeEngine, nobleEngine]) {
      const code = codeOf(set) ?? "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE";
      await expect(verifyCertificates(leafOf(set), { ...optionsOf(set), engine })).toFailWith(code);
    }
    await expect(verifyCertificates(leafOf(set), optionsOf(set))).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
  });
});

describe.runIf(needs("corpus"))("a report whose certificate nobody published", () => {
  it.each(named(setsThatEnd("parse-only")))(
    "%s parses, says what an independent verifier read, and is not accepted",
    async (_, set) => {
      expect(Object.keys(certificatesOf(set))).toEqual([]);
      expect(fieldsOf(parseReport(set.read("report.bin")))).toEqual(set.expectedJson()["fields"]);
      const results = await Promise.all(Object.values(ways).map((verify) => outcome(() => verify(set))));
      for (const result of results) expect(result).toBe("ERR_COLLATERAL_MISSING");
    },
  );
});
