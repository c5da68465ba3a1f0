import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisPath } from "../support/needs.js";

/** A Redis of our own: on loopback, on a port that was free, keeping nothing. */
export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Ends well when the server says that it is ready, badly when it ends instead. */
async function ready(server: ChildProcess): Promise<boolean> {
  let said = "";
  for await (const piece of server.stdout ?? []) {
    said += String(piece);
    if (said.includes("Ready to accept connections")) return true;
  }
  return false;
}

/** Starts Redis; another process may take the port first, then another port is tried. */
export async function startRedis(): Promise<Redis> {
  const folder = await mkdtemp(join(tmpdir(), "attestry-redis-"));
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
    const server = spawn(redisPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(server, "exit");
    if (!(await ready(server))) continue;
    const stop = async () => {
      server.kill();
      await ended;
      await rm(folder, { recursive: true });
    };
    return { url: `redis://127.0.0.1:${port}`, stop };
  }
  throw new Error("Redis did not start");
}
