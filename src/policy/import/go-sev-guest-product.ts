import { isProductLine, type ProductLine } from "../../amd/product-lines.js";
import type { SnpBlock } from "../schema.js";
import { hasFloors } from "./go-sev-guest-host.js";
import { FORMAT, type PolicyMessage, type RootMessage, type Source } from "./go-sev-guest-messages.js";
import type { Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import type { Located } from "./proto.js";

type ProductName = NonNullable<NonNullable<PolicyMessage["product"]>["value"]["name"]>["value"];

/** The lines, and the processor that go-sev-guest takes for each. Source: its kds package. */
const PRODUCTS: Readonly<Record<ProductName, { line: ProductLine; familyModel: string } | null>> = {
  SEV_PRODUCT_UNKNOWN: null,
  SEV_PRODUCT_MILAN: { line: "Milan", familyModel: "0x19-0x01" },
  SEV_PRODUCT_GENOA: { line: "Genoa", familyModel: "0x19-0x11" },
  SEV_PRODUCT_TURIN: { line: "Turin", familyModel: "0x1a-0x02" },
};

function productOf({ product }: PolicyMessage) {
  return PRODUCTS[product?.value.name?.value ?? "SEV_PRODUCT_UNKNOWN"];
}

/** A value that may be said twice, if the two agree. */
function agreed<Value>(fields: readonly (Located<Value> | undefined)[]): Located<Value> | undefined {
  const [first, ...others] = fields.filter((field) => field !== undefined);
  const other = others.find(({ value }) => value !== first?.value);
  if (other === undefined) return first;
  throw malformedImport(FORMAT, other.where, `expected the same as ${first?.where}, found another value`);
}

const GENOA = "Bergamo and Siena pass as Genoa, whose keys sign for them; go-sev-guest does not know these processors.";
const NO_CPUID = "A version 2 report names no processor and fails where a stepping is asked for.";

/** `cpu` where the policy names a product and its stepping. */
export function cpuOf(message: PolicyMessage, block: string, notes: Notes): SnpBlock {
  const { product } = message;
  const stepping = agreed([product?.value.machine_stepping, product?.value.stepping]);
  if (stepping === undefined) return {};
  const found = productOf(message);
  if (found === null || stepping.value > 15) {
    throw malformedImport(FORMAT, stepping.where, "expected 0 to 15, beside the name of a product");
  }
  notes.add("tightened", { where: stepping.where, pointer: `${block}/cpu`, text: NO_CPUID });
  return { cpu: [`${found.familyModel}-0x${stepping.value.toString(16).padStart(2, "0")}`] };
}

/** Notes what the line Genoa takes in. */
export function noteGenoa(block: string, notes: Notes): void {
  notes.add("loosened", { where: "", pointer: `${block}/productLine`, text: GENOA });
}

function rootLine(root: RootMessage): ProductLine {
  const said = agreed([root.product_line, root.product]);
  if (said === undefined || said.value === "") return "Milan";
  if (isProductLine(said.value)) return said.value;
  throw malformedImport(FORMAT, said.where, "expected Milan, Genoa or Turin, found another product");
}

const TURIN =
  "Turin is refused: minimum_tcb and minimum_launch_tcb have the order of bytes of Milan and Genoa. Write floors for " +
  "Turin to accept it.";

/**
 * The lines that may pass: the product that the policy names, the one of the root of trust, Milan where a Config names
 * none (the tool's default), and for a Policy by itself all lines that its floors speak of.
 */
export function linesOf({ message, root }: Source, block: string, notes: Notes): readonly ProductLine[] {
  const named = productOf(message)?.line;
  const ofRoot = root === null ? undefined : rootLine(root);
  const line = named ?? ofRoot;
  const turinFloors = hasFloors(message, "Turin");
  if (line === undefined) {
    if (turinFloors) return ["Milan", "Genoa", "Turin"];
    notes.add("tightened", { where: "", pointer: `${block}/productLine`, text: TURIN });
    return ["Milan", "Genoa"];
  }
  const said = root !== null && (root.product_line ?? root.product) !== undefined;
  if (named !== undefined && said && named !== ofRoot) {
    throw malformedImport(FORMAT, "policy/product", `expected the ${ofRoot} of root_of_trust, found ${named}`);
  }
  if (root !== null && !said && named === undefined) {
    const text = "Milan alone, which is the tool's default where root_of_trust names no product.";
    notes.add("meant", { where: "root_of_trust", pointer: null, text });
  }
  if (line !== "Turin" || turinFloors || !hasFloors(message, "other")) return [line];
  throw malformedImport(FORMAT, "minimum_tcb", "expected minimum_tcb_turin for Turin, whose TCB has other bytes");
}
