import { type Cpuid, PRODUCT_LINES, type ProductLine, productOf } from "../amd/product-lines.js";

function byte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

/** A processor as data sets spell it: family, model and stepping. */
export function processorKey({ family, model, stepping }: Cpuid): string {
  return [family, model, stepping].map(byte).join("-");
}

/** The product line that a key speaks of; null for a processor that no line has. */
export function lineOfKey(key: string): ProductLine | null {
  const line = PRODUCT_LINES.find((name) => name === key);
  if (line !== undefined) return line;
  const [family = 0, model = 0, stepping = 0] = key.split("-").map(Number);
  return productOf({ family, model, stepping })?.productLine ?? null;
}
