import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { manifest, projectRoot, subpaths } from "../../scripts/support/packed.js";
import { runCommand, runModule, runScript } from "./support/run.js";

const installed = inject("installed");

/** Every file of the tarball is of one of these kinds. */
const EXPECTED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/,
  /^schemas\/[\w.-]+\.json$/,
  /^dist\/((testing|policy)\/)?[\w-]+\.(js|js\.map|d\.ts)$/,
];

const LIST = "console.log(JSON.stringify(Object.keys(module).sort()))";

describe("the tarball", () => {
  it("holds what it must and nothing besides", () => {
    expect(installed.files.filter((file) => !EXPECTED.some((kind) => kind.test(file)))).toEqual([]);
    for (const file of ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "dist/cli.js"]) {
      expect(installed.files).toContain(file);
    }
    expect(installed.files.filter((file) => file.startsWith("schemas/"))).not.toEqual([]);
  });

  it("names nobody's home folder and no other place of the machine that built it", () => {
    for (const file of installed.files) {
      const text = readFileSync(join(installed.folder, "node_modules/attestry", file), "utf8");
      expect(text.includes(projectRoot), file).toBe(false);
    }
  });
});

describe.each(subpaths())("%s", (subpath) => {
  it("exports the same names by import and by require, and types beside them", () => {
    const imported = runModule(`import * as module from ${JSON.stringify(subpath)}; ${LIST}`);
    const required = runScript(
      `const module_ = require(${JSON.stringify(subpath)}); { const module = module_; ${LIST} }`,
    );
    expect(imported).toMatchObject({ status: 0, stderr: "" });
    expect(required).toMatchObject({ status: 0 });
    const names: string[] = JSON.parse(imported.stdout);
    expect(names).not.toEqual([]);
    expect(names).not.toContain("default");
    expect(JSON.parse(required.stdout).filter((name: string) => name !== "__esModule")).toEqual(names);
  });
});

describe("what is not listed", () => {
  it.each(["attestry/dist/index.js", "attestry/src/index.ts", "attestry/cli", "attestry/verify"])(
    "%s is shut",
    (path) => {
      const ended = runModule(`await import(${JSON.stringify(path)}).catch((error) => console.log(error.code))`);
      expect(ended.stdout.trim()).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
    },
  );

  it("package.json is open", () => {
    const ended = runScript('console.log(require("attestry/package.json").version)');
    expect(ended.stdout.trim()).toBe(manifest().version);
  });
});

describe("the command", () => {
  it("is installed and says how it is used and which version it is", () => {
    expect(runCommand(["--help"])).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringContaining("attestry"),
    });
    expect(runCommand(["--version"]).stdout).toContain(manifest().version);
    expect(runCommand(["inspect", "--help"])).toMatchObject({ status: 0, stderr: "" });
  });

  it("exits 1 on wrong use and 6 on bytes that are no report", () => {
    expect(runCommand([]).status).toBe(1);
    expect(runCommand(["inspect", "-"], "00112233").status).toBe(6);
  });
});
