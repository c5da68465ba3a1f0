/** A test file and everything of ours that it imports, as one script without imports. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { HOST } from "./host.js";

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Packages are loaded once for all bundles. */
const packages = {
  name: "packages",
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path, namespace: "package" },
    );
    context.onLoad({ filter: /.*/, namespace: "package" }, async ({ path }) => {
      const modules = globalThis[HOST];
      if (!modules.has(path)) modules.set(path, await import(path));
      const names = Object.keys(modules.get(path)).filter((name) => IDENTIFIER.test(name) && name !== "default");
      const contents = `const loaded = globalThis[${JSON.stringify(HOST)}].get(${JSON.stringify(path)});
        export const { ${names.join(", ")} } = loaded;
        export default loaded.default ?? loaded;`;
      return { contents, loader: "js" };
    });
  },
};

/** `import.meta` as each file had it. */
const places = {
  name: "places",
  setup(context) {
    context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const meta = JSON.stringify({ dirname: dirname(path), url: pathToFileURL(path).href });
      return { contents: readFileSync(path, "utf8").replaceAll("import.meta", `(${meta})`), loader: "ts" };
    });
  },
};

/**
 * @param {string} path - of the test file
 * @returns {Promise<string>} a script that may await at its top
 */
export async function bundle(path) {
  const { outputFiles } = await build({
    stdin: {
      contents: `import "./test/support/expect.js"; import ${JSON.stringify(path)};`,
      resolveDir: process.cwd(),
      sourcefile: "entry.ts",
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "error",
    // package.json says that no file has side effects, which is not so for tests.
    ignoreAnnotations: true,
    plugins: [packages, places],
  });
  return outputFiles.map(({ text }) => text).join("\n");
}
