import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { SAMPLES } from "../cli/containers.js";
import type { Target } from "./targets.js";

const forge = await createForge({ seed: "attestry/fuzz" });
const { report, leaf, intermediate, root, crl, evidence } = forge.evidence();
const vlek = forge.evidence({ signingKey: "VLEK" });
const others = (["Genoa", "Turin"] as const).map((productLine) => forge.report({ productLine }).bytes);
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const small = { measurement: "any", reportData: "any", minimumTcb: "any" };

/** Sound input of the readers that are no containers, made by the forge. */
const SEEDS: Readonly<Record<string, readonly Uint8Array[]>> = {
  report: [report.bytes, ...others],
  "planted-error": [report.bytes],
  "planted-loop": [report.bytes],
  der: [leaf.der, crl.der],
  certificate: [leaf.der, vlek.leaf.der, intermediate.der, vlek.intermediate.der, root.der],
  crl: [crl.der, forge.crl({ revoked: [{ serial: 7n }] }).der],
  "certificate-table": [encodeCertificateTable(certificateTableEntries("VCEK", evidence.certificates ?? {}))],
  policy: [
    text({ version: 1, id: "small", snp: small }),
    text({ version: 1, id: "whole", snp: WHOLE_BLOCK }),
    text({ version: 1, id: "tree", require: { anyOf: [{ snp: small }, { allOf: [{ snp: small }] }] } }),
  ],
};

/** Sound input of a target; there is always some. */
export function seedsOf({ name }: Target): readonly Uint8Array[] {
  const format = name.replace(/^container-/, "");
  const seeds = SEEDS[name] ?? SAMPLES.filter((sample) => sample.format === format).map(({ bytes }) => bytes);
  if (seeds.length === 0) throw new Error(`no seeds for ${name}`);
  return seeds;
}
