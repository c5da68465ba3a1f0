import { describe, expect, it } from "vitest";
import { renderMarkdown, slugOf } from "../../scripts/docs-site/markdown.js";

const same = (target: string) => target;
const html = (text: string) => renderMarkdown(text, same).html;

describe("slugOf", () => {
  it.each([
    ["What it does", "what-it-does"],
    ["`minimumTcb`", "minimumtcb"],
    ["Where there is no `crypto.subtle`", "where-there-is-no-cryptosubtle"],
    ["1. Keep one verifier", "1-keep-one-verifier"],
    ["id-block_x", "id-block_x"],
  ])("%s", (heading, slug) => {
    expect(slugOf(heading)).toBe(slug);
  });
});

describe("renderMarkdown", () => {
  it("gives each heading an id of its own and a link to itself, but the title no link", () => {
    const { html: page, headings } = renderMarkdown("# A `b`\n\n## C\n\n### C\n\n## C & `<D>`\n", same);
    expect(page).toContain('<h1 id="a-b">A <code>b</code></h1>');
    expect(page).toContain('<h2 id="c"><a class="anchor" href="#c">C</a></h2>');
    expect(page).toContain('<h3 id="c-1"><a class="anchor" href="#c-1">C</a></h3>');
    expect(headings.map(({ level, id, text }) => [level, id, text])).toEqual([
      [1, "a-b", "A b"],
      [2, "c", "C"],
      [3, "c-1", "C"],
      [2, "c--d", "C & <D>"],
    ]);
    expect(headings[3]?.html).toBe("C &amp; <code>&lt;D&gt;</code>");
  });

  it("refuses a heading with a link, which would stand in a link", () => {
    expect(() => html("## [a](b.md)")).toThrow(/has a link/);
  });

  it("asks what each link and picture becomes", () => {
    const linked = renderMarkdown("[a](b.md#c) ![d](e.svg)", (target) => `x/${target}`).html;
    expect(linked).toBe('<p><a href="x/b.md#c">a</a> <img src="x/e.svg" alt="d"></p>\n');
  });

  it("drops comments and refuses all other HTML", () => {
    expect(html("<!-- table: keys -->\n\na <!-- b --> c")).toBe("<p>a  c</p>\n");
    expect(() => html("<script>alert(1)</script>")).toThrow(/HTML of its own/);
    expect(() => html('a <img src="x"> b')).toThrow(/HTML of its own/);
    expect(() => html("<!-- a --><b>")).toThrow(/HTML of its own/);
    expect(() => html("<!-- a --><b><!-- c -->")).toThrow(/HTML of its own/);
    expect(html("`<b>`")).toBe("<p><code>&lt;b&gt;</code></p>\n");
  });

  it("makes tables and code that can be scrolled by keyboard", () => {
    expect(html("| a | |\n| --- | --- |\n| b | c |")).toMatch(
      /^<div class="table" role="group" aria-label="Table" tabindex="0"><table>[\s\S]*<th>a<\/th>\s*<td><\/td>/,
    );
    expect(html("```ts\nnew A();\n```")).toBe(
      '<pre tabindex="0" data-language="ts"><code><span class="word">new</span> A();\n</code></pre>\n',
    );
  });

  it("aligns columns without a style, which the pages' policy forbids", () => {
    const aligned = html("| a | b |\n| ---: | :--- |\n| c | d |");
    expect(aligned).toContain('<th class="right">a</th>\n<th class="left">b</th>');
    expect(aligned).not.toContain("style=");
  });

  it("marks cells that hold a sentence, by what is read of them", () => {
    const link = `[short](${"x".repeat(60)})`;
    const cells = html(`| a | b |\n| --- | --- |\n| ${"word ".repeat(8)} | ${link} |`);
    expect(cells).toContain('<td class="sentence">word word');
    expect(cells).toContain('<td><a href="xxx');
  });

  it("leaves out a row of headings without a word", () => {
    const bare = html("| | |\n| --- | --- |\n| b | c |");
    expect(bare).not.toContain("<thead>");
    expect(bare).toContain("<td>b</td>");
  });
});
