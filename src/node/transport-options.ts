import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";

/** Options of `createUndiciTransport`; an unknown name is a TypeError. */
export interface UndiciTransportOptions {
  /** A proxy's URL for every request, `environment` (default: as the environment says), or `none`. */
  proxy?: string;
  /**
   * PEM certificates that are trusted beside those that Node brings along, for a mirror or a proxy of your own.
   * With them Node looks at no NODE_EXTRA_CA_CERTS.
   */
  extraCa?: readonly string[];
  /** How many connections to one origin may be open at a time; further requests wait. Default 4. */
  connectionsPerOrigin?: number;
}

/** The options, whole. */
export type TransportSettings = Readonly<Required<UndiciTransportOptions>>;

const NAMES = ["proxy", "extraCa", "connectionsPerOrigin"] as const satisfies (keyof UndiciTransportOptions)[];
const DEFAULT_CONNECTIONS = 4;
const PROXY_PROTOCOLS: readonly string[] = ["http:", "https:"];

function isProxyUrl(value: unknown): value is string {
  return typeof value === "string" && URL.canParse(value) && PROXY_PROTOCOLS.includes(new URL(value).protocol);
}

/** The variables in the order that undici looks for them. */
function checkEnvironment(): void {
  const { http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY } = process.env;
  const found = { http_proxy: http_proxy ?? HTTP_PROXY, https_proxy: https_proxy ?? HTTPS_PROXY };
  for (const [name, value] of Object.entries(found)) {
    if (value === undefined || value === "" || isProxyUrl(value)) continue;
    throw new TypeError(`${name} in the environment must be a URL of http or https, or options.proxy say otherwise`);
  }
}

/** A proxy's URL may carry a password: no error repeats it. */
function proxyOf(value: unknown): string {
  if (value === "none" || isProxyUrl(value)) return value;
  if (value !== undefined && value !== "environment") {
    throw new TypeError('options.proxy must be "environment", "none" or a URL of http or https');
  }
  checkEnvironment();
  return "environment";
}

function extraCaOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((pem) => typeof pem === "string" && pem.includes("-----BEGIN "))) {
    return [...value];
  }
  throw new TypeError("options.extraCa must be an array of PEM texts");
}

function connectionsOf(value: unknown): number {
  if (value === undefined) return DEFAULT_CONNECTIONS;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`options.connectionsPerOrigin must be a whole number from 1, found ${textOf(value)}`);
}

/**
 * The options with their defaults.
 *
 * @throws TypeError for one that is unknown or of the wrong kind.
 */
export function checkTransportOptions(options: UndiciTransportOptions): TransportSettings {
  const { proxy, extraCa, connectionsPerOrigin } = readOptions(options, "options", NAMES);
  return {
    proxy: proxyOf(proxy),
    extraCa: extraCaOf(extraCa),
    connectionsPerOrigin: connectionsOf(connectionsPerOrigin),
  };
}
