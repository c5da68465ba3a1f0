import { readArguments } from "./arguments.js";
import { type Assembly, assemble } from "./assemble.js";
import { assemblySections, partsOf, usableUntil } from "./assembly-page.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { layOut, possiblePaths } from "./fetch-layout.js";
import { FETCH_OPTIONS, type FetchPlan, readFetchPlan } from "./fetch-plan.js";
import { FETCH_HELP } from "./help.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { renderSections, type Section } from "./layout.js";
import { makeOutputFolder, type OutputFile, refuseExisting, writeOutput } from "./output.js";
import { printable } from "./printable.js";
import { sizeText } from "./size.js";
import { type Look, lookOf } from "./terminal.js";

/** Names the schema of a result; schemas/fetch.v1.schema.json has it as `$id`. */
export const FETCH_SCHEMA = "urn:attestry:schema:fetch:v1";

function fetchText(assembly: Assembly, files: readonly OutputFile[], look: Look): string {
  const written: Section = {
    title: "Written",
    rows: files.map(({ path, bytes }) => ({ name: printable(path), value: sizeText(bytes.length) })),
  };
  // A page of its own, since long paths would push all other columns to the right.
  return `${renderSections([written], look)}\n${renderSections(assemblySections(assembly), look)}`;
}

function fetchJson(assembly: Assembly, written: readonly OutputFile[]): string {
  const { productLine, signingKey } = assembly.need;
  const { verifiedAt, revocation } = assembly.verified.certificates;
  const files = written.map(({ path, bytes }) => ({ path, size: bytes.length }));
  const times = { revocation: revocation.status, verifiedAt, holdsUntil: usableUntil(assembly.verified) };
  const said = { schema: FETCH_SCHEMA, productLine, signingKey, files, parts: partsOf(assembly), ...times };
  return `${jsonText(said, 2)}\n`;
}

async function fetchByPlan(io: CliIo, plan: FetchPlan): Promise<string> {
  const { folder, layout, roles, force } = plan;
  await refuseExisting(io, possiblePaths(folder, layout, roles), force);
  const assembly = await assemble(io, plan.evidence, roles);
  const files = layOut(folder, layout, assembly);
  await makeOutputFolder(io, folder);
  await writeOutput(io, files, force);
  return plan.json ? fetchJson(assembly, files) : fetchText(assembly, files, lookOf(io.stdout, io.env));
}

/** `attestry fetch`: the certificates of a report from the key server, verified with it and written to files. */
export async function fetchVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, FETCH_OPTIONS);
  if (parsed.flag("help")) {
    await io.stdout.write(FETCH_HELP);
    return EXIT.accepted;
  }
  await io.stdout.write(await fetchByPlan(io, readFetchPlan(parsed)));
  return EXIT.accepted;
}
