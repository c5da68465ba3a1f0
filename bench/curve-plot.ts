/** What a verification costs by the number of chips, with one size of the memory. */
export interface Curve {
  /** Chains that are remembered. */
  readonly cache: number;
  /** Cost in raw P-384 verifications. */
  readonly points: readonly { readonly chips: number; readonly cost: number }[];
}

const written = (count: number) => count.toLocaleString("en");

/** The curves as rows of Markdown. */
export function curveTable(curves: readonly Curve[]): string {
  const chips = curves[0]?.points.map((point) => written(point.chips)) ?? [];
  const rows = curves.map(({ cache, points }) => {
    return `| ${[written(cache), ...points.map(({ cost }) => cost.toFixed(2))].join(" | ")} |`;
  });
  return [`| remembered, chips: | ${chips.join(" | ")} |`, `|${" --- |".repeat(chips.length + 1)}`, ...rows].join("\n");
}

const WIDTH = 640;
const HEIGHT = 280;
const LEFT = 46;
const RIGHT = 120;
const TOP = 30;
const BOTTOM = 40;
const COLOURS = ["#b3541e", "#3d6fb4", "#2f7d5b"] as const;

/** The curves over a logarithmic scale of chips, as SVG. */
export function curvePlot(curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points);
  const [least, most] = [Math.min(...all.map(({ chips }) => chips)), Math.max(...all.map(({ chips }) => chips))];
  const highest = Math.ceil(Math.max(...all.map(({ cost }) => cost)) * 2) / 2;
  const x = (chips: number) => LEFT + (Math.log(chips / least) / Math.log(most / least)) * (WIDTH - LEFT - RIGHT);
  const y = (cost: number) => HEIGHT - BOTTOM - (cost / highest) * (HEIGHT - TOP - BOTTOM);
  const line = ({ cache, points }: Curve, index: number) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(({ chips, cost }) => `${x(chips).toFixed(1)},${y(cost).toFixed(1)}`).join(" ");
    const end = points.at(-1);
    const label = `<text x="${WIDTH - RIGHT + 8}" y="${(y(end?.cost ?? 0) + 4 + 15 * (index - 1)).toFixed(1)}" style="fill:${colour}">${written(cache)} chains</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`;
  };
  const costs = Array.from({ length: highest * 2 + 1 }, (_, half) => half / 2);
  const rules = costs.map((cost) => {
    const at = y(cost).toFixed(1);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#888" stroke-opacity="0.3"/><text x="${LEFT - 6}" y="${(y(cost) + 4).toFixed(1)}" text-anchor="end">${cost.toFixed(1)}</text>`;
  });
  const ticks = curves[0]?.points.map(
    ({ chips }) => `<text x="${x(chips).toFixed(1)}" y="${HEIGHT - 22}" text-anchor="middle">${written(chips)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Cost of a verification by number of chips and size of the memory">
<style>text{font:12px system-ui,sans-serif;fill:#222}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
<text x="${LEFT}" y="16">raw P-384 verifications</text>
${rules.join("\n")}
${curves.map(line).join("\n")}
${ticks?.join("\n") ?? ""}
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 5}" text-anchor="end">chips, all equally likely</text>
</svg>
`;
}
