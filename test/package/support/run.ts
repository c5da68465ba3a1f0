import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { inject } from "vitest";

/** How a process ended and what it printed. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a module in the folder where the tarball is installed, by Node alone. */
export function runModule(source: string): Ended {
  return end(process.execPath, ["--input-type=module", "--eval", source]);
}

/** The same as a CommonJS script. */
export function runScript(source: string): Ended {
  return end(process.execPath, ["--input-type=commonjs", "--eval", source]);
}

/** Runs the installed command; `input` is its stdin. */
export function runCommand(words: readonly string[], input = ""): Ended {
  return end(join(inject("installed").folder, "node_modules/.bin/attestry"), words, input);
}

function end(file: string, words: readonly string[], input = ""): Ended {
  const { folder } = inject("installed");
  const { status, stdout, stderr } = spawnSync(file, words, { cwd: folder, encoding: "utf8", input });
  return { status, stdout, stderr };
}
