import { textOf } from "../bytes/text.js";
import { UnsupportedError } from "../errors.js";

/** The product lines that have a published key hierarchy. Bergamo and Siena are Genoa's; Turin Dense is Turin's. */
export type ProductLine = "Milan" | "Genoa" | "Turin";

/** The two keys that sign reports: the chip's own (VCEK) and the one a provider loads (VLEK). */
export type SigningKey = "VCEK" | "VLEK";

/** What a CPU says of itself, as in the report's bytes: combined family and model, stepping. */
export interface Cpuid {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
}

/** A range of CPUID models and what they are called; `productLine` is null where AMD published no keys. */
export interface Product {
  readonly family: number;
  readonly firstModel: number;
  readonly lastModel: number;
  readonly name: string;
  readonly productLine: ProductLine | null;
}

/** Every product line, in the order of their appearance. */
export const PRODUCT_LINES: readonly ProductLine[] = ["Milan", "Genoa", "Turin"];

/**
 * The processors that run SEV-SNP by CPUID family and model; both ends of a range belong to it.
 *
 * Source: AMD 57230 (product names), CPUID Fn0000_0001 EAX as combined family and model.
 */
export const PRODUCTS: readonly Product[] = [
  { family: 0x19, firstModel: 0x00, lastModel: 0x0f, name: "Milan", productLine: "Milan" },
  { family: 0x19, firstModel: 0x10, lastModel: 0x1f, name: "Genoa", productLine: "Genoa" },
  { family: 0x19, firstModel: 0xa0, lastModel: 0xaf, name: "Bergamo or Siena", productLine: "Genoa" },
  { family: 0x1a, firstModel: 0x00, lastModel: 0x0f, name: "Turin", productLine: "Turin" },
  { family: 0x1a, firstModel: 0x10, lastModel: 0x1f, name: "Turin Dense", productLine: "Turin" },
  { family: 0x1a, firstModel: 0x50, lastModel: 0x57, name: "Venice", productLine: null },
  { family: 0x1a, firstModel: 0x90, lastModel: 0x9f, name: "Venice", productLine: null },
  { family: 0x1a, firstModel: 0xa0, lastModel: 0xaf, name: "Venice", productLine: null },
  { family: 0x1a, firstModel: 0xc0, lastModel: 0xc7, name: "Venice", productLine: null },
];

/** Bytes of CHIP_ID that a line's chips fill; the rest of the 64 is zero. */
const HW_ID_LENGTHS: Readonly<Record<ProductLine, 8 | 64>> = { Milan: 64, Genoa: 64, Turin: 8 };

/** True for the name of a product line. Never throws. */
export function isProductLine(value: unknown): value is ProductLine {
  return PRODUCT_LINES.some((line) => line === value);
}

/**
 * How long a line's hardware id is: the certificate's hwID, and the part of CHIP_ID before its zero tail.
 *
 * Source: AMD 57230; measured on genuine certificates of every line.
 */
export function hwIdLength(productLine: ProductLine): 8 | 64 {
  return HW_ID_LENGTHS[productLine];
}

/** The row of `PRODUCTS` that a CPU falls in, or undefined. */
export function productOf(cpuid: Cpuid): Product | undefined {
  const { family, model } = cpuid;
  return PRODUCTS.find((row) => row.family === family && row.firstModel <= model && model <= row.lastModel);
}

/**
 * The product line whose keys sign for a CPU. The stepping plays no part.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_PRODUCT` for a processor without published keys; `detail.name` is its
 * name where it is known, else null.
 */
export function productLineOf(cpuid: Cpuid): ProductLine {
  for (const [name, value] of Object.entries(cpuid)) {
    if (!Number.isInteger(value)) throw new TypeError(`cpuid.${name} must be a whole number, found ${textOf(value)}`);
  }
  const product = productOf(cpuid);
  if (product !== undefined && product.productLine !== null) return product.productLine;
  const { family, model, stepping } = cpuid;
  const name = product?.name ?? null;
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_PRODUCT",
    `expected a processor of ${PRODUCT_LINES.join(", ")}, found CPUID family ${family}, model ${model}, ` +
      `stepping ${stepping} (${name ?? "unknown"}), for which no AMD signing keys are known`,
    { family, model, stepping, name },
  );
}
