import { describe, expect, it } from "vitest";
import { createMetrics } from "../../examples/relying-party/node/metrics.js";
import { readFigures } from "./figures.js";

const PAGE = `# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
process_cpu_user_seconds_total 9
process_cpu_seconds_total 1.25
nodejs_eventloop_lag_p99_seconds 0.0125
`;

describe("figures of a copy", () => {
  it("are read in microseconds and milliseconds", () => {
    expect(readFigures(PAGE)).toEqual({ cpuUs: 1_250_000, lagP99Ms: 12.5 });
  });

  it.each(["process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"])("are refused without %s", (name) => {
    const without = PAGE.split("\n").filter((line) => !line.startsWith(`${name} `));
    expect(() => readFigures(without.join("\n"))).toThrow(name);
  });

  it("are refused where one is no number", () => {
    expect(() => readFigures(PAGE.replace("0.0125", "Nan"))).toThrow("lag_p99");
  });

  it("stand in what the service says", async () => {
    const metrics = createMetrics(() => true);
    const { cpuUs } = readFigures((await metrics.text()).body);
    const until = performance.now() + 20;
    while (performance.now() < until);
    // Whatever else this process does, it has worked for these 20 ms at most once on each thread.
    const later = readFigures((await metrics.text()).body).cpuUs;
    expect(later).toBeGreaterThan(cpuUs);
    expect(later).toBeLessThan(process.cpuUsage().user + process.cpuUsage().system + 1);
  });
});
