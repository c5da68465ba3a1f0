import { hwIdLength, isProductLine, type ProductLine } from "../amd/product-lines.js";
import { decodeTcb, encodeTcb, type Tcb, type TcbComponent, tcbComponents } from "../amd/tcb.js";
import { checkText, copyBytes } from "../bytes/arguments.js";
import { fromHex, toHex } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import type { CollateralRequest } from "../verify/types.js";

/** AMD's Key Distribution Service. */
export const KDS_BASE_URL = "https://kdsintf.amd.com";

/** How the query of a VCEK names the components of a TCB, in the order that AMD writes. Source: AMD 57230. */
const SPL_NAMES: readonly (readonly [TcbComponent, string])[] = [
  ["fmc", "fmc"],
  ["bootLoader", "bl"],
  ["tee", "tee"],
  ["snp", "snp"],
  ["microcode", "ucode"],
];
const NO_REQUEST = "request must be a CollateralRequest";
const PATH = /^\/(vcek|vlek)\/v1\/(\w+)\/(?:(cert_chain|crl)|([\da-fA-F]+)\?([^?#]+))$/;
const SPL = /^(\w+)SPL=(\d{1,3})$/;

/**
 * A request that was checked and copied; the caller's bytes can no longer change it.
 *
 * @throws TypeError for what is no `CollateralRequest`
 */
export function readRequest(request: CollateralRequest): CollateralRequest {
  const { role, productLine, signingKey } = request;
  const isBranch = isProductLine(productLine) && (signingKey === "VCEK" || signingKey === "VLEK");
  if (!isBranch || (role !== "leaf" && role !== "intermediate" && role !== "crl")) throw new TypeError(NO_REQUEST);
  if (role !== "leaf") return { role, productLine, signingKey };
  const hwId = copyBytes(request.hwId, "request.hwId");
  if (hwId.length !== hwIdLength(productLine)) throw new TypeError(NO_REQUEST);
  const reportedTcb = decodeTcb(productLine, encodeTcb(productLine, request.reportedTcb));
  return { role, productLine, signingKey, hwId, reportedTcb };
}

/** The path of a request that was read; null for a VLEK and for a reserved SPL above 0, which the KDS has not. */
export function pathOf(request: CollateralRequest): string | null {
  const { role, productLine, signingKey } = request;
  const branch = `/${signingKey.toLowerCase()}/v1/${productLine}/`;
  if (role !== "leaf") return branch + (role === "crl" ? role : "cert_chain");
  const { hwId, reportedTcb } = request;
  const isReserved = (component: TcbComponent) => component.startsWith("spl") && reportedTcb[component] !== 0;
  if (signingKey === "VLEK" || tcbComponents(productLine).some(isReserved)) return null;
  const query = splsOf(productLine).map(
    ([component, name]) => `${name}SPL=${String(reportedTcb[component]).padStart(2, "0")}`,
  );
  return `${branch}${toHex(hwId)}?${query.join("&")}`;
}

/**
 * Where the KDS has it: a VCEK, the chain (intermediate, then root, in PEM) or the CRL of a branch.
 *
 * @param baseUrl - a mirror or proxy with the KDS's paths
 * @throws TypeError for a request that is wrong or that the KDS has no URL for: a VLEK, a reserved TCB component
 * above 0
 * @see AMD 57230 section 4.1 (VCEK), 58369 (VLEK)
 */
export function kdsUrl(request: CollateralRequest, baseUrl: string = KDS_BASE_URL): string {
  const path = pathOf(readRequest(request));
  if (path === null) throw new TypeError("request must be for a VCEK whose reserved TCB components are 0");
  return checkBaseUrl(baseUrl) + path;
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
  const [, branch, line, file, hwId = "", query = ""] =
    PATH.exec(text.startsWith(base) ? text.slice(base.length) : "") ?? [];
  if (!isProductLine(line)) throw urlError();
  const its = { productLine: line, signingKey: branch === "vlek" ? "VLEK" : "VCEK" } as const;
  if (file !== undefined) return { role: file === "crl" ? file : "intermediate", ...its };
  if (its.signingKey === "VLEK" || hwId.length !== 2 * hwIdLength(line)) throw urlError();
  return { role: "leaf", ...its, hwId: fromHex(hwId), reportedTcb: parseQuery(query, line) };
}

function parseQuery(query: string, productLine: ProductLine): Tcb {
  const tcb: Partial<Record<TcbComponent, number>> = {};
  for (const pair of query.split("&")) {
    const [, name, value] = SPL.exec(pair) ?? [];
    const component = splsOf(productLine).find(([, known]) => known === name)?.[0];
    if (component === undefined || component in tcb || Number(value) > 0xff) throw urlError();
    tcb[component] = Number(value);
  }
  return Object.freeze({ ...decodeTcb(productLine, new Uint8Array(8)), ...tcb });
}

function splsOf(productLine: ProductLine): typeof SPL_NAMES {
  return SPL_NAMES.filter(([component]) => tcbComponents(productLine).includes(component));
}

function urlError(): MalformedError {
  const [what, reason] = ["KDS URL", "expected that of a VCEK, a cert_chain or a crl under the base URL"];
  return new MalformedError("ERR_MALFORMED_ENCODING", `${what}: ${reason}`, { what, reason });
}

/**
 * A base URL without a slash at its end.
 *
 * @throws TypeError for anything but an http or https URL that a path can be put behind; it is not quoted, since it
 * may hold a password
 */
export function checkBaseUrl(value: unknown): string {
  const text = checkText(value, "baseUrl");
  if (/^https?:[^\s?#@]+$/.test(text) && URL.canParse(text)) return new URL(text).href.replace(/\/+$/, "");
  throw new TypeError("baseUrl must be a plain http(s) URL");
}
