/** Builds the documentation into site-dist/docs, beside the API pages that typedoc has just written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { buildDocs } from "./docs-site/build.js";
import { brokenTargets } from "./docs-site/links.js";
import { projectRoot } from "./support/packed.js";

const site = join(projectRoot, "site-dist");

/** What is at a place of the built site; the page beside the documentation is built by itself. */
function lookup(path: string): string | undefined {
  if (path === "index.html") return "";
  return existsSync(join(site, path)) ? readFileSync(join(site, path), "utf8") : undefined;
}

function pagesUnder(folder: string): string[] {
  return readdirSync(join(site, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => posix.join(folder, name));
}

/** typedoc's pages know no way out of the API; their title gets one. */
function linkBack(path: string): void {
  const html = readFileSync(join(site, path), "utf8");
  if (html.includes(">Guides</a>")) return;
  const title = /<a href="([^"]*)index\.html" class="title">[^<]*<\/a>/;
  if (!title.test(html)) throw new Error(`${path} has no title to put a way back beside`);
  const back = (whole: string, base: string) =>
    `<span>${whole} &nbsp; <a href="${base}../docs/index.html" class="title">Guides</a></span>`;
  writeFileSync(join(site, path), html.replace(title, back));
}

const api = pagesUnder("api");
for (const path of api) linkBack(path);

rmSync(join(site, "docs"), { recursive: true, force: true });
const built = buildDocs();
for (const [path, content] of built) {
  const file = join(site, "docs", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const pages = [...pagesUnder("docs"), ...api];
const broken = pages.flatMap((path) => brokenTargets(path, lookup(path) ?? "", lookup));
for (const link of broken) console.error(`broken link: ${link}`);
console.log(`${built.size} files in site-dist/docs, ${api.length} pages of the API, ${broken.length} broken links`);
if (broken.length > 0) process.exitCode = 1;
