import { malformedImport, shortLine } from "./malformed.js";
import { type ImportInput, inputText, type Part } from "./part.js";

/**
 * What the YAML reader is given at the most: its parser recurses into what nests, compares each key with all others of
 * its mapping, and builds patterns as long as the indentation. A configuration has a few hundred lines, ten levels.
 */
const MAX_ITEMS = 4096;
const MAX_NESTING = 32;
const MAX_INDENT = 128;

const OPTIONS = {
  version: "1.2",
  schema: "core",
  strict: true,
  uniqueKeys: true,
  merge: false,
  prettyErrors: false,
  // Silent would take the first of several documents and say nothing.
  logLevel: "error",
} as const;

/** The deepest that brackets and braces nest, wherever they stand: more than the reader will find, never less. */
function bracketDepth(lines: readonly string[]): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of lines.join("\n").matchAll(/[[\]{}]/g)) {
    depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Why a text is too much for the reader; null where it is not. */
function excess(text: string): string | null {
  // A line that is all comment, or a line of a quoted text that looks like one, nests nothing.
  const lines = text.split(/\r\n|\r|\n/).filter((line) => !/^\s*#/.test(line));
  const marks = text.match(/[,[\]{}&*!]/g) ?? [];
  if (lines.length + marks.length > MAX_ITEMS)
    return `more than ${MAX_ITEMS} lines, commas, brackets, anchors and tags`;
  if (lines.some((line) => line.search(/[^\s]|$/) > MAX_INDENT))
    return `more than ${MAX_INDENT} columns of indentation`;
  if (lines.some((line) => (line.match(/[-?:](?=\s|$)/g) ?? []).length > MAX_NESTING)) {
    return `more than ${MAX_NESTING} indicators in a line`;
  }
  return bracketDepth(lines) > MAX_NESTING ? `more than ${MAX_NESTING} levels of brackets` : null;
}

/**
 * The input as YAML 1.2 (core schema): one document without directives, aliases, tags of its own or keys that stand
 * twice. The reader is loaded at the first call.
 *
 * @throws as `inputText`; MalformedError `ERR_MALFORMED_IMPORT` for what is no such YAML, or too much of it.
 */
export async function yamlPart(format: string, input: ImportInput): Promise<Part> {
  const text = inputText(format, input);
  const tooMuch = excess(text);
  if (tooMuch !== null) throw malformedImport(format, "", `expected a configuration, found ${tooMuch}`);
  const { parseDocument, visit } = await import("yaml");
  const document = parseDocument(text, OPTIONS);
  const [complaint] = [...document.errors, ...document.warnings];
  if (complaint !== undefined) {
    const line = text.slice(0, complaint.pos[0]).split("\n").length;
    throw malformedImport(format, `line ${line}`, `expected strict YAML, found ${shortLine(complaint.message)}`);
  }
  if (document.directives?.yaml.explicit === true || /^%/m.test(text)) {
    throw malformedImport(format, "", "expected YAML 1.2 without directives, found one; remove it");
  }
  visit(document, {
    Alias(_, { source }) {
      throw malformedImport(format, `*${source}`, "expected no aliases, found one; write the value out");
    },
  });
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  return { format, where: "", value };
}
