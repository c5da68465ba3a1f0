import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.js";
import { corpusWhere } from "../support/corpus.js";
import { corpusRoot, needs } from "../support/needs.js";
import { runCli } from "./run-cli.js";

const args = (id: string, more: readonly string[]) => {
  const folder = resolve(corpusRoot, "reports", id);
  return ["verify", resolve(folder, "report.bin"), "--certs", folder, "--signature-only", ...more];
};

describe.runIf(needs("corpus"))("attestry verify on real evidence", () => {
  it.each(corpusWhere((expected) => expected === "valid"))("$id is genuine", async ({ id, at, revocation }) => {
    const result = await runCli(args(id, ["--at", at.toISOString(), "--revocation", revocation]), { disk: true });
    expect(result).toMatchObject({ code: EXIT.accepted, stderr: "" });
    expect(result.stdout.split("\n")[0]).toBe("genuine, NOT appraised");
  });

  it.each(corpusWhere((expected) => expected.startsWith("invalid:")))("$id is not", async (set) => {
    const { id, at, revocation, code } = set;
    const result = await runCli(args(id, ["--at", at.toISOString(), "--revocation", revocation]), { disk: true });
    expect(result).toMatchObject({ code: EXIT.untrusted, stdout: "" });
    expect(result.stderr).toContain(code ?? "ERR_UNTRUSTED_");
  });
});
