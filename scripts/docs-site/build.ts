import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join, posix } from "node:path";
import { projectRoot } from "../support/packed.js";
import { escapeHtml, highlight } from "./highlight.js";
import { type Rendered, renderMarkdown } from "./markdown.js";
import { PAGES, pathOfPage } from "./pages.js";
import { relativeTo, wholePage } from "./template.js";

/** The built documentation: each file by its path. */
export type Built = ReadonlyMap<string, string | Uint8Array>;

const STYLES = ["site/src/styles/theme.css", "scripts/docs-site/style.css"];
const SOURCES = new Set(PAGES.map(({ source }) => source));
/** Files that a browser shows, or an editor wants, as they are; all others become pages. */
const AS_THEY_ARE = new Set([".svg", ".json"]);

/** Where a file of the project that is no page lies in the built documentation. */
function pathOfFile(file: string): string {
  const ending = AS_THEY_ARE.has(extname(file)) ? "" : ".html";
  return posix.join("files", file.replaceAll(/(^|\/)\./g, "$1") + ending);
}

function read(file: string): string {
  return readFileSync(join(projectRoot, file), "utf8");
}

/** What a link of a page becomes; tells `use` which file of the project it leads to. */
function linker(source: string, use: (file: string) => void): (target: string) => string {
  const here = pathOfPage(source);
  return (target) => {
    if (/^(?:[a-z]+:|#)/.test(target)) return target;
    const [path = "", fragment] = target.split("#");
    const file = posix.join(posix.dirname(source), path);
    if (!existsSync(join(projectRoot, file))) throw new Error(`${source} links to ${target}, which there is not`);
    if (!SOURCES.has(file)) use(file);
    const built = SOURCES.has(file) ? pathOfPage(file) : pathOfFile(file);
    return relativeTo(here, built) + (fragment === undefined ? "" : `#${fragment}`);
  };
}

function pageOf(source: string, use: (file: string) => void): string {
  const { html, headings }: Rendered = renderMarkdown(read(source), linker(source, use));
  const title = headings.find(({ level }) => level === 1)?.text;
  if (title === undefined) throw new Error(`${source} has no title: a first line with #`);
  return wholePage({ path: pathOfPage(source), source, title, html, headings });
}

/** A file of the project that a page links to, with its code coloured. */
function sourcePage(file: string): string {
  const code = highlight(read(file), extname(file).slice(1));
  const html = `<h1>${escapeHtml(posix.basename(file))}</h1>\n<pre tabindex="0"><code>${code}</code></pre>\n`;
  return wholePage({ path: pathOfFile(file), source: file, title: posix.basename(file), html, headings: [] });
}

/** Renders all pages, and the files that they link to. Throws for a link to a file that there is not. */
export function buildDocs(): Built {
  const built = new Map<string, string | Uint8Array>();
  const files = new Set<string>();
  for (const { source } of PAGES)
    built.set(
      pathOfPage(source),
      pageOf(source, (file) => files.add(file)),
    );
  for (const file of files) {
    if (dirname(file) === "." && !existsSync(join(projectRoot, file))) throw new Error(`no ${file}`);
    built.set(
      pathOfFile(file),
      AS_THEY_ARE.has(extname(file)) ? readFileSync(join(projectRoot, file)) : sourcePage(file),
    );
  }
  built.set("style.css", STYLES.map(read).join("\n"));
  built.set("favicon.svg", read("site/public/favicon.svg"));
  return built;
}
