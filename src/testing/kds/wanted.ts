import type { ProductLine, SigningKey } from "../../amd/product-lines.js";
import { hwIdLength, isProductLine } from "../../amd/product-lines.js";
import type { Tcb } from "../../amd/tcb.js";

/** What a request is for: a chip's certificate, a provider's, a chain, a CRL, or nothing that a KDS has. */
export type FakeKdsKind = "vcek" | "vlek" | "cert_chain" | "crl" | "other";

/** What a path of the KDS asks for. */
export type Wanted =
  | { readonly kind: "vcek"; readonly productLine: ProductLine; readonly hwId: string; readonly tcb: Partial<Tcb> }
  | { readonly kind: "vlek"; readonly productLine: ProductLine }
  | { readonly kind: "cert_chain" | "crl"; readonly productLine: ProductLine; readonly signingKey: SigningKey };

/** A path, or why the KDS does not have it: 400 for what it cannot read, 404 for what it does not know. */
export type Reading = { readonly wanted: Wanted } | { readonly status: 400 | 404 };

const BRANCHES: ReadonlyMap<string, SigningKey> = new Map([
  ["vcek", "VCEK"],
  ["vlek", "VLEK"],
]);
/** What a proxy may put before the path. */
const ORIGIN = /^https?:\/\/[^/?]*/;
const HEX = /^(?:[0-9a-f]{2})+$/;
const SPL = /^\d{1,3}$/;
const MAX_SPL = 255;

type SplName = "fmcSPL" | "blSPL" | "teeSPL" | "snpSPL" | "ucodeSPL";

const COMPONENTS: Readonly<Record<SplName, keyof Tcb>> = {
  fmcSPL: "fmc",
  blSPL: "bootLoader",
  teeSPL: "tee",
  snpSPL: "snp",
  ucodeSPL: "microcode",
};

function isSplName(name: string, productLine: ProductLine): name is SplName {
  return Object.hasOwn(COMPONENTS, name) && (name !== "fmcSPL" || productLine === "Turin");
}

/** The TCB of a query; a component that it leaves out counts as zero. Null for a query that the KDS cannot read. */
function tcbOf(query: URLSearchParams, productLine: ProductLine): Partial<Tcb> | null {
  const zeros = { bootLoader: 0, tee: 0, snp: 0, microcode: 0 };
  const tcb: Record<string, number> = productLine === "Turin" ? { fmc: 0, ...zeros } : zeros;
  const seen = new Set<string>();
  for (const [name, text] of query) {
    const value = Number(text);
    if (!isSplName(name, productLine) || seen.has(name) || !SPL.test(text) || value > MAX_SPL) return null;
    seen.add(name);
    tcb[COMPONENTS[name]] = value;
  }
  return tcb;
}

function readVcek(productLine: ProductLine, hwId: string, query: URLSearchParams): Reading {
  if (!HEX.test(hwId)) return { status: 400 };
  if (hwId.length !== 2 * hwIdLength(productLine)) return { status: 404 };
  const tcb = tcbOf(query, productLine);
  return tcb === null ? { status: 400 } : { wanted: { kind: "vcek", productLine, hwId, tcb } };
}

/**
 * What a request's path and query ask for. Written without the URL builders of `attestry/kds`, so that a mistake
 * there is not repeated here.
 */
export function readWanted(target: string): Reading {
  const [path = "", ...query] = target.replace(ORIGIN, "").split("?");
  const [, branch = "", version, line, last, ...more] = path.split("/");
  const signingKey = BRANCHES.get(branch);
  if (signingKey === undefined || version !== "v1" || more.length > 0) return { status: 404 };
  if (!isProductLine(line) || last === undefined || last === "") return { status: 404 };
  if (last === "cert_chain" || last === "crl") return { wanted: { kind: last, productLine: line, signingKey } };
  if (signingKey === "VCEK") return readVcek(line, last, new URLSearchParams(query.join("?")));
  return last === "cert" ? { wanted: { kind: "vlek", productLine: line } } : { status: 404 };
}
