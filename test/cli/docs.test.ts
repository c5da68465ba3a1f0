import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { documentAnew } from "./documented.js";

const DOCUMENT = fileURLToPath(new URL("../../docs/cli.md", import.meta.url));

// After a change of what the command prints: npx vitest run test/cli/docs.test.ts --update
it("docs/cli.md shows what the command prints", async () => {
  const text = await documentAnew();
  expect(text.match(/^\$ attestry /gm)).toHaveLength(7);
  await expect(text).toMatchFileSnapshot(DOCUMENT);
});
