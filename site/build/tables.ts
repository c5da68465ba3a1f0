import type { Plugin } from "vite";
import { type BitRow, bitsOf } from "../../src/bytes/bits.js";
import { isField, type Layout, type LayoutRow } from "../../src/bytes/layout.js";
import { GUEST_POLICY_BITS } from "../../src/report/guest-policy.js";
import { KEY_INFO_BITS } from "../../src/report/key-info.js";
import { REPORT_LAYOUTS, REPORT_VERSIONS } from "../../src/report/layouts.js";
import { PLATFORM_INFO_BITS } from "../../src/report/platform-info.js";
import { dataModule } from "./data-module.js";

/** AMD's name and the meaning, out of a table's doc line. */
function splitDoc(doc: string): { label: string; meaning: string } {
  const colon = doc.indexOf(": ");
  return { label: doc.slice(0, colon), meaning: doc.slice(colon + 2) };
}

function row(from: LayoutRow) {
  const { offset, size } = from;
  if (!isField(from)) return { name: null, offset, size, type: "bytes", label: "reserved", meaning: "no meaning yet" };
  return { name: from.name, offset, size, type: from.type, ...splitDoc(from.doc) };
}

function bit(from: BitRow) {
  return { name: from.name, ...bitsOf(from), ...splitDoc(from.doc) };
}

/** The layout tables of the library as data: every field of every version, and every bit that has a name. */
function tables() {
  const layouts = REPORT_VERSIONS.map((version) => {
    const { rows }: Layout = REPORT_LAYOUTS[version];
    return [version, rows.map(row)];
  });
  const words = { policy: GUEST_POLICY_BITS, platformInfo: PLATFORM_INFO_BITS, keyInfo: KEY_INFO_BITS };
  const bits = Object.entries(words).map(([name, { rows }]) => [name, rows.map(bit)]);
  return { LAYOUTS: Object.fromEntries(layouts), BITS: Object.fromEntries(bits) };
}

/** `virtual:tables`: offsets, names and meanings, from the very tables that the parser is made of. */
export function tablesPlugin(): Plugin {
  return dataModule("virtual:tables", () => Promise.resolve(tables()));
}
