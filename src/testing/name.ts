import { PrintableString, Utf8String } from "asn1js";
import { AttributeTypeAndValue, RelativeDistinguishedNames } from "pkijs";
import { contentOf, sequence } from "./der.js";

/** Parts of a name that differ from AMD's; null leaves a part out. The order is AMD's. */
export interface NameParts {
  organizationalUnit?: string | null;
  country?: string | null;
  locality?: string | null;
  state?: string | null;
  organization?: string | null;
  commonName?: string | null;
}

/** A name by its parts, or whole in DER. */
export type NameOption = NameParts | Uint8Array;

type Part = readonly [name: keyof NameParts, type: string, value: string | null];

/** AMD's attributes in AMD's order; all UTF8String but the country. */
const PARTS: readonly Part[] = [
  ["organizationalUnit", "2.5.4.11", "Engineering"],
  ["country", "2.5.4.6", "US"],
  ["locality", "2.5.4.7", "Santa Clara"],
  ["state", "2.5.4.8", "CA"],
  ["organization", "2.5.4.10", "Advanced Micro Devices"],
  ["commonName", "2.5.4.3", null],
];

/** One SET with one attribute. pkijs would put all attributes of a name into one SET, so each is a name of its own. */
function encodePart(type: string, value: PrintableString | Utf8String): Uint8Array {
  const typesAndValues = [new AttributeTypeAndValue({ type, value })];
  return contentOf(new Uint8Array(new RelativeDistinguishedNames({ typesAndValues }).toSchema().toBER()));
}

/** AMD's name with this common name, in DER, as far as `option` does not say otherwise. */
export function encodeName(commonName: string, option: NameOption = {}): Uint8Array {
  if (option instanceof Uint8Array) return option;
  const wanted: NameParts = { commonName, ...option };
  const sets = PARTS.flatMap(([name, type, usual]) => {
    const value = wanted[name] === undefined ? usual : wanted[name];
    if (value === null) return [];
    return encodePart(type, name === "country" ? new PrintableString({ value }) : new Utf8String({ value }));
  });
  return sequence(...sets);
}
