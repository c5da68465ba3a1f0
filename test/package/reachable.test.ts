import { build } from "esbuild";
import { describe, expect, inject, it } from "vitest";
import { subpaths } from "../../scripts/support/packed.js";

/** Third-party packages, the module we use of each, and words in it that survive a minifier. */
const OUTSIDERS: Readonly<Record<string, { module: string; words: readonly string[] }>> = {
  "@noble/curves": { module: "@noble/curves/nist.js", words: ["bad point: "] },
  "@noble/hashes": { module: "@noble/hashes/sha2.js", words: ['"output" expected length >= '] },
  asn1js: { module: "asn1js", words: ["Needlessly long format"] },
  pkijs: { module: "pkijs", words: ["SignedCertificateTimestampList"] },
  "micro-rsa-dsa-dh": { module: "micro-rsa-dsa-dh/rsa.js", words: ["message representative out of range"] },
  cborg: { module: "cborg", words: ["CBOR decode error"] },
  jose: { module: "jose", words: ["JWS Protected Header", "JWE Protected Header"] },
  "@hpke/core": { module: "@hpke/core", words: ["KemId cannot be used"] },
  undici: { module: "undici", words: ["bodyTimeout must be"] },
  yaml: { module: "yaml", words: ["Nested mappings are not allowed in compact mappings"] },
  valibot: { module: "valibot", words: ['vendor:"valibot"'] },
};
const ENGINES = ["@noble/curves", "@noble/hashes", "micro-rsa-dsa-dh"];
const ISSUERS = ["asn1js", "pkijs"];

/** What each subpath may bring along. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  attestry: ["valibot"],
  "attestry/policy": ["valibot"],
  "attestry/policy/import": ["yaml"],
  "attestry/advisories": ["valibot"],
  "attestry/evidence": ["cborg"],
  "attestry/challenge": [],
  "attestry/kds": [],
  "attestry/noble": ENGINES,
  "attestry/id-block": [],
  "attestry/node": ["undici"],
  "attestry/measure": ["@noble/hashes"],
  "attestry/release": ["jose", "@hpke/core", "@hpke/common"],
  "attestry/result": ["jose"],
  // What asn1js and pkijs bring along in their turn.
  "attestry/testing": [...ENGINES, ...ISSUERS, "@peculiar/utils", "bytestreamjs"],
  "attestry/testing/kds": [],
};

/** What may use Node's own modules. */
const OF_NODE = ["attestry/node", "attestry/testing/kds", "undici"];

async function bundle(module: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(module)};`, resolveDir: inject("installed").folder },
    bundle: true,
    write: false,
    logLevel: "error",
    metafile: true,
    format: "esm",
    platform: OF_NODE.includes(module) ? "node" : "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    minify: true,
  });
  const packages = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return { text: outputFiles.map(({ text }) => text).join("\n"), packages: new Set(packages) };
}

it("speaks of every subpath", () => expect(Object.keys(ALLOWED).sort()).toEqual(subpaths().sort()));

describe.each(Object.entries(ALLOWED))("a bundle of %s", (subpath, allowed) => {
  it("carries no third-party code but that which it may", async () => {
    const { text, packages } = await bundle(subpath);
    expect([...packages].filter((name) => name !== "attestry" && !allowed.includes(name))).toEqual([]);
    const strangers = Object.entries(OUTSIDERS).filter(([name]) => !allowed.includes(name));
    for (const [name, { words }] of strangers) {
      for (const word of words) expect(text.includes(word), `${name}: ${word}`).toBe(false);
    }
  });
});

describe.each(Object.entries(OUTSIDERS))("the words of %s", (_, { module, words }) => {
  it("are found where it is bundled", async () => {
    const { text } = await bundle(module);
    for (const word of words) expect(text).toContain(word);
  });
});

it("attestry names no key server: its address comes with attestry/kds", async () => {
  expect((await bundle("attestry")).text).not.toContain("kdsintf");
  expect((await bundle("attestry/kds")).text).toContain("https://kdsintf.amd.com");
});
