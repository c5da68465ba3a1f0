import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const project = join(import.meta.dirname, "../..");
/** The pages that quote examples. */
const pages = ["collateral", "challenge"]
  .map((name) => readFileSync(join(project, `docs/${name}.md`), "utf8"))
  .join("\n");

/** Blocks that need packages of the reader's own: they are quoted from examples/, where they are tested. */
const quoted = [...pages.matchAll(/```typescript\n([\s\S]*?)\n```/g)].map(([, code]) => code);
const examples = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".ts"));

it.each(examples)("a page quotes examples/%s as it is, and links to it", (name) => {
  expect(quoted).toContain(readFileSync(join(project, "examples", name), "utf8").trimEnd());
  expect(pages).toContain(`(../examples/${name})`);
});

it("quotes nothing that is not tested there", () => expect(quoted).toHaveLength(examples.length));
