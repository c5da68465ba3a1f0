/** Fails unless the tag, package.json and the newest dated entry of CHANGELOG.md name one version. Node alone runs it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const read = (path) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");
const [tag] = process.argv.slice(2);
const { version } = JSON.parse(read("package.json"));
const [, newest] = /^## (\d\S*)(?: \(\d{4}-\d\d-\d\d\))?$/m.exec(read("CHANGELOG.md")) ?? [];
if (tag === `v${version}` && newest === version) {
  console.log(`releasing ${version}`);
} else {
  console.error(`expected one version, found the tag ${tag}, ${version} in package.json, ${newest} in CHANGELOG.md`);
  process.exitCode = 1;
}
