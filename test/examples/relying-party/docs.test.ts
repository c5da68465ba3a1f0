import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { refusals } from "../../../examples/relying-party/demo/scenarios.js";
import { VARIABLE_NAMES } from "../../../examples/relying-party/node/environment.js";
import { relativeLinks } from "../../../scripts/support/links.js";

const PROJECT = new URL("../../..", import.meta.url).pathname;
const EXAMPLE = join(PROJECT, "examples/relying-party");
const read = (...path: string[]) => readFileSync(join(...path), "utf8");

describe(".env.example", () => {
  const named = [...read(EXAMPLE, ".env.example").matchAll(/^([A-Z_]+)=/gm)].map(([, name = ""]) => name);

  it("has every variable, and no other", () => {
    expect(named.map((name) => name.replace(/_FILE$/, "")).sort()).toEqual([...VARIABLE_NAMES].sort());
  });

  it("names secrets as files", () => {
    for (const name of ["CHALLENGE_KEYS", "RESULT_KEY", "SECRETS"]) expect(named).toContain(`${name}_FILE`);
  });
});

describe("the example's package", () => {
  const own = JSON.parse(read(EXAMPLE, "package.json"));
  const root = JSON.parse(read(PROJECT, "package.json"));
  const versions = { ...root.devDependencies, ...root.dependencies };

  it("has the versions that the tests run with", () => {
    const { attestry, ...others } = { ...own.dependencies, ...own.devDependencies };
    expect(attestry).toBe("file:../..");
    for (const [name, version] of Object.entries(others)) expect(versions[name], name).toBe(version);
  });
});

describe("the pages", () => {
  it("the README links to what is there", () => {
    const page = join(EXAMPLE, "README.md");
    const links = relativeLinks(read(page));
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });

  it("docs/flow.md lists every refusal that is played", () => {
    const page = read(PROJECT, "docs/flow.md");
    for (const { refusal } of refusals(0)) {
      expect(page).toContain(`\`${refusal?.code}\``);
      if (refusal !== null && refusal.check !== null) expect(page).toContain(`\`${refusal.check}\``);
    }
  });
});
