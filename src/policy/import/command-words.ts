import { malformedImport, shownValue } from "./malformed.js";

/** A quoted or plain piece of a word; space, with lines continued by a backslash; or what a shell would interpret. */
const PIECE = /'([^']*)'|"([^"$`\\]*)"|((?:[^\s'"$`\\;&|<>(){}[\]*?~#!]|\\[^\n])+)|((?:\s|\\\n)+)/gy;

/**
 * The words of a command line, as a POSIX shell takes them apart where nothing is expanded: quotes, backslashes and
 * continued lines. Variables, substitutions, pipes and other meanings are refused.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT`
 */
export function commandWords(format: string, text: string): readonly string[] {
  const words: string[] = [];
  let open = false;
  let end = 0;
  for (const match of text.matchAll(PIECE)) {
    const [whole, single, double, plain, space] = match;
    end = match.index + whole.length;
    if (space !== undefined) {
      open = false;
      continue;
    }
    const piece = single ?? double ?? String(plain).replaceAll(/\\(.)/gs, "$1");
    if (open) words.push(`${words.pop()}${piece}`);
    else words.push(piece);
    open = true;
  }
  if (end === text.length) return words;
  const found = shownValue(text.slice(end, end + 20));
  const reason = `expected plain words, found ${found}, which a shell interprets; write what it stands for`;
  throw malformedImport(format, `word ${words.length + (open ? 0 : 1)}`, reason);
}
