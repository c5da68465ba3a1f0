import { said, same, that } from "./assert.js";
import { AUDIENCE, boundPolicy, NOW, newChallenger } from "./guest.js";
import type { Case, Suite } from "./suite.js";

const DAY = 86_400_000;

async function purposeOf(id?: string) {
  return { audience: AUDIENCE, policyDigest: (await boundPolicy(id)).digest };
}

const CASES: readonly Case[] = [
  {
    name: "spent once",
    run: async () => {
      const challenger = newChallenger();
      const purpose = await purposeOf();
      const { nonce, id } = await challenger.issue(purpose);
      const verified = await challenger.verify(nonce, purpose);
      same(verified.id, id);
      await challenger.spend(verified);
      same(await said(() => challenger.spend(verified)), "ERR_CHALLENGE_SPENT");
      const again = await challenger.verify(nonce, purpose);
      same(await said(() => challenger.spend(again)), "ERR_CHALLENGE_SPENT");
    },
  },
  {
    name: "no byte of it may change",
    run: async () => {
      const challenger = newChallenger();
      const purpose = await purposeOf();
      const { nonce } = await challenger.issue(purpose);
      for (let at = 0; at < nonce.length; at++) {
        const changed = nonce.map((byte, index) => (index === at ? byte ^ 1 : byte));
        const code = await said(() => challenger.verify(changed, purpose));
        that(/^ERR_CHALLENGE_(MALFORMED|UNKNOWN_KEY|FORGED)$/.test(code), `byte ${at} is missed: ${code}`);
      }
    },
  },
  {
    name: "for this audience and policy alone",
    run: async () => {
      const challenger = newChallenger();
      const purpose = await purposeOf();
      const { nonce } = await challenger.issue(purpose);
      for (const other of [{ ...purpose, audience: "https://other.example" }, await purposeOf("other")]) {
        same(await said(() => challenger.verify(nonce, other)), "ERR_CHALLENGE_FORGED");
      }
    },
  },
  {
    name: "for its time alone",
    run: async () => {
      let now = NOW;
      const challenger = newChallenger(() => now);
      const purpose = await purposeOf();
      const { nonce } = await challenger.issue(purpose);
      now = new Date(NOW.getTime() + DAY);
      same(await said(() => challenger.verify(nonce, purpose)), "ERR_CHALLENGE_EXPIRED");
    },
  },
];

/** Challenges: the runtime's random bytes, its HMAC and its timers. */
export const challengeSuite: Suite = { name: "challenge", cases: () => CASES };
