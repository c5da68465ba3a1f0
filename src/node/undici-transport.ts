import { rootCertificates } from "node:tls";
import type { Dispatcher } from "undici";
import type { Transport, TransportRequest, TransportResponse } from "../kds/types.js";
import { readBounded } from "./bounded-body.js";
import { checkTransportOptions, type TransportSettings, type UndiciTransportOptions } from "./transport-options.js";

/** A transport that holds connections; `close` lets go of them. */
export interface UndiciTransport extends Transport {
  /** Ends when the requests under way have ended; later requests are refused. Once is enough, twice does no harm. */
  close(): Promise<void>;
}

type Undici = typeof import("undici");

const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** The page of an error is read up to here, so that its connection can be used again. */
const MAX_DUMPED_BYTES = 16_384;

/** What a pool, direct or behind a proxy, is told alike. */
function poolOptions({ extraCa, connectionsPerOrigin }: TransportSettings) {
  // Given any CA, Node forgets the ones it brings along.
  const tls = extraCa.length === 0 ? {} : { ca: [...rootCertificates, ...extraCa] };
  const connect = { timeout: CONNECT_TIMEOUT_MS, ...tls };
  return {
    connections: connectionsPerOrigin,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect,
    requestTls: connect,
    proxyTls: connect,
  };
}

function openDispatcher({ Agent, EnvHttpProxyAgent }: Undici, settings: TransportSettings): Dispatcher {
  const { proxy } = settings;
  const pool = poolOptions(settings);
  if (proxy === "none") return new Agent(pool);
  if (proxy === "environment") return new EnvHttpProxyAgent(pool);
  return new EnvHttpProxyAgent({ ...pool, httpProxy: proxy, httpsProxy: proxy, noProxy: "" });
}

/** Without `dispatch`, what was opened is a stand-in that connects by itself and knows no proxy, CA or pool of ours. */
function checkDispatcher(dispatcher: Dispatcher): Dispatcher {
  if (typeof Reflect.get(dispatcher, "dispatch") === "function") return dispatcher;
  throw new TypeError(
    "undici must be the package itself, found this runtime's stand-in; use fetchTransport of attestry/kds",
  );
}

function headersOf(found: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  const entries = Object.entries(found).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(", ") : String(value),
  ]);
  return Object.fromEntries(entries);
}

async function get(undici: Undici, dispatcher: Dispatcher, request: TransportRequest): Promise<TransportResponse> {
  const { url, headers: extra, signal, maxBytes } = request;
  const asked = { ...extra, "accept-encoding": "identity" };
  const answer = await undici.request(url, { dispatcher, method: "GET", headers: asked, signal });
  const { statusCode: status, body } = answer;
  const headers = headersOf(answer.headers);
  if (status === 200) return { status, headers, body: await readBounded(body, headers, maxBytes) };
  await body.dump({ limit: MAX_DUMPED_BYTES, signal });
  return { status, headers, body: new Uint8Array() };
}

/**
 * A transport for `createKdsClient` on undici: connections are kept and shared, a proxy is taken from the
 * environment (`https_proxy`, `http_proxy`, `no_proxy`, in small or capital letters), own CAs can be added.
 *
 * It follows no redirect: one is an answer with its status, like any other. Bodies are read with status 200 alone;
 * one that is longer than the request allows is cut off while it streams (`ERR_MALFORMED_LENGTH`), a compressed one
 * is refused (`ERR_MALFORMED_ENCODING`). There is no deadline but the request's signal and undici's own five minutes
 * without a byte.
 *
 * @throws TypeError (a rejection) for an option that is unknown or of the wrong kind, and in Bun, whose own undici takes
 * none of them.
 *
 * @example
 * ```ts
 * import { createUndiciTransport } from "attestry/node";
 *
 * const transport = await createUndiciTransport({ connectionsPerOrigin: 2 });
 * // createKdsClient({ now: () => new Date(), transport })
 * await transport.close();
 * ```
 */
export async function createUndiciTransport(options: UndiciTransportOptions = {}): Promise<UndiciTransport> {
  const settings = checkTransportOptions(options);
  // Loaded here, so that whoever only verifies does not pay for it.
  const undici = await import("undici");
  const dispatcher = checkDispatcher(openDispatcher(undici, settings));
  const transport = (request: TransportRequest) => get(undici, dispatcher, request);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= dispatcher.close();
    return closed;
  };
  return Object.assign(transport, { close });
}
