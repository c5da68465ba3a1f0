import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { escapeHtml, highlight } from "../../scripts/docs-site/highlight.js";
import { projectRoot } from "../../scripts/support/packed.js";

/** What a reader sees of marked code. */
function plain(html: string): string {
  return html
    .replaceAll(/<\/?span[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

describe("highlight", () => {
  it.each([
    ["ts", "const a = 1;", '<span class="word">const</span> a = <span class="number">1</span>;'],
    ["ts", "// const", '<span class="comment">// const</span>'],
    ["ts", '"a // b"', '<span class="string">&quot;a // b&quot;</span>'],
    ["ts", "`a\nb` 0x1fn", '<span class="string">`a\nb`</span> <span class="number">0x1fn</span>'],
    ["ts", "constant", "constant"],
    ["json", '{"a": "b"}', '{<span class="key">&quot;a&quot;</span>: <span class="string">&quot;b&quot;</span>}'],
    ["sh", "ls --all # b", 'ls <span class="key">--all</span> <span class="comment"># b</span>'],
    ["console", "$ ls\na $ b", '<span class="word">$ </span><span class="typed">ls</span>\na $ b'],
    ["html", "<a>", "&lt;a&gt;"],
    ["", "const & <b>", "const &amp; &lt;b&gt;"],
  ])("%s: %s", (language, code, html) => {
    expect(highlight(code, language)).toBe(html);
  });

  it("changes no character of any example in the documentation", () => {
    const folder = join(projectRoot, "docs");
    const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
    const blocks = pages.flatMap((name) => [
      ...readFileSync(join(folder, name), "utf8").matchAll(/```(\w*)\n([\s\S]*?)```/g),
    ]);
    expect(blocks.length).toBeGreaterThan(100);
    for (const [, language = "", code = ""] of blocks) expect(plain(highlight(code, language))).toBe(code);
  });

  it("marks nothing with markup of the code's own", () => {
    const hostile = '"</span><script>" // <img onerror="x">';
    expect(highlight(hostile, "ts")).not.toMatch(/<(?!\/?span)/);
    expect(escapeHtml('<a b="c">&')).toBe("&lt;a b=&quot;c&quot;&gt;&amp;");
  });
});
