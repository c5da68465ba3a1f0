import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFor, OPENED, PROGRAM, WORKER } from "../examples/relying-party/bundle.js";
import { needs, RUNTIMES } from "../support/needs.js";

const folder = mkdtempSync(join(tmpdir(), "attestry-relying-party-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(name: keyof typeof RUNTIMES, words: readonly string[]): SpawnSyncReturns<string> {
  const env = { PATH: process.env["PATH"], HOME: folder, DENO_DIR: join(folder, ".deno"), NO_COLOR: "1" };
  return spawnSync(RUNTIMES[name].path, words, { cwd: folder, env, encoding: "utf8" });
}

const PROCESSES = [
  ["node-20", ["program.mjs"]],
  ["node-26", ["program.mjs"]],
  ["bun", ["program.mjs"]],
  ["deno", ["run", "program.mjs"]],
] as const;

const WORKERD = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "flow", worker = .flow)]);
const flow :Workerd.Worker = (
  modules = [(name = "flow", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2"],
);
`;

describe("the relying party's service plays its flow", () => {
  beforeAll(async () => {
    writeFileSync(join(folder, "program.mjs"), (await bundleFor(PROGRAM)).text);
    writeFileSync(join(folder, "worker.mjs"), (await bundleFor(WORKER)).text);
    writeFileSync(join(folder, "workerd.capnp"), WORKERD);
  });

  for (const [name, words] of PROCESSES) {
    it.runIf(needs(name))(`on ${name}`, () => {
      const { status, stdout, stderr } = run(name, words);
      expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: `${OPENED}\n` });
    });
  }

  it.runIf(needs("workerd"))("on workerd, without Node's modules", () => {
    const { status, stderr } = run("workerd", ["test", "workerd.capnp"]);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("PASS");
  });
});
