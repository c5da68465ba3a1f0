import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { contentSecurityPolicy } from "./build/policy-plugin.js";
import { samplesPlugin } from "./build/samples.js";
import { schemaPlugin } from "./build/schema.js";
import { sizePlugin } from "./build/size.js";
import { tablesPlugin } from "./build/tables.js";

const project = resolve(import.meta.dirname, "..");
const outDir = join(project, "site-dist");

/** Files of earlier builds have other names and would stay; the API's pages beside them are not ours to remove. */
function removeOldAssets(): Plugin {
  return {
    name: "remove-old-assets",
    apply: "build",
    configResolved: ({ root, build }) => {
      rmSync(resolve(root, build.outDir, "assets"), { recursive: true, force: true });
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the site works from any folder of a server.
  base: "./",
  resolve: {
    alias: [
      { find: /^attestry$/, replacement: join(project, "src/index.ts") },
      { find: /^attestry\/(.+)$/, replacement: join(project, "src/$1/index.ts") },
    ],
  },
  plugins: [tablesPlugin(), samplesPlugin(), schemaPlugin(), contentSecurityPolicy(), removeOldAssets(), sizePlugin()],
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: join(import.meta.dirname, "index.html"), online: join(import.meta.dirname, "online.html") },
      // Annotations that another bundler understands; how long plugins take.
      checks: { invalidAnnotation: false, pluginTimings: false },
    },
  },
});
