import { createClient } from "@redis/client";
import { createChallenger, redisSpentStore } from "../../src/challenge/index.js";
import { secretOf, TTL } from "./support.js";

/** One copy of a service: a challenger on a connection of its own. */
export async function openCopy(url: string, storeTimeoutMs = 2000) {
  const socket = { reconnectStrategy: false as const, connectTimeout: 2000 };
  const client = createClient({ url, disableOfflineQueue: true, socket });
  // What a connection says when it is lost comes back from the command under way as well.
  client.on("error", () => undefined);
  await client.connect();
  const challenger = createChallenger({
    keys: [{ id: "k1", secret: secretOf(1) }],
    ttlMs: TTL,
    clock: () => new Date(),
    spentStore: redisSpentStore({ send: (args) => client.sendCommand([...args]), prefix: "spent:" }),
    storeTimeoutMs,
  });
  return { client, challenger, close: () => client.destroy() };
}

/** A copy of a service. */
export type Copy = Awaited<ReturnType<typeof openCopy>>;
