/** publint and are-the-types-wrong, on the tarball itself. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pack, projectRoot, temporaryFolder } from "./support/packed.js";

const { tarball } = pack(temporaryFolder("package"));

const CHECKS: readonly (readonly [tool: string, ...words: string[]])[] = [
  ["publint", "--strict", tarball],
  ["attw", "--profile", "esm-only", tarball],
];

for (const [tool, ...words] of CHECKS) {
  const { status } = spawnSync(join(projectRoot, "node_modules/.bin", tool), words, { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
