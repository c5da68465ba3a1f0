import type { Finish, Outcome } from "../suite/suite.js";

/** How an engine ended, and what it wrote. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: string;
}

/** The outcomes that an engine told, a line each. Throws where it did not tell that it came to its end with them. */
export function outcomesOf(title: string, { stdout, stderr, end }: Ended): Outcome[] {
  const news = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Outcome | Finish => JSON.parse(line));
  const outcomes = news.filter((one) => "suite" in one);
  const finish = news.find((one) => "finished" in one);
  if (finish?.finished === outcomes.length && outcomes.length > 0) return outcomes;
  const last = outcomes.at(-1);
  const after = last === undefined ? "before its first case" : `after "${last.suite}: ${last.name}"`;
  throw new Error(`${title} broke off ${after} (${end}): ${stderr.slice(-2000)}`);
}
