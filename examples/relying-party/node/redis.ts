import { createClient } from "@redis/client";
import type { LogLine } from "../config.js";

/** A connection to Redis. */
export interface Redis {
  /** For libraries that drive the client themselves. */
  readonly client: object;
  /** Sends one command; rejects at once while there is no connection, and when no answer comes in time. */
  send(args: readonly string[]): Promise<unknown>;
  ready(): boolean;
  close(): Promise<void>;
}

const CONNECT_MS = 2000;
const COMMAND_MS = 1000;
const LONGEST_PAUSE_MS = 2000;

/**
 * Connects to Redis, and again whenever the connection breaks. Nothing waits for a Redis that is gone.
 *
 * @throws Error when there is none to begin with
 */
export async function openRedis(url: string, log: (line: LogLine) => void): Promise<Redis> {
  let started = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_MS },
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (attempts, cause) => (started ? Math.min(100 * 2 ** attempts, LONGEST_PAUSE_MS) : cause),
    },
  });
  client.on("error", (error: Error) => log({ event: "redis", reason: error.message }));
  await client.connect();
  started = true;
  return {
    client,
    send: (args) => client.sendCommand([...args]),
    ready: () => client.isReady,
    close: async () => client.destroy(),
  };
}
