import type { CaRole } from "./anchors.js";
import type { ProductLine, SigningKey } from "./product-lines.js";
import { PRODUCT_LINES } from "./product-lines.js";

/** What a certificate is: root, one of the two issuers, or one of the two that sign reports. */
export type CertificateRole = CaRole | SigningKey;

/** O of every name in AMD's hierarchy. */
export const AMD_ORGANIZATION = "Advanced Micro Devices";

/** The issuer of each leaf: the two branches under one root. */
export const ISSUER_OF: Readonly<Record<SigningKey, "ASK" | "ASVK">> = { VCEK: "ASK", VLEK: "ASVK" };

/** The roles whose names carry the product line, by what stands before it. */
const CA_PREFIX: Readonly<Record<CaRole, string>> = { ARK: "ARK-", ASK: "SEV-", ASVK: "SEV-VLEK-" };

/** The common name of a CA. Source: AMD 57230, 58369. */
export function caCommonName(role: CaRole, productLine: ProductLine): string {
  return CA_PREFIX[role] + productLine;
}

/** The common name of a leaf, which names no product line. */
export function leafCommonName(role: SigningKey): string {
  return `SEV-${role}`;
}

/** What a CA's common name stands for. */
export interface CaName {
  readonly role: CaRole;
  readonly productLine: ProductLine;
}

const CA_ROLES: readonly CaRole[] = ["ARK", "ASK", "ASVK"];

/** Every CA by its common name. */
const CA_NAMES: ReadonlyMap<string | null, CaName> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ PRODUCT_LINES.flatMap((productLine) =>
    CA_ROLES.map((role): [string, CaName] => [caCommonName(role, productLine), { role, productLine }]),
  ),
);

/** The CA role and product line that a common name stands for, or null for any other name. */
export function readCaCommonName(name: string | null): CaName | null {
  return CA_NAMES.get(name) ?? null;
}

/** The leaf role that a common name stands for, or null for any other name. */
export function readLeafCommonName(name: string | null): SigningKey | null {
  return (["VCEK", "VLEK"] as const).find((role) => name === leafCommonName(role)) ?? null;
}
