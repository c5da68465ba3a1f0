/** The entry for Node: environment in, one copy of the service out. SIGTERM drains it, SIGHUP reads the policies anew. */
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { type Copy, createCopy } from "./node/copy.js";
import { type Environment, EnvironmentError, readEnvironment } from "./node/environment.js";
import { createLog } from "./node/log.js";
import { PolicyFolderError } from "./node/policy-folder.js";

/** Exit codes of sysexits.h, which supervisors know. */
const EXIT = { config: 78, failed: 70 } as const;
/** Slower clients than these are cut off. */
const PATIENCE = { headersTimeout: 5000, requestTimeout: 15_000, keepAliveTimeout: 5000 } as const;

/**
 * Says that it is not ready, and goes on for UNREADY_MS, so that balancers learn of it; then takes nothing new, answers
 * what is under way, and ends. After DRAIN_MS more it ends anyway.
 */
async function stop(server: ServerType, copy: Copy, env: Environment): Promise<void> {
  copy.drain();
  await new Promise((resolve) => setTimeout(resolve, env.UNREADY_MS));
  const late = setTimeout(() => process.exit(EXIT.failed), env.DRAIN_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
  clearTimeout(late);
  await copy.close();
}

async function start(): Promise<void> {
  const env = readEnvironment(process.env);
  const log = createLog(env.LOG_LEVEL);
  const copy = await createCopy(env, log);
  const options = { fetch: copy.app.fetch, hostname: env.HOST, port: env.PORT, serverOptions: PATIENCE };
  // The server is an HTTP server of Node, which listens on an address and port.
  const server = serve(options, (info: AddressInfo) =>
    log({ event: "listening", host: info.address, port: info.port }),
  );
  process.on("SIGHUP", () => void copy.policies.reload());
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log({ event: "stopping", signal });
      stop(server, copy, env).catch(fail);
    });
  }
}

function fail(error: unknown): void {
  const wrongSettings = error instanceof EnvironmentError || error instanceof PolicyFolderError;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  process.stderr.write(`relying-party: ${what}\n`);
  process.exit(wrongSettings ? EXIT.config : EXIT.failed);
}

start().catch(fail);
