import { parseIdAuth } from "../id-block/id-auth.js";
import { parseIdBlock } from "../id-block/id-block.js";
import { type ParsedArguments, readArguments, requiredText } from "./arguments.js";
import { optionalText, refuseTwoStdins } from "./evidence-plan.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { readAuthFile, readBlockFile } from "./id-block-input.js";
import { authJson, authSection, blockJson, blockSection } from "./id-block-page.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections, wrapText } from "./layout.js";
import { printable } from "./printable.js";
import { lookOf } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** Names the schema of an inspection; schemas/id-block-inspect.v1.schema.json has it as `$id`. */
export const ID_BLOCK_INSPECT_SCHEMA = "urn:attestry:schema:id-block-inspect:v1";

const OPTIONS = { block: { type: "string" }, auth: { type: "string" }, json: { type: "boolean" } } as const;
const UNVERIFIED = "UNVERIFIED: no signature has been checked. To check them: attestry id-block verify.";

function pathsOf(parsed: ParsedArguments): { readonly block: string; readonly auth: string | undefined } {
  const [surplus] = parsed.positionals;
  if (surplus !== undefined) throw new UsageError(`expected no operand, found ${printable(surplus)}`);
  const paths = { block: requiredText(parsed, "block"), auth: optionalText(parsed, "auth") };
  refuseTwoStdins([paths.block, paths.auth]);
  return paths;
}

/** `attestry id-block inspect`: what an ID block and its ID_AUTH say, checked by nothing but the parsers. */
export async function inspectIdBlockVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  const paths = pathsOf(parsed);
  const block = parseIdBlock(await readBlockFile(io, paths.block));
  const auth = paths.auth === undefined ? null : await authJson(parseIdAuth(await readAuthFile(io, paths.auth)));
  if (parsed.flag("json")) {
    const json = { schema: ID_BLOCK_INSPECT_SCHEMA, verified: false, block: blockJson(block), auth };
    await io.stdout.write(`${jsonText(json, 2)}\n`);
    return EXIT.accepted;
  }
  const look = lookOf(io.stdout, io.env);
  const warning = wrapText(UNVERIFIED, look.width).map((line) => `${look.paint("bad", line)}\n`);
  const sections = [blockSection(block), ...(auth === null ? [] : [authSection(auth)])];
  await io.stdout.write([warning.join(""), renderSections(sections, look)].join("\n"));
  return EXIT.accepted;
}
