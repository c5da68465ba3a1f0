import { readFileSync } from "node:fs";
import { toBase64 } from "../../src/bytes/codecs.js";
import { fetchTransport, KDS_BASE_URL } from "../../src/kds/index.js";
import type { Transport } from "../../src/kds/types.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { type FakeKds, startFakeKds } from "../../src/testing/kds/index.js";
import type { FakeSetting } from "./fake-io.js";
import { filesOf } from "./forged.js";
import { runWriting } from "./run-cli.js";

const root = new URL("../../", import.meta.url);
const DOCUMENT = new URL("docs/cli.md", root);
const NOW = new Date("2026-06-01T00:00:00Z");

/** What Trustee's tools would register for one image. */
const REFERENCE_VALUES = {
  snp_launch_measurement: ["5a".repeat(48)],
  snp_bootloader: [10],
  snp_tee_svn: [0],
  snp_snp_svn: [23, 25],
  snp_microcode: [84],
  snp_smt_enabled: [true],
};

type Files = NonNullable<FakeSetting["files"]>;

function documentedFiles(maker: Forge): Files {
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
    "reference-values.json": JSON.stringify(REFERENCE_VALUES),
    "typo.json": JSON.stringify({ version: 1, id: "typo", snp: { mesurement: "any" } }),
    "lines.jsonl": `${line("genuine", report)}\n${line("tampered", tampered)}\n{"id":"broken"}\n`,
  };
}

/** What stands around the commands of the page: what one of them writes, the next ones find. */
interface Scene {
  readonly files: Files;
  readonly transport: Transport;
}

/** AMD's key server, played by one on loopback. */
function playedBy(kds: FakeKds): Transport {
  return async (request) => await fetchTransport({ ...request, url: request.url.replace(KDS_BASE_URL, kds.url) });
}

/** What a command prints on stdout, as far as `head` lets it, and then on stderr. */
async function printedBy(command: string, { files, transport }: Scene): Promise<string> {
  const [, line = "", input, head] = /^(.*?)(?: < (\S+))?(?: \| head -n (\d+))?$/.exec(command) ?? [];
  const stdin = input === undefined ? {} : { stdin: files[input] ?? "" };
  const { stdout, stderr, written } = await runWriting(line.split(" "), { files, transport, now: NOW, ...stdin });
  Object.assign(files, written);
  if (head === undefined) return stdout + stderr;
  return (
    stdout
      .split(/(?<=\n)/)
      .slice(0, Number(head))
      .join("") + stderr
  );
}

async function documentIn(scene: Scene): Promise<string> {
  let text = readFileSync(DOCUMENT, "utf8");
  for (const [block, command = ""] of text.matchAll(/^```console\n\$ attestry (.*)\n[\s\S]*?```$/gm)) {
    const anew = `\`\`\`console\n$ attestry ${command}\n${await printedBy(command, scene)}\`\`\``;
    text = text.replace(block, () => anew);
  }
  return text;
}

/** docs/cli.md with the output of every command in it made anew, in their order. */
export async function documentAnew(): Promise<string> {
  const forge = await createForge({ seed: "attestry/docs", productLine: "Genoa" });
  const kds = await startFakeKds({ forge });
  try {
    return await documentIn({ files: documentedFiles(forge), transport: playedBy(kds) });
  } finally {
    await kds.close();
  }
}
