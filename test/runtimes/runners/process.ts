/** For runtimes that are a program with the modules of Node: reads the input's path, writes an outcome a line. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { SUITES } from "../suite/index.js";
import { limitsSuite } from "../suite/limits.js";
import { nodeSuite } from "../suite/node-room.js";
import { runSuites } from "../suite/suite.js";

const [path = "", ...words] = process.argv.slice(2);
const undici = words.includes("stand-in") ? "stand-in" : "undici";
const suites = [...SUITES, nodeSuite(undici), ...(words.includes("no-eval") ? [limitsSuite] : [])];
await runSuites(suites, JSON.parse(readFileSync(path, "utf8")), (news) => {
  process.stdout.write(`${JSON.stringify(news)}\n`);
});
