import { createHash } from "node:crypto";
import {
  bindReportData,
  createVerifier,
  type Evidence,
  type ExpectedReportData,
  type ProductLine,
  type SigningKey,
  type Tcb,
  type VerifiedEvidence,
} from "../../src/index.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import type { Facts, Inputs } from "./facts.js";
import type { Random } from "./random.js";
import { reportOptions } from "./reports.js";

const DAY = 86_400_000;
const GRACE = 40 * DAY;
export const LINES = ["Milan", "Genoa", "Turin"] as const;
export const KEYS = ["VCEK", "VLEK"] as const;
export const CSPS = ["CN=cc.one.example", "CN=cc.two.example"] as const;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A chip or provider key with its certificates. */
export interface Station {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  readonly chip: string;
  readonly tcb: Tcb;
  readonly hwId: Uint8Array;
  readonly certificates: NonNullable<Evidence["certificates"]>;
}

/** A verified report with what the oracle is told of it, and what the caller brings. */
export interface Scene {
  readonly verified: VerifiedEvidence;
  readonly facts: Facts;
  readonly inputs: Inputs;
  /** The same, as `appraise` takes it. */
  readonly reportData: ExpectedReportData | null;
}

interface Brought {
  readonly expected: ExpectedReportData;
  readonly bytes: Uint8Array;
  readonly fromEvidence: readonly string[];
}

type Mode = "checked" | "stale" | "unavailable" | "skipped";

function stationsOf(forge: Forge, productLine: ProductLine, signingKey: SigningKey): Station[] {
  const { evidence } = forge.evidence({ productLine, signingKey });
  const usual = forge.chip({ productLine, signingKey }).tcb;
  return [0, 1, 2, 3, 4, 5].map((number) => {
    const chip = `${number % 3}`;
    const tcb = {
      ...usual,
      tee: 2 + (number % 2),
      snp: 20 + number,
      bootLoader: 5 + (number % 3),
      microcode: 80 + number,
    };
    const { hwId } = forge.chip({ productLine, signingKey, chip });
    const options = { productLine, chip, tcb };
    const leaf =
      signingKey === "VCEK" ? forge.vcek(options) : forge.vlek({ ...options, cspId: CSPS[number % 2] ?? null });
    return { productLine, signingKey, chip, tcb, hwId, certificates: { ...evidence.certificates, leaf: leaf.der } };
  });
}

async function expectations(): Promise<Brought[]> {
  const nonces = [0x11, 0x22, 0x33].map((byte) => new Uint8Array(32).fill(byte));
  const publicKey = new Uint8Array(91).fill(4);
  const made = await Promise.all(
    nonces.map(async (nonce) => [
      { expected: await bindReportData("nonce", { nonce }), fromEvidence: [] },
      { expected: await bindReportData("attestry-v1", { nonce, publicKey }), fromEvidence: [] },
      {
        expected: await bindReportData("attestry-v1", { nonce, publicKey }, { fromEvidence: ["publicKey"] }),
        fromEvidence: ["publicKey"],
      },
    ]),
  );
  return made.flat().map((brought) => ({ ...brought, bytes: brought.expected.bytes }));
}

function factsOf(verified: VerifiedEvidence, { hwId, certificates }: Station, mode: Mode): Facts {
  const { leaf, intermediate, root } = verified.certificates;
  const { status, thisUpdate, nextUpdate } = verified.revocation;
  const grace = mode === "stale" ? GRACE : 0;
  return {
    report: verified.reportBytes,
    productLine: verified.productLine,
    signingKey: verified.signingKey,
    cspId: leaf.cspId,
    hwId: verified.signingKey === "VCEK" ? hex(hwId) : null,
    leafSha256: sha256(certificates.leaf ?? new Uint8Array(0)),
    intermediateSha256: sha256(certificates.intermediate ?? new Uint8Array(0)),
    revocation: {
      status,
      thisUpdate: thisUpdate?.getTime() ?? null,
      usableUntil: nextUpdate === null ? null : nextUpdate.getTime() + grace,
    },
    verifiedAt: verified.verifiedAt.getTime(),
    notAfter: {
      leaf: leaf.notAfter.getTime(),
      intermediate: intermediate.notAfter.getTime(),
      root: root.notAfter.getTime(),
    },
  };
}

function appraisedAt({ verifiedAt, revocation, notAfter }: Facts, random: Random): number {
  const end = revocation.usableUntil ?? verifiedAt;
  return random.chance(0.9)
    ? verifiedAt + random.pick([0, 1000, DAY])
    : random.pick([verifiedAt - 1, end, end + 1, notAfter.leaf, notAfter.leaf + 1, notAfter.root + 1]);
}

function withoutCrl({ certificates: { crl: _crl, ...others } }: Station): Station["certificates"] {
  return others;
}

function toldOf({ expected, bytes, fromEvidence }: Brought): Inputs["reportData"] {
  return { scheme: expected.scheme, bytes: hex(bytes), fromEvidence };
}

/** Makes scenes: forges a report, verifies it for real, and keeps what was found. */
export async function createStage(advisories: Inputs["advisories"]): Promise<(random: Random) => Promise<Scene>> {
  const forge = await createForge({ seed: "differential" });
  const stations = LINES.flatMap((line) => KEYS.flatMap((key) => stationsOf(forge, line, key)));
  const brought = await expectations();
  const options = { now: () => forge.now, anchors: LINES.map((line) => forge.ark({ productLine: line }).der) };
  const common = { ...options, engine: nodeEngine, allowMaskedChipId: true };
  const verifiers = {
    checked: createVerifier(common),
    stale: createVerifier({ ...common, revocation: { mode: "require", maxStaleMs: GRACE } }),
    unavailable: createVerifier({ ...common, revocation: "if-available" }),
    skipped: createVerifier({ ...common, revocation: "skip" }),
  };
  return async (random) => {
    const station = random.pick(stations);
    const mode = random.pick<Mode>([
      "checked",
      "checked",
      "checked",
      "checked",
      "checked",
      "stale",
      "unavailable",
      "skipped",
    ]);
    const bound = random.pick(brought);
    const { productLine, signingKey, chip, tcb } = station;
    const fields = reportOptions(station, random.chance(0.9) ? bound.bytes : random.pick(brought).bytes, random);
    const report = forge.report({ productLine, signingKey, chip, tcb, ...fields }).bytes;
    const certificates = mode === "unavailable" ? withoutCrl(station) : station.certificates;
    const now = mode === "stale" ? new Date(forge.now.getTime() + 60 * DAY) : forge.now;
    const verified = await verifiers[mode].verify({ report, certificates }, { now });
    const facts = factsOf(verified, station, mode);
    const given = random.chance(0.75) ? bound : null;
    const reportData = given === null ? null : toldOf(given);
    const inputs = { now: appraisedAt(facts, random), reportData, advisories: random.chance(0.9) ? advisories : null };
    return { verified, facts, inputs, reportData: given?.expected ?? null };
  };
}
