import { createServer } from "node:http";
import { isAttestationError } from "attestry";
import { createKdsClient, KDS_BASE_URL, type KdsClientOptions, parseKdsUrl } from "attestry/kds";

/** The KDS's paths for pages of one origin: cached, verified, and asked for at the rate of one client. */
export function createProxy(origin: string, options: KdsClientOptions) {
  const kds = createKdsClient(options);
  const answer = async (method: string, path: string): Promise<[status: number, body?: Uint8Array]> => {
    if (method !== "GET") return [405];
    try {
      const der = await kds.get(parseKdsUrl(KDS_BASE_URL + path), {});
      return der === undefined ? [404] : [200, der];
    } catch (error) {
      return [statusOf(error)];
    }
  };
  return createServer(async ({ method = "", url = "" }, response) => {
    const [status, body] = await answer(method, url);
    const headers = { "access-control-allow-origin": origin, "content-type": "application/octet-stream" };
    response.writeHead(status, status < 500 ? headers : { ...headers, "retry-after": "10" }).end(body);
  });
}

function statusOf(error: unknown): number {
  if (isAttestationError(error, "ERR_MALFORMED_ENCODING")) return 404;
  if (isAttestationError(error, "ERR_COLLATERAL_NOT_ALLOWED")) return 403;
  return error instanceof Error && "retryable" in error && error.retryable === true ? 503 : 502;
}
