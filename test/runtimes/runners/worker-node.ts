/** For workerd with the modules of Node: the one test of a worker. */
import { SUITES } from "../suite/index.js";
import { limitsSuite } from "../suite/limits.js";
import { nodeRefusedSuite } from "../suite/node-room.js";
import { runSuites } from "../suite/suite.js";

const suites = [...SUITES, nodeRefusedSuite, limitsSuite];

export default {
  test: (_: unknown, { INPUT }: { INPUT: string }) =>
    runSuites(suites, JSON.parse(INPUT), (news) => console.log(JSON.stringify(news))),
};
