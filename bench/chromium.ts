/**
 * `npm run bench:chromium`: a remembered chain's verification in real Chromium, against its own WebCrypto called bare and
 * against a raw P-384 verification by node:crypto on the same machine, in turns.
 */
import { openOfflinePage } from "../test/browser/page.js";
import { BARE } from "./bare.js";
import { type Measured, median, table } from "./measured.js";
import { forgeSubject, REPORTS } from "./subject.js";

const ROUNDS = 21;
const COUNT = 3 * REPORTS;

/** Answers the milliseconds that one call takes, of a rotation whose last report is broken. */
const PAGE = `
  import { createVerifier, webCryptoEngine } from "./src/index.ts";
  const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const ALGORITHM = { name: "ECDSA", namedCurve: "P-384" };
  const tasks = {};

  globalThis.prepare = async ({ reports, certificates, anchors, now, point, raw }) => {
    const options = { now: () => new Date(now), anchors: anchors.map(bytesOf), engine: webCryptoEngine, revocation: "skip" };
    const verifier = createVerifier(options);
    const own = Object.fromEntries(Object.entries(certificates).map(([role, text]) => [role, bytesOf(text)]));
    const evidence = reports.map((text) => ({ report: bytesOf(text), certificates: own }));
    const key = await crypto.subtle.importKey("raw", bytesOf(point), ALGORITHM, false, ["verify"]);
    const signed = raw.map(({ message, signature }) => [bytesOf(signature), bytesOf(message)]);
    tasks.warm = (index) => verifier.verify(evidence[index]).then(() => true, (error) => {
      if (error.code === "ERR_UNTRUSTED_REPORT_SIGNATURE") return false;
      throw error;
    });
    tasks.bare = (index) => crypto.subtle.verify({ name: "ECDSA", hash: "SHA-384" }, key, ...signed[index]);
  };

  globalThis.time = async ({ name, count, last }) => {
    const start = performance.now();
    for (let done = 0; done < count; done++) {
      const index = done % (last + 1);
      if ((await tasks[name](index)) !== (index !== last)) throw new Error("report " + index + " got the wrong answer");
    }
    return (performance.now() - start) / count;
  };
`;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const subject = await forgeSubject("a");
const { forged, evidence, raw, point } = subject;
const bareNode = await BARE[0]?.prepare(subject);
if (bareNode === undefined) throw new Error("nothing bare for node");
const { crl: _, ...certificates } = { ...evidence[0]?.certificates };

const opened = await openOfflinePage(PAGE);
const call = (name: string, input: object): Promise<unknown> =>
  opened.page.evaluate(`globalThis.${name}(${JSON.stringify(input)})`);

async function inChromium(name: "warm" | "bare"): Promise<number> {
  return Number(await call("time", { name, count: COUNT, last: REPORTS - 1 }));
}

function inNode(): number {
  const start = performance.now();
  for (let done = 0; done < COUNT; done++) {
    const report = raw[done % REPORTS];
    if (report !== undefined) void bareNode?.warm(report);
  }
  return (performance.now() - start) / COUNT;
}

await call("prepare", {
  reports: evidence.map(({ report }) => base64(report)),
  certificates: Object.fromEntries(Object.entries(certificates).map(([role, der]) => [role, base64(der)])),
  anchors: forged.anchors.map(base64),
  now: forged.now.getTime(),
  point: base64(point),
  raw: raw.map(({ message, signature }) => ({ message: base64(message), signature: base64(signature) })),
});
const times: { warm: number; bare: number; node: number }[] = [];
for (let round = 0; round < 2 * ROUNDS; round++) {
  const found = { warm: await inChromium("warm"), bare: await inChromium("bare"), node: inNode() };
  // The first half lets the browser compile what is measured.
  if (round >= ROUNDS) times.push(found);
}
await opened.close();
const rows: Measured[] = [
  {
    name: "Chromium, warm, to its WebCrypto bare",
    value: median(times.map(({ warm, bare }) => bare / warm)),
    unit: "",
    goal: 0.95,
    is: "at least",
  },
  {
    name: "Chromium, warm, cost to a raw P-384 of node:crypto",
    value: median(times.map(({ warm, node }) => warm / node)),
    unit: "",
    goal: 0.9,
    is: "at most",
  },
];
console.log(table(rows));
