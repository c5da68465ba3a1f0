import { Extension } from "pkijs";
import { sequence } from "./der.js";

/** One extension of a certificate or CRL; `value` is the whole content of its OCTET STRING. */
export interface ForgedExtension {
  oid: string;
  critical: boolean;
  value: Uint8Array;
}

/**
 * Changes to a list of extensions, made in this order: drop, replace, repeat, add, arrange.
 *
 * An OID that the list does not hold is a TypeError for `drop`, `replace` and `repeat`: a test that changes nothing
 * proves nothing.
 */
export interface ExtensionEdits {
  /** OIDs to leave out. */
  drop?: readonly string[];
  /** New value or criticality, by OID. */
  replace?: Readonly<Record<string, { value?: Uint8Array; critical?: boolean }>>;
  /** OIDs to write a second time, at the end. */
  repeat?: readonly string[];
  /** Extensions to put at the end. */
  add?: readonly ForgedExtension[];
  /** The last word on the list. */
  arrange?: (list: readonly ForgedExtension[]) => readonly ForgedExtension[];
}

function find(list: readonly ForgedExtension[], oid: string): ForgedExtension {
  const found = list.find((extension) => extension.oid === oid);
  if (found === undefined) throw new TypeError(`extensions: there is no ${oid} to change`);
  return found;
}

/** The list with the edits made; the list itself is left alone. */
export function editExtensions(
  list: readonly ForgedExtension[],
  edits: ExtensionEdits = {},
): readonly ForgedExtension[] {
  const { drop = [], replace = {}, repeat = [], add = [], arrange = (all) => all } = edits;
  for (const oid of [...drop, ...Object.keys(replace)]) find(list, oid);
  const kept = list
    .filter(({ oid }) => !drop.includes(oid))
    .map((extension) => ({ ...extension, ...replace[extension.oid] }));
  return arrange([...kept, ...repeat.map((oid) => find(kept, oid)), ...add]);
}

/** Extensions in DER: the SEQUENCE that stands in the context tag. */
export function encodeExtensions(list: readonly ForgedExtension[]): Uint8Array {
  return sequence(
    ...list.map(({ oid, critical, value }) => {
      // pkijs takes an ArrayBuffer of exactly these bytes.
      const extnValue = value.slice().buffer;
      return new Uint8Array(new Extension({ extnID: oid, critical, extnValue }).toSchema().toBER());
    }),
  );
}
