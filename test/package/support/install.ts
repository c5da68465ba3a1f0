import type { TestProject } from "vitest/node";
import { installPacked, type Packed, pack, temporaryFolder } from "../../../scripts/support/packed.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The tarball, its files, and the folder where it alone is installed. */
    installed: Packed & { folder: string };
  }
}

/** Packs and installs once for all package tests. */
export function setup(project: TestProject): void {
  const packed = pack(temporaryFolder("tarball"));
  const folder = temporaryFolder("installed");
  installPacked(folder, packed.tarball);
  project.provide("installed", { ...packed, folder });
}
