import { h, svg } from "./dom.js";

/** From when to when, in milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

const WIDTH = 1000;
const HEIGHT = 12;

/** The time from the first beginning to the last end, now included; null without any period. */
export function spanOf(periods: readonly Period[], now: Date): Period | null {
  if (periods.length === 0) return null;
  const from = Math.min(...periods.map((period) => period.from), now.getTime());
  const to = Math.max(...periods.map((period) => period.to), now.getTime());
  return { from, to };
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function remaining({ from, to }: Period, now: number): string {
  if (now < from) return "not yet valid";
  if (now > to) return "over";
  const days = Math.floor((to - now) / 86_400_000);
  return days > 730 ? `${Math.floor(days / 365)} years left` : `${days} days left`;
}

/** A period drawn to scale, with a mark at the time that is judged by, and the same in words. */
export function validityBar(period: Period, span: Period, now: Date): HTMLElement {
  const scale = (time: number) => ((time - span.from) / (span.to - span.from)) * WIDTH;
  const at = now.getTime();
  const isIn = at >= period.from && at <= period.to;
  const width = Math.max(scale(period.to) - scale(period.from), 6);
  const drawing = svg(
    "svg",
    { class: "bar", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "bar-track", x: 0, y: 4, width: WIDTH, height: 4 }),
    svg("rect", { class: isIn ? "bar-valid" : "bar-over", x: scale(period.from), y: 2, width, height: 8 }),
    svg("rect", { class: "bar-now", x: Math.min(scale(at), WIDTH - 4), y: 0, width: 4, height: HEIGHT }),
  );
  const words = h(
    "p",
    { class: "bar-words" },
    h("span", {}, day(period.from)),
    h("span", { class: isIn ? "ok" : "over" }, remaining(period, at)),
    h("span", {}, day(period.to)),
  );
  return h("div", { class: "validity" }, drawing, words);
}
