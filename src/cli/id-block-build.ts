import { toBase64, toHex } from "../bytes/codecs.js";
import type { P384Signer } from "../crypto/signer.js";
import { keyDigest } from "../id-block/amd-key.js";
import { buildIdAuth } from "../id-block/build-id-auth.js";
import { buildIdBlock, type IdBlockFields } from "../id-block/id-block.js";
import { nodeEngine } from "../node/engine.js";
import { type ParsedArguments, readArguments, requiredText } from "./arguments.js";
import { optionalText, refuseTwoStdins } from "./evidence-plan.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { hexOption, readSigner } from "./id-block-input.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/** Names the schema of what was built; schemas/id-block-build.v1.schema.json has it as `$id`. */
export const ID_BLOCK_BUILD_SCHEMA = "urn:attestry:schema:id-block-build:v1";

const OPTIONS = {
  measurement: { type: "string" },
  policy: { type: "string" },
  "family-id": { type: "string" },
  "image-id": { type: "string" },
  "guest-svn": { type: "string" },
  "id-key": { type: "string" },
  "author-key": { type: "string" },
  json: { type: "boolean" },
} as const;

const POLICY = /^(0x)?[0-9a-f]{1,16}$/i;
const NUMBER = /^\d{1,10}$/;

function policyOf(text: string): bigint {
  if (!POLICY.test(text)) {
    throw new UsageError(`--policy: expected up to 16 hex digits, as in 0x30000, found ${printable(text, 100)}`);
  }
  return BigInt(`0x${text.replace(/^0x/i, "")}`);
}

function svnOf(text: string): number {
  if (NUMBER.test(text)) return Number(text);
  throw new UsageError(`--guest-svn: expected a whole number, found ${printable(text, 100)}`);
}

function idOf(parsed: ParsedArguments, name: string): Uint8Array {
  const text = optionalText(parsed, name);
  return text === undefined ? new Uint8Array(16) : hexOption(text, `--${name}`, 16);
}

function blockOf(parsed: ParsedArguments): Uint8Array {
  const fields: IdBlockFields = {
    measurement: hexOption(requiredText(parsed, "measurement"), "--measurement", 48),
    familyId: idOf(parsed, "family-id"),
    imageId: idOf(parsed, "image-id"),
    guestSvn: svnOf(optionalText(parsed, "guest-svn") ?? "0"),
    policy: policyOf(requiredText(parsed, "policy")),
  };
  try {
    return buildIdBlock(fields);
  } catch (error) {
    if (!(error instanceof TypeError && error.message.startsWith("fields."))) throw error;
    throw new UsageError(printable(error.message.replace(/^fields\./, "")), { cause: error });
  }
}

/** What was built, as JSON has it and as the lines are named. */
interface Built {
  readonly block: string;
  readonly auth: string;
  readonly idKeyDigest: string;
  readonly authorKeyDigest: string | null;
}

async function build(block: Uint8Array, idKey: P384Signer, authorKey: P384Signer | undefined): Promise<Built> {
  const engine = nodeEngine;
  const author = authorKey === undefined ? {} : { authorKey };
  const digest = async ({ publicKey }: P384Signer) => toHex(await keyDigest(publicKey, { engine }));
  return {
    block: toBase64(block),
    auth: toBase64(await buildIdAuth({ block, idKey, engine, ...author })),
    idKeyDigest: await digest(idKey),
    authorKeyDigest: authorKey === undefined ? null : await digest(authorKey),
  };
}

function lines({ block, auth, idKeyDigest, authorKeyDigest }: Built): string {
  const author = authorKeyDigest === null ? "" : `author-key-digest=${authorKeyDigest}\n`;
  return `id-block=${block}\nid-auth=${auth}\nid-key-digest=${idKeyDigest}\n${author}`;
}

/** `attestry id-block build`: signs an ID block. The keys are read, used and forgotten; nothing of them is printed. */
export async function buildVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = readArguments(args, OPTIONS);
  const [surplus] = parsed.positionals;
  if (surplus !== undefined) throw new UsageError(`expected no operand, found ${printable(surplus)}`);
  const block = blockOf(parsed);
  const idKeyPath = requiredText(parsed, "id-key");
  const authorKeyPath = optionalText(parsed, "author-key");
  refuseTwoStdins([idKeyPath, authorKeyPath]);
  const idKey = await readSigner(io, idKeyPath, "--id-key");
  const authorKey = authorKeyPath === undefined ? undefined : await readSigner(io, authorKeyPath, "--author-key");
  const built = await build(block, idKey, authorKey);
  const json = () => `${jsonText({ schema: ID_BLOCK_BUILD_SCHEMA, ...built }, 2)}\n`;
  await io.stdout.write(parsed.flag("json") ? json() : lines(built));
  return EXIT.accepted;
}
