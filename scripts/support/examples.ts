import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A block of TypeScript in a page or a doc comment. */
export interface Example {
  /** The file it stands in, from the project's root. */
  file: string;
  /** The line of its first line of code, counted from 1. */
  line: number;
  code: string;
}

/** A fence, and what stands before it on the line: nothing, or the star of a doc comment. */
const FENCE = /^(\s*(?:\*\s?)?)```(\w*)\s*$/;

/** The `ts` blocks of a text. Throws for a block that is never closed. */
export function examplesOf(file: string, text: string): Example[] {
  const found: Example[] = [];
  let open: { margin: string; language: string; line: number; code: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (open === undefined) {
      if (fence !== null) open = { margin: fence[1] ?? "", language: fence[2] ?? "", line: index + 2, code: [] };
    } else if (fence !== null) {
      if (open.language === "ts") found.push({ file, line: open.line, code: open.code.join("\n") });
      open = undefined;
    } else {
      open.code.push(withoutMargin(line, open.margin));
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line - 1}: this code block is never closed`);
  return found;
}

/** The line without the margin its fence had; an empty line of a doc comment has lost the margin's last blank. */
function withoutMargin(line: string, margin: string): string {
  return line.startsWith(margin) ? line.slice(margin.length) : line.slice(margin.trimEnd().length);
}

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

/** Every `ts` block of the README, of the pages in docs/ and of the doc comments in src/. */
export function collectExamples(root: string): Example[] {
  const pages = [join(root, "README.md"), ...filesUnder(join(root, "docs"), ".md")];
  const sources = filesUnder(join(root, "src"), ".ts");
  return [...pages, ...sources].flatMap((path) => examplesOf(relative(root, path), readFileSync(path, "utf8")));
}
