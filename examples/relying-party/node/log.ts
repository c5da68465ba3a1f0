import { pino } from "pino";
import type { LogLine } from "../config.js";

/** Lines of requests leave together: when there is so much of them, or after so long. */
const TOGETHER_BYTES = 8192;
const TOGETHER_MS = 200;

/**
 * One line of JSON to stdout for each event. What is said of requests may come up to 200 ms late, since a write for each
 * line costs as much as a tenth of an appraisal; everything else leaves at once, and nothing stays behind at the end.
 */
export function createLog(level: string): (line: LogLine) => void {
  const stdout = pino.destination({ dest: 1, minLength: TOGETHER_BYTES, sync: true });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stdout);
  setInterval(() => stdout.flush(), TOGETHER_MS).unref();
  process.once("exit", () => stdout.flush());
  return (line) => {
    logger.info(line);
    if (line.event !== "request") stdout.flush();
  };
}
