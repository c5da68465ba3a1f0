import { expect } from "vitest";
import { run } from "../../src/cli/run.js";
import { type FakeSetting, fakeIo } from "./fake-io.js";

/** What a run answered. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command in a world of its own, and hands out the files that it wrote there, by path. */
export async function runWriting(
  args: readonly string[],
  setting: FakeSetting = {},
): Promise<RunResult & { written: Record<string, Uint8Array> }> {
  const { io, stdout, stderr, written, openTransports } = fakeIo(setting);
  const code = await run(args, io);
  expect(openTransports(), "transports that nobody closed").toBe(0);
  return { code, stdout: stdout(), stderr: stderr(), written: written() };
}

/** Runs the command in a world of its own. */
export async function runCli(args: readonly string[], setting: FakeSetting = {}): Promise<RunResult> {
  const { code, stdout, stderr } = await runWriting(args, setting);
  return { code, stdout, stderr };
}
