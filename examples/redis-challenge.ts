import { createClient } from "@redis/client";
import { type ChallengerOptions, createChallenger, redisSpentStore } from "attestry/challenge";

/** A challenger whose copies remember in one Redis what was spent. */
export async function openChallenger(url: string, options: Omit<ChallengerOptions, "spentStore">) {
  // Without a queue a connection that is gone says so at once; a command that waits in one would be given up, and run.
  const client = createClient({ url, disableOfflineQueue: true });
  client.on("error", (error) => console.error("spent challenges:", error));
  await client.connect();
  const spentStore = redisSpentStore({ send: (args) => client.sendCommand([...args]), prefix: "attestry:spent:" });
  return { challenger: createChallenger({ ...options, spentStore }), close: () => client.close() };
}
