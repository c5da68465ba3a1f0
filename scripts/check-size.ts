/** Bundles each subpath as an application would, prints its size, and fails where one has outgrown its ceiling. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { projectRoot } from "./support/packed.js";

/** Kilobytes, minified and gzipped, with everything that is reachable. Raise one only together with its reason. */
const CEILINGS: Readonly<Record<string, number>> = {
  "dist/index.js": 46,
  "dist/policy.js": 21,
  "dist/evidence.js": 37,
  "dist/noble.js": 52,
  "dist/node.js": 38,
  "dist/id-block.js": 17,
  "dist/measure.js": 20,
  "dist/testing.js": 118,
  "dist/testing/kds.js": 6,
};

/** What may use Node's own modules. */
const OF_NODE = ["dist/node.js", "dist/testing/kds.js"];

async function bundledSize(entry: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from "./${entry}";`, resolveDir: projectRoot },
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

for (const [entry, ceiling] of Object.entries(CEILINGS)) {
  const size = await bundledSize(entry);
  const verdict = size <= ceiling ? "ok" : "TOO BIG";
  console.log(`${entry.padEnd(18)} ${size.toFixed(1).padStart(6)} kB gzip, ceiling ${ceiling} kB: ${verdict}`);
  if (size > ceiling) process.exitCode = 1;
}
