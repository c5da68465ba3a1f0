import { fails, that } from "./assert.js";
import type { Case, Suite } from "./suite.js";

const refused = (): Case[] => [
  { name: "a function made of text", run: () => fails(() => Reflect.construct(Function, ["return 1"]), "EvalError") },
  { name: "eval", run: () => fails(() => Reflect.apply(Reflect.get(globalThis, "eval"), null, ["1"]), "EvalError") },
];

const NAME = "no eval";

/** That text cannot become code here, so that everything else ran without; for runtimes that can be told so. */
export const noEvalSuite: Suite = { name: NAME, cases: refused };

/** How many violations there are once the page has had time to tell of them. */
async function seen(violations: readonly string[]): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return violations.length;
}

/**
 * The same for a page, which can see what its policy blocks: nothing so far. What is blocked on purpose must be seen,
 * so that the first says something.
 */
export function pageSuite(violations: readonly string[]): Suite {
  const cases = () => [
    { name: "nothing was blocked", run: () => that(violations.length === 0, `none of these: ${violations.join()}`) },
    ...refused(),
    {
      name: "what is blocked is seen",
      run: async () => that((await seen(violations)) >= 2, "two violations were seen"),
    },
  ];
  return { name: NAME, cases };
}
