import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../scripts/support/packed.js";

/** Licences that let an application use us without asking its lawyers. */
const FREE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

interface Sbom {
  readonly components: readonly { name: string; version: string; licenses?: { license?: { id?: string } }[] }[];
}

it("the list of parts names each dependency at run time, with its version and a free licence", () => {
  const text = execFileSync("npm", ["run", "--silent", "sbom"], { cwd: projectRoot, encoding: "utf8", stdio: "pipe" });
  const { components }: Sbom = JSON.parse(text);
  const { dependencies } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
  const listed = Object.fromEntries(components.map(({ name, version }) => [name, version]));
  expect(listed).toMatchObject(dependencies);
  const licences = components.map(({ name, licenses = [] }) => [name, licenses[0]?.license?.id]);
  expect(licences.filter(([, id]) => !FREE.includes(String(id)))).toEqual([]);
});
