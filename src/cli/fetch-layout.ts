import { join } from "node:path";
import { encodeCertificateTable } from "../evidence/certificate-table-encode.js";
import type { Assembly } from "./assemble.js";
import { bundleBytes } from "./bundle.js";
import { roleName } from "./complete.js";
import type { Role } from "./evidence-input.js";
import type { OutputFile } from "./output.js";

/** How `attestry fetch` lays out what it has: as files by role, as the certificate table, or with the report. */
export type FetchLayout = "snpguest" | "table" | "bundle";

/** The layouts by name. */
export const FETCH_LAYOUTS: readonly FetchLayout[] = ["snpguest", "table", "bundle"];

const TABLE_FILE = "certificates.bin";
const BUNDLE_FILE = "bundle.bin";

/** The files of certificates, named as snpguest and a folder for `--certs` name them. */
function filesByRole(folder: string, { evidence, origins, need }: Assembly): readonly OutputFile[] {
  const file = (role: Role) => `${roleName(role, need.signingKey).toLowerCase()}.der`;
  return [...origins.keys()].map((role) => ({
    path: join(folder, file(role)),
    bytes: evidence.certificates[role] ?? new Uint8Array(0),
  }));
}

/** The files that a layout has, for a signing key that is not known yet: both names of a role where there are two. */
export function possiblePaths(folder: string, layout: FetchLayout, roles: readonly Role[]): readonly string[] {
  if (layout !== "snpguest") return [join(folder, layout === "table" ? TABLE_FILE : BUNDLE_FILE)];
  const names = roles.flatMap((role) => [roleName(role, "VCEK"), roleName(role, "VLEK")]);
  return [...new Set(names)].map((name) => join(folder, `${name.toLowerCase()}.der`));
}

/** The files to write for a layout. */
export function layOut(folder: string, layout: FetchLayout, assembly: Assembly): readonly OutputFile[] {
  if (layout === "snpguest") return filesByRole(folder, assembly);
  if (layout === "bundle") return [{ path: join(folder, BUNDLE_FILE), bytes: bundleBytes(assembly) }];
  const { signingKey } = assembly.need;
  return [
    { path: join(folder, TABLE_FILE), bytes: encodeCertificateTable(assembly.evidence.certificates, { signingKey }) },
  ];
}
