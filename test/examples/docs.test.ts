import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const project = join(import.meta.dirname, "../..");
const page = readFileSync(join(project, "docs/collateral.md"), "utf8");

/** Blocks that need packages of the reader's own: they are quoted from examples/, where they are tested. */
const quoted = [...page.matchAll(/```typescript\n([\s\S]*?)\n```/g)].map(([, code]) => code);
const examples = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".ts"));

it.each(examples)("docs/collateral.md quotes examples/%s as it is, and links to it", (name) => {
  expect(quoted).toContain(readFileSync(join(project, "examples", name), "utf8").trimEnd());
  expect(page).toContain(`(../examples/${name})`);
});

it("quotes nothing that is not tested there", () => expect(quoted).toHaveLength(examples.length));
