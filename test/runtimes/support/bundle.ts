import { resolve } from "node:path";
import { build, type Platform } from "esbuild";

interface BundleKind {
  /** Modules that the engine brings itself or finds installed. */
  readonly external: readonly string[];
  readonly platform: Platform;
}

/** The files in runners/, and how their engines want them. */
const RUNNERS: Readonly<Record<string, BundleKind>> = {
  process: { external: ["node:*", "attestry", "attestry/*"], platform: "neutral" },
  worker: { external: [], platform: "neutral" },
  "worker-node": { external: [], platform: "node" },
  page: { external: [], platform: "browser" },
};

/** Writes every runner with its suite, and with as much of the package installed in `folder` as is not external. */
export async function bundleRunners(folder: string): Promise<void> {
  for (const [runner, { external, platform }] of Object.entries(RUNNERS)) {
    await build({
      entryPoints: [resolve(import.meta.dirname, `../runners/${runner}.ts`)],
      outfile: resolve(folder, `${runner}.mjs`),
      bundle: true,
      format: "esm",
      target: "es2022",
      platform,
      mainFields: ["module", "main"],
      external: [...external],
      nodePaths: [resolve(folder, "node_modules")],
      // No paths of the compiler: they lead to the source, and what is tested is the package.
      tsconfigRaw: {},
      logLevel: "silent",
    });
  }
}
