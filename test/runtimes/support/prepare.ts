import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { installPacked, pack, temporaryFolder } from "../../../scripts/support/packed.js";
import { makeBases } from "../../../scripts/vectors/bases.js";
import { hasRuntimes, lookForRuntimes } from "../../support/needs.js";
import { bundleRunners } from "./bundle.js";
import { INPUT } from "./drive.js";
import { makeInput } from "./input.js";
import { startServers } from "./servers.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the packed package, the bundled runners and their input; and whether docs/ is written anew. */
    runtimes: { folder: string; update: boolean };
  }
}

/** Where the pinned programs run. */
const THEIR_PLATFORM = "linux-x64";

/** Fetches the runtimes where they are not there as pinned. What is missing afterwards is told by whoever needs it. */
function fetchRuntimes(): void {
  if (hasRuntimes() || `${process.platform}-${process.arch}` !== THEIR_PLATFORM) return;
  const cwd = resolve(import.meta.dirname, "../programs");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd, stdio: "ignore" });
  if (status !== 0)
    process.stderr.write(`npm ci in test/runtimes/programs failed: ${error ?? `exit code ${status}`}\n`);
}

/** Vitest's global setup: everything that the runtimes have in common, made once. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  fetchRuntimes();
  lookForRuntimes();
  const folder = temporaryFolder("runtimes");
  installPacked(folder, pack(temporaryFolder("tarball")).tarball);
  await bundleRunners(folder);
  const bases = await makeBases();
  const servers = await startServers(bases["milan-vcek"].forge);
  writeFileSync(join(folder, INPUT), JSON.stringify(await makeInput(bases, servers.urls)));
  const update = project.config.snapshotOptions.updateSnapshot === "all";
  project.provide("runtimes", { folder, update });
  return () => servers.close();
}
