/**
 * What appraising costs beside one P-384 verification by node:crypto; `npm run bench` runs it after bench.ts.
 *
 * What an appraisal says beside its verdict is worked out where it is read; the last row reads all of it.
 * The policy has over 30 checks of most keys of the language; the evidence is 64
 * reports of one chip in turn, each appraised for the first time, since what is worked out for a record is kept.
 * As in bench.ts a figure is a ratio of medians taken in turns within one run.
 */
import { appraise, createVerifier, definePolicy, type VerifiedEvidence } from "attestry";
import { nodeEngine } from "attestry/node";
import { BARE } from "./bare.js";
import { forgeSubject, REPORTS } from "./subject.js";

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ROUNDS = 41;
const GOAL = 0.04;
const WARM_UP_ROUNDS = 40;

/** Thirty checks that the subject's reports pass, and the strict defaults beside them. */
function document(first: VerifiedEvidence) {
  const { report, tcb } = first;
  const { spl4: _4, spl5: _5, spl6: _6, spl7: _7, ...floor } = tcb.reported;
  const floors = { reported: floor, committed: floor, launch: floor, current: floor };
  return {
    version: 1,
    id: "bench",
    validity: { notAfter: "2099-01-01T00:00:00Z" },
    snp: {
      productLine: [first.productLine],
      cpu: ["0x19-0x01-0x01"],
      reportVersion: { minimum: 2, maximum: 5 },
      signingKey: ["VCEK"],
      chipId: [toHex(report.chipId), "masked"],
      denyChips: ["de".repeat(64)],
      denyCertificates: ["de".repeat(32)],
      measurement: [toHex(report.measurement)],
      reportData: "any",
      hostData: [toHex(report.hostData)],
      idBlock: { required: false },
      reportIdMa: [toHex(report.reportIdMa)],
      vmpl: [0],
      guestPolicy: { smt: "required", debug: "forbidden", migrateMa: "forbidden", cxlAllow: "forbidden" },
      platformInfo: { eccEn: "required", aliasCheckComplete: "required", unknownBits: "any" },
      minimumTcb: { [first.productLine]: floors },
      minimumFirmware: { current: { major: 0, minor: 0, build: 0 }, committed: { major: 0, minor: 0, build: 0 } },
      provisionalFirmware: "any",
      revocation: { status: "skipped" },
      reserved: "zero",
    },
  };
}

function median(values: readonly number[]): number {
  return Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
}

/** Milliseconds for each of many calls. */
async function timed(count: number, call: (index: number) => unknown): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index++) await call(index);
  return (performance.now() - start) / count;
}

const subject = await forgeSubject("a");
const { forged, evidence, raw } = subject;
const { now, anchors } = forged;
const verifier = createVerifier({ now: () => now, anchors, engine: nodeEngine, revocation: "skip" });
// The last report is broken.
const sound = evidence.slice(0, REPORTS - 1);
const [first] = await Promise.all(sound.slice(0, 1).map((one) => verifier.verify(one)));
if (first === undefined) throw new Error("there is no evidence");
const policy = await definePolicy(document(first));
const written = appraise(first, policy, { now });
if (written.verdict !== "accept") throw new Error(JSON.stringify(written.failures));

const bare = BARE.find(({ name }) => name === "node");
if (bare === undefined) throw new Error("nothing bare for node");
const run = await bare.prepare(subject);

const fresh: number[] = [];
const again: number[] = [];
const read: number[] = [];
for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round++) {
  const verified = await Promise.all(sound.map((one) => verifier.verify(one)));
  const judge = (index: number) => {
    const handle = verified[index % verified.length];
    if (handle === undefined) throw new Error("there is no evidence");
    const appraisal = appraise(handle, policy, { now });
    if (appraisal.verdict !== "accept") throw new Error("refused");
    return appraisal;
  };
  const rawTime = await timed(sound.length, async (index) => {
    const report = raw[index];
    if (report === undefined || !(await run.warm(report))) throw new Error("a sound report was refused");
  });
  const freshTime = await timed(sound.length, judge);
  const againTime = await timed(sound.length, judge);
  // Claims are kept with a record: nobody has read all of them before.
  const readTime = await timed(sound.length, (index) => {
    const { checks: all, unexamined, evidence: shown } = judge(index);
    if (all.length + unexamined.length + Object.keys(shown.claims).length < written.checks.length) throw new Error("?");
  });
  if (round < WARM_UP_ROUNDS) continue;
  fresh.push(freshTime / rawTime);
  again.push(againTime / rawTime);
  read.push(readTime / rawTime);
}

const { checks } = written;
const own = checks.filter(({ implied }) => !implied).length;
console.log(`| appraising by ${own} written checks (${checks.length} in all) | to one raw P-384 | goal | |`);
console.log("| --- | --- | --- | --- |");
for (const [name, ratios] of [
  ["a record's first time", fresh],
  ["again", again],
  ["a record's first time, and all that is said of it read", read],
] as const) {
  const ratio = median(ratios);
  console.log(`| ${name} | ${ratio.toFixed(3)} | ${GOAL} | ${ratio <= GOAL ? "kept" : "missed"} |`);
}
