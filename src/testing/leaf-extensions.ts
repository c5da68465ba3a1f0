import { AMD_EXTENSION } from "../amd/oids.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { Tcb, TcbComponent } from "../amd/tcb.js";
import { ia5String, integer } from "./der.js";
import type { ForgedExtension } from "./extension.js";

/** The values that a leaf's AMD extensions say. */
export interface LeafValues {
  structVersion: number;
  productName: string;
  tcb: Partial<Tcb>;
  /** The hardware id as it stands in the certificate: no tag. Null leaves the extension out. */
  hwId: Uint8Array | null;
  /** Null leaves the extension out. */
  cspId: string | null;
}

type Row = readonly [component: TcbComponent, oid: string];

const { fmcSPL, blSPL, teeSPL, snpSPL, spl4, spl5, spl6, spl7, ucodeSPL } = AMD_EXTENSION;

/** In the order of genuine certificates. */
const WITHOUT_FMC: readonly Row[] = [
  ["bootLoader", blSPL],
  ["tee", teeSPL],
  ["spl4", spl4],
  ["spl5", spl5],
  ["spl6", spl6],
  ["spl7", spl7],
  ["snp", snpSPL],
  ["microcode", ucodeSPL],
];

/** In the order of genuine certificates. */
const WITH_FMC: readonly Row[] = [
  ["fmc", fmcSPL],
  ["bootLoader", blSPL],
  ["tee", teeSPL],
  ["snp", snpSPL],
  ["spl5", spl5],
  ["spl6", spl6],
  ["spl7", spl7],
  ["microcode", ucodeSPL],
];

const ROWS: Readonly<Record<ProductLine, readonly Row[]>> = {
  Milan: WITHOUT_FMC,
  Genoa: WITHOUT_FMC,
  Turin: WITH_FMC,
};

/** structVersion of genuine certificates. */
export function structVersionOf(productLine: ProductLine): number {
  return productLine === "Turin" ? 1 : 0;
}

/** productName of genuine certificates: a stepping on Milan's VCEKs alone. */
export function productNameOf(signingKey: SigningKey, productLine: ProductLine): string {
  return signingKey === "VCEK" && productLine === "Milan" ? "Milan-B0" : productLine;
}

/** AMD's extensions in AMD's order; a TCB component that `values.tcb` lacks is left out. */
export function leafExtensions(productLine: ProductLine, values: LeafValues): readonly ForgedExtension[] {
  const list: (readonly [oid: string, value: Uint8Array])[] = [
    [AMD_EXTENSION.structVersion, integer(values.structVersion)],
    [AMD_EXTENSION.productName, ia5String(values.productName)],
  ];
  for (const [component, oid] of ROWS[productLine]) {
    const level = values.tcb[component];
    if (level !== undefined) list.push([oid, integer(level)]);
  }
  if (values.hwId !== null) list.push([AMD_EXTENSION.hwID, values.hwId]);
  if (values.cspId !== null) list.push([AMD_EXTENSION.cspID, ia5String(values.cspId)]);
  return list.map(([oid, value]) => ({ oid, critical: false, value }));
}
