/** One figure beside its goal. */
export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number;
  /** Whether the goal is the least or the most that the figure may be. */
  readonly is: "at least" | "at most";
}

export function median(values: readonly number[]): number {
  return Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
}

/** Whether the figure is as good as its goal. */
export function isKept({ value, goal, is }: Measured): boolean {
  return is === "at least" ? value >= goal : value <= goal;
}

/** Rows of a table in Markdown, the goal beside each. */
export function table(rows: readonly Measured[]): string {
  const lines = rows.map((row) => {
    const { name, value, unit, goal, is } = row;
    const digits = value >= 20 ? 0 : 2;
    return `| ${name} | ${value.toFixed(digits)} ${unit} | ${is} ${goal} | ${isKept(row) ? "kept" : "missed"} |`;
  });
  return ["| what | measured | goal | |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

const ROW = 26;
const LEFT = 350;
const WIDTH = 720;
const SPAN = WIDTH - LEFT - 70;

function bar(row: Measured, index: number): string {
  // As part of the goal: a bar that reaches the line is the goal itself, twice the line is as far as one sees.
  const part = Math.min(2, row.value / row.goal);
  const y = 10 + index * ROW;
  const label = `${row.name} (${row.is} ${row.goal} ${row.unit})`;
  const fill = isKept(row) ? "#2f7d5b" : "#b3541e";
  return [
    `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${label}</text>`,
    `<rect x="${LEFT}" y="${y}" width="${((SPAN / 2) * part).toFixed(1)}" height="17" rx="2" fill="${fill}"/>`,
    `<text x="${(LEFT + (SPAN / 2) * part + 6).toFixed(1)}" y="${y + 13}">${row.value.toFixed(row.value >= 20 ? 0 : 2)}</text>`,
  ].join("");
}

/** The figures as bars beside the line of the goal. */
export function plot(rows: readonly Measured[], title: string): string {
  const height = rows.length * ROW + 20;
  const goal = LEFT + SPAN / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>text{font:12px system-ui,sans-serif;fill:#222}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>
${rows.map(bar).join("\n")}
<line x1="${goal}" x2="${goal}" y1="4" y2="${height - 6}" stroke="#888" stroke-dasharray="4 3"/>
</svg>
`;
}
