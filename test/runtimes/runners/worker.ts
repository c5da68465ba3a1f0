/** For workerd without Node's modules: the one test of a worker. */
import { SUITES } from "../suite/index.js";
import { bareSuite } from "../suite/limits.js";
import { runSuites } from "../suite/suite.js";

export default {
  test: (_: unknown, { INPUT }: { INPUT: string }) =>
    runSuites([...SUITES, bareSuite], JSON.parse(INPUT), (news) => console.log(JSON.stringify(news))),
};
