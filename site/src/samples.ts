import type { Sample } from "virtual:samples";
import { encodeCertificateTable } from "attestry/evidence";
import { fromBase64, toBase64 } from "./bytes.js";
import type { State } from "./state.js";

/** The samples; they come when the page has been shown. */
export async function loadSamples(): Promise<readonly Sample[]> {
  return (await import("virtual:samples")).SAMPLES;
}

/** Evidence wrapped as a guest would hand it over. */
function wrapped(sample: Sample, blob: (at: number | undefined) => Uint8Array | undefined): string {
  const { parts, signingKey } = sample;
  const names = ["leaf", "intermediate", "root", "crl"] as const;
  const certificates = Object.fromEntries(
    names.flatMap((name) => {
      const der = blob(parts[name]);
      return der === undefined ? [] : [[name, der]];
    }),
  );
  const report = blob(parts.report) ?? new Uint8Array(0);
  const isBare = Object.keys(certificates).length === 0;
  const table = isBare ? new Uint8Array(0) : encodeCertificateTable(certificates, { signingKey });
  return toBase64(new Uint8Array([...report, ...table]));
}

/** The state that shows a sample: its evidence, its roots, its time, its nonce and its policy. */
export async function stateOf(sample: Sample): Promise<Partial<State>> {
  const { BLOBS } = await import("virtual:samples");
  const blob = (at: number | undefined) => (at === undefined ? undefined : (fromBase64(BLOBS[at] ?? "") ?? undefined));
  return {
    input: wrapped(sample, blob),
    more: [],
    at: new Date(sample.now),
    anchors: sample.anchors.flatMap((at) => blob(at) ?? []),
    sample: sample.id,
    binding: { scheme: "attestry-v1", parts: { nonce: sample.nonce } },
    policy: JSON.stringify(sample.policy, null, 2),
  };
}

/** A sample by its id. */
export async function sampleById(id: string): Promise<Sample | undefined> {
  return (await loadSamples()).find((sample) => sample.id === id);
}
