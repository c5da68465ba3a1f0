import { toHex } from "../bytes/codecs.js";
import type { IdBlockCheck } from "../id-block/match-checks.js";
import { type IdBlockMatch, matchesIdBlock } from "../id-block/matches.js";
import { verifyIdAuth } from "../id-block/verify-id-auth.js";
import { nodeEngine } from "../node/engine.js";
import { verifyEvidence } from "../verify/evidence.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { readArguments } from "./arguments.js";
import { readAnchors } from "./certificates.js";
import { readEvidence } from "./evidence-input.js";
import { evidenceSections } from "./evidence-page.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { readAuthFile, readBlockFile } from "./id-block-input.js";
import { authJson, authSection, blockSection } from "./id-block-page.js";
import { ID_BLOCK_VERIFY_OPTIONS, type IdBlockVerifyPlan, type MatchPlan, readIdBlockPlan } from "./id-block-plan.js";
import type { CliIo } from "./io.js";
import { jsonText } from "./json-text.js";
import { withKds } from "./kds.js";
import { type Row, renderSections, type Section } from "./layout.js";
import { type Look, lookOf, type Tone } from "./terminal.js";
import { checkVerifyOptions } from "./verify-options.js";

/** Names the schema of a result; schemas/id-block-verify.v1.schema.json has it as `$id`. */
export const ID_BLOCK_VERIFY_SCHEMA = "urn:attestry:schema:id-block-verify:v1";

/** The structures of a run, as bytes. */
interface Structures {
  readonly block: Uint8Array;
  readonly auth: Uint8Array;
}

/** A report that was verified, and how it goes together with the block. */
interface Compared {
  readonly verified: VerifiedEvidence;
  readonly match: IdBlockMatch;
}

async function verifiedBy(io: CliIo, plan: MatchPlan): Promise<VerifiedEvidence> {
  const anchors = plan.anchors === undefined ? {} : { anchors: await readAnchors(io, plan.anchors) };
  const productLine = plan.productLine === undefined ? {} : { productLine: plan.productLine };
  const { revocation } = plan;
  const options = checkVerifyOptions({ now: plan.at ?? io.now(), revocation, ...anchors, ...productLine });
  const { evidence } = await readEvidence(io, plan);
  return await withKds(io, { kds: plan.kds, anchors: options.anchors }, (kds) =>
    verifyEvidence(evidence, kds === undefined ? options : { ...options, collateral: kds.source }),
  );
}

async function compare(io: CliIo, plan: MatchPlan, { block, auth }: Structures): Promise<Compared> {
  const verified = await verifiedBy(io, plan);
  const { idKeyDigests, authorKeyDigests } = plan;
  const match = await matchesIdBlock(verified, { block, auth, idKeyDigests, authorKeyDigests, engine: nodeEngine });
  return { verified, match };
}

const TONES: Readonly<Record<IdBlockCheck["outcome"], Tone>> = { pass: "good", fail: "bad", "not-applicable": "dim" };

function checkRow({ id, outcome, reason }: IdBlockCheck): Row {
  return { name: id, value: outcome, tone: TONES[outcome], note: reason };
}

function matchText({ verified, match }: Compared, look: Look): string {
  const verdict = match.matches ? look.paint("good", "match") : look.paint("bad", "mismatch");
  const checks: Section = { title: "Checks", rows: match.checks.map(checkRow) };
  return `${verdict}\n\n${renderSections([checks, ...evidenceSections(verified)], look)}`;
}

/** What is said where there is no report: it is not a match, and not trust. */
const SIGNED = "signatures hold, NOT compared with a report";

async function verifyAlone(io: CliIo, pair: Structures, json: boolean): Promise<ExitCode> {
  const { block, auth, idKeyDigest, authorKeyDigest } = await verifyIdAuth({ ...pair, engine: nodeEngine });
  if (json) {
    const digests = {
      idKeyDigest: toHex(idKeyDigest),
      authorKeyDigest: authorKeyDigest === null ? null : toHex(authorKeyDigest),
    };
    const result = { schema: ID_BLOCK_VERIFY_SCHEMA, verdict: SIGNED, ...digests, checks: null, evidence: null };
    await io.stdout.write(`${jsonText(result, 2)}\n`);
    return EXIT.accepted;
  }
  const look = lookOf(io.stdout, io.env);
  const sections = [blockSection(block), authSection(await authJson(auth))];
  await io.stdout.write(`${look.paint("warn", SIGNED)}\n\n${renderSections(sections, look)}`);
  return EXIT.accepted;
}

function matchJson({ verified, match }: Compared): string {
  const digestOf = (id: IdBlockCheck["id"]) => match.checks.find((check) => check.id === id)?.expected ?? null;
  const result = {
    schema: ID_BLOCK_VERIFY_SCHEMA,
    verdict: match.matches ? "match" : "mismatch",
    idKeyDigest: digestOf("idKeyDigest"),
    authorKeyDigest: digestOf("authorKeyDigest"),
    checks: match.checks,
    evidence: verified,
  };
  return `${jsonText(result, 2)}\n`;
}

/** Everything that is read is read, and refused if need be, before anything is verified. */
async function structuresOf(io: CliIo, plan: IdBlockVerifyPlan): Promise<Structures> {
  return { block: await readBlockFile(io, plan.block), auth: await readAuthFile(io, plan.auth) };
}

/** `attestry id-block verify`: both signatures of an ID block, and whether a report is of a guest with it. */
export async function verifyIdBlockVerb(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const plan = readIdBlockPlan(readArguments(args, ID_BLOCK_VERIFY_OPTIONS));
  const structures = await structuresOf(io, plan);
  if (plan.match === null) return await verifyAlone(io, structures, plan.json);
  const compared = await compare(io, plan.match, structures);
  await io.stdout.write(plan.json ? matchJson(compared) : matchText(compared, lookOf(io.stdout, io.env)));
  return compared.match.matches ? EXIT.accepted : EXIT.untrusted;
}
