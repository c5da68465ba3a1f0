import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import type { Transport } from "../../src/kds/index.js";
import { type CorpusSet, corpusFile, corpusSet } from "../support/corpus.js";
import { corpusRoot, needs } from "../support/needs.js";
import type { FakeSetting } from "./fake-io.js";
import { runCli, runWriting } from "./run-cli.js";

/** AMD's key server as far as the corpus has its answers: it knows the one chip of the set. */
function amdServer(set: CorpusSet) {
  const asked: string[] = [];
  const amd = (name: string) => corpusFile(`amd/${set.product}/${name}`);
  const answers: readonly (readonly [path: RegExp, body: () => Uint8Array])[] = [
    [/^\/vcek\/v1\/[A-Z][a-z]+\/cert_chain$/, () => amd("vcek_cert_chain.pem")],
    [/^\/vcek\/v1\/[A-Z][a-z]+\/crl$/, () => amd("crl.der")],
    [/^\/vcek\/v1\/[A-Z][a-z]+\/[0-9a-f]+\?/, () => set.read("vcek.der")],
  ];
  const transport: Transport = async ({ url }) => {
    await Promise.resolve();
    const path = url.replace("https://kdsintf.amd.com", "");
    asked.push(path);
    const body = answers.find(([pattern]) => pattern.test(path))?.[1]();
    return { status: body === undefined ? 404 : 200, headers: {}, body: body ?? new Uint8Array(0) };
  };
  return { asked, setting: { disk: true, now: set.at, transport } satisfies FakeSetting };
}

const reportOf = ({ id }: CorpusSet) => resolve(corpusRoot, "reports", id, "report.bin");

describe.runIf(needs("corpus"))("real reports, with AMD's answers", () => {
  const SETS = [
    ["tav-v3-milan", 128, "blSPL="],
    ["tav-v3-genoa", 128, "blSPL="],
    ["tav-v5-turin", 16, "fmcSPL="],
  ] as const;

  it.each(SETS)(
    "%s: verify --fetch asks for its VCEK and CRL, and stands on AMD's built-in keys",
    async (id, digits, first) => {
      const set = corpusSet(id);
      const { asked, setting } = amdServer(set);
      const result = await runCli(["verify", reportOf(set), "--fetch", "--signature-only"], setting);
      expect(result).toMatchObject({ code: 0, stderr: "" });
      expect(result.stdout).toMatch(/^ +Trust anchor +AMD's published key$/m);
      expect(result.stdout).toMatch(/^ +ASK +SEV-\w+, serial \w+, built-in key/m);
      const chip = toHex(set.read("report.bin").slice(0x1a0, 0x1a0 + digits / 2));
      expect(asked[0]).toMatch(new RegExp(`^/vcek/v1/${set.product}/${chip}\\?${first}\\d\\d&`));
      expect(asked.slice(1)).toEqual([`/vcek/v1/${set.product}/crl`]);
    },
  );

  it.each(SETS)("%s: fetch writes AMD's certificates as they are", async (id) => {
    const set = corpusSet(id);
    const { asked, setting } = amdServer(set);
    const { code, stderr, written } = await runWriting(["fetch", reportOf(set), "--out", "o", "--crl"], setting);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const files = { "o/vcek.der": "vcek.der", "o/ask.der": "ask.der", "o/ark.der": "ark.der" };
    for (const [path, name] of Object.entries(files))
      expect(toHex(written[path] ?? new Uint8Array(0))).toBe(toHex(set.read(name)));
    expect(written["o/crl.der"]).toEqual(corpusFile(`amd/${set.product}/crl.der`));
    expect(asked).toHaveLength(3);
  });

  it("a version 2 report needs its line, and gets its certificates with it", async () => {
    const set = corpusSet("virtee-v2-milan");
    const { setting, asked } = amdServer(set);
    const line = ["verify", reportOf(set), "--fetch", "--signature-only"];
    const unnamed = await runCli(line, setting);
    expect(unnamed).toMatchObject({ code: 3, stdout: "" });
    expect(unnamed.stderr).toContain("--product-line");
    expect(asked).toEqual([]);
    expect(await runCli([...line, "--product-line", "Milan"], setting)).toMatchObject({ code: 0, stderr: "" });
  });

  it("an Azure report takes the VCEK that it came with, and AMD's CRL", async () => {
    const set = corpusSet("trustee-azsnp-v3-milan-b");
    const { setting, asked } = amdServer(set);
    const evidence = resolve(corpusRoot, "reports", set.id, "origin/evidence-v1.json");
    const { code, written } = await runWriting(["bundle", evidence, "--fetch", "--out", "b"], setting);
    expect({ code, asked }).toEqual({ code: 0, asked: ["/vcek/v1/Milan/cert_chain", "/vcek/v1/Milan/crl"] });
    const files = { b: written["b"] ?? "" };
    const alone = { files, now: set.at };
    expect(await runCli(["verify", "b", "--signature-only"], alone)).toMatchObject({ code: 0, stderr: "" });
  });
});
