import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../../src/errors.js";
import { definePolicy } from "../../../src/policy/define.js";
import * as importers from "../../../src/policy/import/index.js";

const SEED = 20261122;

/** Some importers load a parser first, and promise. */
type Importer = (input: importers.ImportInput) => importers.Imported | Promise<importers.Imported>;
const IMPORTERS: readonly (readonly [string, Importer])[] = Object.entries(importers);

/** Inputs that are read, for inputs that nearly are. */
const SAMPLES: readonly string[] = [
  "policy: 0x30000 vmpl { value: 0 } minimum_tcb: 0xdb18000000000004 platform_info { value: 0x25 } minimum_version: '1.55'",
  `root_of_trust { product_line: "Genoa" cabundles: "x" } policy { policy: 196608 chip_id: "${"\\001".repeat(64)}" }`,
  `policy: 0x30000 require_id_block: true trusted_id_key_hashes: ["${"\\x01".repeat(48)}", "${"a".repeat(48)}"]`,
  `{"policy": "196608", "vmpl": 0, "minimumTcbTurin": 5, "reportData": "${Buffer.alloc(64, 1).toString("base64")}"}`,
  "oak_containers { root_layer { amd_sev { milan { minimum { snp: 24 } } turin < skip { } > stage0 { skip { } } } } }",
  `genoa { skip {} } stage0 { digests { digests { sha2_384: "${"\\377".repeat(48)}" } } }`,
  `snpguest verify attestation a b --measurement 0x${"5a".repeat(48)} -d ${"4d".repeat(32)} -p genoa -t`,
  `snpguest -q verify attestation "a b" 'c' --id-key-digest=${"1d".repeat(48)}`,
];

/** A sample with a piece cut out, doubled, or replaced by something that a reader may trip over. */
const nearly = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.nat(),
    fc.nat(12),
    fc.constantFrom(
      "",
      "{",
      "}",
      "[",
      "]",
      '"',
      "'",
      "\\",
      ":",
      "0x",
      "-",
      "1e9",
      "null",
      "__proto__",
      "constructor",
      "\0",
      "é",
      "#",
    ),
  )
  .map(([sample, at, length, put]) => {
    const start = at % (sample.length + 1);
    return sample.slice(0, start) + put + sample.slice(start + length);
  });

const inputs = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.json({ maxDepth: 4 }),
  nearly,
);

/** Runs an importer: a policy that `definePolicy` takes, or an error of ours that says what is malformed. */
async function answers(importer: Importer, input: importers.ImportInput): Promise<"refused" | "read"> {
  let made: importers.Imported;
  try {
    made = await importer(input);
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    expect(error.code).toMatch(/^ERR_MALFORMED_(IMPORT|LENGTH)$/);
    expect(error.message).toMatch(/^[ -~]+$/);
    expect(error.message.length).toBeLessThan(1500);
    return "refused";
  }
  await definePolicy(made.policy);
  for (const { where, text } of made.notes) expect(`${where}${text}`).toMatch(/^[ -~]+$/);
  return "read";
}

describe.each(IMPORTERS)("%s", (_, importer) => {
  it("answers any input with a policy that can be defined, or an error of ours", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => void (await answers(importer, input))),
      { numRuns: 1500, seed: SEED },
    );
  });

  it("answers anything else with a TypeError", async () => {
    for (const odd of [undefined, null, 0, true, {}, [], new Date(0), new ArrayBuffer(4), Symbol("x")]) {
      const call = async () => Reflect.apply(importer, undefined, [odd]);
      await expect(call()).rejects.toBeInstanceOf(TypeError);
    }
  });
});

it("the samples are read, each by one importer", async () => {
  for (const sample of SAMPLES) {
    const outcomes = await Promise.all(IMPORTERS.map(([, importer]) => answers(importer, sample)));
    expect(
      outcomes.filter((outcome) => outcome === "read"),
      sample,
    ).toHaveLength(1);
  }
});
