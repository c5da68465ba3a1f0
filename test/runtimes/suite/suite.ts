import type { Input } from "./input.js";

/** One thing that must hold; it throws where it does not. */
export interface Case {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

/** Cases on one part of the library. */
export interface Suite {
  readonly name: string;
  /** What there is to try; none where the input has nothing for it. */
  cases(input: Input): readonly Case[];
}

/** What became of one case. */
export interface Outcome {
  readonly suite: string;
  readonly name: string;
  /** Why it does not hold; null where it does. */
  readonly complaint: string | null;
}

/** The last thing that a runner tells: without it a runtime broke off. */
export interface Finish {
  readonly finished: number;
}

/** Tries all cases, one after the other, and tells each one's outcome as soon as it is there. */
export async function runSuites(
  suites: readonly Suite[],
  input: Input,
  tell: (news: Outcome | Finish) => void,
): Promise<void> {
  let finished = 0;
  for (const { name: suite, cases } of suites) {
    for (const { name, run } of cases(input)) {
      tell({ suite, name, complaint: await complaintOf(run) });
      finished++;
    }
  }
  tell({ finished });
}

async function complaintOf(run: Case["run"]): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
