import { run } from "../../src/cli/run.js";
import { type FakeSetting, fakeIo } from "./fake-io.js";

/** What a run answered. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command in a world of its own. */
export async function runCli(args: readonly string[], setting: FakeSetting = {}): Promise<RunResult> {
  const { io, stdout, stderr } = fakeIo(setting);
  const code = await run(args, io);
  return { code, stdout: stdout(), stderr: stderr() };
}
