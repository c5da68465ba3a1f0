import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answer, askFor, makeKey, post, submission } from "../../../examples/relying-party/demo/guest.js";
import { openFactory, switchOn } from "../../../examples/relying-party/demo/machines.js";
import {
  askForStale,
  complaintOf,
  DELIVERY,
  OTHER_WAYS,
  refusals,
  type Scenario,
} from "../../../examples/relying-party/demo/scenarios.js";
import { type Stage, setStage } from "../../../examples/relying-party/demo/stage.js";
import { needs } from "../../support/needs.js";

const CHALLENGE_TTL_MS = 12_000;
const BARE = "application/vnd.amd.sev-snp.attestation-report";
const PROJECT = new URL("../../..", import.meta.url).pathname;

async function sealedBy({ copies }: Stage): Promise<number> {
  const pages = await Promise.all(copies.map(async (copy) => (await fetch(`${copy}/metrics`)).text()));
  const found = pages.flatMap((page) => [...page.matchAll(/^relying_party_released_total\{.*\} (\d+)$/gm)]);
  return found.reduce((sum, [, count]) => sum + Number(count), 0);
}

describe.runIf(needs("redis-server"))("the flow, played by five processes", () => {
  let stage: Stage;
  let staleAt = 0;
  beforeAll(async () => {
    stage = await setStage({ challengeTtlMs: CHALLENGE_TTL_MS, redisUrl: process.env["REDIS_URL"] });
    staleAt = await askForStale(stage, CHALLENGE_TTL_MS);
  });
  afterAll(() => stage?.close());

  async function play(scenario: Scenario): Promise<void> {
    const before = await sealedBy(stage);
    const reply = await scenario.play(stage);
    expect(complaintOf(scenario, reply, stage.secret)).toBeNull();
    expect((await sealedBy(stage)) - before).toBe(scenario.refusal === null ? 1 : 0);
  }

  it.each(OTHER_WAYS.map((scenario) => [scenario.title, scenario] as const))("delivers: %s", (_, scenario) =>
    play(scenario),
  );

  it(`delivers: ${DELIVERY.title}`, () => play(DELIVERY));

  it.each(refusals(0).map(({ title }, index) => [title, index] as const))(
    "delivers nothing: %s",
    async (_, index) => {
      const scenario = refusals(staleAt)[index];
      if (scenario === undefined) throw new Error("no such scene");
      await play(scenario);
    },
    60_000,
  );

  it("names in its logs neither secrets nor nonces nor tokens nor chips", () => {
    const log = stage.processes.flatMap(({ lines }) => lines).join("\n");
    expect(log).toContain('"route":"/v1/releases"');
    expect(log).toMatch(/"chip":"[0-9a-f]{16}"/);
    expect(log).toContain('"checks":"snp.guestPolicy.debug"');
    expect(log).not.toContain(stage.secret);
    expect(log).not.toContain("eyJ");
    // Challenges' ids and request ids are the longest words there are.
    expect(log.match(/[\w-]{65,}/g)).toBeNull();
    for (const line of log.split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });

  it("releases once, whoever is asked how often at one time", async () => {
    const forge = await openFactory(stage.factory);
    const key = await makeKey();
    const challenge = await askFor(stage.copies[0], "web");
    const found = await answer(challenge, switchOn(forge, "sound"), { publicKey: key.publicKey, type: BARE });
    const body = { ...submission(challenge, found), format: "hpke" };
    const before = await sealedBy(stage);
    const asked = Array.from({ length: 12 }, (_, index) => post(`${stage.copies[index % 2]}/v1/releases`, body));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(11);
    expect((await sealedBy(stage)) - before).toBe(1);
  });

  it("told to stop, says that it is not ready, answers what is under way, and ends well", async () => {
    const copy = await stage.startCopy({ UNREADY_MS: "500" });
    const url = `http://127.0.0.1:${copy.port}`;
    const underWay = request(`${url}/v1/challenges`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    const answered = once(underWay, "response");
    underWay.write('{"policy":');
    await once(underWay, "socket");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const stopped = copy.stop("SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/healthz`)).status, { interval: 20 }).toBe(503);
    await expect
      .poll(
        () =>
          fetch(`${url}/healthz`)
            .then(() => "open")
            .catch(() => "shut"),
        { timeout: 5000 },
      )
      .toBe("shut");
    underWay.end('"web"}');
    const [response] = await answered;
    expect(response.statusCode).toBe(201);
    response.resume();
    expect(await stopped).toBe(0);
  });

  it("ends well on SIGTERM and SIGINT", async () => {
    const [a, b] = stage.processes;
    expect(await a.stop("SIGTERM")).toBe(0);
    expect(await b.stop("SIGINT")).toBe(0);
    await expect(fetch(`${stage.copies[0]}/healthz`)).rejects.toThrow();
  });
});

it("npm run demo:flow without Redis says what to install, and exits with 69", () => {
  const { status, stderr } = spawnSync("npm", ["run", "--silent", "demo:flow"], {
    cwd: PROJECT,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ATTESTRY_REDIS: "/nowhere/redis-server" },
    encoding: "utf8",
  });
  expect(stderr).toContain("Debian's package redis-server");
  expect(status).toBe(69);
});
