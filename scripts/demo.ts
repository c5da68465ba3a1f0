/** `npm run demo`: a forged guest is verified and appraised, then attacked in three ways. */
import {
  type Appraisal,
  bindReportData,
  definePolicy,
  type Evidence,
  isAttestationError,
  verifyAttestation,
} from "../src/index.js";
import { createForge } from "../src/testing/index.js";

const say = (text = ""): void => console.log(text);

const forge = await createForge({ seed: "demo" });
const nonce = Uint8Array.from({ length: 32 }, (_, index) => index);
const reportData = await bindReportData("nonce", { nonce });
const { evidence, anchors, now } = forge.evidence({ report: { reportData: reportData.bytes } });
const policy = await definePolicy({
  version: 1,
  id: "demo",
  snp: {
    measurement: ["00".repeat(48), "11".repeat(48)],
    reportData: { scheme: "nonce" },
    minimumTcb: { Milan: { reported: { bootLoader: 3, tee: 0, snp: 8, microcode: 115 } } },
  },
});

function show(appraisal: Appraisal): void {
  for (const check of appraisal.checks) say(`  ${check.outcome.padEnd(14)} ${check.id}`);
  say(`  verdict: ${appraisal.verdict}`);
  for (const { reason } of appraisal.failures) say(`  ${reason}`);
}

async function judge(title: string, given: Evidence): Promise<void> {
  say(title);
  try {
    show(await verifyAttestation(given, { now, anchors, policy, reportData }));
  } catch (error) {
    if (!isAttestationError(error)) throw error;
    say(`  ${error.code}\n  ${error.message}`);
  }
  say();
}

const at = { reportData: reportData.bytes };
const measured = { ...at, measurement: new Uint8Array(48).fill(0x11) };
const tampered = forge.report(measured).bytes;
tampered[0x90] = 0xff;

say("Forged evidence: its root is trusted in this program and nowhere else.\n");
await judge("1. A guest as the policy wants it", { ...evidence, report: forge.report(measured).bytes });
await judge("2. Another measurement: the policy says no", {
  ...evidence,
  report: forge.report({ ...at, measurement: new Uint8Array(48).fill(0x22) }).bytes,
});
await judge("3. One byte of the report changed: nothing is left to appraise", { ...evidence, report: tampered });
await judge("4. No revocation list", {
  report: forge.report(measured).bytes,
  certificates: forge.evidence({ omit: ["crl"] }).evidence.certificates ?? {},
});

say("Now your own report: npm run build, then");
say("  npx attestry inspect REPORT");
say("  npx attestry verify REPORT --certs FOLDER --signature-only");
say("with the 1184 bytes of the report (raw, hex or base64), and vcek, ask, ark and crl files in FOLDER.");
