import { expect } from "vitest";
import {
  type Answer,
  answer,
  askFor,
  denied,
  type GuestKey,
  type HeldChallenge,
  makeKey,
  open,
  submission,
} from "../../examples/relying-party/demo/guest.js";
import type { Chip } from "./chips.js";
import type { Fleet } from "./fleet.js";
import { type Client, createClient } from "./flows.js";

/** What happened in all rounds. */
export interface Sums {
  /** Secrets that the copy released before it died. */
  answered: number;
  /** Challenges that it had not spent, whose secret the other copy released. */
  rescued: number;
  /** Challenges that it had spent, and died before it answered: the secret reached nobody. */
  lost: number;
  /** Challenges for which both copies were asked at once. */
  raced: number;
}

/** A guest that holds a challenge, its evidence, and counts what it could open. */
interface Guest {
  readonly challenge: HeldChallenge;
  readonly key: GuestKey;
  readonly answer: Answer;
  /** Secrets that it opened with this challenge. */
  opened: number;
}

/** What a copy said; null where it was gone before it said anything. */
type Said = "secret" | "spent" | null;

const GUESTS = 12;
/** Every fourth guest asks both copies at once. */
const RACE = 4;
const BARE = "application/vnd.amd.sev-snp.attestation-report";
const ASK_AGAIN = "Ask for a new challenge and make a new report for it.";
const LONGEST_LIFE_MS = 40;

async function prepare(service: string, chip: Chip): Promise<Guest> {
  const challenge = await askFor(service, "web");
  const key = await makeKey();
  const machine = { report: chip.report, certificates: {} };
  const found = await answer(challenge, machine, { publicKey: key.publicKey, type: BARE });
  return { challenge, key, answer: found, opened: 0 };
}

/** Asks a copy for the secret, and opens it. Whatever is neither the secret nor "spent, ask again" fails the test. */
async function ask(
  client: Client,
  { guest, url, secret }: { guest: Guest; url: string; secret: string },
): Promise<Said> {
  const body = { ...submission(guest.challenge, guest.answer), format: "hpke" };
  const said = await client.post(`${url}/v1/releases`, body).catch(() => null);
  if (said === null) return null;
  const response = new Response(said.body, { status: said.status });
  if (said.status !== 200) {
    const { status, code, action } = await denied(response);
    expect({ status, code, action }).toEqual({ status: 409, code: "ERR_CHALLENGE_SPENT", action: ASK_AGAIN });
    return "spent";
  }
  const outcome = await open(response, { challenge: guest.challenge, key: guest.key, report: guest.answer.report });
  expect(Buffer.from(outcome.secret ?? []).toString("base64url")).toBe(secret);
  guest.opened++;
  return "secret";
}

/** Resolves when the copy has answered so often, or after a while: then it is time to kill it. */
function afterAnswers(answers: readonly Promise<Said>[], count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const counted = (said: Said) => {
      if (said === "secret" && --left === 0) resolve();
    };
    for (const said of answers) void said.then(counted, () => undefined);
    // Also before anything was answered at all.
    if (count === 0) setTimeout(resolve, Math.random() * LONGEST_LIFE_MS);
    void Promise.allSettled(answers).then(() => resolve());
  });
}

interface Round {
  readonly client: Client;
  readonly secret: string;
  readonly survivor: string;
  readonly guests: readonly Guest[];
}

/** Everybody asks the copy at once, some ask the other one as well; in the midst of it the copy is killed. */
async function killAtWork(fleet: Fleet, round: number, { client, secret, survivor, guests }: Round): Promise<Said[]> {
  const victim = fleet.copies[indexOf(round)];
  const asked = guests.map((guest) => ask(client, { guest, url: victim.url, secret }));
  const raced = guests.filter((_, index) => index % RACE === 0);
  const others = raced.map((guest) => ask(client, { guest, url: survivor, secret }));
  await afterAnswers(asked, round % (GUESTS / 2));
  await victim.kill();
  // The other copy lives, and answers everybody.
  expect(await Promise.all(others)).not.toContain(null);
  return Promise.all(asked);
}

function indexOf(round: number): 0 | 1 {
  return round % 2 === 0 ? 0 : 1;
}

/** What the other copy says to those whom the dead one answered, or did not. */
async function askTheOther({ client, secret, survivor, guests }: Round, said: readonly Said[], sums: Sums) {
  for (const [index, guest] of guests.entries()) {
    const had = guest.opened;
    const now = await ask(client, { guest, url: survivor, secret });
    if (index % RACE === 0) {
      sums.raced++;
      expect(now, "raced for, and released once more").toBe("spent");
    } else if (had === 1) {
      sums.answered++;
      expect([said[index], now]).toEqual(["secret", "spent"]);
    } else {
      expect(said[index], "refused by the copy that was asked first").toBeNull();
      expect(now, "the other copy answers").not.toBeNull();
      sums[now === "secret" ? "rescued" : "lost"]++;
    }
  }
}

/** Nobody gets anything at this address any more. */
async function expectSpent({ client, secret, guests }: Round, url: string): Promise<void> {
  for (const guest of guests) expect(await ask(client, { guest, url, secret }), "came back").toBe("spent");
}

/** Kills one of the copies at work, looks at what the other one does, and puts a new one in its place. */
export async function playRound(fleet: Fleet, chip: Chip, round: number, sums: Sums): Promise<void> {
  const { secret, copies } = fleet;
  const client = createClient(2 * GUESTS);
  const victim = copies[indexOf(round)].url;
  const survivor = copies[indexOf(round + 1)].url;
  const guests = await Promise.all(Array.from({ length: GUESTS }, () => prepare(victim, chip)));
  const idle = await prepare(victim, chip);
  const played: Round = { client, secret, survivor, guests };
  try {
    const said = await killAtWork(fleet, round, played);
    expect(await ask(client, { guest: idle, url: survivor, secret }), "a challenge that nobody spent").toBe("secret");
    await askTheOther(played, said, sums);
    await fleet.replace(indexOf(round));
    const everybody: Round = { ...played, guests: [...guests, idle] };
    for (const { url } of copies) await expectSpent(everybody, url);
  } finally {
    client.close();
  }
  for (const { opened } of [...guests, idle])
    expect(opened, "secrets opened with one challenge").toBeLessThanOrEqual(1);
}
