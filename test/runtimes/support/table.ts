import type { Outcome } from "../suite/suite.js";

/** What an engine told, or why it told nothing. */
export interface Row {
  readonly title: string;
  readonly outcomes: readonly Outcome[] | null;
}

const BEGIN = "<!-- matrix: written by npm run test:runtimes -- --update -->";
const END = "<!-- end of matrix -->";

function cell({ outcomes }: Row, suite: string): string {
  if (outcomes === null) return "missing";
  const mine = outcomes.filter((outcome) => outcome.suite === suite);
  const failed = mine.filter(({ complaint }) => complaint !== null);
  if (mine.length === 0) return "–";
  return failed.length === 0 ? String(mine.length) : `**${failed.length} of ${mine.length} fail**`;
}

/** The matrix in Markdown: how many cases of each suite hold. */
export function markdownOf(rows: readonly Row[], suites: readonly string[]): string {
  const lines = [
    ["runtime", ...suites],
    ["---", ...suites.map(() => "---:")],
    ...rows.map((row) => [row.title, ...suites.map((suite) => cell(row, suite))]),
  ];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

/** A page with the matrix between its marks replaced. Throws for a page without the marks. */
export function withMatrix(page: string, matrix: string): string {
  const [before, rest] = page.split(`${BEGIN}\n`);
  const [, after] = (rest ?? "").split(END);
  if (before === undefined || after === undefined) throw new Error(`the page has not the marks ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n${matrix}${END}${after}`;
}
