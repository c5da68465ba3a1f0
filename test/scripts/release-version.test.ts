import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const script = join(import.meta.dirname, "../../scripts/release-version.mjs");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "attestry-release-"));
  mkdirSync(join(folder, "scripts"));
  cpSync(script, join(folder, "scripts/release-version.mjs"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function release({ tag, version, heading }: Record<"tag" | "version" | "heading", string>) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version }));
  writeFileSync(join(folder, "CHANGELOG.md"), `# Changelog\n\n${heading}\n\n- New.\n\n## 0.1.0 (2026-01-01)\n`);
  return spawnSync(process.execPath, [join(folder, "scripts/release-version.mjs"), tag], { encoding: "utf8" });
}

describe("a release", () => {
  const good = { tag: "v1.2.3", version: "1.2.3", heading: "## 1.2.3 (2026-11-22)" };

  it("is made where tag, manifest and changelog name one version", () => {
    expect(release(good)).toMatchObject({ status: 0, stdout: "releasing 1.2.3\n" });
  });

  it.each([
    ["another tag", { tag: "v1.2.4" }],
    ["a tag without v", { tag: "1.2.3" }],
    ["another version in the manifest", { version: "1.2.4" }],
    ["another version in the changelog", { heading: "## 1.2.2 (2026-11-22)" }],
    ["a changelog that calls it unreleased", { heading: "## 1.2.3 (unreleased)" }],
  ])("is not made for %s", (_, wrong) => {
    const { status, stderr } = release({ ...good, ...wrong });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^expected one version, found the tag /);
  });
});
