import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { toBase64, toHex } from "../../src/bytes/codecs.js";
import { EXIT } from "../../src/cli/exit-codes.js";
import { type CorpusSet, corpusFile, corpusSet, corpusWhere } from "../support/corpus.js";
import { corpusRoot, needs } from "../support/needs.js";
import { pem } from "./forged.js";
import { type RunResult, runCli } from "./run-cli.js";

type Files = Record<string, Uint8Array | string>;

const POLICY = JSON.stringify({
  version: 1,
  id: "loose",
  snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
});

function terms({ at, revocation }: CorpusSet): readonly string[] {
  return ["--at", at.toISOString(), "--revocation", revocation];
}

const fromDisk = ({ id, ...set }: CorpusSet) => {
  const folder = resolve(corpusRoot, "reports", id);
  const args = ["verify", resolve(folder, "report.bin"), "--certs", folder, "--signature-only"];
  return runCli([...args, ...terms({ id, ...set })], { disk: true });
};

describe.runIf(needs("corpus"))("attestry verify on real evidence", () => {
  it.each(corpusWhere((expected) => expected === "valid"))("$id is genuine", async (set) => {
    const result = await fromDisk(set);
    expect(result).toMatchObject({ code: EXIT.accepted, stderr: "" });
    expect(result.stdout.split("\n")[0]).toBe("genuine, NOT appraised");
    expect(result.stdout).toMatch(/^ +Trust anchor +AMD's published key$/m);
    const status = set.revocation === "skip" ? "skipped" : "checked";
    expect(result.stdout).toMatch(new RegExp(`^ +Status +${status}$`, "m"));
    expect(result.stdout).toMatch(new RegExp(`^ +Version +${set.version}, ${set.product}, VMPL \\d$`, "m"));
    expect(result.stdout).toMatch(new RegExp(`^ +Signed by +${set.signer} of `, "m"));
  });

  it.each(corpusWhere((expected) => expected.startsWith("invalid:")))("$id is not", async (set) => {
    const result = await fromDisk(set);
    expect(result).toMatchObject({ code: EXIT.untrusted, stdout: "" });
    expect(result.stderr).toContain(set.code ?? "ERR_UNTRUSTED_");
  });

  it.each(corpusWhere((expected) => expected.startsWith("parse-only")))("$id lacks its certificate", async (set) => {
    const result = await fromDisk(set);
    expect(result).toMatchObject({ code: EXIT.certificates, stdout: "" });
    expect(result.stderr).toContain("ERR_COLLATERAL_MISSING");
  });
});

describe.runIf(needs("corpus"))("real evidence in other clothes", () => {
  // Read when a test runs: where there is no corpus this body runs all the same.
  const part = (name: string) => corpusSet("tav-v5-turin").read(name);
  const cert = (name: string) => pem("CERTIFICATE", part(name));
  const crlPem = () => pem("X509 CRL", part("crl.der"));
  const run = (files: Files, more: readonly string[] = []): Promise<RunResult> =>
    runCli(["verify", "r", "--certs", "c", "--signature-only", "--at", "2026-09-01T00:00:00Z", ...more], { files });
  const leafAndCrl = (): Files => ({
    r: part("report.bin"),
    "c/vcek.der": part("vcek.der"),
    "c/crl.der": part("crl.der"),
  });

  it.each<[string, () => Files]>([
    [
      "hex and PEM files",
      () => ({
        r: toHex(part("report.bin")),
        "c/vcek.pem": cert("vcek.der"),
        "c/ask.pem": cert("ask.der"),
        "c/crl.pem": crlPem(),
      }),
    ],
    [
      "base64 and a bundle",
      () => ({
        r: toBase64(part("report.bin")),
        c: cert("ark.der") + cert("ask.der") + cert("vcek.der") + crlPem(),
      }),
    ],
    [
      "a chain as AMD sends it",
      () => ({ ...leafAndCrl(), "c/cert_chain": corpusFile("amd/Turin/vcek_cert_chain.pem") }),
    ],
  ])("%s", async (_, files) => {
    const { code, stdout } = await run(files());
    expect(code).toBe(EXIT.accepted);
    expect(stdout).toMatch(/^ +ASK +SEV-Turin, serial 0x30001, supplied/m);
  });

  it("without ASK and ARK stands on the built-in keys, and says so", async () => {
    const { code, stdout } = await run(leafAndCrl());
    expect(code).toBe(EXIT.accepted);
    expect(stdout).toMatch(/^ +ASK +SEV-Turin, serial 0x30001, built-in key/m);
    expect(stdout).toMatch(/^ +ARK +ARK-Turin, serial 0x30000, built-in key/m);
  });

  it("with --crl does without one in the folder", async () => {
    const { "c/crl.der": crl = "", ...others } = leafAndCrl();
    const files = { ...others, crl };
    expect((await run(files)).code).toBe(EXIT.revocation);
    expect((await run(files, ["--crl", "crl"])).code).toBe(EXIT.accepted);
    const foreign = { ...files, "c/crl.der": corpusFile("amd/Milan/crl.der") };
    expect((await run(foreign)).code).toBe(EXIT.untrusted);
    expect((await run(foreign, ["--crl", "crl"])).code).toBe(EXIT.accepted);
  });

  it("with AMD's ARK given as the caller's anchor says whose it is", async () => {
    const files = { ...leafAndCrl(), "c/ask.der": part("ask.der"), ark: part("ark.der") };
    const { code, stdout } = await run(files, ["--anchors", "ark"]);
    expect(code).toBe(EXIT.accepted);
    expect(stdout).toMatch(/^ +Trust anchor +the caller's, not AMD's$/m);
  });

  it("past the CRL's window is stale, whatever else holds", async () => {
    const args = ["verify", "r", "--certs", "c", "--signature-only", "--at", "2026-10-04T00:00:01Z"];
    const late = await runCli(args, { files: leafAndCrl() });
    expect(late).toMatchObject({ code: EXIT.revocation, stdout: "" });
    expect(late.stderr).toContain("ERR_COLLATERAL_CRL_STALE");
    expect(late.stderr).toContain("--at");
  });
});

describe.runIf(needs("corpus"))("real containers", () => {
  it.each<[string, string, string, string]>([
    ["trustee-azhcl-v2-milan", "origin/evidence-v0.json", "trustee-az-snp-vtpm", "leaf, intermediate, root"],
    ["trustee-azsnp-v3-milan-b", "origin/evidence-v1.json", "trustee-az-snp-vtpm", "leaf"],
    ["trustee-json-v2-milan", "origin/evidence.json", "trustee-snp", "leaf"],
    ["veraison-v3-genoa-tsm", "origin/sevsnp-tsm-report.json", "tsm-json", "leaf, intermediate, root"],
    ["veraison-v3-genoa-tsm", "origin/sevsnp-tsm-report.cbor", "tsm-cbor", "leaf, intermediate, root"],
    ["veraison-v3-genoa-tsm", "origin/sevsnp-ratsd-token", "ratsd", "leaf, intermediate, root"],
    ["reclaim-aws-v5-vlek-pb", "attestation.pb", "go-sev-guest", "leaf"],
    ["tinfoil-v3-genoa-bundle", "origin/attestation-bundle.json", "tinfoil", "leaf"],
  ])("%s, %s: verify with their own certificates and AMD's CRL", async (id, file, format, certificates) => {
    const set = corpusSet(id);
    const folder = resolve(corpusRoot, "reports", id);
    const args = ["verify", resolve(folder, file), "--crl", resolve(folder, "crl.der"), "--signature-only"];
    const result = await runCli([...args, ...terms(set)], { disk: true });
    expect(result).toMatchObject({ code: EXIT.accepted, stderr: "" });
    expect(result.stdout.split("\n")[0]).toBe("genuine, NOT appraised");
    expect(result.stdout).toMatch(new RegExp(`^ +Format +${format}\n +Certificates +${certificates}$`, "m"));
  });

  it("take what they lack from --certs", async () => {
    const set = corpusSet("trustee-azsnp-v3-milan-a");
    const folder = resolve(corpusRoot, "reports", set.id);
    const args = ["verify", resolve(folder, "azure/hcl-report.bin"), "--certs", folder, "--signature-only"];
    expect(await runCli([...args, ...terms(set)], { disk: true })).toMatchObject({ code: EXIT.accepted, stderr: "" });
    const bare = ["verify", resolve(folder, "azure/hcl-report.bin"), "--signature-only"];
    expect(await runCli([...bare, ...terms(set)], { disk: true })).toMatchObject({ code: EXIT.certificates });
  });
});

describe.runIf(needs("corpus"))("a loose policy on real evidence", () => {
  async function appraised(id: string) {
    const set = corpusSet(id);
    const folder = resolve(corpusRoot, "reports", id);
    const args = ["verify", resolve(folder, "report.bin"), "--certs", folder, "--policy", "p.json", "--json"];
    const result = await runCli([...args, ...terms(set)], { disk: true, files: { "p.json": POLICY } });
    const failures: { id: string }[] = JSON.parse(result.stdout).appraisal.failures;
    return { code: result.code, failed: failures.map((failure) => failure.id) };
  }

  it("accepts a VCEK of each line", async () => {
    for (const id of ["tav-v3-milan", "tav-v3-genoa", "tav-v5-turin"]) {
      expect(await appraised(id), id).toEqual({ code: EXIT.accepted, failed: [] });
    }
  });

  it("refuses a genuine guest that may be debugged", async () => {
    expect(await appraised("gsg-v2-milan-debug")).toEqual({ code: EXIT.refused, failed: ["snp.guestPolicy.debug"] });
  });

  it("refuses a genuine VLEK, since it names no provider, and skipped revocation", async () => {
    const { code, failed } = await appraised("constellation-aws-v2-vlek-2023");
    expect(code).toBe(EXIT.refused);
    expect(failed).toEqual(expect.arrayContaining(["snp.signingKey", "snp.revocation.status"]));
  });
});
