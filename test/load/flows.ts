import { Agent, request } from "node:http";
import { bindReportData } from "attestry";
import { nodeEngine } from "attestry/node";
import { submission } from "../../examples/relying-party/demo/guest.js";
import type { Chip } from "./chips.js";
import type { Outcome } from "./pace.js";

const TYPE = "application/vnd.amd.sev-snp.attestation-report";
const POLICY = "web";
/** Less than the service keeps an idle connection for: it is never shut while a request is on its way. */
const IDLE_MS = 3000;
const ANSWER_MS = 30_000;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A client of the service that keeps its connections, and costs little. */
export interface Client {
  post(url: string, body: object): Promise<Answer>;
  close(): void;
}

/** A client with so many connections to each copy at the most. */
export function createClient(maxSockets: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets, timeout: IDLE_MS });
  const post: Client["post"] = (url, body) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const signal = AbortSignal.timeout(ANSWER_MS);
      const asked = request(url, { agent, method: "POST", headers, signal }, (response) => {
        let said = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          said += piece;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: said }));
        response.on("error", reject);
      });
      asked.on("error", reject);
      asked.end(text);
    });
  return { post, close: () => agent.destroy() };
}

/** Who takes part in a flow. */
export interface Parties {
  readonly client: Client;
  readonly chip: Chip;
  readonly publicKey: Uint8Array;
  /** The copy that issues the challenge, and the one that appraises. */
  readonly copies: readonly [issuer: string, appraiser: string];
}

/** A refusal as one line. */
function refusal({ status, body }: Answer): string {
  const { code = "no code" } = JSON.parse(body);
  return `${status} ${code}`;
}

/** A challenge of one copy, a fresh report, an appraisal by the other one, a result token. */
export async function appraisalFlow(parties: Parties, withRelease = false): Promise<Outcome> {
  const { client, chip, publicKey, copies } = parties;
  const [issuer, appraiser] = copies;
  const asked = await client.post(`${issuer}/v1/challenges`, { policy: POLICY });
  if (asked.status !== 201) return refusal(asked);
  const challenge = JSON.parse(asked.body);
  const nonce = new Uint8Array(Buffer.from(challenge.nonce, "base64url"));
  const { bytes } = await bindReportData("attestry-v1", { nonce, publicKey }, { engine: nodeEngine });
  const report = chip.report(bytes);
  const evidence = { type: TYPE, data: Buffer.from(report).toString("base64url") } as const;
  const answered = await client.post(
    `${appraiser}/v1/appraisals`,
    submission(challenge, { report, publicKey, evidence }),
  );
  if (answered.status !== 200) return refusal(answered);
  const { verdict, token, reasons } = JSON.parse(answered.body);
  if (verdict !== "accept" || typeof token !== "string") return `refused ${reasons[0]?.code}`;
  return withRelease ? releaseFlow(parties, { challenge, token }) : null;
}

/** The secret for the token. What comes is left sealed. */
async function releaseFlow(
  { client, copies: [issuer] }: Parties,
  { challenge, token }: { readonly challenge: { policy: object; nonce: string }; readonly token: string },
): Promise<Outcome> {
  const { policy, nonce } = challenge;
  const answer = await client.post(`${issuer}/v1/releases`, { policy, nonce, token, format: "hpke" });
  if (answer.status !== 200) return refusal(answer);
  return JSON.parse(answer.body).sealed === undefined ? "nothing sealed" : null;
}
