import { hwIdLength, isProductLine, type ProductLine, type SigningKey } from "../amd/product-lines.js";
import { decodeTcb, encodeTcb, type Tcb, type TcbComponent, tcbComponents } from "../amd/tcb.js";
import { byteLengthOf, checkText, copyBytes } from "../bytes/arguments.js";
import { fromHex, toHex } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import { MalformedError } from "../errors.js";
import type { CollateralRequest } from "../verify/types.js";

/** AMD's Key Distribution Service. */
export const KDS_BASE_URL = "https://kdsintf.amd.com";

/** How the query of a VCEK names the components of a TCB, in the order that AMD writes. Source: AMD 57230. */
const SPL_NAMES: readonly (readonly [TcbComponent, string])[] = [
  ["fmc", "fmcSPL"],
  ["bootLoader", "blSPL"],
  ["tee", "teeSPL"],
  ["snp", "snpSPL"],
  ["microcode", "ucodeSPL"],
];
const PATH = /^\/(vcek|vlek)\/v1\/([A-Za-z]+)\/(?:(cert_chain|crl)|([0-9A-Fa-f]+)\?([^?#]*))$/;
const SPL = /^([A-Za-z]+)=(\d{1,3})$/;

/**
 * A request that was checked and copied; the caller's bytes can no longer change it.
 *
 * @throws TypeError naming what is no `CollateralRequest`
 */
export function readRequest(request: CollateralRequest): CollateralRequest {
  const { role, productLine, signingKey } = request;
  if (!isProductLine(productLine)) {
    throw new TypeError(`request.productLine must be Milan, Genoa or Turin, found ${textOf(productLine)}`);
  }
  if (signingKey !== "VCEK" && signingKey !== "VLEK") throw new TypeError("request.signingKey must be VCEK or VLEK");
  if (role === "intermediate" || role === "crl") return Object.freeze({ role, productLine, signingKey });
  if (role !== "leaf") throw new TypeError("request.role must be leaf, intermediate or crl");
  const reportedTcb = decodeTcb(productLine, encodeTcb(productLine, request.reportedTcb));
  const hwId = copyBytes(request.hwId, "request.hwId");
  return Object.freeze({ role, productLine, signingKey, hwId, reportedTcb });
}

/** True where the KDS has a URL for it: it hands no VLEK to a verifier, and its query has no reserved component. */
export function hasUrl(request: CollateralRequest): boolean {
  if (request.role !== "leaf") return true;
  const named = SPL_NAMES.map(([component]) => component);
  const others = tcbComponents(request.productLine).filter((component) => !named.includes(component));
  return request.signingKey === "VCEK" && others.every((component) => request.reportedTcb[component] === 0);
}

/**
 * Where the KDS has it: a VCEK, the chain (intermediate, then root, in PEM) or the CRL of a branch.
 *
 * @param baseUrl - a mirror or proxy with the KDS's paths
 * @throws TypeError for a request that is wrong or that the KDS has no URL for: a VLEK, a reserved TCB component
 * above zero, an `hwId` of another length than the line's.
 * @see AMD 57230 section 4.1 (VCEK), 58369 (VLEK)
 */
export function kdsUrl(request: CollateralRequest, baseUrl: string = KDS_BASE_URL): string {
  const wanted = readRequest(request);
  const { productLine, signingKey } = wanted;
  const branch = `${checkBaseUrl(baseUrl)}/${signingKey.toLowerCase()}/v1/${productLine}/`;
  if (wanted.role === "intermediate") return `${branch}cert_chain`;
  if (wanted.role === "crl") return `${branch}crl`;
  if (!hasUrl(wanted)) throw new TypeError("request must be for a VCEK whose reserved TCB components are 0");
  const { hwId, reportedTcb } = wanted;
  if (byteLengthOf(hwId, "request.hwId") !== hwIdLength(productLine)) {
    throw new TypeError(`request.hwId must have ${hwIdLength(productLine)} bytes, found ${hwId.length}`);
  }
  const query = splsOf(productLine).map(([part, name]) => `${name}=${String(reportedTcb[part]).padStart(2, "0")}`);
  return `${branch}${toHex(hwId)}?${query.join("&")}`;
}

/**
 * Unverified: what a URL of the KDS asks for; the inverse of `kdsUrl`, for mirrors and proxies.
 *
 * The components of the query come in any order, with or without leading zeros; one that is missing is 0.
 *
 * @throws MalformedError ERR_MALFORMED_ENCODING for anything that is no URL of a VCEK, a chain or a CRL under `baseUrl`
 */
export function parseKdsUrl(url: string, baseUrl: string = KDS_BASE_URL): CollateralRequest {
  const base = checkBaseUrl(baseUrl);
  const text = checkText(url, "url");
  const [, branch, productLine, file, hwId, query] =
    PATH.exec(text.startsWith(base) ? text.slice(base.length) : "") ?? [];
  if (!isProductLine(productLine)) throw urlError("expected the path of a VCEK, a cert_chain or a crl");
  const signingKey: SigningKey = branch === "vlek" ? "VLEK" : "VCEK";
  if (file !== undefined) return { role: file === "crl" ? "crl" : "intermediate", productLine, signingKey };
  if (hwId === undefined || query === undefined || signingKey === "VLEK") throw urlError("the KDS has no such leaf");
  const expected = 2 * hwIdLength(productLine);
  if (hwId.length !== expected) throw urlError(`expected a hwID of ${expected} digits, found ${hwId.length}`);
  return { role: "leaf", productLine, signingKey, hwId: fromHex(hwId), reportedTcb: parseQuery(query, productLine) };
}

function parseQuery(query: string, productLine: ProductLine): Tcb {
  const names = new Map(splsOf(productLine).map(([component, name]) => [name, component]));
  const tcb: Partial<Record<TcbComponent, number>> = {};
  for (const pair of query.split("&")) {
    const [, name = "", value] = SPL.exec(pair) ?? [];
    const component = names.get(name);
    if (component === undefined || !(Number(value) <= 0xff)) throw urlError("expected SPLs of 0 to 255 in the query");
    if (component in tcb) throw urlError(`${name} stands there twice`);
    tcb[component] = Number(value);
  }
  return Object.freeze({ ...decodeTcb(productLine, new Uint8Array(8)), ...tcb });
}

function splsOf(productLine: ProductLine): typeof SPL_NAMES {
  return SPL_NAMES.filter(([component]) => tcbComponents(productLine).includes(component));
}

function urlError(reason: string): MalformedError {
  const what = "KDS URL";
  return new MalformedError("ERR_MALFORMED_ENCODING", `${what}: ${reason}`, { what, reason });
}

/**
 * A base URL without a slash at its end.
 *
 * @throws TypeError for anything but an http or https URL that a path can be put behind. Not quoted: it may hold a
 * password.
 */
export function checkBaseUrl(value: unknown): string {
  const url = urlOf(checkText(value, "baseUrl"));
  const { protocol, username, password, href } = url ?? { protocol: "", username: "", password: "", href: "" };
  const plain = /^https?:$/.test(protocol) && username + password === "" && !/[\s?#]/.test(String(value));
  if (plain) return href.replace(/\/+$/, "");
  throw new TypeError("baseUrl must be an http or https URL without credentials, query, fragment or white space");
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
