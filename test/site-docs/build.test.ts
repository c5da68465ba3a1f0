import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildDocs } from "../../scripts/docs-site/build.js";
import { brokenTargets, idsOf, targetsOf } from "../../scripts/docs-site/links.js";
import { PAGES, pathOfPage } from "../../scripts/docs-site/pages.js";
import { CONTENT_SECURITY_POLICY, relativeTo } from "../../scripts/docs-site/template.js";
import { collectExamples } from "../../scripts/support/examples.js";
import { projectRoot } from "../../scripts/support/packed.js";

const built = buildDocs();
const pages = [...built]
  .filter(([path]) => path.endsWith(".html"))
  .map(([path, html]) => [path, String(html)] as const);

/** Beside the documentation lie the page and the API, which other commands build. */
const NEIGHBOURS = ["../index.html", "../api/index.html"];

function lookup(path: string): string | undefined {
  if (NEIGHBOURS.includes(path)) return "";
  const content = built.get(path);
  return content === undefined ? undefined : String(content);
}

function markdownIn(folder: string): string[] {
  const names = readdirSync(join(projectRoot, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => join(folder, name));
}

describe("the built documentation", () => {
  it("has every page of docs/ and of the project's root", () => {
    const sources = PAGES.map(({ source }) => source);
    const there = [".", "docs", "docs/guides"].flatMap(markdownIn);
    expect(there.filter((source) => !sources.includes(source))).toEqual([]);
    expect(new Set(sources.map(pathOfPage)).size).toBe(sources.length);
    for (const source of sources) expect(built.has(pathOfPage(source)), source).toBe(true);
  });

  it("has no link that leads nowhere, fragments included", () => {
    expect(pages.flatMap(([path, html]) => brokenTargets(path, html, lookup))).toEqual([]);
    const links = pages.flatMap(([, html]) => targetsOf(html));
    expect(links.filter((target) => target.includes(".html#")).length).toBeGreaterThan(10);
  });

  it.each(pages)("%s loads nothing but our styles and pictures", (path, html) => {
    expect(html.includes(`<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">`)).toBe(
      true,
    );
    const tags = [...html.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag);
    const forbidden = /^<(?:script|iframe|object|embed|base|form|style)\b|\s(?:style|srcset|on[a-z]+)=|javascript:/i;
    expect(tags.filter((tag) => forbidden.test(tag))).toEqual([]);
    const loaded = [...html.matchAll(/<(?:link|img)\s[^>]*(?:href|src)="([^"]*)"/g)].map(([, target]) => target);
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter((target) => /^(?:[a-z]+:|\/)/.test(target ?? ""))).toEqual([]);
    expect(html.match(/<h1[ >]/g), path).toHaveLength(1);
  });

  it.each(pages)("%s has no id twice", (_, html) => {
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(idsOf(html).size);
  });

  it.each(PAGES.map(({ source }) => [source]))("%s says in the navigation where it is", (source) => {
    const html = String(built.get(pathOfPage(source)));
    const current = [...html.matchAll(/<a href="([^"]*)" aria-current="page">/g)].map(([, target]) => target);
    expect(current).toHaveLength(2);
    expect(new Set(current)).toEqual(new Set([pathOfPage(source).split("/").at(-1)]));
  });

  it("uses no colour that the theme does not have", () => {
    const css = String(built.get("style.css"));
    const used = new Set([...css.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
    expect(used.size).toBeGreaterThan(5);
    for (const name of used) expect(css).toContain(`${name}: `);
    expect(css).not.toMatch(/url\(|@import/);
    expect(css).toContain('@media (prefers-color-scheme: dark) {\n  :root[data-theme="auto"]');
    for (const [path, html] of pages) expect(html, path).toContain('data-theme="auto"');
  });

  it("has guides whose examples npm run docs:examples runs", () => {
    const files = new Set(collectExamples(projectRoot).map(({ file }) => file));
    for (const source of markdownIn("docs/guides")) {
      if (/^```ts$/m.test(readFileSync(join(projectRoot, source), "utf8"))) expect(files).toContain(source);
    }
    expect([...files].filter((file) => file.startsWith("docs/guides/")).length).toBeGreaterThan(8);
  });
});

describe("relativeTo", () => {
  it.each([
    ["index.html", "policy.html", "policy.html"],
    ["guides/start.html", "policy.html", "../policy.html"],
    ["guides/start.html", "guides/flow.html", "flow.html"],
    ["a/b/c.html", "a/d/e.html", "../d/e.html"],
    ["index.html", "../api/index.html", "../api/index.html"],
    ["guides/start.html", "../api/index.html", "../../api/index.html"],
  ])("from %s to %s", (from, to, relative) => {
    expect(relativeTo(from, to)).toBe(relative);
  });
});

describe("brokenTargets", () => {
  const lookupIn = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

  it("tells files and fragments that there are not", () => {
    const files = { "a.html": "", "b/c.html": '<h2 id="d">' };
    const html = '<a href="b/c.html#d"><a href="b/c.html#e"><a href="f.html"><a href="#g"><img src="h.svg">';
    expect(brokenTargets("a.html", html, lookupIn(files))).toEqual([
      "a.html -> b/c.html#e",
      "a.html -> f.html",
      "a.html -> #g",
      "a.html -> h.svg",
    ]);
    expect(
      brokenTargets("b/c.html", '<a href="../a.html"> <a href="#"> <p id="i"><a href="#i">', lookupIn(files)),
    ).toEqual([]);
  });

  it("leaves other hosts alone", () => {
    expect(brokenTargets("a.html", '<a href="https://example.org/x#y">', lookupIn({}))).toEqual([]);
  });
});
