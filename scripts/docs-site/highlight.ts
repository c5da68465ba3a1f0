/** Marks words of code for the stylesheet. It knows just enough of each language to be read by. */

const KEYWORDS =
  "abstract as async await break case catch class const continue declare default delete do else export extends false " +
  "finally for from function if implements import in instanceof interface keyof let new null of private readonly " +
  "return satisfies static super switch this throw true try type typeof undefined var void while yield";

const SCRIPT = new RegExp(
  [
    "(?<comment>//[^\\n]*|/\\*[\\s\\S]*?\\*/)",
    '(?<key>"(?:[^"\\\\\\n]|\\\\.)*"(?=\\s*:))',
    "(?<string>\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*'|`(?:[^`\\\\]|\\\\[\\s\\S])*`)",
    `(?<word>\\b(?:${KEYWORDS.replaceAll(" ", "|")})\\b)`,
    "(?<number>\\b(?:0x[\\da-fA-F_]+|\\d[\\d_]*(?:\\.\\d+)?)n?\\b)",
  ].join("|"),
  "g",
);

const SHELL =
  /(?<comment>(?<=^|\s)#[^\n]*)|(?<string>"[^"\n]*"|'[^'\n]*')|(?<word>^\$ )|(?<key>(?<=\s)--?[a-z][\w-]*)/gm;

/** A console shows commands behind `$ `; what they print stays as it is. */
const CONSOLE = /(?<word>^\$ )(?<rest>[^\n]*)/gm;

const GO =
  /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<word>\b(?:err|for|func|if|import|nil|package|range|return|true|false|var)\b)|(?<number>\b(?:0x[\da-f]+|\d+)\b)/g;

const GRAMMARS: Readonly<Record<string, RegExp>> = {
  ts: SCRIPT,
  typescript: SCRIPT,
  js: SCRIPT,
  json: SCRIPT,
  sh: SHELL,
  console: CONSOLE,
  go: GO,
};

/** Text as it stands in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function mark(groups: Readonly<Record<string, string | undefined>>, text: string): string {
  const kind = Object.keys(groups).find((name) => groups[name] !== undefined) ?? "";
  if (groups["rest"] === undefined) return `<span class="${kind}">${escapeHtml(text)}</span>`;
  return `<span class="${kind}">$ </span><span class="typed">${escapeHtml(groups["rest"])}</span>`;
}

/** The code as HTML. A language without a grammar is escaped and left plain. */
export function highlight(code: string, language: string): string {
  const grammar = GRAMMARS[language];
  if (grammar === undefined) return escapeHtml(code);
  let html = "";
  let end = 0;
  for (const match of code.matchAll(grammar)) {
    html += escapeHtml(code.slice(end, match.index)) + mark(match.groups ?? {}, match[0]);
    end = match.index + match[0].length;
  }
  return html + escapeHtml(code.slice(end));
}
