/**
 * `npm run sbom`: what comes along when one installs the packed project, as CycloneDX JSON on stdout.
 *
 * Asked of a folder with that one install: in the checkout npm leaves out packages that our tools use as well.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPacked, manifest, pack, temporaryFolder } from "./support/packed.js";

const folder = temporaryFolder("sbom");
installPacked(folder, pack(folder).tarball);
const path = join(folder, "package.json");
const { version } = manifest();
// npm lists the parts of nothing that has no name and version.
const named = { name: "attestry-installed", version, ...JSON.parse(readFileSync(path, "utf8")) };
writeFileSync(path, JSON.stringify(named));
process.stdout.write(execFileSync("npm", ["sbom", "--sbom-format=cyclonedx"], { cwd: folder, encoding: "utf8" }));
