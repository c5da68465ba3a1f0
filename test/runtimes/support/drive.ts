import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../suite/suite.js";
import { drivePage } from "./browser.js";
import type { Engine, EngineKind } from "./engines.js";
import { type Ended, outcomesOf } from "./news.js";

/** Longest time for one engine on a machine that is busy with other things. */
const PATIENCE_MS = 240_000;

/** The file with what all engines are asked. */
export const INPUT = "input.json";

/** Node's own flag and V8's: text does not become code. */
const NO_EVAL = "--disallow-code-generation-from-strings";

/** The command line of the engines that are a program with files and arguments. */
const WORDS: Readonly<Partial<Record<EngineKind, readonly string[]>>> = {
  node: [NO_EVAL, "process.mjs", INPUT, "no-eval"],
  bun: ["--no-install", "process.mjs", INPUT, "stand-in"],
  deno: [
    ...["run", "--no-remote", "--no-prompt", "--no-lock", "--allow-read=.", "--allow-net=127.0.0.1"],
    // The two variables that undici looks for.
    "--allow-env=JEST_WORKER_ID,UNDICI_NO_WASM_SIMD",
    ...[`--v8-flags=${NO_EVAL}`, "process.mjs", INPUT, "no-eval"],
  ],
};

/** The configuration of workerd: one test, and a network that is this machine alone. */
function workerdConfig(script: string, flags: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "suite", worker = .suite), (name = "internet", network = (allow = ["local"]))],
);
const suite :Workerd.Worker = (
  modules = [(name = "suite", esModule = embed "${script}")],
  bindings = [(name = "INPUT", text = embed "${INPUT}")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;
}

function run(program: string, words: readonly string[], cwd: string): Promise<Ended> {
  const child = spawn(program, words, { cwd, stdio: ["ignore", "pipe", "pipe"], env: environment(cwd) });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const end = signal === null ? `exit code ${code}` : `killed by ${signal}`;
      done({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), end });
    });
  });
}

/** Nothing of this run's own settings reaches an engine, nor what an engine keeps the home folder. */
function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH = "" } = process.env;
  return { PATH, HOME: folder, DENO_DIR: join(folder, ".deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}

async function driveWorkerd({ kind, program }: Engine, folder: string): Promise<Ended> {
  // Since 2026-08-04 the modules of Node are there unless they are declined.
  const node = kind === "workerd with nodejs_compat";
  const [runner, flags] = node
    ? ["worker-node", ["nodejs_compat"]]
    : ["worker", ["no_nodejs_compat", "no_nodejs_compat_v2"]];
  const config = `${runner}.capnp`;
  writeFileSync(join(folder, config), workerdConfig(`${runner}.mjs`, flags));
  return await run(program, ["test", config], folder);
}

/** Every outcome of one engine on what `prepare` made in a folder. Throws where it broke off before its end. */
export async function drive(engine: Engine, folder: string): Promise<Outcome[]> {
  const { kind, program } = engine;
  if (kind === "chromium") return outcomesOf(engine.title, await drivePage(program, folder, PATIENCE_MS));
  const words = WORDS[kind];
  const ended = words === undefined ? await driveWorkerd(engine, folder) : await run(program, words, folder);
  return outcomesOf(engine.title, ended);
}
