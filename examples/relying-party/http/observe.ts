import { isAttestationError } from "attestry";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AppConfig, LogLine } from "../config.js";
import { codeOf } from "./advice.js";
import { toHex } from "./encoding.js";
import { REQUEST_ID } from "./problem.js";
import { Refusal } from "./refusal.js";

/** What travels with a request inside the app. */
export interface AppEnv {
  Variables: {
    /** Names the request in the log and in problem answers. */
    id: string;
    /** What the handlers found out that is worth a log line. */
    notes: Record<string, string | null>;
  };
}

const SHOWN_HASH_BYTES = 8;

/**
 * A chip's id for the log: the same chip can be followed, and whoever reads the log does not learn the id.
 *
 * @param chipId - hex of CHIP_ID
 */
export async function hashedChip({ engine }: AppConfig, chipId: string): Promise<string> {
  const digest = await engine.digest("SHA-256", new TextEncoder().encode(`attestry log chip ${chipId}`));
  return toHex(digest.subarray(0, SHOWN_HASH_BYTES));
}

/** A refusal by its code and the checks that failed. What nobody foresaw has a message, for the log alone. */
function fault(error: unknown): Record<string, string> {
  const code = codeOf(error);
  if (isAttestationError(error, "ERR_POLICY_REJECTED")) {
    return { code, checks: error.detail.failures.map((line) => line.split(" ")[0]).join(" ") };
  }
  if (code !== "ERR_SERVICE_FAILED") return { code };
  return { code, fault: error instanceof Error ? `${error.name}: ${error.message}` : "no Error" };
}

/** Gives each request an id, and leaves one line and one figure of it. */
export function observe({ log, metrics, clientOf }: AppConfig): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const started = performance.now();
    const id = crypto.randomUUID();
    context.set("id", id);
    context.set("notes", {});
    // Before the answer is made: a header added to one that stands has it built a second time.
    context.header(REQUEST_ID, id);
    await next();
    const ms = performance.now() - started;
    // Paths of strangers are without number; the routes of the app are not.
    const route = context.res.status === 404 && context.error === undefined ? "none" : routePath(context, -1);
    const { status } = context.res;
    metrics.request(route, status, ms / 1000);
    const said = context.error === undefined ? {} : fault(context.error);
    const line: LogLine = { event: "request", id, method: context.req.method, route, status, ms: Math.round(ms) };
    log({ ...line, client: clientOf(context), ...context.get("notes"), ...said });
  };
}

/** Lets each client ask as often as the limiter says. */
export function limit({ limiter, clientOf }: AppConfig): MiddlewareHandler<AppEnv> {
  return async (context, next) => {
    const waitMs = await limiter.take(clientOf(context));
    if (waitMs !== null) {
      const seconds = String(Math.max(1, Math.ceil(waitMs / 1000)));
      throw new Refusal("ERR_REQUEST_RATE", `try again in ${seconds} s`, { "retry-after": seconds });
    }
    await next();
  };
}
