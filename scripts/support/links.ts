import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What a page of ours points at inside the project: the targets of its relative links. */
export function relativeLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The links of the pages in the project's root, in docs/ and in vectors/ that lead nowhere, as `page -> target`. */
export function brokenLinks(root: string): string[] {
  const folders = [".", "docs", "docs/guides", "vectors"].filter((folder) => existsSync(join(root, folder)));
  const pages = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  );
  return pages.flatMap((page) =>
    relativeLinks(readFileSync(join(root, page), "utf8"))
      .filter((target) => !existsSync(resolve(root, dirname(page), target)))
      .map((target) => `${page} -> ${target}`),
  );
}
