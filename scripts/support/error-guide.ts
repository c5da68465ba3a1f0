import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { ErrorCode } from "../../src/errors.js";
import { CAUSES } from "./causes.js";
import { projectRoot } from "./packed.js";

/** A code as src/errors.ts declares it. */
interface DeclaredCode {
  readonly code: ErrorCode;
  readonly meaning: string;
  readonly detail: string;
}

/** The classes, by the word that their codes have after ERR_, and what to do with an error of each. */
const CLASSES = {
  MALFORMED: ["MalformedError", "These bytes are not what they claim to be. Trying again brings the same."],
  UNSUPPORTED: ["UnsupportedError", "Perhaps genuine, not handled here, and therefore never accepted."],
  UNTRUSTED: ["UntrustedError", "Stop: the evidence does not hold."],
  COLLATERAL: ["CollateralError", "A certificate or CRL is missing or out of date; see `retryable`."],
  POLICY: ["PolicyError", "Genuine, and not what the policy asks for; from `assertAccepted` alone."],
  CHALLENGE: ["ChallengeError", "The nonce does not stand for a fresh request; see `retryable`."],
  RESULT: ["ResultError", "A signed result is not issued, or not believed."],
  RELEASE: ["ReleaseError", "No secret is sealed, or it does not open."],
} as const;

const HEAD = `# From an error to its cause

Each code with what it says, where it usually comes from and what to do. The code is the contract; messages are for people and may change. \`detail\` is JSON-safe. For a refused policy see the checks in [policy.md](policy.md).

<!-- Made by npm run docs:errors from src/errors.ts and scripts/support/causes.ts. -->
`;

function commentOf(member: ts.TypeElement): string {
  const [doc] = ts.getJSDocCommentsAndTags(member);
  const text = doc && ts.isJSDoc(doc) ? ts.getTextOfJSDocComment(doc.comment) : undefined;
  if (text === undefined) throw new Error(`${member.getText()} has no comment`);
  return text.replace(/\s+/g, " ");
}

/** Every code with its comment and the type of its detail, in the order of src/errors.ts. */
export function declaredCodes(): readonly DeclaredCode[] {
  const path = join(projectRoot, "src/errors.ts");
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const details = file.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === "ErrorDetails",
  );
  return (details?.members ?? []).map((member) => {
    if (!ts.isPropertySignature(member) || member.type === undefined) throw new Error(member.getText());
    // The interface is what ErrorCode is the keys of.
    const code = member.name.getText() as ErrorCode;
    return { code, meaning: commentOf(member), detail: member.type.getText() };
  });
}

function section({ code, meaning, detail }: DeclaredCode): string {
  const { from, cure } = CAUSES[code];
  const lines = [`### ${code}`, meaning, `Usually: ${from}`, `Do: ${cure}`, `Detail: \`${detail}\``];
  return `${lines.join("\n\n")}\n`;
}

/** docs/errors.md, whole. */
export function errorGuide(): string {
  const codes = declaredCodes();
  const parts = Object.entries(CLASSES).map(([word, [name, reaction]]) => {
    const own = codes.filter(({ code }) => code.startsWith(`ERR_${word}_`));
    return [`## ${name}\n\n${reaction}\n`, ...own.map(section)].join("\n");
  });
  return [HEAD, ...parts].join("\n");
}
