import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { FORMATS } from "../../src/cli/formats.js";
import { documentAnew } from "./documented.js";

const DOCUMENT = fileURLToPath(new URL("../../docs/cli.md", import.meta.url));

const text = readFileSync(DOCUMENT, "utf8");

it("docs/cli.md names every container that the command opens", () => {
  for (const { name, doc } of FORMATS) expect(text).toContain(`| \`${name}\` | ${doc} |`);
});

// After a change of what the command prints: npx vitest run test/cli/docs.test.ts --update
it("docs/cli.md shows what the command prints", async () => {
  const text = await documentAnew();
  expect(text.match(/^\$ attestry /gm)).toHaveLength(17);
  await expect(text).toMatchFileSnapshot(DOCUMENT);
});
