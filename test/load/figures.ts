/** What a copy says of itself in /metrics. */
export interface Figures {
  /** CPU of the whole process since it started, all threads, in microseconds. */
  readonly cpuUs: number;
  /** Delay of the event loop since the last time that somebody asked, 99th percentile, its 10 ms timer included. */
  readonly lagP99Ms: number;
}

/** One figure of a page for Prometheus. @throws Error where the page has none */
function figure(page: string, name: string): number {
  const line = page.split("\n").find((text) => text.startsWith(`${name} `));
  const value = Number(line?.slice(name.length + 1));
  if (line === undefined || !Number.isFinite(value)) throw new Error(`/metrics has no figure ${name}`);
  return value;
}

/** The figures of a page of /metrics. */
export function readFigures(page: string): Figures {
  return {
    cpuUs: figure(page, "process_cpu_seconds_total") * 1e6,
    lagP99Ms: figure(page, "nodejs_eventloop_lag_p99_seconds") * 1e3,
  };
}

/** Asks a copy. */
export async function askFigures(url: string): Promise<Figures> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return readFigures(await response.text());
}
