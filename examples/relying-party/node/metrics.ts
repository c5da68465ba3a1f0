import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Metrics } from "../config.js";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];

/** Figures for Prometheus. Labels are routes, policies and codes: a client cannot make new ones up. */
export function createMetrics(policiesAreFresh: () => boolean): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: "relying_party_request_seconds",
    help: "Time from request to answer",
    labelNames: ["route", "status"],
    buckets: SECONDS,
    registers,
  });
  const verdicts = new Counter({
    name: "relying_party_verdicts_total",
    help: "Appraisals by policy, verdict and the first reason",
    labelNames: ["policy", "verdict", "reason"],
    registers,
  });
  const released = new Counter({
    name: "relying_party_released_total",
    help: "Secrets sealed",
    labelNames: ["policy"],
    registers,
  });
  new Gauge({
    name: "relying_party_policies_fresh",
    help: "1 when the policies served are those of the folder, 0 when a bad file keeps the old ones",
    registers,
    collect() {
      this.set(policiesAreFresh() ? 1 : 0);
    },
  });
  return {
    request: (route, status, time) => seconds.observe({ route, status }, time),
    verdict: (policy, verdict, reason) => verdicts.inc({ policy, verdict, reason }),
    released: (policy) => released.inc({ policy }),
    text: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
  };
}
