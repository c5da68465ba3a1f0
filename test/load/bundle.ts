import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const PROJECT = resolve(import.meta.dirname, "../..");
const ENTRIES = {
  server: join(PROJECT, "examples/relying-party/server.ts"),
  "raw-worker": join(PROJECT, "test/load/raw-worker.ts"),
  "gc-on-signal": join(PROJECT, "test/load/gc-on-signal.ts"),
} as const;
/** Packages in CommonJS ask for Node's modules by a function that modules do not have. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** Where each program lies, as one file of JavaScript that starts at once. */
export type Programs = Readonly<Record<keyof typeof ENTRIES, string>>;

/** Builds the service and what the load tests need beside it, out of the sources, into a folder. */
export async function bundle(folder: string): Promise<Programs> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: { ...ENTRIES },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    tsconfig: join(PROJECT, "tsconfig.test.json"),
    banner: { js: REQUIRE },
    logLevel: "warning",
  });
  const at = (name: string) => join(folder, `${name}.mjs`);
  return { server: at("server"), "raw-worker": at("raw-worker"), "gc-on-signal": at("gc-on-signal") };
}
