import MarkdownIt, { type Token } from "markdown-it";
import { escapeHtml, highlight } from "./highlight.js";

/** A heading of a page, and where a link finds it. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  /** HTML without links. */
  readonly html: string;
  readonly text: string;
}

/** A page of Markdown as HTML. */
export interface Rendered {
  readonly html: string;
  readonly headings: readonly Heading[];
}

const markdown = new MarkdownIt({ html: true });

/** The id that GitHub gives a heading, so that one link serves there and here. */
export function slugOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

function plainText(tokens: readonly Token[]): string {
  return tokens.map(({ type, content }) => (type === "text" || type === "code_inline" ? content : "")).join("");
}

/** Pages hold no HTML but comments, which are dropped: the built pages carry no other markup than ours. */
function comment(tokens: Token[], index: number): string {
  const content = tokens[index]?.content.trim() ?? "";
  if (content.replaceAll(/<!--[\s\S]*?-->/g, "").trim() !== "")
    throw new Error(`the page has HTML of its own: ${content}`);
  return "";
}

function fence(tokens: Token[], index: number): string {
  const { content = "", info = "" } = tokens[index] ?? {};
  const language = info.trim();
  const attribute = language === "" ? "" : ` data-language="${escapeHtml(language)}"`;
  // What scrolls sideways must be reached by the keyboard.
  return `<pre tabindex="0"${attribute}><code>${highlight(content, language)}</code></pre>\n`;
}

Object.assign(markdown.renderer.rules, {
  html_block: comment,
  html_inline: comment,
  fence,
  table_open: () => '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n',
  table_close: () => "</table></div>\n",
});

/** A heading cell without text is no heading: it becomes a plain cell, and a row of such goes altogether. */
function withoutEmptyHeads(html: string): string {
  return html
    .replaceAll(/<thead>\s*<tr>\s*(?:<th[^>]*><\/th>\s*)+<\/tr>\s*<\/thead>\n?/g, "")
    .replaceAll(/<th[^>]*><\/th>/g, "<td></td>");
}

/** Gives each heading its id and makes it a link to itself. */
function anchorHeadings(tokens: readonly Token[]): Heading[] {
  const seen = new Map<string, number>();
  return tokens.flatMap((token, index) => {
    const inline = tokens[index + 1];
    if (token.type !== "heading_open" || inline?.children == null) return [];
    const text = plainText(inline.children);
    if (inline.children.some(({ type }) => type === "link_open")) throw new Error(`the heading "${text}" has a link`);
    const slug = slugOf(text);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    const id = count === 0 ? slug : `${slug}-${count}`;
    token.attrSet("id", id);
    return [{ level: Number(token.tag.slice(1)), id, text, html: renderInline(inline.children) }];
  });
}

function renderInline(tokens: Token[]): string {
  return markdown.renderer.render(tokens, markdown.options, {});
}

function relink(tokens: readonly Token[], link: (target: string) => string): void {
  for (const token of tokens) {
    for (const name of ["href", "src"]) {
      const target = token.attrGet(name);
      if (target !== null) token.attrSet(name, link(target));
    }
    if (token.children !== null) relink(token.children, link);
  }
}

/** Columns are aligned by a class, since the pages' own policy allows no style on an element. */
function alignByClass(html: string): string {
  return html.replaceAll(/<(t[dh]) style="text-align:(left|center|right)">/g, '<$1 class="$2">');
}

/** From how many characters on a cell is a sentence, which wants a column that is not narrow. */
const SENTENCE = 30;

function widenSentences(html: string): string {
  return html.replaceAll(/<td>([\s\S]*?)<\/td>/g, (cell, content: string) => {
    return content.replaceAll(/<[^>]*>/g, "").length < SENTENCE ? cell : `<td class="sentence">${content}</td>`;
  });
}

/** A page as HTML; `link` says what each target becomes. Throws for HTML in the page other than comments. */
export function renderMarkdown(text: string, link: (target: string) => string): Rendered {
  const tokens = markdown.parse(text, {});
  const headings = anchorHeadings(tokens);
  relink(tokens, link);
  const html = [withoutEmptyHeads, alignByClass, widenSentences].reduce(
    (made, step) => step(made),
    markdown.renderer.render(tokens, markdown.options, {}),
  );
  const linked = html.replaceAll(
    /<h([2-6]) id="([^"]*)">([\s\S]*?)<\/h\1>/g,
    '<h$1 id="$2"><a class="anchor" href="#$2">$3</a></h$1>',
  );
  return { html: linked, headings };
}
