import { viewBytes } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { MalformedError } from "../errors.js";
import { isProductLine, type ProductLine } from "./product-lines.js";

/**
 * A TCB_VERSION, one number a byte. Milan and Genoa have no `fmc` and have `spl4`; Turin has `fmc` and no `spl4`.
 * `spl4`..`spl7` are the bytes that AMD reserves, zero so far.
 *
 * Source: AMD 56860 TCB_VERSION; 57230 for the certificate's names.
 */
export interface Tcb {
  readonly fmc?: number;
  readonly bootLoader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
  readonly spl4?: number;
  readonly spl5: number;
  readonly spl6: number;
  readonly spl7: number;
}

/** The name of one component. */
export type TcbComponent = keyof Tcb;

/** How one TCB stands to another when every component is compared. */
export type TcbOrder = "equal" | "greater" | "less" | "incomparable";

/** A component below its floor; `actual` is null where the TCB has no such component. */
export interface TcbShortfall {
  readonly component: TcbComponent;
  readonly actual: number | null;
  readonly floor: number;
}

type TcbLayout = readonly TcbComponent[];

const WITHOUT_FMC: TcbLayout = /* @__PURE__ */ Object.freeze([
  "bootLoader",
  "tee",
  "spl4",
  "spl5",
  "spl6",
  "spl7",
  "snp",
  "microcode",
]);
const WITH_FMC: TcbLayout = /* @__PURE__ */ Object.freeze([
  "fmc",
  "bootLoader",
  "tee",
  "snp",
  "spl5",
  "spl6",
  "spl7",
  "microcode",
]);

/** Components by byte index. The layout follows the processor, never the version of the report. */
const LAYOUTS: Readonly<Record<ProductLine, TcbLayout>> = { Milan: WITHOUT_FMC, Genoa: WITHOUT_FMC, Turin: WITH_FMC };

/** The TCB_VERSION that was decoded last: most have the same bytes as the one before, and what is frozen may be shared. */
const LAST_DECODED = /* @__PURE__ */ new Map<ProductLine, { low: number; high: number; tcb: Tcb }>();

const COMPONENTS: ReadonlySet<string> = /* @__PURE__ */ new Set<string>([...WITHOUT_FMC, ...WITH_FMC]);

function isComponent(name: string): name is TcbComponent {
  return COMPONENTS.has(name);
}

function componentsIn(tcb: Partial<Tcb>): TcbComponent[] {
  return Object.keys(tcb).map((name) => {
    if (isComponent(name)) return name;
    throw new TypeError(`${JSON.stringify(name)} is no TCB component; the names are ${[...COMPONENTS].join(", ")}`);
  });
}

function byteOf(tcb: Partial<Tcb>, component: TcbComponent, name: string): number {
  const value = tcb[component];
  if (value !== undefined && Number.isInteger(value) && value >= 0 && value <= 0xff) return value;
  throw new TypeError(`${name}.${component} must be an integer of 0 to 255, found ${value}`);
}

function layoutOf(productLine: unknown): TcbLayout {
  if (isProductLine(productLine)) return LAYOUTS[productLine];
  throw new TypeError(`productLine must be Milan, Genoa or Turin, found ${textOf(productLine)}`);
}

/** The components of a line's TCB, each at the index of its byte. */
export function tcbComponents(productLine: ProductLine): readonly TcbComponent[] {
  return layoutOf(productLine);
}

/**
 * The components of the 8 bytes of a TCB_VERSION, in memory order. Bytes that AMD reserves are kept as
 * `spl4`..`spl7` and not judged.
 *
 * @throws MalformedError `ERR_MALFORMED_LENGTH` for other than 8 bytes.
 */
export function decodeTcb(productLine: ProductLine, bytes: Uint8Array): Tcb {
  const layout = layoutOf(productLine);
  const own = viewBytes(bytes, "bytes");
  if (own.length !== layout.length) {
    throw new MalformedError("ERR_MALFORMED_LENGTH", `a TCB_VERSION has 8 bytes, found ${own.length}`, {
      what: "TCB_VERSION",
      expected: layout.length,
      actual: own.length,
    });
  }
  const view = new DataView(own.buffer, own.byteOffset, own.length);
  const low = view.getInt32(0);
  const high = view.getInt32(4);
  const last = LAST_DECODED.get(productLine);
  if (last?.low === low && last.high === high) return last.tcb;
  const tcb: { -readonly [Name in keyof Tcb]: Tcb[Name] } = {
    bootLoader: 0,
    tee: 0,
    snp: 0,
    microcode: 0,
    spl5: 0,
    spl6: 0,
    spl7: 0,
  };
  layout.forEach((component, index) => {
    tcb[component] = view.getUint8(index);
  });
  LAST_DECODED.set(productLine, { low, high, tcb: Object.freeze(tcb) });
  return tcb;
}

/**
 * The 8 bytes of a TCB_VERSION, in memory order.
 *
 * @throws TypeError when a component of the line is missing or no byte, or a component is not the line's.
 */
export function encodeTcb(productLine: ProductLine, tcb: Tcb): Uint8Array {
  const layout = layoutOf(productLine);
  const foreign = componentsIn(tcb).find((component) => !layout.includes(component));
  if (foreign !== undefined) throw new TypeError(`tcb.${foreign} is no component of ${productLine}`);
  return Uint8Array.from(layout, (component) => byteOf(tcb, component, "tcb"));
}

/**
 * How `a` stands to `b`: `greater` when no component is below and one is above, `less` the other way round,
 * `incomparable` when each is above the other somewhere or they have not the same components.
 *
 * The 64-bit values say nothing about this order.
 *
 * Source: AMD 56860 TCB_VERSION.
 */
export function compareTcb(a: Tcb, b: Tcb): TcbOrder {
  const below = tcbShortfalls(a, b).length > 0;
  const above = tcbShortfalls(b, a).length > 0;
  if (below && above) return "incomparable";
  if (below) return "less";
  return above ? "greater" : "equal";
}

/**
 * The components of `floor` that `actual` does not reach, in the order of `floor`; none means that it holds.
 *
 * A component that `actual` lacks falls short, whatever its floor. What `floor` does not name is not compared.
 *
 * @throws TypeError when a key of `floor` is no TCB component or its value no byte.
 */
export function tcbShortfalls(actual: Tcb, floor: Partial<Tcb>): readonly TcbShortfall[] {
  return componentsIn(floor).flatMap((component) => {
    const needed = byteOf(floor, component, "floor");
    const found = actual[component];
    if (found !== undefined && found >= needed) return [];
    return [{ component, actual: found ?? null, floor: needed }];
  });
}
