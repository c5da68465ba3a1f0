import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const PROJECT = new URL("../../..", import.meta.url).pathname;

/** What the example calls us by leads to the source. */
const OWN_NAMES: Plugin = {
  name: "own names",
  setup({ onResolve }) {
    onResolve({ filter: /^attestry(?:\/|$)/ }, ({ path }) => {
      return { path: join(PROJECT, path.replace("attestry", "src"), "index.ts") };
    });
  },
};

/** One module without Node's: for this platform an import of one is an error of the bundler. */
export function bundleFor(entry: string): Promise<{ text: string; inputs: readonly string[] }> {
  const options = { bundle: true, write: false, metafile: true, format: "esm", target: "es2022" } as const;
  const contents = { contents: entry, resolveDir: import.meta.dirname, loader: "ts" } as const;
  return build({
    ...options,
    stdin: contents,
    platform: "browser",
    absWorkingDir: PROJECT,
    plugins: [OWN_NAMES],
  }).then(({ outputFiles: [file], metafile }) => ({ text: file?.text ?? "", inputs: Object.keys(metafile.inputs) }));
}

/** Plays the flow, and prints what became of it. */
export const PROGRAM = 'import { flow } from "./everywhere.js"; console.log(await flow());';

/** What becomes of it. */
export const OPENED = "opened, then ERR_CHALLENGE_SPENT";

/** The same as a test of workerd: it fails unless that becomes of it. */
export const WORKER = `import { flow } from "./everywhere.js";
export default {
  async test() {
    const found = await flow();
    if (found !== ${JSON.stringify(OPENED)}) throw new Error(found);
  },
};`;
