import type { Container, Role } from "./evidence-input.js";
import type { Section } from "./layout.js";

const NAMES: Readonly<Record<Role, string>> = {
  leaf: "leaf",
  intermediate: "intermediate",
  root: "root",
  crl: "CRL",
};

/** A report that stands alone has no container worth a line. */
const BARE: readonly string[] = ["report", "hex", "base64"];

/** What the report came in and with; nothing for a report that stands alone. */
export function containerSections({ format, certificates }: Container): readonly Section[] {
  if (BARE.includes(format) && certificates.length === 0) return [];
  const inside = certificates.length === 0 ? "none" : certificates.map((role) => NAMES[role]).join(", ");
  return [
    {
      title: "Container",
      rows: [
        { name: "Format", value: format },
        { name: "Certificates", value: inside },
      ],
    },
  ];
}
