/** A word, a number, a string with its quotes, or a mark. */
export interface Token {
  readonly kind: "word" | "number" | "string" | "mark";
  readonly text: string;
  readonly offset: number;
}

const WORD = "[A-Za-z_][A-Za-z0-9_]*";
const NUMBER = "(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?![A-Za-z0-9_.])";
const STRING = `"[^"\\\\\\n]*(?:\\\\[^\\n][^"\\\\\\n]*)*"|'[^'\\\\\\n]*(?:\\\\[^\\n][^'\\\\\\n]*)*'`;
const SPACE = "(?:[ \\t\\r\\n\\f\\v]|#[^\\n]*)+";

const KINDS = ["word", "number", "string", "mark"] as const;

function tokenPattern(): RegExp {
  return new RegExp(`${SPACE}|(${WORD})|(${NUMBER})|(${STRING})|([{}<>[\\]:,;-])`, "y");
}

/** The tokens of a text in protobuf's text format, and where what is none begins: the text's length where all are. */
export function tokensOf(text: string): { readonly tokens: readonly Token[]; readonly end: number } {
  const pattern = tokenPattern();
  const tokens: Token[] = [];
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, ...groups] = match;
    const kind = KINDS[groups.findIndex((group) => group !== undefined)];
    if (kind !== undefined) tokens.push({ kind, text: whole, offset: match.index });
    end = pattern.lastIndex;
  }
  return { tokens, end };
}
