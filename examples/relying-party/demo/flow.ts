/** `npm run demo:flow`: challenge, evidence, verdict, secret; then every way to be denied. */
import type { Reply } from "./commands.js";
import { RedisMissing } from "./processes.js";
import { askForStale, complaintOf, DELIVERY, OTHER_WAYS, refusals, type Scenario } from "./scenarios.js";
import { type Stage, setStage } from "./stage.js";

const CHALLENGE_TTL_MS = 6000;
const LOG_DELAY_MS = 50;
/** Exit codes of sysexits.h: something this machine lacks; the play did not end as it must. */
const EXIT = { unavailable: 69, failed: 70 } as const;

const say = (text = ""): void => console.log(text);

function tellReply({ status, code, reason, action, failures, secret }: Reply): void {
  if (secret !== null) {
    say("     delivered, and opened inside the guest");
    return;
  }
  say(`     denied: ${status} ${code}`);
  for (const line of failures.length > 0 ? failures : [reason]) say(`       ${line}`);
  say(`       what to do: ${action}`);
}

/** What the copies logged of the guest's requests since so many lines, in the order of time. */
function requestsSince({ processes }: Stage, marks: readonly number[]): readonly string[] {
  const logged = processes.flatMap(({ lines }, index) =>
    lines.slice(marks[index]).map((line) => ({ ...JSON.parse(line), copy: index === 0 ? "A" : "B" })),
  );
  const requests = logged.filter(({ route = "" }) => /^\/(?:v1|kbs)\//.test(route));
  requests.sort((one, other) => one.time.localeCompare(other.time));
  return requests.map(({ copy, method, route, status }) => `copy ${copy}: ${method} ${route} ${status}`);
}

/** Plays one scene, and says how it went. @returns true when it ended as it must */
async function play(stage: Stage, scenario: Scenario, number: number): Promise<boolean> {
  say(`${String(number).padStart(2)}. ${scenario.title}`);
  const marks = stage.processes.map(({ lines }) => lines.length);
  const reply = await scenario.play(stage);
  // The copies' logs come by other pipes than the guest's reply.
  await new Promise((resolve) => setTimeout(resolve, LOG_DELAY_MS));
  for (const request of requestsSince(stage, marks)) say(`     ${request}`);
  tellReply(reply);
  const complaint = complaintOf(scenario, reply, stage.secret);
  if (complaint !== null) say(`     WRONG: ${complaint}`);
  return complaint === null;
}

async function playAll(stage: Stage, scenarios: readonly Scenario[], first: number): Promise<number> {
  let right = 0;
  for (const [index, scenario] of scenarios.entries()) {
    if (await play(stage, scenario, first + index)) right++;
  }
  return right;
}

/** How many secrets the copies themselves say that they have sealed. */
async function sealedBy({ copies }: Stage): Promise<number> {
  const pages = await Promise.all(copies.map(async (copy) => (await fetch(`${copy}/metrics`)).text()));
  const counts = pages.flatMap((page) => [...page.matchAll(/^relying_party_released_total\{.*\} (\d+)$/gm)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function introduce({ copies: [a, b], keyServer, redis }: Stage): void {
  say("The relying party's flow, each part a process of its own on loopback:");
  say(`  copy A      ${a}\n  copy B      ${b}\n  Redis       ${redis}\n  key server  ${keyServer}`);
  say("  guest       knows these two addresses, and the forged chip that signs its reports");
}

async function perform(stage: Stage): Promise<boolean> {
  introduce(stage);
  const staleAt = await askForStale(stage, CHALLENGE_TTL_MS);
  say("\nOther ways to the secret");
  const others = await playAll(stage, OTHER_WAYS, 1);
  say("\nThe diagram");
  const delivered = await playAll(stage, [DELIVERY], OTHER_WAYS.length + 1);
  say("\nEvery way to be denied");
  const scenes = refusals(staleAt);
  const denied = await playAll(stage, scenes, OTHER_WAYS.length + 2);
  const sealed = await sealedBy(stage);
  say(`\nThe copies say that they sealed it ${sealed} times: ${others} other ways, ${delivered} for the diagram.`);
  say(`${denied} denied of ${scenes.length}, ${delivered} secret opened`);
  return denied === scenes.length && delivered === 1 && others === OTHER_WAYS.length && sealed === others + delivered;
}

async function main(): Promise<void> {
  const stage = await setStage({ challengeTtlMs: CHALLENGE_TTL_MS, redisUrl: process.env["REDIS_URL"] });
  try {
    if (!(await perform(stage))) process.exitCode = EXIT.failed;
  } finally {
    await stage.close();
  }
}

main().catch((error: unknown) => {
  const missing = error instanceof RedisMissing;
  console.error(missing ? error.message : error);
  process.exitCode = missing ? EXIT.unavailable : EXIT.failed;
});
