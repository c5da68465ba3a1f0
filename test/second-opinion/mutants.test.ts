import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { parseCertificate } from "../../src/x509/certificate.js";
import { parseCrl } from "../../src/x509/crl.js";
import { diceOf, mutateDer } from "../support/der-mutations.js";
import { corpusSamples, forgedSamples, type Sample } from "./samples.js";
import { ourCertificateView, ourCrlView, theirCertificateView, theirCrlView } from "./views.js";

const MUTANTS = 1000;

interface Reader {
  ours: (der: Uint8Array) => unknown;
  theirs: (der: Uint8Array) => unknown;
}

const CERTIFICATE: Reader = { ours: (der) => ourCertificateView(parseCertificate(der)), theirs: theirCertificateView };
const CRL: Reader = { ours: (der) => ourCrlView(parseCrl(der)), theirs: theirCrlView };

/** What our reader makes of it, undefined where it refuses. */
function accepted(der: Uint8Array, { ours }: Reader): unknown {
  try {
    return ours(der);
  } catch (error) {
    if (isAttestationError(error)) return undefined;
    throw error;
  }
}

function readable(der: Uint8Array, { theirs }: Reader): boolean {
  try {
    theirs(der);
    return true;
  } catch {
    // Whatever pkijs throws: it cannot read it.
    return false;
  }
}

function mutantsOf(samples: readonly Sample[]): Uint8Array[] {
  return Array.from({ length: MUTANTS }, (_, seed) => {
    const dice = diceOf(seed);
    const sample = samples[dice(samples.length)];
    if (sample === undefined) throw new Error("there are samples");
    return mutateDer(sample.der, dice);
  });
}

const [forged, corpus] = [await forgedSamples(), corpusSamples()];

describe.each([
  ["certificates", CERTIFICATE, [...forged.certificates, ...corpus.certificates]],
  ["CRLs", CRL, [...forged.crls, ...corpus.crls]],
])("1000 mutated %s", (_, reader, samples) => {
  const mutants = mutantsOf(samples);

  it("none is accepted that pkijs cannot read, and those that are, say the same to both", () => {
    for (const [seed, mutant] of mutants.entries()) {
      const ours = accepted(mutant, reader);
      if (ours !== undefined) expect(ours, `mutant ${seed}`).toEqual(reader.theirs(mutant));
    }
  });

  it("are damaged enough to prove it: some are read by both, more by pkijs alone, and some by neither", () => {
    const counts = { both: 0, theirsAlone: 0, neither: 0 };
    for (const mutant of mutants) {
      const [ours, theirs] = [accepted(mutant, reader) !== undefined, readable(mutant, reader)];
      if (ours) counts.both++;
      else if (theirs) counts.theirsAlone++;
      else counts.neither++;
    }
    expect(counts.both).toBeGreaterThan(40);
    expect(counts.theirsAlone).toBeGreaterThan(100);
    expect(counts.neither).toBeGreaterThan(100);
  });
});
