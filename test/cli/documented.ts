import { readFileSync } from "node:fs";
import { toBase64 } from "../../src/bytes/codecs.js";
import { createForge } from "../../src/testing/index.js";
import type { FakeSetting } from "./fake-io.js";
import { filesOf } from "./forged.js";
import { runCli } from "./run-cli.js";

const root = new URL("../../", import.meta.url);
const DOCUMENT = new URL("docs/cli.md", root);

async function documentedFiles(): Promise<NonNullable<FakeSetting["files"]>> {
  const maker = await createForge({ seed: "attestry/docs", productLine: "Genoa" });
  const reportData = Uint8Array.from({ length: 64 }, (_, index) => index + 1);
  const forged = maker.evidence({ report: { reportData } });
  const { report } = forged.evidence;
  const tampered = Uint8Array.from(report);
  tampered[0x90] = (tampered[0x90] ?? 0) ^ 1;
  const parts = Object.entries(forged.evidence.certificates ?? {}).map(([name, der]) => [name, toBase64(der)]);
  const terms = { ...Object.fromEntries(parts), anchors: forged.anchors.map(toBase64), now: "2026-06-01T00:00:00Z" };
  const line = (id: string, bytes: Uint8Array) => JSON.stringify({ id, report: toBase64(bytes), ...terms });
  const { "anchor.der": anchor = new Uint8Array(0), ...files } = filesOf(forged);
  return {
    ...files,
    "ark.der": anchor,
    "debug.bin": maker.report({ reportData, policy: 0xb0000n, platformInfo: 0x5n }).bytes,
    "tampered.bin": tampered,
    "policy.json": readFileSync(new URL("examples/policy.json", root)),
    "lines.jsonl": `${line("genuine", report)}\n${line("tampered", tampered)}\n{"id":"broken"}\n`,
  };
}

/** What a command of the page prints on stdout, as far as `head` lets it, and then on stderr. */
async function printedBy(command: string): Promise<string> {
  const files = await documentedFiles();
  const [, line = "", input, head] = /^(.*?)(?: < (\S+))?(?: \| head -n (\d+))?$/.exec(command) ?? [];
  const stdin = input === undefined ? {} : { stdin: files[input] ?? "" };
  const { stdout, stderr } = await runCli(line.split(" "), { files, ...stdin });
  if (head === undefined) return stdout + stderr;
  return (
    stdout
      .split(/(?<=\n)/)
      .slice(0, Number(head))
      .join("") + stderr
  );
}

/** docs/cli.md with the output of every command in it made anew. */
export async function documentAnew(): Promise<string> {
  let text = readFileSync(DOCUMENT, "utf8");
  for (const [block, command = ""] of text.matchAll(/^```console\n\$ attestry (.*)\n[\s\S]*?```$/gm)) {
    const anew = `\`\`\`console\n$ attestry ${command}\n${await printedBy(command)}\`\`\``;
    text = text.replace(block, () => anew);
  }
  return text;
}
