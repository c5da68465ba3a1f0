/** publint and are-the-types-wrong, on the tarball itself. */
import { spawnSync } from "node:child_process";
import { pack, projectRoot, temporaryFolder } from "./support/packed.js";

const { tarball } = pack(temporaryFolder("package"));

for (const tool of ["publint", "attw"]) {
  const { status } = spawnSync("npm", ["run", "--silent", tool, tarball], { cwd: projectRoot, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
