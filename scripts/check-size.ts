/** Bundles each subpath as an application would, prints its size, and fails where one has outgrown its ceiling. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { projectRoot } from "./support/packed.js";

/** Kilobytes, minified and gzipped, with everything that is reachable. Raise one only together with its reason. */
const CEILINGS: Readonly<Record<string, number>> = {
  "dist/index.js": 53,
  "dist/policy.js": 25,
  "dist/policy/import.js": 63,
  "dist/advisories.js": 16,
  "dist/evidence.js": 37,
  "dist/challenge.js": 6,
  "dist/kds.js": 35,
  "dist/noble.js": 53,
  "dist/node.js": 41,
  "dist/id-block.js": 17,
  "dist/measure.js": 24,
  "dist/release.js": 29,
  "dist/result.js": 26,
  "dist/testing.js": 118,
  "dist/testing/kds.js": 6,
};

/** Kilobytes that a name of one subpath adds to an application that has another subpath whole. */
const ADDITIONS = [{ name: "createKdsClient", from: "dist/kds.js", to: "dist/index.js", ceiling: 4 }] as const;

/** What may use Node's own modules. */
const OF_NODE = ["dist/node.js", "dist/testing/kds.js"];

/** Kilobytes of some names of a subpath alone. */
const PARTS = [
  { names: ["definePolicy", "appraise"], from: "dist/policy.js", ceiling: 21 },
  { names: ["parseReport"], from: "dist/index.js", ceiling: 6 },
  { names: ["verifyEvidence"], from: "dist/index.js", ceiling: 33 },
  { names: ["verifyAttestation", "definePolicy"], from: "dist/index.js", ceiling: 50 },
] as const;

function bundledSize(entry: string, more = ""): Promise<number> {
  return sizeOf(`export * from "./${entry}";${more}`, entry);
}

async function sizeOf(contents: string, entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: projectRoot },
    bundle: true,
    minify: true,
    write: false,
    logLevel: "error",
    format: "esm",
    platform: OF_NODE.includes(entry) ? "node" : "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    // 168 kB that attestry/node loads only for a transport, and that no service bundles.
    external: ["undici"],
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
}

function report(what: string, size: number, ceiling: number): void {
  const verdict = size <= ceiling ? "ok" : "TOO BIG";
  console.log(`${what.padEnd(34)} ${size.toFixed(1).padStart(6)} kB gzip, ceiling ${ceiling} kB: ${verdict}`);
  if (size > ceiling) process.exitCode = 1;
}

for (const [entry, ceiling] of Object.entries(CEILINGS)) report(entry, await bundledSize(entry), ceiling);
for (const { names, from, ceiling } of PARTS) {
  report(`${names.join(", ")}`, await sizeOf(`export { ${names.join(", ")} } from "./${from}";`, from), ceiling);
}
for (const { name, from, to, ceiling } of ADDITIONS) {
  const added = (await bundledSize(to, `export { ${name} } from "./${from}";`)) - (await bundledSize(to));
  report(`${name} beside ${to}`, added, ceiling);
}
