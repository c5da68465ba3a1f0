import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { buildFirmware } from "../../scripts/vectors/firmware.js";
import { runCli } from "./run-cli.js";

const DOCUMENT = fileURLToPath(new URL("../../docs/measure.md", import.meta.url));
const FILES = { "OVMF.fd": buildFirmware(), vmlinuz: "kernel", "initrd.img": "initrd" };
const COMMAND = /^```console\n\$ attestry (.*)\n[\s\S]*?```$/gm;

/** The words of a command line; `"..."` is one word. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

async function documentAnew(): Promise<string> {
  let text = readFileSync(DOCUMENT, "utf8");
  for (const [block, command = ""] of text.matchAll(COMMAND)) {
    const { stdout, stderr } = await runCli(wordsOf(command), { files: FILES });
    text = text.replace(block, () => `\`\`\`console\n$ attestry ${command}\n${stdout}${stderr}\`\`\``);
  }
  return text;
}

// After a change of what the command prints: npx vitest run test/cli/measure-docs.test.ts --update
it("docs/measure.md shows what the command prints", async () => {
  const text = await documentAnew();
  expect(text.match(/^\$ attestry /gm)).toHaveLength(3);
  await expect(text).toMatchFileSnapshot(DOCUMENT);
});
