/** A word, a number, a string with its quotes, or a mark. */
export interface Token {
  readonly kind: "word" | "number" | "string" | "mark";
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const WORD = "[A-Za-z_][A-Za-z0-9_]*";
const NUMBER = "(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?![A-Za-z0-9_.])";
const STRING = `"[^"\\\\\\n]*(?:\\\\[^\\n][^"\\\\\\n]*)*"|'[^'\\\\\\n]*(?:\\\\[^\\n][^'\\\\\\n]*)*'`;
const SPACE = "(?:[ \\t\\r\\n\\f\\v]|#[^\\n]*)+";

const KINDS = ["word", "number", "string", "mark"] as const;

function tokenPattern(): RegExp {
  return new RegExp(`${SPACE}|(${WORD})|(${NUMBER})|(${STRING})|([{}<>[\\]:,;-])`, "y");
}

/** The tokens of a text; the place of what is none, which is the text's length where all are; and the line there. */
export interface Tokens {
  readonly tokens: readonly Token[];
  readonly end: number;
  readonly line: number;
}

/** The tokens of a text in protobuf's text format. */
export function tokensOf(text: string): Tokens {
  const pattern = tokenPattern();
  const tokens: Token[] = [];
  let [end, line] = [0, 1];
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, ...groups] = match;
    const kind = KINDS[groups.findIndex((group) => group !== undefined)];
    if (kind !== undefined) tokens.push({ kind, text: whole, line });
    // No token but space spans lines.
    else line += whole.split("\n").length - 1;
    end = pattern.lastIndex;
  }
  return { tokens, end, line };
}
