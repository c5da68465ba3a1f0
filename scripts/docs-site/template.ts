import { escapeHtml } from "./highlight.js";
import type { Heading } from "./markdown.js";
import { PAGES, type Page, pathOfPage, SECTIONS } from "./pages.js";

/** What a built page lets the browser do: show our styles and pictures. There is no script. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** What is put into the frame of all pages. */
export interface Content {
  /** In the built documentation. */
  readonly path: string;
  /** In the project. */
  readonly source: string;
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** From one built page to another, both by their path in the built documentation. */
export function relativeTo(from: string, to: string): string {
  const [here, there] = [from.split("/").slice(0, -1), to.split("/")];
  while (here.length > 0 && here[0] === there[0] && there.length > 1) {
    here.shift();
    there.shift();
  }
  return "../".repeat(here.length) + there.join("/");
}

function linkTo(path: string, { source, label }: Page): string {
  const target = pathOfPage(source);
  const current = target === path ? ' aria-current="page"' : "";
  return `<li><a href="${relativeTo(path, target)}"${current}>${escapeHtml(label)}</a></li>`;
}

function pageList(path: string): string {
  const lists = SECTIONS.map(({ title, pages }) => {
    const links = pages.map((page) => linkTo(path, page));
    if (title === "Reference") links.push(`<li><a href="${relativeTo(path, "../api/index.html")}">API</a></li>`);
    return `<p class="group">${title}</p>\n<ul>\n${links.join("\n")}\n</ul>`;
  });
  return lists.join("\n");
}

function contents(headings: readonly Heading[]): string {
  const links = headings
    .filter(({ level }) => level === 2 || level === 3)
    .map(({ level, id, html }) => `<li class="level${level}"><a href="#${id}">${html}</a></li>`);
  return links.length < 2 ? "" : `<ul>\n${links.join("\n")}\n</ul>`;
}

function neighbours(path: string): string {
  const at = PAGES.findIndex(({ source }) => pathOfPage(source) === path);
  const link = (page: Page | undefined, side: string) =>
    page === undefined || at < 0
      ? ""
      : `<a class="${side}" href="${relativeTo(path, pathOfPage(page.source))}"><span>${side}</span> ${escapeHtml(page.label)}</a>`;
  return `<nav class="neighbours" aria-label="Next pages">${link(PAGES[at - 1], "before")}${link(PAGES[at + 1], "next")}</nav>`;
}

function head(path: string, title: string): string {
  const at = (target: string) => relativeTo(path, target);
  return `<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${at("favicon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${at("style.css")}">
</head>`;
}

function top(path: string): string {
  const at = (target: string) => relativeTo(path, target);
  return `<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<a class="name" href="${at("index.html")}">attestry</a>
<nav aria-label="Site"><a href="${at("../index.html")}">Read a report</a> <a href="${at("guides/start.html")}">Guides</a> <a href="${at("../api/index.html")}">API</a></nav>
</header>`;
}

/** Navigation and table of contents stand in the page twice, for wide and narrow windows: folding takes no script. */
export function wholePage({ path, source, title, html, headings }: Content): string {
  const pages = pageList(path);
  const toc = contents(headings);
  return `<!doctype html>
<html lang="en" data-theme="auto">
${head(path, title === "attestry" ? title : `${title} · attestry`)}
<body>
${top(path)}
<details class="fold"><summary>All pages</summary><nav aria-label="All pages">
${pages}
</nav></details>
<div class="frame">
<nav class="pages" aria-label="Pages">
${pages}
</nav>
<main id="content">
${toc === "" ? "" : `<details class="fold"><summary>On this page</summary><nav aria-label="Sections">\n${toc}\n</nav></details>`}
<article>
${html}</article>
${neighbours(path)}
<footer>Made from <code>${escapeHtml(source)}</code></footer>
</main>
${toc === "" ? "" : `<nav class="toc" aria-label="On this page">\n<p class="group">On this page</p>\n${toc}\n</nav>`}
</div>
</body>
</html>
`;
}
